#!/usr/bin/env bash
# Looks for bytes that stop a reader or a kernel's handler, by libFuzzer with sanitizers. Run by `make fuzz`.
#   SECONDS_EACH: how long each target runs; TARGETS: their names, all of them by default
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
seconds=${SECONDS_EACH:-60} folder=.build/fuzz
all=(safetensors idx gzip png png-behind-checksums npy npz picture json pytorch handlers)
read -r -a targets <<<"${TARGETS:-${all[*]}}"
mkdir -p "$folder"

# module NAME FILES...: compiles a Swift module of its own into the folder.
module() {
    local name=$1
    shift
    "${SWIFT:-swift}c" -parse-as-library -O -g -enable-testing -sanitize=fuzzer,address -swift-version 6 \
        -enable-upcoming-feature ExistentialAny -enable-upcoming-feature InternalImportsByDefault \
        -enable-upcoming-feature MemberImportVisibility -package-name fuzz -module-name "$name" -I "$folder" \
        -whole-module-optimization "${maps[@]}" -emit-module -emit-module-path "$folder/$name.swiftmodule" \
        -c "$@" -o "$folder/$name.o"
}

build_readers() {
    maps=()
    local library objects=()
    for library in Sources/C{Zlib,Checksums,SHA256,ImageCodecs}; do
        local name=${library##*/}
        mkdir -p "$folder/$name"
        printf 'module %s { umbrella "%s" export * }\n' "$name" "$PWD/$library/include" >"$folder/$name/module.modulemap"
        maps+=(-Xcc "-fmodule-map-file=$folder/$name/module.modulemap" -Xcc "-I$library/include")
        for source in "$library"/*.c; do
            clang -g -O1 -fsanitize=address "-I$library/include" -c "$source" -o "$folder/$(basename "$source" .c).o"
            objects+=("$folder/$(basename "$source" .c).o")
        done
    done
    module Basis Sources/Basis/*.swift
    module Formats $(find Sources/Formats -name '*.swift')
    module Readers Tests/FormatsTests/{ByteReader,PyTorchFixture}.swift Tests/Fuzzing/fuzz_readers.swift
    "${SWIFT:-swift}c" -sanitize=fuzzer,address -use-ld=lld "$folder"/{Basis,Formats,Readers}.o "${objects[@]}" \
        -o "$folder/readers"
}

build_handlers() {
    clang -g -O1 -std=gnu11 -fuse-ld=lld -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined \
        -ISources/CCPUKernels/include -ISources/CKernelCalls/include -ISources/CPJRT/include \
        Tests/Fuzzing/fuzz_handlers.c Sources/CCPUKernels/*.c Sources/CKernelCalls/*.c Sources/CPJRT/*.c \
        -o "$folder/handlers" -lm -ldl -lpthread
}

[[ " ${targets[*]} " =~ " handlers " ]] && build_handlers
[[ "${targets[*]}" == handlers ]] || build_readers
failed=()
for target in "${targets[@]}"; do
    corpus=$folder/corpus/$target crashes=$folder/crashes/$target-
    mkdir -p "$corpus" "$folder/crashes"
    program=$folder/readers
    if [[ $target == handlers ]]; then program=$folder/handlers; else FUZZ_READER=$target FUZZ_SEEDS=$corpus "$program"; fi
    echo "== $target for $seconds s"
    # The tool's own traces of a crash could wait for a person.
    if ! SWIFT_BACKTRACE=enable=no FUZZ_READER=$target timeout -k 5 $((seconds + 60)) "$program" "$corpus" \
        -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=4096 -artifact_prefix="$crashes" \
        -print_final_stats=1 >"$folder/$target.log" 2>&1; then
        failed+=("$target")
        tail -40 "$folder/$target.log"
    fi
    grep -E "number_of_executed_units|new_units_added" "$folder/$target.log" || true
done
if ((${#failed[@]})); then
    echo "found: ${failed[*]}; the bytes are in $folder/crashes, to be repeated by giving a program the file" >&2
    exit 1
fi
echo "nothing found"
