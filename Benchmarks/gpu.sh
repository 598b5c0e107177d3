#!/usr/bin/env bash
# Measures flowmatch, PyTorch and JAX on an NVIDIA GPU in a given time (Documentation/Accelerators.md).
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$(dirname "$here")"

usage() {
    cat <<'END'
Benchmarks/gpu.sh [OPTIONS]

Does what is worth most first, keeps each result as soon as it is there, and ends in time; called again, it goes on with
what is missing.

  --seconds N         for all of it (720)
  --flowmatch FILE    the executable, or a tarball of `make dist`; found by itself in .build/release or dist/
  --python FILE       the Python with PyTorch and JAX; .setup/bench-venv's, else python3
  --data FOLDER       MNIST's IDX files; found by itself in .setup/data/mnist
  --output FOLDER     where all that is measured is kept (runs/gpu)
  --parts NAME...     only these parts of the plan
  --peers NAME...     flowmatch torch-graphs jax by default; also torch-eager, torch-compile
  --batch-size N      images of a training step (250)
  --rounds N          timed turns of each system (6)
  --plan              print the plan, and do nothing
  --device cpu --quick    tries everything with tiny sizes on a CPU, into a temporary folder
END
}

fail() {
    echo "gpu: $*" >&2
    exit 1
}

flowmatch="" python="" data=${FLOWMATCH_DATA:-} output="" quick="" device=cuda
rest=()
while [[ $# -gt 0 ]]; do
    case $1 in
        -h | --help | help) usage; exit 0 ;;
        --flowmatch | --python | --data | --output | --device)
            [[ $# -gt 1 ]] || fail "$1 takes a value."
            declare "${1#--}=$2"
            shift 2
            ;;
        --quick) quick=1; shift ;;
        *) rest+=("$1"); shift ;;
    esac
done
[[ $device == cuda || $device == cpu ]] || fail "--device is cuda or cpu, not '$device'."
# Paths that were given are relative to where the call was made.
for path in flowmatch data output; do
    [[ -z ${!path} ]] || declare "$path=$(realpath -ms "${!path}")"
done
cd "$root"
output=${output:-$([[ -n $quick ]] && mktemp -d || echo "$root/runs/gpu")}
mkdir -p "$output"

[[ $device == cpu ]] || nvidia-smi -L 2>/dev/null | grep -q GPU ||
    fail "nvidia-smi lists no GPU here; \`--device cpu --quick\` tries this script without one."

if [[ -z $python ]]; then
    python=.setup/bench-venv/bin/python
    [[ -x $python ]] || python=python3
fi
python=$(command -v "$python") ||
    fail "There is no Python: install python3 with PyTorch and JAX, or name one by --python."
python=$(cd "$(dirname "$python")" && pwd)/$(basename "$python")

given=$flowmatch
if [[ -z $flowmatch ]]; then
    flowmatch=$root/.build/release/flowmatch
    [[ -x $flowmatch ]] || flowmatch=$(find dist -name 'flowmatch-*.tar.gz' 2>/dev/null | sort -V | tail -n 1)
fi
if [[ $flowmatch == *.tar.gz && -f $flowmatch ]]; then
    mkdir -p "$output/dist"
    tar -xzf "$flowmatch" -C "$output/dist" --strip-components 1
    flowmatch=$output/dist/bin/flowmatch
fi
[[ -x $flowmatch ]] ||
    fail "${given:-flowmatch} is no executable and no tarball of \`make dist\`: name one by --flowmatch."

[[ -n $data || ! -d .setup/data/mnist ]] || data=$root/.setup/data/mnist
[[ -z $data || -d $data ]] || fail "$data is no folder with MNIST."

# flowmatch looks for JAX's CUDA plugin in the packages of the first python3 on the path.
unset VIRTUAL_ENV
export PATH="$(dirname "$python"):$PATH" PYTHONDONTWRITEBYTECODE=1
# One process from here on: a signal to it reaches what it has started, and nothing outlives it.
exec "$python" Benchmarks/gpu.py --device "$device" ${quick:+--quick} --flowmatch "$flowmatch" --output "$output" \
    ${data:+--data "$data"} "${rest[@]}"
