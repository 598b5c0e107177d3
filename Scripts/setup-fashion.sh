#!/usr/bin/env bash
# Fetches Fashion-MNIST into .setup/data/fashion-mnist/, from Debian's package whose SHA-256 is checked. Nothing is
# installed, nothing outside .setup/ is changed, and no root is needed: the package is only unpacked.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
target=setup-fashion
source Scripts/setup-functions.sh

folder=data/fashion-mnist
package=dataset-fashion-mnist
version=0.0~git20200523.55506a9-1
sha256=39e172fe32dd318ebb3e512220c3beea2fa47d7e20bab348fb4e0922d6beefc0
files=({train,t10k}-{images-idx3,labels-idx1}-ubyte.gz)
stamp=$package=$version:$sha256
by_hand="put Fashion-MNIST's four files (${files[*]}) into .setup/$folder/; its authors and torchvision have them"

if in_place "$folder" "$stamp" "${files[@]}"; then
    echo "setup: Fashion-MNIST is in place in .setup/$folder/"
    exit
fi
for tool in apt-get dpkg-deb; do
    command -v "$tool" >/dev/null || fail "there is no $tool here to fetch Debian's $package with: $by_hand"
done

begin
echo "setup: fetching Fashion-MNIST (31 MB)"
mkdir "$work/download" "$work/product"
# As root, apt-get would fetch as another user, who must be able to write here.
if ! (cd "$work/download" && apt-get -o APT::Sandbox::User="$(id -un)" download "$package=$version") >"$work/log" 2>&1; then
    sed 's/^/    apt-get: /' "$work/log" | tail -n 4 >&2
    fail "apt-get could not fetch $package $version: run \`apt-get update\` as root if its lists are old, or $by_hand"
fi
archive=$(ls "$work"/download/*.deb)
python3 "$scripts/wheel.py" check "$archive" "$sha256" || exit 1
dpkg-deb --extract "$archive" "$work/unpacked" || fail "dpkg-deb could not unpack $package"
for file in "${files[@]}"; do mv "$work/unpacked/usr/share/datasets/fashion-mnist/$file" "$work/product/"; done
rm -rf "$work/unpacked"
install "$folder" "$stamp"
echo "setup: done, in .setup/$folder/"
