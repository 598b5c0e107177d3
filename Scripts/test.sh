#!/usr/bin/env bash
# Runs the tests that are built, one target after another: tests of several at once, each with threads of its own for XLA
# and for the kernels, take half as long again as they wait for each other's cores. Run by `make test`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
failed=()
for folder in Tests/*Tests; do
    target=${folder##*/}
    echo "== $target"
    "${SWIFT:-swift}" test --skip-build --parallel --filter "^$target\." || failed+=("$target")
done
if ((${#failed[@]})); then
    echo "tests failed: ${failed[*]}" >&2
    exit 1
fi
echo "all tests of all targets passed"
