"""What flowmatch does by itself: compiling, with and without its cache, and a step's time at growing batch sizes."""

import json
import os
import pathlib
import subprocess
import tempfile

BATCH_SIZES = (16, 32, 64, 128, 256)
ROUNDS, STEPS = 3, 2  # batch sizes in turn, so that a drift of the machine meets all of them


def _bench(executable: str, model: str, batch_size: int, cache: str, steps: int) -> dict:
    """One run of `flowmatch bench --json`."""
    command = [executable, "bench", "--json", "--model", model, "--batch-size", str(batch_size), "--steps", str(steps)]
    environment = {**os.environ, "XDG_CACHE_HOME": cache}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600, check=False)
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or ["it said nothing"]
        raise RuntimeError(f"flowmatch bench ended with status {done.returncode}: {lines[-1]}")
    return json.loads(done.stdout)


def measure(executable: str, models: list[str], say) -> list[dict]:
    """For each network: seconds to compile from nothing and from the cache, and seconds a step by batch size."""
    results = []
    for model in models:
        with tempfile.TemporaryDirectory() as cache:
            cold = _bench(executable, model, 64, cache, 1)["compile_seconds"]
            warm = _bench(executable, model, 64, cache, 1)["compile_seconds"]
            say(f"{model}: compiled in {cold:.2f} s, loaded from the cache in {warm:.2f} s")
            steps = {size: float("inf") for size in BATCH_SIZES}
            for turn in range(ROUNDS):
                for size in BATCH_SIZES[turn:] + BATCH_SIZES[:turn]:
                    seconds = _bench(executable, model, size, cache, STEPS)["step_seconds"]["min"]
                    steps[size] = min(steps[size], seconds)
            for size, seconds in steps.items():
                say(f"  batch {size}: {seconds:.3f} s")
        results.append({"model": model, "cold_seconds": cold, "warm_seconds": warm, "step_seconds": steps})
    return results


def spread(result: dict) -> float:
    """The largest time an image over the smallest, less 1: 0 where the time of a step is linear in its batch."""
    images = [seconds / batch_size for batch_size, seconds in result["step_seconds"].items()]
    return max(images) / min(images) - 1


def section(results: list[dict], titles: dict[str, str]) -> str:
    """The page's section."""
    header = ["", "compile s", "from the cache s", *(f"{size}" for size in BATCH_SIZES), "spread"]
    lines = [header, ["---"] + ["---:"] * (len(header) - 1)]
    for result in results:
        images = [1000 * seconds / size for size, seconds in result["step_seconds"].items()]
        lines.append(
            [titles[result["model"]], f"{result['cold_seconds']:.2f}", f"{result['warm_seconds']:.2f}"]
            + [f"{milliseconds:.2f}" for milliseconds in images]
            + [f"{100 * spread(result):.0f} %"]
        )
    table = "\n".join("| " + " | ".join(line) + " |" for line in lines)
    return (
        "## flowmatch by itself\n\n"
        "Tracing and compiling the training step of batch 64, from nothing and from the cache on disk; then milliseconds "
        f"an image (minimum of {ROUNDS} rounds of {STEPS} steps, batch sizes in turn) in batches of 16 to 256, and how far the "
        "slowest is above the fastest.\n\n" + table
    )
