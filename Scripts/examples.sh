#!/usr/bin/env bash
# Builds and runs each package in Examples/, as their page says. Run by `make examples`, after `make setup`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
swift=${SWIFT:-swift}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# One folder of built things for all: what they share is built once for debugging and once for speed.
scratch=(--scratch-path "$PWD/.build/examples")

echo "== Engine"
"$swift" run "${scratch[@]}" --package-path Examples/Engine
echo "== TwoMoons"
"$swift" run "${scratch[@]}" -c release --package-path Examples/TwoMoons TwoMoons optimal-transport midpoint "$work/moons.svg"
echo "== Digits"
"$swift" run "${scratch[@]}" -c release --package-path Examples/Digits Digits 20 "$work/digits"
echo "== OwnModel"
own=("$swift" run "${scratch[@]}" -c release --package-path Examples/OwnModel OwnModel)
"${own[@]}" train --model tiny --steps 20 --batch-size 16 --out "$work/own"
"${own[@]}" sample "$work/own" --labels 3 --steps 5 --out "$work/own.png"
echo "== OwnPath"
"$swift" run "${scratch[@]}" --package-path Examples/OwnPath OwnPath train --set path=smooth --set model.channels=4,8 \
    --set model.num_residual_layers=1 --steps 2 --batch-size 2 --out "$work/smooth"
"$swift" test "${scratch[@]}" --package-path Examples/OwnPath
