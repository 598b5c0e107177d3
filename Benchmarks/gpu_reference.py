"""Copies a comparison's report to where it is kept, and says what came of the runs beside what was published.

Run through Benchmarks/gpu.sh. Checkpoints stay where they are; of the metrics every tenth step is kept.
"""

import argparse
import json
import pathlib
import re
import shutil
import statistics

PUBLISHED = {"unet": 131.15, "dit": 123.94, "mamba": 154.31}  # mean loss of the last 500 of 5,000 steps
WINDOW = 500
KEPT = 10


def metrics(run: pathlib.Path) -> list[dict]:
    file = run / "metrics.jsonl"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


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


def sentence(run: dict) -> str:
    return (
        f"{run['model']}: {run['steps']} steps in {run['seconds']:.1f} s; mean loss of the last "
        f"{min(WINDOW, run['steps'])} {run['mean_loss']:.2f}, published {run['published']:.2f}"
    )


def repeatable(text: str) -> str:
    """A report whose command names no folder of the machine it was made on."""
    # The page puts the name of an option, without its value, into an element.
    text = re.sub(r"""(?:<span>)?--set(?:</span>)? data\.folder=[^\s<"`]+ ?""", "", text)
    return re.sub(r"""(--out(?:</span>)?) [^\s<"`]+""", r"\1 runs/reference", text)


def keep(folder: pathlib.Path, destination: pathlib.Path) -> None:
    """The report with its pictures, and thinned metrics."""
    destination.mkdir(parents=True, exist_ok=True)
    for file in folder.iterdir():
        if file.suffix in (".html", ".md", ".json"):
            (destination / file.name).write_text(repeatable(file.read_text()))
        elif file.is_file():
            shutil.copy(file, destination / file.name)
    for model in PUBLISHED:
        lines = [json.dumps(record) for record in metrics(folder / model) if record["step"] % KEPT == 0]
        if lines:
            (destination / f"metrics-{model}.jsonl").write_text("\n".join(lines) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=pathlib.Path, help="the folder of the comparison")
    parser.add_argument("--keep", type=pathlib.Path, help="where the report is copied to")
    options = parser.parse_args()
    if options.keep:
        keep(options.folder, options.keep)
        print(f"The report is kept in {options.keep}.")
    for run in summary(options.folder):
        print(sentence(run))


if __name__ == "__main__":
    main()
