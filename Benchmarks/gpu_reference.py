"""What came of the reference experiment's trainings, and their curves."""

import json
import pathlib
import statistics

from gpu_plan import write_whole

PUBLISHED = {"unet": 131.15, "dit": 123.94, "mamba": 154.31}  # mean loss of the last 500 of 5,000 steps
WINDOW = 500
CURVE_STEP = 50


def metrics(run: pathlib.Path) -> list[dict]:
    """The steps recorded so far; a line that is being written does not count."""
    file = run / "metrics.jsonl"
    if not file.exists():
        return []
    text = file.read_text()
    return [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]


def summary(folder: pathlib.Path) -> list[dict]:
    """Of every network that was trained: its steps, the mean of its last losses, its seconds."""
    found = []
    for model, published in PUBLISHED.items():
        records = metrics(folder / model)
        if records:
            found.append(
                {
                    "model": model,
                    "steps": len(records),
                    "mean_loss": statistics.fmean(record["loss"] for record in records[-WINDOW:]),
                    "published": published,
                    "seconds": sum(record["seconds"] for record in records),
                }
            )
    return found


def keep_curves(folder: pathlib.Path) -> None:
    """Writes losses.csv: the mean loss of every 50 steps of each network."""
    curves = {model: metrics(folder / model) for model in PUBLISHED}
    longest = max(map(len, curves.values()))
    if longest == 0:
        return
    lines = ["step," + ",".join(curves)]
    for end in range(CURVE_STEP, longest + CURVE_STEP, CURVE_STEP):
        window = [[one["loss"] for one in records[end - CURVE_STEP : end]] for records in curves.values()]
        lines.append(",".join([str(min(end, longest))] + [f"{statistics.fmean(one):.2f}" if one else "" for one in window]))
    write_whole(folder / "losses.csv", "\n".join(lines) + "\n")
