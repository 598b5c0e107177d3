"""The peer's side of the benchmark's protocol (Benchmarks/README.md): commands on stdin, a JSON line each on stdout."""

import argparse
import json
import math
import os
import resource
import sys
import time

IMAGES = 60_000
WARM_UP_STEPS = 3
SAMPLED_IMAGES = 110
GUIDANCE = 3.0
SAMPLING_STEPS = 99
LABEL_DROPOUT = 0.1
LEARNING_RATE = 1e-3
EMA_DECAY = 0.999


def arguments(description: str, modes: tuple[str, ...] = ()) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--model", choices=["unet", "dit", "mamba"], default="unet")
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--precision", choices=["fp32", "tf32", "bf16"], default="fp32", help="of matrix products")
    parser.add_argument("--ema", action="store_true", help="keep an exponential moving average of the parameters")
    if modes:
        parser.add_argument("--mode", choices=modes, default=modes[0])
    return parser.parse_args()


def serve(version: str, launch, prepare_sampler, finish=float, warm_up_steps: int = WARM_UP_STEPS) -> None:
    """Answers until "quit" or the end of input.

    `launch()` begins one whole training step and returns its loss, which the device may still be computing;
    `finish(loss)` waits for all that was begun and returns the loss as a number. `prepare_sampler()` returns a function
    that takes one Euler step of guided sampling, finished.
    """
    replies = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # Whatever a library prints goes to stderr: stdout carries replies alone.

    def reply(**values) -> None:
        replies.write(json.dumps(values) + "\n")
        replies.flush()

    def seconds_of(call):
        start = time.perf_counter()
        value = call()
        return time.perf_counter() - start, value

    def step(count: int = 1) -> float:
        for _ in range(count):
            loss = launch()
        return finish(loss)

    def steps_in(command: str) -> int | None:
        """How many steps a command asks for, if it asks for any."""
        name, _, count = command.partition(" ")
        if command == "step":
            return 1
        return int(count) if name == "steps" and count.isdecimal() and int(count) > 0 else None

    # The first call compiles; what it takes beyond a warm step is the cost of compiling.
    first, _ = seconds_of(step)
    warm = min((seconds_of(step)[0] for _ in range(warm_up_steps - 1)), default=0.0)
    reply(ready=True, version=version, compile_seconds=max(first - warm, 0.0))
    sample = None
    for line in sys.stdin:
        command = line.strip()
        if steps_in(command):
            seconds, loss = seconds_of(lambda: step(steps_in(command)))
            if not math.isfinite(loss):
                reply(error=f"The loss is {loss}.")
            else:
                reply(seconds=seconds, loss=loss)
        elif command == "sample":
            if sample is None:
                sample = prepare_sampler()
                for _ in range(warm_up_steps):
                    sample()
            reply(seconds=seconds_of(sample)[0])
        elif command == "quit":
            break
        else:
            reply(error=f"'{command}' is not a command; they are step, steps N, sample and quit.")
    reply(peak_rss_bytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
