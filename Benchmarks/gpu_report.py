"""RESULTS-GPU.md: what was measured on a GPU, and what is missing. Written by Benchmarks/gpu.py."""

import json
import pathlib
import re
import statistics

import gpu_plan
import gpu_reference
from peers.network_shapes import forward_flops, training_flops
from peers.peer_protocol import SAMPLED_IMAGES
from report import OURS, TITLES

STEP_HEADER = ["system", "precision", "one step, min ms", "median ms", "of 20 together, ms", "images/s", "utilisation"]
SAMPLE_HEADER = ["system", "precision", "min ms", "median ms", "images/s", "utilisation"]
LAST = "against flowmatch"
PRECISIONS = ("fp32", "tf32", "bf16")
EARLIER = "## Earlier"  # From here on a page is kept as it is.


def table(header: list[str], rows: list[list[str]]) -> str:
    lines = [header, ["---", "---"] + ["---:"] * (len(header) - 2), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def without_paths(text: str) -> str:
    """Files by their names alone."""
    return re.sub(r"\S*/(?=\S)", "", text).replace("|", "/")


class Results:
    """Everything in an output folder."""

    def __init__(self, folder: pathlib.Path):
        records = [json.loads(file.read_text()) for file in (folder / "steps").glob("*.json")]
        order = list(TITLES)
        records.sort(key=lambda one: (order.index(one["model"]), one["batch_size"], PRECISIONS.index(one["precision"])))
        self.records = records
        peak = folder / "peak.json"
        self.peak = json.loads(peak.read_text()) if peak.exists() else None
        self.verified = {
            precision: file.read_text()
            for precision in PRECISIONS
            if (file := folder / f"verify-{precision}.txt").exists()
        }
        self.plan = gpu_plan.read(folder / "plan.json")
        self.runs = gpu_reference.summary(folder / "reference")

    def peak_rate(self, precision: str) -> float | None:
        return max(self.peak["flops_per_second"][precision].values()) if self.peak else None

    def utilisation(self, flops: float, seconds: float, precision: str) -> str:
        peak = self.peak_rate(precision)
        return f"{100 * flops / (seconds * peak):.1f} %" if peak else ""

    def step_rows(self, model: str, batch_size: int) -> list[list[str]]:
        rows = []
        for record in self.records:
            if (record["model"], record["batch_size"]) != (model, batch_size):
                continue
            mine = median_of(record, "together_seconds")
            for peer in record["peers"]:
                single, together = peer["step_seconds"], peer["together_seconds"]
                if not together:
                    rows.append(failed_row(peer, record, STEP_HEADER))
                    continue
                seconds = statistics.median(together)
                rows.append(
                    [
                        peer["name"],
                        record["precision"],
                        milliseconds(min(single)) if single else "",
                        milliseconds(statistics.median(single)) if single else "",
                        milliseconds(seconds),
                        f"{batch_size / seconds:.0f}",
                        self.utilisation(sum(training_flops(model)) * batch_size, seconds, record["precision"]),
                        f"{seconds / mine:.2f}" if mine else "",
                    ]
                )
        return rows

    def sample_rows(self, model: str) -> list[list[str]]:
        rows = []
        for record in self.records:
            if record["model"] != model or not record["has_sampling"]:
                continue
            mine = median_of(record, "sample_seconds")
            for peer in record["peers"]:
                if not peer["sample_seconds"]:
                    rows.append(failed_row(peer, record, SAMPLE_HEADER))
                    continue
                least, seconds = min(peer["sample_seconds"]), statistics.median(peer["sample_seconds"])
                flops = sum(forward_flops(model)) * 2 * SAMPLED_IMAGES
                rows.append(
                    [
                        peer["name"],
                        record["precision"],
                        milliseconds(least),
                        milliseconds(seconds),
                        f"{SAMPLED_IMAGES / seconds:.0f}",
                        self.utilisation(flops, seconds, record["precision"]),
                        f"{seconds / mine:.2f}" if mine else "",
                    ]
                )
        return rows


def milliseconds(seconds: float) -> str:
    return f"{1000 * seconds:.2f}"


def median_of(record: dict, what: str) -> float | None:
    """flowmatch's own median, if it was measured."""
    seconds = next((peer[what] for peer in record["peers"] if peer["name"] == OURS), [])
    return statistics.median(seconds) if seconds else None


def failed_row(peer: dict, record: dict, header: list[str]) -> list[str]:
    reason = f"failed: {without_paths(peer['failure'] or 'not measured')}"
    return [peer["name"], record["precision"], reason] + [""] * (len(header) + 1 - 3)


def machine_lines(results: Results) -> list[str]:
    if not results.records:
        return ["- No steps were measured yet."]
    record = results.records[-1]
    about = record["machine"]
    gpus = [
        f"{gpu['name']}, {int(gpu['memory_mib']) / 1024:.0f} GiB, at most {gpu['power_limit_w']} W and "
        f"{gpu['highest_clock_mhz']} MHz, driver {gpu['driver']}"
        for gpu in record["gpus"]
    ]
    versions = dict.fromkeys(
        peer["version"].partition(", scan")[0] for one in results.records for peer in one["peers"] if peer["version"]
    )
    dates = sorted(one["date"] for one in results.records)
    return [
        f"- Device: {'; '.join(gpus) or 'the CPU (a trial of the script, no measurement of a GPU)'}.",
        f"- Host: {about['cpu']}, {about['cores']} cores, {about['memory_gib']} GiB; {about['os']}, kernel "
        f"{about['kernel']}.",
        f"- Versions: {'; '.join(versions)}; Python {record['python']}.",
        f"- Measured from {dates[0]} to {dates[-1]}, {record['rounds']} rounds, by `Benchmarks/gpu.sh`.",
    ]


def missing_section(results: Results) -> str:
    """What was asked for and is not there."""
    lines = [f"- {one.title}: {without_paths(one.said).rstrip('.')}." for one in results.plan if not one.is_done]
    return "\n".join(lines) or "Nothing: all that was asked for is measured."


def compile_section(results: Results) -> str:
    """Seconds to compile a training step, all systems of a precision beside each other."""
    rows = [
        [TITLES[record["model"]], peer["name"], record["precision"], f"{peer['compile_seconds']:.1f}"]
        for record in results.records
        for peer in record["peers"]
        if peer["compile_seconds"] is not None
    ]
    lines = [["network", "system", "precision", "seconds"], ["---", "---", "---", "---:"], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) if rows else "Not measured."


def peak_section(results: Results) -> str:
    if results.peak is None:
        return "Not measured."
    rows = []
    for precision, rates in results.peak["flops_per_second"].items():
        by_size = ", ".join(f"{size}: {rate / 1e12:.3g}" for size, rate in rates.items())
        rows.append([precision, f"{max(rates.values()) / 1e12:.3g}", by_size])
    lines = [["precision", "TFLOP/s", "by the side of the matrices"], ["---", "---:", "---"], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def verify_section(results: Results) -> str:
    parts = []
    for precision, text in results.verified.items():
        lines = [line.strip() for line in text.splitlines() if re.search(r"\((tolerance)", line)]
        bad = [line for line in lines if line.endswith("FAILED")]
        verdict = f"{len(bad)} out of tolerance" if bad else "all within tolerance" if lines else "not computed"
        parts.append(f"**{precision}**: {verdict}\n\n```\n{without_verify_paths(text)}\n```")
    return "\n\n".join(parts) or "Not verified."


def without_verify_paths(text: str) -> str:
    return "\n".join(without_paths(line) if "safetensors" in line else line for line in text.strip().splitlines())


def scans(results: Results) -> str:
    lines = [
        f"- {peer['name']}, batch {record['batch_size']}, {record['precision']}: {scan}"
        for record in results.records
        for peer in record["peers"]
        if (scan := peer["version"].partition(", scan: ")[2])
    ]
    return "\n".join(lines) or "- Each peer's scan on a CPU."


def reference_section(results: Results) -> str:
    if not results.runs:
        return "Not run."
    rows = [
        [
            TITLES[run["model"]],
            str(run["steps"]),
            f"{run['seconds']:.1f}",
            f"{run['mean_loss']:.2f}",
            f"{run['published']:.2f}",
        ]
        for run in results.runs
    ]
    header = ["network", "steps", "seconds", "mean loss of the last 500", "published"]
    return "\n".join("| " + " | ".join(line) + " |" for line in [header, ["---"] + ["---:"] * 4, *rows])


def page(results: Results) -> str:
    sizes = dict.fromkeys((one["model"], one["batch_size"]) for one in results.records if one["batch_size"])
    steps = "\n\n".join(
        f"### {TITLES[model]}, batch {size}\n\n{table([*STEP_HEADER, LAST], results.step_rows(model, size))}"
        for model, size in sizes
    )
    samples = "\n\n".join(
        f"### {TITLES[model]}\n\n{table([*SAMPLE_HEADER, LAST], rows)}"
        for model in dict.fromkeys(one["model"] for one in results.records)
        if (rows := results.sample_rows(model))
    )
    return f"""# Speed against PyTorch and JAX on a GPU

{chr(10).join(machine_lines(results))}

## What is missing

{missing_section(results)}

## What the device does at its best

Square matrix products by PyTorch, the best of three runs of each size.

{peak_section(results)}

## One whole training step

{steps or "Not measured."}

## One step of guided sampling, {SAMPLED_IMAGES} images

{samples or "Not measured."}

## Compiling

What a system waits for before its first training step, nothing in a cache, all networks and systems beside each other.

{compile_section(results)}

## Mamba's scans

Which one each peer found to be the fastest here, forward and backward at its batch size; the others' times beside it.

{scans(results)}

## The reference run

5,000 steps of 250 images with the defaults in tf32, by `flowmatch train`; its curves are in losses.csv of the output folder.

{reference_section(results)}

## How it is measured

As on a CPU ([README.md](README.md)): every system is a process, one works at a time, the order rotates. *One step* ends
when the device has finished it and so contains what the host takes to begin it; *of 20 together* is a twentieth of 20
steps that the host begins one after another and waits for once. *Utilisation* is the counted arithmetic of the step
(`peers/network_shapes.py`: products, convolutions, scan; backward as twice forward) over its time and the rate above in
the same precision; *against flowmatch* the median as a multiple of flowmatch's, of steps together or of sampling.
All systems of a precision compile beside each other, and are timed alone afterwards.

- fp32: float32 throughout, TF32 off. tf32: TF32 in matrix products and convolutions. bf16: flowmatch rounds the operands
  of products to bfloat16, and the results of convolutions; JAX here rounds operands and results of all products; both
  keep all else float32. PyTorch runs under autocast, which keeps bfloat16 between products where it may.
- `torch-eager` and the compiled ones run the UNet in `channels_last`, with cuDNN's search for algorithms and a fused
  Adam; `torch-graphs` is `torch.compile` in the mode that replays CUDA graphs.
- flowmatch and JAX take the GPU's memory as they need it, so that all fit on it together.

## flowmatch against the golden tensors

{verify_section(results)}
"""


def write(folder: pathlib.Path, file: pathlib.Path) -> None:
    """Writes the page of an output folder; what an existing one tells of earlier measurements stays."""
    _, heading, earlier = file.read_text().partition(EARLIER) if file.exists() else ("", "", "")
    gpu_plan.write_whole(file, page(Results(folder)) + (f"\n{heading}{earlier}" if heading else ""))
