"""The parts of a measurement on a GPU: steps, golden tensors, sampling, the rate of products, the reference experiment."""

import argparse
import dataclasses
import datetime
import importlib.util
import json
import os
import pathlib
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import gpu_reference
import machine
import measurement
import run
from gpu_plan import write_whole
from measurement import Comparison, PeerError
from report import TITLES

FOLDER = pathlib.Path(__file__).resolve().parent
MODELS = run.MODELS
PRECISIONS = ("bf16", "tf32", "fp32")  # by worth
PATIENCE = 240.0  # seconds that a system may take to compile
SAVING_SECONDS = 4.0
QUICK_LEAST = 2.0
SMALL = {
    "unet": ["--set", "model.channels=4,8", "--set", "model.num_residual_layers=1"],
    "dit": ["--set", "model.depth=1", "--set", "model.hidden_dim=32", "--set", "model.num_heads=2"],
    "mamba": ["--set", "model.depth=1", "--set", "model.d_model=32"],
}


class Context:
    """What the parts work with: options, clock, the processes at work."""

    def __init__(self, options: argparse.Namespace, left: Callable[[], float], say, keep: Callable[[], None]):
        self.options, self.left, self.say, self.keep = options, left, say, keep
        self.output = options.output
        self.sessions: dict[str, dict[str, Comparison]] = {}
        self.processes: list[subprocess.Popen] = []

    def launch(self, command: list[str], **streams) -> subprocess.Popen:
        process = subprocess.Popen(command, preexec_fn=machine.end_with_parent, **streams)
        self.processes.append(process)
        return process

    def stop_sessions(self) -> None:
        for comparisons in self.sessions.values():
            for comparison in comparisons.values():
                for peer in comparison.peers:
                    peer.stop()
        self.sessions.clear()

    def end(self) -> None:
        """Ends all at once; a training may save first."""
        at_work = [process for process in self.processes if process.poll() is None]
        for process in at_work:
            process.send_signal(signal.SIGINT)
        for comparisons in self.sessions.values():
            for comparison in comparisons.values():
                for peer in comparison.peers:
                    peer.kill()
        deadline = time.monotonic() + SAVING_SECONDS
        for process in at_work:
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


class Part:
    """Something to measure, by itself."""

    name: str

    def title(self, options: argparse.Namespace) -> str:
        raise NotImplementedError

    def expected_seconds(self, options: argparse.Namespace) -> float:
        raise NotImplementedError

    def least_seconds(self, options: argparse.Namespace) -> float:
        """With less it is not begun."""
        return QUICK_LEAST if options.quick else self.expected_seconds(options) / 2

    def unable(self, context: Context) -> str | None:
        """Why it cannot be done here; none where it can."""
        return None

    def run(self, context: Context) -> str:
        """Does it; returns what went wrong in a sentence, or nothing."""
        raise NotImplementedError


# Training steps, and sampling.


def record_file(context: Context, model: str, precision: str) -> pathlib.Path:
    return context.output / "steps" / f"{model}-{context.options.batch_size}-{precision}.json"


def missing_package(peer: str) -> str | None:
    """Why a peer cannot even be started; none where it can."""
    module = {"torch": "torch", "jax": "jax"}.get(peer.partition("-")[0])
    if module is None or importlib.util.find_spec(module):
        return None
    return f"{os.path.basename(sys.executable)} has no {module}"


def session(context: Context, precision: str) -> dict[str, Comparison]:
    """The systems of all networks in a precision, compiled beside each other; those that are at work already."""
    if precision in context.sessions:
        return context.sessions[precision]
    context.stop_sessions()
    options = context.options
    comparisons = {}
    for model in MODELS:
        peers = [
            run.peer(name, model, options.batch_size, options.flowmatch, False, options.device, precision)
            for name in options.peers
        ]
        comparisons[model] = Comparison(model, options.batch_size, peers, [])
    context.sessions[precision] = comparisons
    logs = context.output / "logs" / precision
    everyone = [(model, peer) for model, comparison in comparisons.items() for peer in comparison.peers]
    for model, peer in everyone:
        peer.failure = missing_package(peer.name)
        if peer.failure is None:
            try:
                peer.launch(logs, model)
            except PeerError as error:
                measurement.fail(peer, error, context.say)
    deadline = time.monotonic() + min(PATIENCE, max(context.left(), 0.0))
    for model, peer in everyone:
        if peer.failure is None:
            try:
                peer.await_ready(max(deadline - time.monotonic(), 0.1))
                context.say(f"  {model}, {peer.name}: {peer.version}, compiled in {peer.compile_seconds:.1f} s")
            except PeerError as error:
                measurement.fail(peer, error, context.say)
    return comparisons


def keep_record(context: Context, comparison: Comparison, precision: str) -> None:
    """Writes what there is of a comparison, over what there was of it."""
    record = {
        "model": comparison.model,
        "batch_size": comparison.batch_size,
        "precision": precision,
        "device": context.options.device,
        "has_sampling": any(peer.sample_seconds for peer in comparison.peers),
        "together": context.options.together,
        "rounds": context.options.rounds,
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "python": sys.version.split()[0],
        "machine": machine.description(),
        "gpus": machine.graphics_processors(),
        "foreign_cpu_share": comparison.foreign_cpu_share,
        "peers": [recorded(peer) for peer in comparison.peers],
    }
    file = record_file(context, comparison.model, precision)
    file.parent.mkdir(parents=True, exist_ok=True)
    write_whole(file, json.dumps(record, indent=1) + "\n")
    context.keep()


def recorded(peer: measurement.Peer) -> dict:
    values = dataclasses.asdict(peer)
    return {name: value for name, value in values.items() if name not in ("command", "max_rounds")}


def failures(comparisons: dict[str, Comparison]) -> str:
    """What went wrong, of those that could be started; empty where nothing did."""
    wrong = [
        f"{TITLES[model]}, {peer.name}: {peer.failure}"
        for model, comparison in comparisons.items()
        for peer in comparison.peers
        if peer.failure and not missing_package(peer.name)
    ]
    return "; ".join(wrong)


class Steps(Part):
    def __init__(self, precision: str):
        self.precision = precision
        self.name = f"steps-{precision}"

    def title(self, options):
        return f"training steps, {self.precision}, batch {options.batch_size}"

    def expected_seconds(self, options):
        return 25.0 if options.quick else 165.0

    def least_seconds(self, options):
        # The first results come when all have compiled and one network has been timed.
        return QUICK_LEAST if options.quick else 100.0

    def run(self, context):
        comparisons = session(context, self.precision)
        for comparison in comparisons.values():
            for command in (f"steps {context.options.together}", "step"):
                measurement.take_turns(comparison, command, context.options.rounds, lambda _: None)
                keep_record(context, comparison, self.precision)
        return failures(comparisons)


class Sampling(Part):
    def __init__(self, precision: str):
        self.precision = precision
        self.name = f"sampling-{precision}"

    def title(self, options):
        return f"guided sampling steps, {self.precision}"

    def expected_seconds(self, options):
        return 10.0 if options.quick else 75.0

    def run(self, context):
        comparisons = session(context, self.precision)
        running = [peer for comparison in comparisons.values() for peer in comparison.running]
        # The first sample of each prepares its sampler: beside each other, and not timed.
        for peer in running:
            try:
                peer.send("sample")
            except PeerError as error:
                measurement.fail(peer, error, context.say)
        deadline = time.monotonic() + min(PATIENCE, max(context.left(), 0.0))
        for peer in running:
            if peer.failure is None:
                try:
                    peer.answered_seconds("sample", max(deadline - time.monotonic(), 0.1))
                except PeerError as error:
                    measurement.fail(peer, error, context.say)
        for comparison in comparisons.values():
            measurement.take_turns(comparison, "sample", context.options.rounds, lambda _: None)
            keep_record(context, comparison, self.precision)
        problem = failures(comparisons)
        context.stop_sessions()
        return problem


# flowmatch alone.


class Verify(Part):
    """The golden tensors, the precisions beside each other."""

    name = "verify"

    def title(self, options):
        return "golden tensors of the three networks in three precisions"

    def expected_seconds(self, options):
        return 15.0 if options.quick else 90.0

    def run(self, context):
        goldens = [f"Tests/VerificationTests/Goldens/{model}.safetensors" for model in MODELS]
        processes = {}
        for precision in PRECISIONS:
            command = [context.options.flowmatch, "verify", "--device", context.options.device]
            # Several processes share the GPU: none may take all of its memory at the start.
            command += ["--no-preallocate"] if context.options.device != "cpu" else []
            with open(context.output / f"verify-{precision}.txt", "w") as out:
                processes[precision] = context.launch(
                    [*command, "--precision", precision, *goldens], stdout=out, stderr=subprocess.STDOUT
                )
        problems = []
        for precision, process in processes.items():
            status = process.wait()
            if status:
                problems.append(f"{precision} ended with status {status}")
            context.keep()
        return "; ".join(problems)


class Peak(Part):
    """The rate of large products, by PyTorch."""

    name = "peak"

    def title(self, options):
        return "the device's rate in large matrix products"

    def expected_seconds(self, options):
        return 8.0 if options.quick else 30.0

    def unable(self, context):
        return missing_package("torch")

    def run(self, context):
        sizes = ["--sizes", "256", "512"] if context.options.quick else []
        command = [sys.executable, str(FOLDER / "peers/measure_peak.py"), "--device", context.options.device, *sizes]
        process = context.launch(command, stdout=subprocess.PIPE, text=True)
        answer, _ = process.communicate()
        if process.returncode:
            return f"it ended with status {process.returncode}"
        json.loads(answer)
        write_whole(context.output / "peak.json", answer)
        return ""


class Reference(Part):
    """The reference experiment of a network; it goes on where an earlier call left it."""

    def __init__(self, model: str):
        self.model = model
        self.name = f"reference-{model}"

    def title(self, options):
        return f"the reference experiment, {TITLES[self.model]}, {3 if options.quick else 5000} steps"

    def expected_seconds(self, options):
        return 12.0 if options.quick else 130.0

    def least_seconds(self, options):
        return QUICK_LEAST if options.quick else 30.0

    def unable(self, context):
        return None if context.options.data else "there is no MNIST; name its folder by --data"

    def run(self, context):
        options = context.options
        context.stop_sessions()
        folder = context.output / "reference" / self.model
        device = ["--device", options.device]
        if (folder / "config.json").exists():
            command = [options.flowmatch, "train", "--resume", str(folder), *device]
        else:
            command = [options.flowmatch, "train", "--model", self.model, "--precision", "tf32", "--seed", "0"]
            command += ["--set", f"data.folder={options.data}", "--keep-checkpoints", "1", "--out", str(folder)]
            command += device
            if options.quick:
                command += [*SMALL[self.model], "--batch-size", "4", "--steps", "3", "--validate-every", "0"]
        logs = context.output / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        with open(logs / f"reference-{self.model}.log", "a") as log:
            process = context.launch(command, stdout=log, stderr=subprocess.STDOUT)
        while process.poll() is None:
            time.sleep(1.0)
            gpu_reference.keep_curves(context.output / "reference")
        gpu_reference.keep_curves(context.output / "reference")
        return "" if process.returncode == 0 else f"it ended with status {process.returncode}; see {log.name}"


def all_parts() -> list[Part]:
    """What is worth most first."""
    first, *others = PRECISIONS
    parts: list[Part] = [Steps(first), Verify(), Sampling(first)]
    for precision in others:
        parts += [Steps(precision), Sampling(precision)]
    return parts + [Peak()] + [Reference(model) for model in MODELS]
