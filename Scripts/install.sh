#!/usr/bin/env bash
# install.sh PREFIX: installs what stage.sh makes, with the data and every plugin of .setup/, into DESTDIR and PREFIX, in
# the place of what was installed there before. install.sh --remove PREFIX takes it away again. Run by `make install` and
# `make uninstall`. The list of what was installed is share/flowmatch/installed; nothing that is not in it is removed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

task=install
if [[ ${1:-} == --remove ]]; then
    task=uninstall
    shift
fi
prefix=${1:-}
list=share/flowmatch/installed

fail() {
    echo "$task: $*" >&2
    exit 1
}

[[ $prefix == /* ]] || fail "PREFIX is \"$prefix\"; it must be a whole path, such as /usr/local"
root=${DESTDIR:-}$prefix
nearest=$root
while [[ ! -e $nearest ]]; do nearest=$(dirname "$nearest"); done
[[ -d $nearest && -w $nearest ]] ||
    fail "$nearest cannot be written: name another folder, such as PREFIX=\$HOME/.local, or become its owner"

# remove: takes away what the list names, then the folders that this leaves empty.
remove() {
    local file
    while IFS= read -r file; do rm -f "$root/$file"; done <"$root/$list"
    while IFS= read -r file; do
        file=$(dirname "$file")
        [[ ! -d $root/$file ]] || (cd "$root" && rmdir -p --ignore-fail-on-non-empty "$file")
    done < <(sort -ru "$root/$list")
    rm -f "$root/$list"
    [[ ! -d $root/${list%/*} ]] || (cd "$root" && rmdir -p --ignore-fail-on-non-empty "${list%/*}")
}

if [[ $task == uninstall ]]; then
    [[ -f $root/$list ]] || fail "nothing of this program is installed in $root"
    remove
    echo "uninstall: removed from $root"
    exit
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
Scripts/stage.sh "$work"
cp -r .setup/plugins .setup/data "$work/share/flowmatch/"
find "$work" -name .stamp -delete
(cd "$work" && find . -type f -o -type l | sed 's|^\./||' | sort) >"$work.list"
mv "$work.list" "$work/$list"
chmod -R u+rwX,go+rX,go-w "$work"
[[ ! -f $root/$list ]] || remove
mkdir -p "$root"
cp -r --no-preserve=ownership "$work"/. "$root/"
echo "install: $root/bin/flowmatch, $(du -sh "$work" | cut -f 1) in all; \`man flowmatch\` explains it"
