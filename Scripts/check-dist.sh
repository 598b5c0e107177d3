#!/usr/bin/env bash
# Unpacks the distribution into a bare root, in which there is nothing else but the C and C++ runtime libraries, and
# runs it there: it lists its devices, and computes what reference tensors hold. Run by `make dist-check`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
golden=Tests/VerificationTests/Goldens/mamba.safetensors
allowed="linux-vdso.so.1 ld-linux-x86-64.so.2 libc.so.6 libm.so.6 libdl.so.2 librt.so.1 libpthread.so.0 libstdc++.so.6
    libgcc_s.so.1"

fail() {
    echo "dist-check: $*" >&2
    exit 1
}

archives=(dist/flowmatch-*-linux-x86_64.tar.gz)
[[ ${#archives[@]} == 1 && -f ${archives[0]} ]] || fail "dist/ must hold one distribution: run \`make dist\` first"

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
mkdir "$root/opt" "$root/proc" "$root/tmp"
tar -xzf "${archives[0]}" -C "$root/opt"
prefix=$(ls "$root/opt")
program=/opt/$prefix/bin/flowmatch
cp "$golden" "$root/tmp/golden.safetensors"

# What the files need of the system, and of each other: the program's RPATH holds for all.
while read -r library _ path _; do
    [[ $path == "$root"/* ]] && continue
    [[ " $(tr '\n' ' ' <<<"$allowed") " == *" ${library##*/} "* ]] || fail "the distribution needs $library"
    [[ $library == /* ]] && path=$library
    [[ $path == /* ]] && install -D "$(readlink -f "$path")" "$root$path"
done < <(find "$root/opt" -type f \( -name flowmatch -o -name '*.so*' \) -print0 |
    LD_LIBRARY_PATH=$root/opt/$prefix/share/flowmatch/lib xargs -0 -n 1 ldd | grep -v ':$' | sort -u)

# In a name space of its own, which needs no privileges and whose mounts end with it. Without /proc Swift does not see a
# program's arguments. The environment is bare, too: no HOME, no PATH.
run() {
    unshare -rm sh -c 'mount --rbind /proc "$0/proc" && exec env -i "$(command -v chroot)" "$0" "$@"' \
        "$root" "$program" "$@"
}

output=$(run devices) || fail "\`flowmatch devices\` failed"
echo "$output"
for line in "* /opt/$prefix/share/flowmatch/plugins/cpu/" "platform cpu" "device 0: cpu" "with oneDNN"; do
    [[ $output == *"$line"* ]] || fail "\`flowmatch devices\` does not say \"$line\""
done
run verify /tmp/golden.safetensors || fail "\`flowmatch verify\` failed"
[[ -n $(find "$root/tmp" -name '*.executable') ]] || fail "without HOME, no compiled program was kept"
echo "dist-check: ${archives[0]} runs with nothing but the C and C++ runtime libraries"
