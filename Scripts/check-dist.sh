#!/usr/bin/env bash
# Unpacks the distribution into a bare root, in which there is nothing else but the C and C++ runtime libraries, and
# runs it there: it lists its devices, and computes what reference tensors hold. Then the same of what `make install`
# installs, which `make uninstall` takes away again; the Containerfile does the same. Run by `make dist-check`.
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

# begin: makes the root bare.
begin() {
    rm -rf "${root:?}"/*
    mkdir "$root/opt" "$root/proc" "$root/tmp"
    cp "$golden" "$root/tmp/golden.safetensors"
    cp -r Tests/DatasetsTests/Goldens/pictures "$root/tmp/pictures"
}

# take_libraries PREFIX: copies what the files need of the system. The program's RPATH holds for all.
take_libraries() {
    local library path
    while read -r library _ path _; do
        [[ $path == "$root"/* ]] && continue
        [[ " $(tr '\n' ' ' <<<"$allowed") " == *" ${library##*/} "* ]] || fail "$1 needs $library"
        [[ $library == /* ]] && path=$library
        if [[ $path == /* ]]; then install -D "$(readlink -f "$path")" "$root$path"; fi
    done < <(find "$root$1" -type f \( -name flowmatch -o -name '*.so*' \) -print0 |
        LD_LIBRARY_PATH=$root$1/share/flowmatch/lib xargs -0 -n 1 ldd | grep -v ':$' | sort -u)
}

# In a name space of its own, which needs no privileges and whose mounts end with it. Without /proc Swift does not see a
# program's arguments. The environment is bare, too: no HOME, no PATH.
run() {
    unshare -rm sh -c 'mount --rbind /proc "$0/proc" && exec env -i "$(command -v chroot)" "$0" "$@"' \
        "$root" "$program" "$@"
}

# check PREFIX: runs what is there.
check() {
    local output line page shell
    take_libraries "$1"
    program=$1/bin/flowmatch
    output=$(run devices) || fail "\`flowmatch devices\` failed"
    echo "$output"
    for line in "* $1/share/flowmatch/plugins/cpu/" "platform cpu" "device 0: cpu" "with oneDNN"; do
        [[ $output == *"$line"* ]] || fail "\`flowmatch devices\` does not say \"$line\""
    done
    run verify /tmp/golden.safetensors || fail "\`flowmatch verify\` failed"
    run data /tmp/pictures --sheet /tmp/sheet.png || fail "\`flowmatch data\` of a folder of pictures failed"
    [[ -n $(find "$root/tmp" -name '*.executable') ]] || fail "without HOME, no compiled program was kept"
    for command in $(run --help | awk '/^SUBCOMMANDS:/ { listed = 1 } listed && /^  [a-z]/ { print $1 }'); do
        page=$root$1/share/man/man1/flowmatch-$command.1
        grep -q "^\.Nm \"flowmatch $command\"" "$page" || fail "$command has no manual page"
    done
    for shell in bash-completion/completions/flowmatch zsh/site-functions/_flowmatch fish/vendor_completions.d/flowmatch.fish; do
        grep -q -e learning-rate "$root$1/share/$shell" || fail "share/$shell does not complete \`train --learning-rate\`"
    done
    bash -n "$root$1/share/bash-completion/completions/flowmatch" || fail "the completions for bash are no script"
}

begin
tar -xzf "${archives[0]}" -C "$root/opt"
prefix=/opt/$(ls "$root/opt")
check "$prefix"
for file in README.txt LICENSE THIRD-PARTY.md; do [[ -s $root$prefix/$file ]] || fail "$file is not in the tarball"; done

begin
# As the Containerfile has it.
install="make install PREFIX=/usr/local DESTDIR="
grep -q "^RUN $install/installed$" Containerfile || fail "the Containerfile does not install by \`$install...\`"
$install"$root"
check /usr/local
output=$(run data)
[[ $output == *mnist* ]] || fail "\`flowmatch data\` does not know of MNIST"
make uninstall PREFIX=/usr/local DESTDIR="$root"
[[ -z $(find "$root/usr/local" -mindepth 1) ]] || fail "\`make uninstall\` leaves something in $root/usr/local"
echo "dist-check: ${archives[0]} and what is installed run with nothing but the C and C++ runtime libraries"
