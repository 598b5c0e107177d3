#!/usr/bin/env bash
# Fetches what `--device cuda` needs besides NVIDIA's driver into .setup/plugins/cuda/: XLA's CUDA plugin and NVIDIA's
# libraries and compiler tools, from pinned wheels on the Python package index whose SHA-256 is checked. Nothing outside
# .setup/ is changed.
#
# The folder is laid out as Python's packages would be: the plugin looks for NVIDIA's files relative to itself.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
target=setup-cuda
source Scripts/setup-functions.sh

folder=plugins/cuda
size="1.9 GB to fetch, 2.5 GB on disk"
space_in_kilobytes=5000000

# Wheel, SHA-256, megabytes, then its members that are used. NVIDIA's are those that jax-cuda13-plugin 0.11.2 asks for,
# save CUPTI (profiling) and NVSHMEM, of CUDA 13.1: cuBLAS before its 13.2 has a fault on Blackwell GPUs.
wheels=(
    "jax-cuda13-pjrt==0.11.2 e5ff589d43064913bb74027682d89639c7ea48f9f81c2bae6fc75117e913f93e 134
        jax_plugins/xla_cuda13/xla_cuda_plugin.so"
    "nvidia-cuda-runtime==13.1.80 dac25b52e69050e5a7a84957e6df470a85b185f8f648a99a1ab1dfce027576cf 2
        nvidia/cu13/lib/libcudart.so.13"
    "nvidia-cublas==13.2.1.1 8c13c93cf8be4480b4909905c96d2d31575b4af43fcd3af0e84af94762665e4f 401
        nvidia/cu13/lib/libcublas.so.13 nvidia/cu13/lib/libcublasLt.so.13"
    "nvidia-cudnn-cu13==9.19.1.2 7609f4bbcde269c4aa8869e12112a1924fb6e032a00842912caafcb4e15d42d6 366
        nvidia/cudnn/lib/libcudnn*.so.9"
    "nvidia-cufft==12.1.0.78 e1ceed544d2c1d92a19e91c3de20d7eaca58075e43d4b09efbda7f603607f1c2 226
        nvidia/cu13/lib/libcufft.so.12"
    "nvidia-cusolver==12.0.9.81 5d28371e1301d1edfb15b8b1201e24cd680bc72de7f384cc162c7edbd8c5348c 202
        nvidia/cu13/lib/libcusolver.so.12"
    "nvidia-cusparse==12.7.3.1 39dc7926b835761ade1a7210e047877977cdf4153ac2f8df57662047916d92ad 153
        nvidia/cu13/lib/libcusparse.so.12"
    "nvidia-nvjitlink==13.1.115 658e87d42ac6be82ae2c56eb9abe45bc8de45b7cf7692d24f86848f0266d121b 41
        nvidia/cu13/lib/libnvJitLink.so.13"
    "nvidia-cuda-nvrtc==13.1.115 d7cf1284ab82f379884decc8813d9d4a729bc96b1ec020a9cf80303f698d73c4 47
        nvidia/cu13/lib/libnvrtc*.so.13*"
    "nvidia-nccl-cu13==2.29.3 2a321629f49490e4e0122ecb578a4b4a6f89e72740dd988e04dfa4758fab7fc3 201
        nvidia/nccl/lib/libnccl.so.2"
    "nvidia-cuda-nvcc==13.1.115 fe5c0604869dfbc837bdce9e1eef8e4f0e0d103c29e3875014ba3538c70efb74 42
        nvidia/cu13/bin/ptxas nvidia/cu13/bin/nvlink nvidia/cu13/bin/fatbinary"
    "nvidia-nvvm==13.1.115 6fdf483d85d9903f9cbf84c41d99221a86e0c0511d05de3d237b4ab69c11627e 63
        nvidia/cu13/nvvm/libdevice/libdevice.10.bc"
)
stamp=$(printf '%s\n' "${wheels[@]}" | cut -d ' ' -f 1-2 | grep ==)
plugin=jax_plugins/xla_cuda13/xla_cuda_plugin.so

if in_place "$folder" "$stamp" "$plugin" nvidia/cu13/bin/ptxas; then
    echo "setup: the CUDA plugin is in place in .setup/$folder/"
    exit
fi
[[ $(uname -s) == Linux && $(uname -m) == x86_64 ]] ||
    fail "there is no CUDA plugin to fetch for $(uname -s) on $(uname -m): name one of your own with --plugin"
mkdir -p "$setup"
space=$(df -Pk "$setup" | awk 'NR == 2 { print $4 }')
((space >= space_in_kilobytes)) ||
    fail "there is no room for the CUDA plugin ($size) in $setup: make $((space_in_kilobytes / 1000000)) GB free"

begin
echo "setup: the CUDA plugin and NVIDIA's libraries: $size"
mkdir "$work/product"
for entry in "${wheels[@]}"; do
    read -r -d '' -a fields <<<"$entry" || true
    download "${fields[0]}" "${fields[1]}" "${fields[0]} (${fields[2]} MB)"
    python3 "$scripts/wheel.py" unpack "$wheel" "$work/product" "${fields[@]:3}" || exit 1
    rm "$wheel"
done
# All that is needed of each other and of the system, the driver aside, is there if all load.
for library in "$work/product/$plugin" "$work"/product/nvidia/*/lib/*.so*; do
    python3 "$scripts/wheel.py" load "$library" || exit 1
done
install "$folder" "$stamp"
echo "setup: done, in .setup/$folder/"
