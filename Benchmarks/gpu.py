"""Measures flowmatch beside PyTorch and JAX on a GPU, in a given time. Run through Benchmarks/gpu.sh.

What is worth most comes first. A plan says what each part is expected to take; a part that does not fit what is left is
left out, and said to be. Whatever ends this process, the page holds all that was measured and says what is missing: it
is written anew before and after each part and after each result.
"""

import argparse
import contextlib
import os
import pathlib
import signal
import sys
import time

import gpu_parts
import gpu_reference
import gpu_report
from gpu_plan import Entry, Plan

ROOT = pathlib.Path(__file__).resolve().parent.parent
PEERS = ("flowmatch", "torch-eager", "torch-compile", "torch-graphs", "jax")


class Cut(BaseException):
    """The clock ran out, or a signal came."""


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="Benchmarks/gpu.sh", description=__doc__)
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cuda")
    parser.add_argument("--quick", action="store_true", help="tiny sizes")
    parser.add_argument("--seconds", type=float, default=720, help="for all of it (720)")
    parser.add_argument("--parts", nargs="+", help="only these")
    parser.add_argument("--peers", nargs="+", choices=PEERS)
    parser.add_argument("--batch-size", type=int, help="of a training step (250)")
    parser.add_argument("--rounds", type=int, help="timed turns of each system (6)")
    parser.add_argument("--plan", action="store_true", help="print the plan, and do nothing")
    parser.add_argument("--flowmatch", type=os.path.abspath, required=True)
    parser.add_argument("--output", type=pathlib.Path, required=True)
    parser.add_argument("--data", type=os.path.abspath)
    options = parser.parse_args()
    options.batch_size = options.batch_size or (8 if options.quick else 250)
    options.rounds = options.rounds or (1 if options.quick else 6)
    options.together = 2 if options.quick else 20
    # Without a GPU there are no graphs to replay.
    options.peers = options.peers or ["flowmatch", "torch-eager" if options.quick else "torch-graphs", "jax"]
    if options.seconds <= 0 or options.batch_size < 1 or options.rounds < 1:
        parser.error("--seconds, --batch-size and --rounds take numbers above 0.")
    names = [part.name for part in gpu_parts.all_parts()]
    unknown = [name for name in options.parts or [] if name not in names]
    if unknown:
        parser.error(f"{', '.join(unknown)}: no such part; they are {', '.join(names)}.")
    return options


def say(line: str) -> None:
    print(f"gpu: {line}", flush=True)


class Run:
    """One call: its parts in order, until all are done or the clock is out."""

    def __init__(self, options: argparse.Namespace):
        self.start = time.monotonic()
        self.options = options
        self.page = ROOT / "Benchmarks/RESULTS-GPU.md" if options.device == "cuda" else options.output / "RESULTS-GPU.md"
        chosen = [part for part in gpu_parts.all_parts() if not options.parts or part.name in options.parts]
        self.plan = Plan(options.output / "plan.json", [self.entry(part) for part in chosen])
        self.parts = {part.name: part for part in chosen}
        self.context = gpu_parts.Context(options, self.left, say, self.keep)

    def entry(self, part: gpu_parts.Part) -> Entry:
        return Entry(part.name, part.title(self.options), part.expected_seconds(self.options))

    def left(self) -> float:
        """Seconds until the clock is out; what ends things then is taken off."""
        return self.options.seconds - self.reserve - (time.monotonic() - self.start)

    @property
    def reserve(self) -> float:
        """For ending everything, saving a training, and the page."""
        return min(8.0, 0.1 * self.options.seconds)

    def keep(self) -> None:
        """Writes plan and page as things stand."""
        self.plan.write()
        gpu_report.write(self.options.output, self.page)

    def print_plan(self) -> None:
        say(f"{self.options.seconds:.0f} s in all; what is worth most comes first:")
        at = 0.0
        for entry in self.plan.entries:
            if entry.is_done:
                say(f"         -  {entry.title}: measured before")
                continue
            fits = at + entry.expected <= self.left()
            say(f"  at {at:4.0f} s  {entry.title}: about {entry.expected:.0f} s{'' if fits else ', as far as time goes'}")
            at += entry.expected

    def work(self) -> None:
        for entry in self.plan.entries:
            if entry.is_done:
                continue
            part = self.parts[entry.name]
            reason = part.unable(self.context)
            if reason is None and self.left() < part.least_seconds(self.options):
                reason = f"about {entry.expected:.0f} s are needed, {max(self.left(), 0):.0f} s were left"
            if reason is not None:
                entry.state, entry.reason = "skipped", reason
                say(f"{entry.title}: skipped, {reason}")
                self.keep()
                continue
            say(f"{entry.title} ({self.left():.0f} s are left)")
            entry.state, entry.reason = "begun", ""
            self.keep()
            begun = time.monotonic()
            try:
                problem = part.run(self.context)
                entry.state, entry.reason = ("failed", problem) if problem else ("done", "")
            except (OSError, ValueError, KeyError) as error:
                entry.state, entry.reason = "failed", f"{type(error).__name__}: {error}"
            entry.seconds = time.monotonic() - begun
            say(f"{entry.title}: {entry.said}, {entry.seconds:.0f} s")
            self.keep()

    def finish(self, cut: str) -> None:
        """Ends what is still at work, and says what is missing."""
        for number in (signal.SIGALRM, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        self.context.end()
        gpu_reference.keep_curves(self.options.output / "reference")
        for entry in self.plan.entries:
            if cut and entry.state == "begun" and not entry.reason:
                entry.reason = cut
            elif cut and entry.state == "waiting":
                entry.reason = cut
        self.keep()
        missing = [entry for entry in self.plan.entries if not entry.is_done]
        for entry in missing:
            say(f"missing: {entry.title} ({entry.said})")
        say(f"{self.page}: {'all of it' if not missing else 'what there is'}, "
            f"{time.monotonic() - self.start:.0f} s")  # fmt: skip


def cut_by(number: int, _) -> None:
    raise Cut("the clock ran out" if number == signal.SIGALRM else f"{signal.Signals(number).name} came")


def main() -> int:
    options = parse()
    os.chdir(ROOT)
    options.output.mkdir(parents=True, exist_ok=True)
    options.output = options.output.resolve()
    run = Run(options)
    run.print_plan()
    if options.plan:
        return 0
    cut, status = "", 0
    try:
        for number in (signal.SIGALRM, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, cut_by)
        signal.setitimer(signal.ITIMER_REAL, max(run.left(), 0.01))
        run.keep()
        run.work()
    except Cut as reason:
        cut = str(reason)
        status = 0 if "clock" in cut else 143
    finally:
        with contextlib.suppress(Cut):
            run.finish(cut)
    return status or int(any(entry.state == "failed" for entry in run.plan.entries))


if __name__ == "__main__":
    sys.exit(main())
