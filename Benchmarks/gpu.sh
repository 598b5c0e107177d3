#!/usr/bin/env bash
# Measures flowmatch, PyTorch and JAX on an NVIDIA GPU, in calls of a few minutes (Documentation/Accelerators.md).
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$(dirname "$here")"

usage() {
    cat <<'END'
Benchmarks/gpu.sh COMMAND [OPTIONS]

  verify              flowmatch's results beside the golden tensors, in fp32, tf32 and bf16
  peak                the device's rate in large matrix products
  step [MODEL]        whole training steps, and sampling, of flowmatch and its peers; call again to go on
  sample [MODEL]      sampling alone, where `step` has not measured it
  reference [MODEL]   the reference run, 5,000 steps of 250; call again to go on
  report              RESULTS-GPU.md from what was measured
  all                 all of these, however long it takes

  MODEL               unet, dit or mamba; all three where it is left out
  --flowmatch FILE    the executable, or a tarball of `make dist`; found by itself in .build/release or dist/
  --python FILE       the Python with PyTorch and JAX; .setup/bench-venv's, else python3
  --data FOLDER       MNIST's IDX files; found by itself in .setup/data/mnist
  --output FOLDER     where all that is measured is kept (runs/gpu)
  --minutes N         begin no comparison of systems after N minutes, and interrupt the reference run (6)
  --device cpu --quick    tries everything with tiny sizes on a CPU, into a temporary folder
  anything else       is an option of `step`: --batch-sizes 64, --precisions fp32 bf16, --peers ..., --rounds, --again
END
}

say() { echo "gpu: $*"; }
fail() {
    echo "gpu: $*" >&2
    exit 1
}

[[ $# -gt 0 ]] || { usage >&2; exit 64; }
command=$1
shift
case $command in
    verify | peak | step | sample | reference | report | all) ;;
    -h | --help | help) usage; exit 0 ;;
    *) fail "'$command' is not a command; they are verify, peak, step, sample, reference, report and all." ;;
esac

models=(unet dit mamba)
if [[ $# -gt 0 && $1 != -* ]]; then
    [[ $1 =~ ^(unet|dit|mamba)$ ]] || fail "'$1' is not a network; they are unet, dit and mamba."
    models=("$1")
    shift
fi
device=cuda quick="" flowmatch="" python="" output="" minutes=6
data=${FLOWMATCH_DATA:-}
step_options=()
while [[ $# -gt 0 ]]; do
    case $1 in
        --quick) quick=1; shift; continue ;;
        --device | --flowmatch | --python | --data | --output | --minutes)
            [[ $# -gt 1 ]] || fail "$1 takes a value."
            declare "${1#--}=$2"
            shift 2
            ;;
        *) step_options+=("$1"); shift ;;
    esac
done
[[ $device == cuda || $device == cpu ]] || fail "--device is cuda or cpu, not '$device'."
[[ $minutes =~ ^[1-9][0-9]*$ ]] || fail "--minutes takes a whole number from 1 on, not '$minutes'."
# Paths that were given are relative to where the call was made; below the project they are said relative to it.
for path in flowmatch data output; do
    [[ -z ${!path} ]] || declare "$path=$(realpath -ms --relative-base="$root" "${!path}")"
done
cd "$root"

# Where things go, and how large they are.
if [[ -n $quick ]]; then
    output=${output:-$(mktemp -d)}
    page=$output/RESULTS-GPU.md kept=$output/Reference-run
    sizes=(--batch-sizes 8 --rounds 1 --precisions fp32 --peers flowmatch torch-eager jax)
    peak_sizes=(--sizes 256 512)
    training=(--batch-size 4 --steps 3 --sample-steps 2 --validate-every 0)
else
    output=${output:-runs/gpu}
    page=Benchmarks/RESULTS-GPU.md kept=Documentation/Reference-run
    sizes=() peak_sizes=() training=()
fi
mkdir -p "$output"

if [[ -z $python ]]; then
    python=.setup/bench-venv/bin/python
    [[ -x $python ]] || python=python3
fi
python=$(command -v "$python") ||
    fail "There is no Python: install python3 with PyTorch and JAX, or name one by --python."
python=$(cd "$(dirname "$python")" && pwd)/$(basename "$python")
# flowmatch looks for JAX's CUDA plugin in the packages of the first python3 on the path.
unset VIRTUAL_ENV
export PATH="$(dirname "$python"):$PATH" PYTHONDONTWRITEBYTECODE=1

# What a command needs.

need_device() {
    [[ $device == cpu ]] || nvidia-smi -L 2>/dev/null | grep -q GPU ||
        fail "nvidia-smi lists no GPU here; \`--device cpu --quick\` tries this script without one."
}

need_flowmatch() {
    local given=$flowmatch
    if [[ -z $flowmatch ]]; then
        flowmatch=.build/release/flowmatch
        [[ -x $flowmatch ]] || flowmatch=$(find dist -name 'flowmatch-*.tar.gz' 2>/dev/null | sort -V | tail -n 1)
    fi
    if [[ $flowmatch == *.tar.gz && -f $flowmatch ]]; then
        mkdir -p "$output/dist"
        tar -xzf "$flowmatch" -C "$output/dist" --strip-components 1
        flowmatch=$output/dist/bin/flowmatch
    fi
    [[ -x $flowmatch ]] ||
        fail "${given:-flowmatch} is no executable and no tarball of \`make dist\`: name one by --flowmatch."
    flowmatch=$(cd "$(dirname "$flowmatch")" && pwd)/$(basename "$flowmatch")
}

need_data() {
    [[ -n $data || ! -d .setup/data/mnist ]] || data=.setup/data/mnist
    [[ -z $data || -d $data ]] || fail "$data is no folder with MNIST."
}

# The commands.

verify() {
    local status=0
    need_device
    need_flowmatch
    for precision in fp32 tf32 bf16; do
        say "verify, $precision"
        "$flowmatch" verify --device "$device" --precision "$precision" Tests/VerificationTests/Goldens/*.safetensors |
            tee "$output/verify-$precision.txt" || status=1
    done
    return $status
}

peak() {
    need_device
    "$python" -c 'import torch' 2>/dev/null || fail "$python has no PyTorch, which the peak is measured with."
    "$python" Benchmarks/peers/measure_peak.py --device "$device" "${peak_sizes[@]}" >"$output/peak.part"
    mv "$output/peak.part" "$output/peak.json"
}

steps() {
    need_device
    need_flowmatch
    "$python" Benchmarks/gpu_steps.py --device "$device" --flowmatch "$flowmatch" --output "$output" \
        --minutes "$minutes" --models "${models[@]}" "${sizes[@]}" "${step_options[@]}" "$@"
}

# Trains, samples and reports; interrupted when the call's minutes are over, it saves and ends with status 130.
compare() {
    local left=$((60 * minutes - SECONDS))
    ((left > 0)) || return 130
    timeout --preserve-status --signal INT "$left" \
        "$flowmatch" compare --device "$device" --out "$output/reference" ${data:+--set "data.folder=$data"} "${training[@]}" "$@"
}

small() {
    [[ -n $quick ]] || return 0
    case $1 in
        unet) echo --set unet.channels=4,8 --set unet.num_residual_layers=1 ;;
        dit) echo --set dit.depth=1 --set dit.hidden_dim=32 --set dit.num_heads=2 ;;
        mamba) echo --set mamba.depth=1 --set mamba.d_model=32 ;;
    esac
}

reference() {
    local model settings status
    need_device
    need_flowmatch
    need_data
    for model in "${models[@]}"; do
        read -ra settings < <(small "$model") || true
        status=0
        compare --vary model="$model" "${settings[@]}" || status=$?
        [[ $status -ne 130 ]] || { say "$model is not finished: call again to go on."; return 0; }
        [[ $status -eq 0 ]] || return $status
        touch "$output/reference/$model/.finished"
    done
    # One report of all, once all are finished; their runs are taken up as they are.
    local all=()
    for model in unet dit mamba; do
        if [[ ! -e $output/reference/$model/.finished ]]; then
            "$python" Benchmarks/gpu_reference.py "$output/reference"
            return
        fi
        read -ra settings < <(small "$model") || true
        all+=("${settings[@]}")
    done
    compare "${all[@]}"
    "$python" Benchmarks/gpu_reference.py "$output/reference" --keep "$kept"
}

report() {
    "$python" Benchmarks/gpu_report.py "$output" --page "$page"
}

everything() {
    local status=0
    minutes=100000
    for one in verify peak steps reference report; do
        ("$one") || status=1
    done
    return $status
}

case $command in
    step) steps ;;
    sample) steps --sampling-only ;;
    all) everything ;;
    *) "$command" ;;
esac
