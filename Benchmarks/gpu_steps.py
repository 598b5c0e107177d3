"""Measures flowmatch and its peers in turn on a GPU: training steps, and steps of guided sampling.

Run through Benchmarks/gpu.sh. Each comparison is a file in the output folder, written when it is complete, so that a
call that ends early is gone on with by the next.
"""

import argparse
import dataclasses
import datetime
import json
import os
import pathlib
import sys
import time

import machine
import measurement
import run

FOLDER = pathlib.Path(__file__).resolve().parent
PEERS = ("flowmatch", "torch-eager", "torch-compile", "torch-graphs", "jax")
PRECISIONS = ("fp32", "tf32", "bf16")
TOGETHER = 20


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="Benchmarks/gpu.sh step", description=__doc__)
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cuda")
    parser.add_argument("--models", nargs="+", choices=run.MODELS, default=list(run.MODELS))
    parser.add_argument("--batch-sizes", nargs="+", type=int, default=[64, 250])
    parser.add_argument("--precisions", nargs="+", choices=PRECISIONS, default=list(PRECISIONS))
    parser.add_argument("--peers", nargs="+", choices=PEERS, default=list(PEERS))
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--sampling-only", action="store_true", help="no training steps but those to warm up")
    parser.add_argument("--minutes", type=float, default=6, help="begin no further comparison after that time")
    parser.add_argument("--again", action="store_true", help="measure also what has been measured")
    parser.add_argument("--flowmatch", type=os.path.abspath, required=True, help="the executable")
    parser.add_argument("--output", type=pathlib.Path, required=True, help="the folder of the results")
    return parser.parse_args()


def comparison_file(folder: pathlib.Path, model: str, batch_size: int, precision: str) -> pathlib.Path:
    return folder / f"{model}-{batch_size}-{precision}.json"


def has_sampling(folder: pathlib.Path, model: str, precision: str) -> bool:
    return any(json.loads(file.read_text())["has_sampling"] for file in folder.glob(f"{model}-*-{precision}.json"))


def wanted(options: argparse.Namespace, folder: pathlib.Path) -> list[tuple[str, int, str, bool]]:
    """What is still to be measured: network, batch size, precision, and whether sampling is part of it."""
    todo = []
    for model in options.models:
        for precision in options.precisions:
            sampled = has_sampling(folder, model, precision) and not options.again
            if options.sampling_only:
                # Under a batch size of its own: no training step is timed.
                todo += [] if sampled else [(model, 0, precision, True)]
                continue
            for index, batch_size in enumerate(options.batch_sizes):
                if options.again or not comparison_file(folder, model, batch_size, precision).exists():
                    todo.append((model, batch_size, precision, index == 0 and not sampled))
    return todo


def measure(options: argparse.Namespace, model: str, batch_size: int, precision: str, sampling: bool) -> dict:
    peers = [
        run.peer(name, model, batch_size or options.batch_sizes[0], options.flowmatch, False, options.device, precision)
        for name in options.peers
    ]
    comparison = measurement.Comparison(model, batch_size, peers, [])
    commands = () if options.sampling_only else ("step", f"steps {TOGETHER}")
    logs = options.output / "logs" / precision
    measurement.measure(comparison, options.rounds, sampling, logs, run.say, commands)
    return {
        "model": model,
        "batch_size": batch_size,
        "precision": precision,
        "device": options.device,
        "has_sampling": sampling,
        "together": TOGETHER,
        "rounds": options.rounds,
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "python": sys.version.split()[0],
        "machine": machine.description(),
        "gpus": machine.graphics_processors(),
        "foreign_cpu_share": comparison.foreign_cpu_share,
        "peers": [recorded(peer) for peer in peers],
    }


def recorded(peer: measurement.Peer) -> dict:
    values = dataclasses.asdict(peer)
    return {name: value for name, value in values.items() if name not in ("command", "max_rounds")}


def main() -> int:
    options = parse()
    folder = options.output / "steps"
    folder.mkdir(parents=True, exist_ok=True)
    options.output = options.output.resolve()
    todo, start, failed = wanted(options, folder), time.monotonic(), False
    for index, (model, batch_size, precision, sampling) in enumerate(todo):
        if time.monotonic() - start > 60 * options.minutes:
            run.say(f"{len(todo) - index} of {len(todo)} comparisons are left: call again to go on.")
            break
        what = f"batch {batch_size}" if batch_size else "sampling"
        run.say(f"{run.report.TITLES[model]}, {what}, {precision} ({index + 1} of {len(todo)})")
        record = measure(options, model, batch_size, precision, sampling)
        comparison_file(folder, model, batch_size, precision).write_text(json.dumps(record, indent=1) + "\n")
        failed = failed or any(peer["failure"] for peer in record["peers"])
    else:
        run.say("All that was asked for is measured.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
