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

# build NAME FLAGS...: compiles what has changed, and links it by `linker` with `linking`.
build() {
    local name=$1 objects=() source object
    shift
    mkdir -p "$folder/$name"
    for source in "${sources[@]}"; do
        object=$folder/$name/$(basename "$source" .c).o
        objects+=("$object")
        [[ $object -nt $source && -z $(find Sources/C* -name '*.h' -newer "$object") ]] ||
            "$compiler" -g -O1 -std=gnu11 -fno-omit-frame-pointer "$@" "${includes[@]}" -c "$source" -o "$object"
    done
    "$linker" "${objects[@]}" -o "$folder/exercise-$name" "${linking[@]}" -lm -ldl -lpthread
}

linker=$compiler linking=(-fuse-ld=lld "${memory[@]}")
export UBSAN_OPTIONS=print_stacktrace=1
echo "== addresses and undefined behaviour, on every instruction set of this machine"
build memory "${memory[@]}"
"$folder/exercise-memory" "$seed" "$cases"
echo "== the same with products in the tiles of arm64"
# Only the baseline's loops differ.
mkdir -p "$folder/tiles"
for object in "$folder"/memory/*.o; do
    [[ $object == */vector_baseline.o ]] || cp -p "$object" "$folder/tiles"
done
build tiles "${memory[@]}" -DFLOW_TILES_AS_ON_ARM
"$folder/exercise-tiles" "$seed" "$cases" write "$folder/results"
echo "== threads"
# Swift's thread sanitizer wants Swift's libraries.
swift=$(dirname "$(dirname "$(readlink -f "$compiler")")")/lib/swift/linux
linking=(-fuse-ld=lld -fsanitize=thread "-L$swift" -ldispatch -lBlocksRuntime "-Wl,-rpath,$swift")
build threads -fsanitize=thread
"$folder/exercise-threads" "$seed" "$((cases / 4))"
echo "== arm64, against the results of this machine"
if command -v aarch64-linux-gnu-gcc qemu-aarch64 >/dev/null; then
    linker=aarch64-linux-gnu-gcc linking=(-static)
    build arm64 --target=aarch64-linux-gnu -isystem /usr/aarch64-linux-gnu/include
    qemu-aarch64 "$folder/exercise-arm64" "$seed" "$cases" compare "$folder/results"
elif [[ $(uname -m) != aarch64 ]]; then
    echo "left out: it needs qemu-aarch64 and aarch64-linux-gnu-gcc (Debian: qemu-user, gcc-aarch64-linux-gnu, libc6-dev-arm64-cross)"
fi
echo "all kernels passed"
