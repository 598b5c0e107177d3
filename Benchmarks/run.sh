#!/usr/bin/env bash
# Measures flowmatch and its peers in turn; options as in Benchmarks/README.md. Needs Benchmarks/setup.sh to have run.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
python="$(dirname "$here")/.setup/bench-venv/bin/python"
if [[ ! -x "$python" ]]; then
    echo "The peers are not set up: run Benchmarks/setup.sh first." >&2
    exit 1
fi
export PYTHONDONTWRITEBYTECODE=1
exec "$python" "$here/run.py" "$@"
