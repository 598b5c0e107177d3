#!/usr/bin/env bash
# Makes dist/flowmatch-VERSION-linux-x86_64.tar.gz: the program with Swift's runtime in it, the CPU plugin, oneDNN,
# the decoders of pictures and the feature networks, to be unpacked and run on a machine without Swift. Run by `make dist`, after `make setup`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
swift=${SWIFT:-swift}
build=.build-dist
libraries=share/flowmatch/lib

fail() {
    echo "dist: $*" >&2
    exit 1
}

[[ $(uname -s) == Linux && $(uname -m) == x86_64 ]] || fail "a distribution is made on Linux on x86-64"
[[ -d .setup/plugins/cpu && -d .setup/lib && -d .setup/pictures && -d .setup/features ]] ||
    fail "the CPU plugin, oneDNN, the decoders of pictures or the feature networks are missing: run \`make setup\` first"

# An RPATH, not a RUNPATH: it holds for what the plugin and oneDNN need, too.
"$swift" build -c release --product flowmatch --static-swift-stdlib --scratch-path "$build" \
    -Xlinker --strip-all -Xlinker --disable-new-dtags -Xlinker -rpath -Xlinker "\$ORIGIN/../$libraries"
program=$build/release/flowmatch
version=$("$program" --version)
name=flowmatch-${version##* }-linux-x86_64

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/$name
mkdir -p "$root/bin" "$root/share/flowmatch/plugins" "$root/$libraries"
cp "$program" "$root/bin/"
cp -r .setup/plugins/cpu "$root/share/flowmatch/plugins/"
cp .setup/lib/*.so* "$root/$libraries/"
cp -r .setup/pictures .setup/features "$root/share/flowmatch/"
openmp=$(ldd .setup/lib/libdnnl.so.3 | awk '$1 == "libgomp.so.1" { print $3 }')
[[ -f $openmp ]] || fail "libgomp.so.1, which oneDNN needs, is not installed"
cp -L "$openmp" "$root/$libraries/"
find "$root" -name .stamp -delete
needs() { find "$root" -type f -exec grep -ahoE "$1_[0-9]+(\.[0-9]+)+" {} + | sort -uV | tail -n 1 | tr _ ' '; }
sed -e "s/@VERSION@/${version##* }/" -e "s/@GLIBC@/$(needs GLIBC)/" -e "s/@GLIBCXX@/$(needs GLIBCXX)/" \
    Scripts/dist-readme.txt >"$root/README.txt"

mkdir -p dist
tar --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 -C "$work" -czf "$work/archive" "$name"
mv "$work/archive" "dist/$name.tar.gz"
chmod 644 "dist/$name.tar.gz"
echo "dist: dist/$name.tar.gz, $(du -h "dist/$name.tar.gz" | cut -f 1)"
