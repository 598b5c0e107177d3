#!/usr/bin/env bash
# Runs the tests that are built, one target after another: tests of several at once, each with threads of its own for XLA
# and for the kernels, take half as long again as they wait for each other's cores. Run by `make test`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# XLA compiles most of what the tests compile for one run alone: it need not be optimised. What users run is, as in the
# tests of the references and of the commands.
fast_compilation="--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true --xla_cpu_parallel_codegen_split_count=1"
# The back trace that swift-testing would take of every error thrown, the expected ones too, searches all that XLA compiled.
export SWT_SWIFT_ERROR_BACKTRACING_ENABLED=0
failed=()
for folder in Tests/*Tests; do
    target=${folder##*/}
    echo "== $target"
    case $target in
        VerificationTests | FlowmatchTests | TrialsTests) flags= ;;
        *) flags=$fast_compilation ;;
    esac
    XLA_FLAGS="$flags ${XLA_FLAGS:-}" "${SWIFT:-swift}" test --skip-build --parallel --filter "^$target\." || failed+=("$target")
done
if ((${#failed[@]})); then
    echo "tests failed: ${failed[*]}" >&2
    exit 1
fi
echo "all tests of all targets passed"
