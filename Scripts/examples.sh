#!/usr/bin/env bash
# Builds and runs each package in Examples/, as their page says. Run by `make examples`, after `make setup`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
swift=${SWIFT:-swift}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# One build folder: what all depend on is built once.
run() { "$swift" run -c release --scratch-path .build-examples --package-path "Examples/$1" "${@:2}"; }

echo "== Engine"
run Engine Engine
echo "== TwoMoons"
run TwoMoons TwoMoons optimal-transport midpoint "$work/moons.svg"
echo "== OwnModel"
run OwnModel OwnModel train --model tiny --steps 20 --batch-size 16 --out "$work/own"
run OwnModel OwnModel sample "$work/own" --labels 3 --steps 5 --out "$work/own.png"
echo "== OwnPath"
run OwnPath OwnPath train --set path=smooth --set model.channels=4,8 --steps 5 --batch-size 4 --out "$work/smooth"
"$swift" test -c release -Xswiftc -enable-testing --scratch-path .build-examples --package-path Examples/OwnPath
