"""Ends Benchmarks/gpu.sh in every part, in every way, and sees that it leaves what it should.

    python3 Benchmarks/gpu_check.py [--parts NAME...]

The clock runs out, SIGTERM comes, SIGKILL comes: each time the page must be whole and say what is missing, results that
were there must still be there, nothing may be at work any more, and a next call must be able to go on. In flowmatch's
place stands a program that takes its time (this file, called by another name); PyTorch and JAX need not be there. Takes
about three minutes.
"""

import argparse
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import gpu_parts

FOLDER = pathlib.Path(__file__).resolve().parent
SECTIONS = (
    "## What is missing", "## What the device does at its best", "## One whole training step",
    "## One step of guided sampling", "## Compiling", "## The reference run", "## flowmatch against the golden tensors",
)  # fmt: skip
BUDGET = 3.0
OVERTIME = 5.0  # seconds to begin and to end everything in, on a busy machine


# In flowmatch's place.


def stand_in(arguments: list[str]) -> None:
    """Answers as flowmatch would, slowly: FLOWMATCH_SLOWNESS says how many seconds each thing takes."""
    slowness = float(os.environ["FLOWMATCH_SLOWNESS"])
    pids = pathlib.Path(os.environ["FLOWMATCH_PIDS"])
    (pids / str(os.getpid())).touch()
    command = arguments[0]
    if command == "bench":
        time.sleep(slowness)
        say({"ready": True, "version": "a stand-in", "compile_seconds": slowness})
        for line in sys.stdin:
            name, _, count = line.strip().partition(" ")
            if name == "quit":
                say({"peak_rss_bytes": 1})
                return
            time.sleep(slowness / 10)
            say({"seconds": 0.01 * int(count or 1), "loss": 1.0})
    elif command == "verify":
        time.sleep(slowness)
        print("golden: UNet\n  loss 1e-7 (tolerance 1e-4) ok", flush=True)
    elif command == "train":
        folder = pathlib.Path(arguments[arguments.index("--resume" if "--resume" in arguments else "--out") + 1])
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config.json").write_text("{}")
        signal.signal(signal.SIGINT, lambda *_: sys.exit(130))
        steps = 3
        with open(folder / "metrics.jsonl", "a+") as log:
            log.seek(0)
            for step in range(len(log.readlines()), steps):
                time.sleep(slowness / steps)
                log.write(json.dumps({"step": step + 1, "loss": 100.0, "seconds": slowness / steps}) + "\n")
                log.flush()


def say(reply: dict) -> None:
    print(json.dumps(reply), flush=True)


# The checks.


class Trial:
    """One output folder, and the calls made on it."""

    def __init__(self, folder: pathlib.Path):
        self.folder = folder
        self.output, self.pids = folder / "output", folder / "pids"
        self.pids.mkdir(parents=True)
        self.program = folder / "flowmatch"
        self.program.write_text(f"#!/bin/sh\nexec {sys.executable} {FOLDER / 'gpu_check.py'} --stand-in \"$@\"\n")
        self.program.chmod(0o755)

    def call(self, slowness: float, seconds: float, part: str) -> subprocess.Popen:
        environment = dict(os.environ, FLOWMATCH_SLOWNESS=str(slowness), FLOWMATCH_PIDS=str(self.pids))
        command = [FOLDER / "gpu.sh", "--device", "cpu", "--quick", "--seconds", str(seconds), "--parts", part]
        command += ["--flowmatch", self.program, "--python", sys.executable, "--output", self.output]
        command += ["--data", self.folder, "--peers", "flowmatch", "torch-eager", "jax"]
        return subprocess.Popen(
            list(map(str, command)), env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def complaints(self, part: str, is_done: bool) -> list[str]:
        """What is not as it should be after a call."""
        wrong = []
        page = (self.output / "RESULTS-GPU.md").read_text() if (self.output / "RESULTS-GPU.md").exists() else ""
        wrong += [f"the page has no section '{section}'" for section in SECTIONS if section not in page]
        plan = {entry["name"]: entry for entry in json.loads((self.output / "plan.json").read_text())}
        entry = plan[part]
        if (entry["state"] == "done") != is_done:
            wrong.append(f"the plan says {entry['state']}")
        if not is_done and f"- {entry['title']}: " not in page:
            wrong.append("the page does not say that it is missing")
        for file in (self.output / "steps").glob("*.json"):
            json.loads(file.read_text())
        deadline = time.monotonic() + OVERTIME
        while (left := self.at_work()) and time.monotonic() < deadline:
            time.sleep(0.05)
        return wrong + [f"process {pid} is still at work" for pid in left]

    def await_work(self) -> None:
        """Returns when the part is begun and flowmatch's stand-in at work."""
        deadline = time.monotonic() + 30
        while not self.at_work() and time.monotonic() < deadline:
            time.sleep(0.05)

    def at_work(self) -> list[str]:
        return [file.name for file in self.pids.iterdir() if "--stand-in" in command_line(file.name)]


def command_line(pid: str) -> str:
    try:
        return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def check(part: str, how: str, folder: pathlib.Path) -> list[str]:
    """Ends a call in the middle of a part, then lets another one finish it."""
    trial = Trial(folder)
    start = time.monotonic()
    call = trial.call(slowness=4 * BUDGET, seconds=BUDGET if how == "clock" else 60, part=part)
    if how != "clock":
        trial.await_work()
        start = time.monotonic()
        call.send_signal({"SIGTERM": signal.SIGTERM, "SIGKILL": signal.SIGKILL}[how])
    call.communicate()
    taken = time.monotonic() - start
    wrong = trial.complaints(part, is_done=False)
    if taken > BUDGET + OVERTIME:
        wrong.append(f"it ended after {taken:.1f} s")
    if how == "clock":
        said, _ = trial.call(slowness=0.2, seconds=60, part=part).communicate()
        wrong += [f"{one}, when called again:\n{said}" for one in trial.complaints(part, is_done=True)]
    return wrong


def main() -> int:
    if sys.argv[1:2] == ["--stand-in"]:
        stand_in(sys.argv[2:])
        return 0
    parser = argparse.ArgumentParser(description=__doc__)
    # The rate of products is PyTorch's alone.
    names = [part.name for part in gpu_parts.all_parts() if part.name != "peak"]
    parser.add_argument("--parts", nargs="+", choices=names, default=names)
    failed = 0
    for part in parser.parse_args().parts:
        for how in ("clock", "SIGTERM", "SIGKILL"):
            folder = pathlib.Path(tempfile.mkdtemp())
            wrong = check(part, how, folder)
            shutil.rmtree(folder)
            failed += bool(wrong)
            print(f"{part}, {how}: " + ("; ".join(wrong) or "as it should be"), flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
