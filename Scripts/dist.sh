#!/usr/bin/env bash
# Makes dist/flowmatch-VERSION-linux-x86_64.tar.gz: what `make install` installs, but the data, to be unpacked and run on a
# machine without Swift. Run by `make dist`, after `make setup`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
Scripts/stage.sh "$work/tree"
version=$("$work/tree/bin/flowmatch" --version)
name=flowmatch-${version##* }-linux-x86_64
mv "$work/tree" "$work/$name"
# What a person looks for first is at the top.
mv "$work/$name"/share/doc/flowmatch/* "$work/$name/"
rmdir -p --ignore-fail-on-non-empty "$work/$name/share/doc/flowmatch"

mkdir -p dist
rm -f dist/flowmatch-*-linux-x86_64.tar.gz
tar --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 -C "$work" -czf "$work/archive" "$name"
mv "$work/archive" "dist/$name.tar.gz"
chmod 644 "dist/$name.tar.gz"
echo "dist: dist/$name.tar.gz, $(du -h "dist/$name.tar.gz" | cut -f 1)"
