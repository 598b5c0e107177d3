#!/usr/bin/env bash
# Sets up the benchmark's peers: a private Python environment with PyTorch and JAX, and the native scan kernel.
# Run again, it does only what is missing. Nothing but the benchmark needs it.
#
#   PYTHON=/path/to/python3 Benchmarks/setup.sh     a certain Python, 3.11 or newer (JAX's newest needs 3.12)
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$(dirname "$here")"
setup="$root/.setup"
environment="$setup/bench-venv"
stamp="$environment/requirements.installed"
kernel="$environment/selective_scan.so"

say() { echo "bench setup: $*"; }
fail() { echo "bench setup: $*" >&2; exit 1; }

is_usable() {
    "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

find_python() {
    local candidates=("${PYTHON:-}" python3.12 python3.13)
    if command -v pyenv >/dev/null 2>&1; then
        candidates+=("$(pyenv root)"/versions/3.12*/bin/python3 "$(pyenv root)"/versions/3.13*/bin/python3)
    fi
    candidates+=(python3)
    if [[ -n "${PYTHON:-}" ]]; then
        candidates=("$PYTHON")
    fi
    for candidate in "${candidates[@]}"; do
        if [[ -n "$candidate" ]] && is_usable "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    return 1
}

command -v gcc >/dev/null 2>&1 || fail "gcc is missing; it compiles the native scan kernel. Install gcc."
command -v g++ >/dev/null 2>&1 || fail "g++ is missing; torch.compile needs it. Install g++."

if [[ -f "$stamp" ]] && cmp -s "$stamp" "$here/requirements.txt" && "$environment/bin/python" -c '' 2>/dev/null; then
    say "the Python environment is complete: $environment"
else
    python="$(find_python)" ||
        fail "no usable Python 3.11 or newer with venv was found. Install python3 and python3-venv, or set PYTHON."
    mkdir -p "$setup"
    free_kib="$(df -Pk "$setup" | awk 'NR == 2 { print $4 }')"
    ((free_kib > 10 * 1024 * 1024)) ||
        fail "$setup has less than 10 GiB free. PyTorch's Linux packages bring NVIDIA's libraries, about 6 GiB in all."
    say "making $environment with $("$python" --version), then downloading about 3 GB (PyTorch brings NVIDIA's libraries)"
    "$python" -m venv --clear "$environment"
    "$environment/bin/python" -m pip install --quiet --disable-pip-version-check --no-cache-dir \
        --requirement "$here/requirements.txt"
    cp "$here/requirements.txt" "$stamp"
fi

"$environment/bin/python" -c '
import os, sys, sysconfig
header = os.path.join(sysconfig.get_paths()["include"], "Python.h")
if not os.path.exists(header):
    print(f"bench setup: {header} is missing, so torch.compile will fail. Install the Python development package.", file=sys.stderr)
'

if [[ "$kernel" -nt "$here/peers/selective_scan.c" ]]; then
    say "the scan kernel is up to date"
else
    say "compiling the scan kernel"
    gcc -O3 -march=native -ffast-math -fopenmp -Wall -Wextra -shared -fPIC \
        -o "$kernel" "$here/peers/selective_scan.c" -lm
fi

"$environment/bin/python" - <<'END'
import importlib.metadata

names = ("torch", "jax", "jaxlib", "numpy", "safetensors")
print("bench setup: ready:", ", ".join(f"{name} {importlib.metadata.version(name)}" for name in names))
END
