"""Measures flowmatch and its peers interleaved, and writes RESULTS.md, results.json and results.svg.

Run through Benchmarks/run.sh, after Benchmarks/setup.sh. See Benchmarks/README.md.
"""

import argparse
import datetime
import json
import os
import pathlib
import shlex
import sys

import alone
import chart
import machine
import report
from measurement import PAUSE_SECONDS, Comparison, Peer, measure
from report import ROUNDED

FOLDER = pathlib.Path(__file__).resolve().parent
ROOT = FOLDER.parent
LOGS = ROOT / ".setup/bench-logs"
MODELS = ("unet", "dit", "mamba")
PEERS = ("flowmatch", "torch-eager", "torch-compile", "torch-plain", "jax")
ROUNDED_PEERS = tuple(name + ROUNDED for name in PEERS if name != "torch-plain")
PLAIN_ROUNDS = 2


def peer(
    name: str, model: str, batch_size: int, executable: str, ema: bool, device: str = "cpu", precision: str = "fp32"
) -> Peer | None:
    """The peer `name` for this network and batch size; none where it would say nothing new."""
    system = name.removesuffix(ROUNDED)
    precision = "bf16" if name.endswith(ROUNDED) else precision
    shared = ["--model", model, "--batch-size", str(batch_size)] + (["--ema"] if ema else [])
    if device != "cpu" or precision != "fp32":
        shared += ["--device", device, "--precision", precision]
    python, scripts = sys.executable, FOLDER / "peers"
    if system == "flowmatch":
        # Several systems share the GPU: none may take all of its memory at the start.
        memory = ["--no-preallocate"] if device != "cpu" else []
        command = [executable, "bench", *shared, *memory, "--serve", "--no-cache"]
        return Peer(name, command, precision=precision)
    if system == "jax":
        return Peer(name, [python, str(scripts / "bench_jax.py"), *shared], precision=precision)
    mode = system.removeprefix("torch-")
    if mode == "plain" and (model != "mamba" or batch_size > 64):
        return None
    command = [python, str(scripts / "bench_torch.py"), *shared, "--mode", mode]
    return Peer(name, command, max_rounds=PLAIN_ROUNDS if mode == "plain" else None, precision=precision)


def ceilings(precisions: set[str]) -> list[Peer]:
    """Large products in each of these precisions."""
    script = str(FOLDER / "peers/bench_matmul.py")
    return [
        Peer(
            f"{precision} matrix product by {library}",
            [sys.executable, script, "--mode", library.lower(), "--precision", precision],
            precision=precision,
        )
        for precision in sorted(precisions, reverse=True)
        for library in ("MKL", "oneDNN")
    ]


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="Benchmarks/run.sh", description="Measures flowmatch and its peers in turn.")
    parser.add_argument("--models", nargs="+", choices=MODELS, default=list(MODELS))
    parser.add_argument("--batch-sizes", nargs="+", type=int, default=[64, 250])
    parser.add_argument(
        "--rounds", type=int, default=12, help="timed rounds after warm-up (default 12); a third with later batch sizes"
    )
    parser.add_argument(
        "--peers", nargs="+", choices=PEERS + ROUNDED_PEERS, help="default: all that the processor has arithmetic for"
    )
    parser.add_argument("--ema", action="store_true", help="every system keeps a moving average of its parameters")
    parser.add_argument("--quick", action="store_true", help="a look: batch 64, 3 rounds, no torch-plain")
    parser.add_argument("--flowmatch", type=os.path.abspath, help="default .build/release/flowmatch")
    parser.add_argument("--output", type=pathlib.Path, default=FOLDER, help="where the three results go")
    options = parser.parse_args()
    if options.rounds < 1 or min(options.batch_sizes) < 1:
        parser.error("--rounds and --batch-sizes take numbers from 1 on.")
    options.output = options.output.resolve()
    options.flowmatch = options.flowmatch or ".build/release/flowmatch"
    if options.peers is None:
        options.peers = list(PEERS) + (list(ROUNDED_PEERS) if machine.multiplies_bfloat16() else [])
    if options.quick:
        options.batch_sizes, options.rounds = [64], 3
        options.peers = [name for name in options.peers if name != "torch-plain"]
    return options


def measure_in_parts(comparison: Comparison, rounds: int) -> None:
    """One precision after the other, and JAX by itself: the memory of all systems at once would not do."""

    def part_of(one: Peer) -> tuple[str, bool]:
        return one.precision, one.name.startswith("jax")

    for key in dict.fromkeys(part_of(one) for one in comparison.peers):
        part = Comparison(
            comparison.model,
            comparison.batch_size,
            [one for one in comparison.peers if part_of(one) == key],
            [one for one in comparison.ceilings if part_of(one) == key],
        )
        measure(part, rounds, False, LOGS, say)
        comparison.wall_seconds += part.wall_seconds
        comparison.foreign_cpu_seconds += part.foreign_cpu_seconds


def later_rounds(rounds: int) -> int:
    """Rounds of every batch size but the first, whose steps are long and whose number is no target."""
    return max(rounds // 3, 1)


def write(comparisons: list[Comparison], run: dict, output: pathlib.Path) -> None:
    output.mkdir(parents=True, exist_ok=True)
    (output / "RESULTS.md").write_text(report.page(comparisons, run))
    (output / "results.json").write_text(json.dumps(report.record(comparisons, run), indent=1) + "\n")
    (output / "results.svg").write_text(chart.svg(comparisons))


def say(line: str) -> None:
    print(line, flush=True)


def main() -> int:
    options = parse()
    os.chdir(ROOT)
    run = {
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "command": shlex.join(["Benchmarks/run.sh", *sys.argv[1:]]),
        "rounds": options.rounds,
        "later_rounds": later_rounds(options.rounds),
        "pause_seconds": PAUSE_SECONDS,
        "machine": machine.description(),
    }
    if not any(name.endswith(ROUNDED) for name in options.peers):
        why = "" if machine.multiplies_bfloat16() else ": this processor does not multiply it"
        say(f"Without peers in bf16{why}.")
    comparisons = []
    for model in options.models:
        for index, batch_size in enumerate(options.batch_sizes):
            say(f"{report.TITLES[model]}, batch {batch_size}")
            candidates = [peer(name, model, batch_size, options.flowmatch, options.ema) for name in options.peers]
            peers = [one for one in candidates if one is not None]
            comparison = Comparison(model, batch_size, peers, ceilings({one.precision for one in peers}))
            if index == 0:
                # Sampling does not depend on the training batch: once a network.
                measure(comparison, options.rounds, True, LOGS, say)
            else:
                measure_in_parts(comparison, later_rounds(options.rounds))
            comparisons.append(comparison)
            write(comparisons, run, options.output)
    if "flowmatch" in options.peers and not options.quick:
        run["alone"] = alone.measure(options.flowmatch, options.models, say)
        write(comparisons, run, options.output)
    print("\n" + report.sections(comparisons, report.plain_table))
    print(f"\nWritten: RESULTS.md, results.json and results.svg in {os.path.relpath(options.output)}/")
    failed = [one.name for comparison in comparisons for one in comparison.peers if one.failure]
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
