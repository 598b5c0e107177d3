"""Runs several systems interleaved: each is a process that waits for a command, and only one works at a time."""

import json
import os
import pathlib
import selectors
import shutil
import subprocess
import time
from dataclasses import dataclass, field

import machine

START_TIMEOUT = 1200.0
STEP_TIMEOUT = 300.0
PAUSE_SECONDS = 0.2  # between turns: a thread pool that spins after its work has gone to sleep by then
LEAST_FREE_BYTES = 1 << 30


class PeerError(Exception):
    """A peer that is missing, ended, answered with an error or did not answer."""


@dataclass(eq=False)
class Peer:
    """A system under measurement: the command that starts it, and its two streams of timings."""

    name: str
    command: list[str]
    max_rounds: int | None = None
    precision: str = "fp32"  # of its products
    failure: str | None = None
    version: str = ""
    compile_seconds: float | None = None
    peak_rss_bytes: int | None = None
    idle_cpu_seconds: float = 0.0
    idle_wall_seconds: float = 0.0
    step_seconds: list[float] = field(default_factory=list)
    sample_seconds: list[float] = field(default_factory=list)
    together_seconds: list[float] = field(default_factory=list)  # of one of several steps that were begun together

    def launch(self, log_folder: pathlib.Path, label: str) -> None:
        """Starts the process, which compiles; it ends with this one."""
        if shutil.which(self.command[0]) is None:
            raise PeerError(f"{self.command[0]} is missing")
        log_folder.mkdir(parents=True, exist_ok=True)
        self._log = log_folder / f"{label}-{self.name}.log"
        with open(self._log, "w") as log:
            self._process = subprocess.Popen(
                self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, bufsize=0,
                preexec_fn=machine.end_with_parent,
            )  # fmt: skip
        machine.prefer_as_out_of_memory_victim(self._process.pid)
        self._pending = b""

    def await_ready(self, timeout: float = START_TIMEOUT) -> None:
        ready = self._reply(timeout)
        if not ready.get("ready"):
            raise PeerError(f"its first line is {ready}, not a ready line")
        self.version = str(ready.get("version", ""))
        self.compile_seconds = float(ready["compile_seconds"])

    def send(self, command: str) -> None:
        try:
            self._process.stdin.write(command.encode() + b"\n")
        except OSError:
            raise PeerError(self._ending()) from None

    def ask(self, command: str) -> dict:
        self.send(command)
        return self._reply(STEP_TIMEOUT)

    def seconds_of(self, command: str) -> float:
        self.send(command)
        return self.answered_seconds(command)

    def answered_seconds(self, command: str, timeout: float = STEP_TIMEOUT) -> float:
        """The seconds in the answer to a command that was sent."""
        reply = self._reply(timeout)
        if not isinstance(reply.get("seconds"), (int, float)):
            raise PeerError(f"it answered {reply} to '{command}'")
        return float(reply["seconds"])

    def take(self, command: str) -> None:
        """Does what `command` says and keeps the seconds that a step of it took."""
        seconds = self.seconds_of(command)
        name, _, count = command.partition(" ")
        if name == "steps":
            self.together_seconds.append(seconds / int(count))
        else:
            {"step": self.step_seconds, "sample": self.sample_seconds}[name].append(seconds)

    def stop(self) -> None:
        """Ends the process, keeping its peak memory if it says so."""
        if not hasattr(self, "_process"):
            return
        if self._process.poll() is None and self.failure is None:
            try:
                self.peak_rss_bytes = int(self.ask("quit")["peak_rss_bytes"])
                self._process.wait(30)
            except (PeerError, KeyError, ValueError, subprocess.TimeoutExpired) as error:
                self.failure = self.failure or f"it did not end well: {error}"
        self.kill()

    def kill(self) -> None:
        """Ends the process at once."""
        if hasattr(self, "_process") and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def cpu_seconds(self) -> float:
        return machine.process_cpu_seconds(self._process.pid)

    def _reply(self, timeout: float) -> dict:
        deadline = time.monotonic() + timeout
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            while b"\n" not in self._pending:
                if not selector.select(max(deadline - time.monotonic(), 0)):
                    raise PeerError(f"it did not answer within {timeout:.0f} s")
                chunk = os.read(self._process.stdout.fileno(), 65536)
                if not chunk:
                    raise PeerError(self._ending())
                self._pending += chunk
        line, _, self._pending = self._pending.partition(b"\n")
        try:
            reply = json.loads(line)
        except ValueError:
            raise PeerError(f"it printed {line[:80]!r}, which is not JSON") from None
        if not isinstance(reply, dict):
            raise PeerError(f"it printed {line[:80]!r}, which is not a JSON object")
        if "error" in reply:
            raise PeerError(str(reply["error"]))
        return reply

    def _ending(self) -> str:
        code = self._process.wait(30)
        lines = self._log.read_text(errors="replace").strip().splitlines()
        return f"it ended with status {code}" + (f": {lines[-1][:200]}" if lines else "")


@dataclass
class Comparison:
    """All systems on one network at one batch size."""

    model: str
    batch_size: int
    peers: list[Peer]
    ceilings: list[Peer]
    wall_seconds: float = 0.0
    foreign_cpu_seconds: float = 0.0

    @property
    def foreign_cpu_share(self) -> float:
        """Processors' worth of time that other processes took while a peer was being timed."""
        return self.foreign_cpu_seconds / self.wall_seconds if self.wall_seconds else 0.0

    @property
    def everyone(self) -> list[Peer]:
        return self.ceilings + self.peers

    @property
    def running(self) -> list[Peer]:
        return [peer for peer in self.everyone if peer.failure is None]


def measure(
    comparison: Comparison, rounds: int, sampling: bool, log_folder: pathlib.Path, say, commands=("step",)
) -> None:
    """Fills in `comparison`: starts its peers one by one, then takes turns. A failure ends that peer alone.

    `commands` are those of training steps: "step", or "steps N" for N that are begun together.
    """
    label = f"{comparison.model}-{comparison.batch_size}"
    try:
        for peer in comparison.everyone:
            _start(peer, log_folder, label, say)
        for command in commands:
            take_turns(comparison, command, rounds, say)
        if sampling:
            _warm_sampling(comparison, say)
            take_turns(comparison, "sample", rounds, say)
    finally:
        for peer in comparison.everyone:
            peer.stop()


def _start(peer: Peer, log_folder: pathlib.Path, label: str, say) -> None:
    try:
        peer.launch(log_folder, label)
        peer.await_ready()
        if machine.available_bytes() < LEAST_FREE_BYTES:
            raise PeerError("it left less than 1 GiB of memory free")
        say(f"  {peer.name}: {peer.version}, compiled in {peer.compile_seconds:.1f} s")
    except PeerError as error:
        fail(peer, error, say)


def fail(peer: Peer, error: PeerError, say) -> None:
    """Ends a peer, and keeps why."""
    peer.failure = str(error)
    say(f"  {peer.name} failed: {error}")
    peer.stop()


def _warm_sampling(comparison: Comparison, say) -> None:
    """The first sample of a peer prepares its sampler; its time does not count."""
    for peer in comparison.running:
        if peer not in comparison.ceilings:
            try:
                peer.seconds_of("sample")
            except PeerError as error:
                fail(peer, error, say)


def take_turns(comparison: Comparison, command: str, rounds: int, say) -> None:
    """Every peer does what `command` says once a round, one after another. A failure ends that peer alone."""
    for turn in range(rounds):
        order = [peer for peer in comparison.running if _takes_part(comparison, peer, command, turn)]
        first = turn % max(len(order), 1)
        for peer in order[first:] + order[:first]:
            time.sleep(PAUSE_SECONDS)
            try:
                _take_turn(comparison, peer, command)
            except PeerError as error:
                fail(peer, error, say)
        say(f"  {command} {turn + 1} of {rounds}")


def _takes_part(comparison: Comparison, peer: Peer, command: str, turn: int) -> bool:
    if peer in comparison.ceilings and command != "step":
        return False
    return peer.max_rounds is None or turn < peer.max_rounds


def _take_turn(comparison: Comparison, peer: Peer, command: str) -> None:
    """One timed turn, noting what everyone else on the machine did meanwhile."""
    idle = [other for other in comparison.running if other is not peer]
    idle_before = [other.cpu_seconds() for other in idle]
    busy, own, start = machine.busy_seconds(), peer.cpu_seconds(), time.perf_counter()
    peer.take(command)
    wall = time.perf_counter() - start
    foreign = machine.busy_seconds() - busy - (peer.cpu_seconds() - own)
    for other, before in zip(idle, idle_before):
        spent = other.cpu_seconds() - before
        other.idle_cpu_seconds += spent
        other.idle_wall_seconds += wall
        foreign -= spent
    comparison.wall_seconds += wall
    comparison.foreign_cpu_seconds += max(foreign, 0.0)
