#!/usr/bin/env bash
# Runs the tests that are built, one target after another: tests of several at once, each with threads of its own for XLA
# and for the kernels, take half as long again as they wait for each other's cores. Run by `make test`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# XLA compiles most of what the tests compile for one run alone: it need not be optimised. The commands are tested as
# users run them.
fast_compilation="--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true --xla_cpu_parallel_codegen_split_count=1"
# The back trace that swift-testing would take of every error thrown, the expected ones too, searches all that XLA compiled.
export SWT_SWIFT_ERROR_BACKTRACING_ENABLED=0
failed=()
for folder in Tests/*Tests; do
    target=${folder##*/}
    echo "== $target"
    flags=${XLA_FLAGS:-}
    case $target in
        FlowmatchTests | TrialsTests) ;;
        *) flags="$fast_compilation $flags" ;;
    esac
    # XLA takes a value that begins with no flag for a file's name, an empty one too.
    env ${flags:+"XLA_FLAGS=$flags"} "${SWIFT:-swift}" test --skip-build --parallel --filter "^$target\." ||
        failed+=("$target")
done
if ((${#failed[@]})); then
    echo "tests failed: ${failed[*]}" >&2
    exit 1
fi
echo "all tests of all targets passed"
