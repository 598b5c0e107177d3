#!/usr/bin/env bash
# Runs the CPU kernels at odd shapes under sanitizers, and in the form they have on arm64. Run by `make sanitize`.
#   CASES: how many calls of kernels each program makes; SEED: what they follow from
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
cases=${CASES:-720} seed=${SEED:-$RANDOM} folder=.build/sanitize
compiler=$(command -v clang) || { echo "clang is missing; it comes with Swift" >&2; exit 1; }
includes=(-ISources/CCPUKernels/include -ISources/CKernelCalls/include -ISources/CPJRT/include)
sources=(Tests/KernelExercises/exercise.c Sources/CCPUKernels/*.c Sources/CKernelCalls/*.c Sources/CPJRT/*.c)
memory=(-fsanitize=address,undefined -fno-sanitize-recover=undefined)

# build NAME COMPILER FLAGS...: compiles what has changed and links; variables `compiled` and `linking` are passed on.
build() {
    local name=$1 compiler=$2 objects=() source object
    shift 2
    mkdir -p "$folder/$name"
    for source in "${sources[@]}"; do
        object=$folder/$name/$(basename "$source" .c).o
        objects+=("$object")
        [[ $object -nt $source && -z $(find Sources/C* -name '*.h' -newer "$object") ]] ||
            "$compiler" -g -O1 -std=gnu11 -fno-omit-frame-pointer "$@" "${includes[@]}" -c "$source" -o "$object"
    done
    "$compiler" "$@" "${objects[@]}" -o "$folder/exercise-$name" "${linking[@]}" -lm -ldl -lpthread
}

linking=(-fuse-ld=lld)
export UBSAN_OPTIONS=print_stacktrace=1
echo "== addresses and undefined behaviour, on every instruction set of this machine"
build memory "$compiler" "${memory[@]}"
"$folder/exercise-memory" "$seed" "$cases"
echo "== the same with products in the tiles of arm64"
# Only the baseline's loops differ.
mkdir -p "$folder/tiles"
for object in "$folder"/memory/*.o; do
    [[ $object == */vector_baseline.o ]] || cp -p "$object" "$folder/tiles"
done
build tiles "$compiler" "${memory[@]}" -DFLOW_TILES_AS_ON_ARM
"$folder/exercise-tiles" "$seed" "$cases" write "$folder/results"
echo "== threads"
build threads "$compiler" -fsanitize=thread
"$folder/exercise-threads" "$seed" "$((cases / 4))"
echo "== arm64, against the results of this machine"
if command -v aarch64-linux-gnu-gcc qemu-aarch64 >/dev/null; then
    linking=(-static)
    build arm64 "$compiler" --target=aarch64-linux-gnu
    qemu-aarch64 "$folder/exercise-arm64" "$seed" "$cases" compare "$folder/results"
elif [[ $(uname -m) != aarch64 ]]; then
    echo "left out: it needs qemu-aarch64 and aarch64-linux-gnu-gcc (Debian: qemu-user, gcc-aarch64-linux-gnu, libc6-dev-arm64-cross)"
fi
echo "all kernels passed"
