#!/usr/bin/env bash
# stage.sh FOLDER: builds the program with Swift's runtime in it and puts it into FOLDER, as it is installed: bin/, and in
# share/ all that it needs to run, its manual pages, completions and licences. `make dist` packs such a folder,
# `make install` copies one.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
swift=${SWIFT:-swift}
root=${1:?usage: stage.sh FOLDER}
build=.build-dist
libraries=share/flowmatch/lib

fail() {
    echo "stage: $*" >&2
    exit 1
}

[[ $(uname -s) == Linux && $(uname -m) == x86_64 ]] || fail "what is installed is made on Linux on x86-64"
[[ -d .setup/plugins/cpu && -d .setup/lib && -d .setup/pictures && -d .setup/features ]] ||
    fail "the CPU plugin, oneDNN, the decoders of pictures or the feature networks are missing: run \`make setup\` first"
# system_library NAME FILE: where the system has a library that a file needs.
system_library() { ldd "$2" | awk -v name="$1" '$1 == name { print $3 }'; }
openmp=$(system_library libgomp.so.1 .setup/lib/libdnnl.so.3)
[[ -f $openmp ]] || fail "libgomp.so.1, which oneDNN needs, is not installed"
zlib=$(system_library libz.so.1 .setup/pictures/libpng16.so.16)
[[ -f $zlib ]] || fail "libz.so.1, which libpng needs, is not installed"

# An RPATH, not a RUNPATH: it holds for what the plugin and oneDNN need, too.
"$swift" build -c release --product flowmatch --static-swift-stdlib --scratch-path "$build" \
    -Xlinker --strip-all -Xlinker --disable-new-dtags -Xlinker -rpath -Xlinker "\$ORIGIN/../$libraries"

mkdir -p "$root/bin" "$root/share/flowmatch/plugins" "$root/$libraries" "$root/share/doc/flowmatch"
cp "$build/release/flowmatch" "$root/bin/"
program=$root/bin/flowmatch
version=$("$program" --version)
version=${version##* }
cp -r .setup/plugins/cpu "$root/share/flowmatch/plugins/"
cp .setup/lib/*.so* "$root/$libraries/"
cp -r .setup/pictures .setup/features "$root/share/flowmatch/"
cp -L "$openmp" "$zlib" "$root/$libraries/"
cp LICENSE THIRD-PARTY.md "$root/share/doc/flowmatch/"

# Manual pages and completions come from the commands' own declarations.
mkdir -p "$root/share/man/man1" "$root/share/bash-completion/completions" "$root/share/zsh/site-functions" \
    "$root/share/fish/vendor_completions.d"
"$program" --experimental-dump-help | python3 Scripts/manual.py "$version" "$root/share/man/man1"
"$program" --generate-completion-script bash >"$root/share/bash-completion/completions/flowmatch"
"$program" --generate-completion-script zsh >"$root/share/zsh/site-functions/_flowmatch"
"$program" --generate-completion-script fish >"$root/share/fish/vendor_completions.d/flowmatch.fish"

find "$root" -name .stamp -delete
chmod -R u+rwX,go+rX,go-w "$root"
needs() { find "$root" -type f -exec grep -ahoE "$1_[0-9]+(\.[0-9]+)+" {} + | sort -uV | tail -n 1 | tr _ ' '; }
sed -e "s/@VERSION@/$version/" -e "s/@GLIBC@/$(needs GLIBC)/" -e "s/@GLIBCXX@/$(needs GLIBCXX)/" \
    Scripts/dist-readme.txt >"$root/share/doc/flowmatch/README.txt"
