#!/usr/bin/env bash
# Gets the browser that the studio's pages are tested in, Debian's chromium, where it is not there and root asks.
# Ends with 1 where it cannot be had.
set -euo pipefail
for program in chromium chromium-browser google-chrome; do
    [[ ! -x /usr/bin/$program ]] || exit 0
done
if ((EUID != 0)) || ! command -v apt-get >/dev/null; then
    echo "there is no chromium; install Debian's package chromium" >&2
    exit 1
fi
export DEBIAN_FRONTEND=noninteractive
{ apt-get update -q && apt-get install -y -q --no-install-recommends chromium; } >&2 || {
    echo "chromium cannot be installed here" >&2
    exit 1
}
