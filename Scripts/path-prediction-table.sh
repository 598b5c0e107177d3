#!/usr/bin/env bash
# Trains the small UNet for each path and each prediction, and prints a table of the held-out velocity's error: of the
# weights and, in brackets, of their moving average. Run after `make build`; a run that is there already is not trained anew.
#
#   Scripts/path-prediction-table.sh [FOLDER]       runs go to FOLDER/PATH-PREDICTION (default: runs/paths)
#   STEPS=300 BATCH=64 WEIGHTING=uniform SEED=0     what may be set; each prediction learns its own target, and the
#                                                   held-out error is the velocity's for all of them
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
folder=${1:-runs/paths}
steps=${STEPS:-300}
flowmatch=${FLOWMATCH:-.build/release/flowmatch}

kinds() { # SLOT
    "$flowmatch" settings "$1" --json | python3 -c '
import json, sys
manual = json.load(sys.stdin)
sections = manual["sections"] if "sections" in manual else [manual]
print(*[kind["name"] for section in sections if section["name"] == sys.argv[1] for kind in section["kinds"]])' "$1"
}

read -ra paths <<<"$(kinds path)"
read -ra predictions <<<"$(kinds prediction)"
for path in "${paths[@]}"; do
    for prediction in "${predictions[@]}"; do
        run=$folder/$path-$prediction
        [[ -f $run/checkpoints/step-$steps.safetensors ]] && continue
        rm -rf "$run"
        "$flowmatch" train --model unet --set model.num_residual_layers=1 --batch-size "${BATCH:-64}" --steps "$steps" \
            --set path="$path" --set prediction="$prediction" --set weighting="${WEIGHTING:-uniform}" \
            --set training.seed="${SEED:-0}" --set recording.validate_every="$steps" --out "$run" >&2
    done
done

python3 - "$folder" "$steps" "${paths[*]}" "${predictions[*]}" <<'PYTHON'
import json
import sys

folder, steps, paths, predictions = sys.argv[1], int(sys.argv[2]), sys.argv[3].split(), sys.argv[4].split()


def error(path: str, prediction: str) -> str:
    with open(f"{folder}/{path}-{prediction}/metrics.jsonl") as lines:
        last = [record for record in map(json.loads, lines) if record["step"] == steps][-1]
    averaged = last.get("validation_loss_averaged")
    return f"{last['validation_loss']:.1f}" + (f" ({averaged:.1f})" if averaged is not None else "")


print(f"| held-out velocity error, {steps} steps | " + " | ".join(predictions) + " |")
print("| --- |" + " --- |" * len(predictions))
for path in paths:
    print(f"| {path} | " + " | ".join(error(path, prediction) for prediction in predictions) + " |")
PYTHON
