"""The benchmark's results as numbers, as a table and as a page."""

import statistics
import sys

import alone
from measurement import Comparison, Peer
from peers.network_shapes import forward_flops, training_flops
from peers.peer_protocol import SAMPLED_IMAGES

TITLES = {"unet": "UNet", "dit": "DiT", "mamba": "Mamba"}
OURS = "flowmatch"
ROUNDED = "-bf16"  # at the end of a system's name: its products are of bfloat16
OURS_ROUNDED = OURS + ROUNDED
SIZE = 2048  # of bench_matmul.py's product
MATMUL_FLOPS = 2 * SIZE**3

HEADER = ["system", "min s", "median s", "images/s", "floor", "against flowmatch", "compile s", "peak GiB"]


def ceilings_gflops(comparisons: list[Comparison], precision: str | None = None) -> dict[str, float]:
    """The best that each large matrix product did in any round, by name; those of one precision, or all."""
    seconds: dict[str, list[float]] = {}
    for ceiling in (ceiling for comparison in comparisons for ceiling in comparison.ceilings):
        if precision in (None, ceiling.precision):
            seconds.setdefault(ceiling.name, []).extend(ceiling.step_seconds)
    return {name: MATMUL_FLOPS / min(values) / 1e9 for name, values in seconds.items() if values}


def ceiling_gflops(comparisons: list[Comparison]) -> dict[str, float]:
    """The highest by precision."""
    rates = {one: ceilings_gflops(comparisons, one) for one in ("fp32", "bf16")}
    return {one: max(found.values()) for one, found in rates.items() if found}


def floor_seconds(comparison: Comparison, task: str, ceiling: float | None) -> float | None:
    """The arithmetic of one step at the ceiling's speed."""
    if ceiling is None:
        return None
    flops = (
        sum(training_flops(comparison.model)) * comparison.batch_size
        if task == "step"
        else sum(forward_flops(comparison.model)) * 2 * SAMPLED_IMAGES
    )
    return flops / (ceiling * 1e9)


def timings(peer: Peer, task: str) -> list[float]:
    return peer.step_seconds if task == "step" else peer.sample_seconds


def best_peer(comparison: Comparison, task: str) -> Peer | None:
    """The fastest system that is not this project, in any precision, by its median."""
    peers = [peer for peer in comparison.peers if not is_ours(peer) and timings(peer, task) and not peer.failure]
    return min(peers, key=lambda peer: statistics.median(timings(peer, task)), default=None)


def is_ours(peer: Peer) -> bool:
    return peer.name in (OURS, OURS_ROUNDED)


def ours(comparison: Comparison, name: str = OURS) -> Peer | None:
    return next((peer for peer in comparison.peers if peer.name == name and not peer.failure), None)


def verdict(comparison: Comparison, task: str) -> str:
    """A sentence for each precision: this project's time as a share of the best peer's of any precision."""
    names = [peer.name for peer in comparison.peers if is_ours(peer)] or [OURS]
    return " ".join(verdict_of(name, comparison, task) for name in names)


def verdict_of(name: str, comparison: Comparison, task: str) -> str:
    """By minimum and by median."""
    mine, best = ours(comparison, name), best_peer(comparison, task)
    if mine is None or best is None or not timings(mine, task):
        return "No ratio: " + (f"{name} was not measured." if best else "no peer was measured.")
    ratios = [of(timings(mine, task)) / of(timings(best, task)) for of in (min, statistics.median)]
    if max(ratios) < 1:
        word = "faster than"
    else:
        word = "slower than" if min(ratios) > 1 else "neither clearly faster nor slower than"
    return (
        f"{name} takes {ratios[0]:.2f} (minimum) and {ratios[1]:.2f} (median) of the time of the best peer, "
        f"{best.name}: {word} it." + (memory_verdict(best, mine) if task == "step" else "")
    )


def memory_verdict(best: Peer, mine: Peer) -> str:
    """A sentence more: this project's peak memory as a share of that peer's; empty where either is unknown."""
    if not best.peak_rss_bytes or not mine.peak_rss_bytes:
        return ""
    return f" Its peak memory is {mine.peak_rss_bytes / best.peak_rss_bytes:.2f} of {best.name}'s."


def rows(comparison: Comparison, task: str, ceilings: dict[str, float]) -> list[list[str]]:
    mine = ours(comparison)
    images = comparison.batch_size if task == "step" else SAMPLED_IMAGES
    table = []
    for peer in comparison.peers:
        seconds = timings(peer, task)
        if peer.failure or not seconds:
            table.append([peer.name, f"failed: {peer.failure or 'not measured'}"] + [""] * (len(HEADER) - 2))
            continue
        median, floor = statistics.median(seconds), floor_seconds(comparison, task, ceilings.get(peer.precision))
        reference = statistics.median(timings(mine, task)) if mine and timings(mine, task) else None
        table.append(
            [
                peer.name + (f" ({len(seconds)} rounds)" if peer.max_rounds is not None else ""),
                f"{min(seconds):.3f}",
                f"{median:.3f}",
                f"{images / median:.0f}",
                f"{100 * floor / min(seconds):.0f} %" if floor else "",
                f"{median / reference:.2f}" if reference else "",
                f"{peer.compile_seconds:.1f}" if task == "step" else "",
                f"{peer.peak_rss_bytes / (1 << 30):.2f}" if peer.peak_rss_bytes and task == "step" else "",
            ]
        )
    return table


def markdown_table(table: list[list[str]]) -> str:
    lines = [HEADER, ["---"] + ["---:"] * (len(HEADER) - 1), *table]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def plain_table(table: list[list[str]]) -> str:
    lines = [HEADER, *table]
    measured = [line for line in lines if not line[1].startswith("failed")]
    widths = [max(len(line[i]) for line in (lines if i == 0 else measured)) for i in range(len(HEADER))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in lines)


def heading(comparison: Comparison, task: str) -> str:
    title = TITLES[comparison.model]
    if task == "step":
        return f"{title}, training, batch {comparison.batch_size}"
    return f"{title}, sampling, {SAMPLED_IMAGES} images with guidance (one Euler step)"


def tasks(comparison: Comparison) -> list[str]:
    sampled = any(peer.sample_seconds for peer in comparison.peers)
    return ["step", "sample"] if sampled else ["step"]


def cautions(comparison: Comparison) -> list[str]:
    """Whatever makes this comparison less to be trusted."""
    notes = []
    if comparison.foreign_cpu_share > 0.05:
        notes.append(
            f"Other processes took {comparison.foreign_cpu_share:.2f} processors' worth of time during the timed "
            "turns: the machine was not idle, and these numbers are rough."
        )
    for peer in comparison.everyone:
        share = peer.idle_cpu_seconds / peer.idle_wall_seconds if peer.idle_wall_seconds else 0
        if share > 0.02:
            notes.append(f"{peer.name} took {100 * share:.0f} % of a processor while it should have waited.")
    for ceiling in comparison.ceilings:
        if ceiling.failure:
            notes.append(f"The {ceiling.name} failed: {ceiling.failure}.")
    return notes


def sections(comparisons: list[Comparison], table) -> str:
    ceilings = ceiling_gflops(comparisons)
    parts = []
    for comparison in comparisons:
        for task in tasks(comparison):
            parts.append(f"## {heading(comparison, task)}")
            parts += [table(rows(comparison, task, ceilings)), verdict(comparison, task)]
        parts += cautions(comparison)
    return "\n\n".join(parts)


def by_itself(run: dict) -> str:
    return "\n" + alone.section(run["alone"], TITLES) + "\n" if "alone" in run else ""


def page(comparisons: list[Comparison], run: dict) -> str:
    """RESULTS.md."""
    about, ceilings = run["machine"], ceilings_gflops(comparisons)
    versions = dict.fromkeys(
        f"{peer.name}: {peer.version}" for comparison in comparisons for peer in comparison.peers if peer.version
    )
    arithmetic = ", ".join(
        f"{TITLES[model]} {products / 1e9:.2f}" + (f" + {scan / 1e9:.2f} in the scan" if scan else "")
        for model in dict.fromkeys(comparison.model for comparison in comparisons)
        for products, scan in [training_flops(model)]
    )
    processor = f"{about['cpu']} (family, model, stepping {'/'.join(about['cpu_family_model_stepping'])})"
    return f"""# Speed against PyTorch and JAX on one CPU

![Seconds a step, by system](results.svg)

- Machine: {processor}, {about["cores"]} cores{", virtual" if about["virtual"] else ""}; {" ".join(about["isa"])}; \
{about["memory_gib"]} GiB; {about["os"]}, kernel {about["kernel"]}.
- Versions: {"; ".join(versions)}; Python {sys.version.split()[0]}.
- Run on {run["date"]} by `{run["command"]}`; every single timing is in `results.json`.
- Ceiling, the best of all rounds' {SIZE} x {SIZE} x {SIZE} products, GFLOP/s: \
{", ".join(f"{name} {rate:.0f}" for name, rate in ceilings.items()) or "not measured"}. A precision's highest counts.
- Arithmetic of one image, forward and backward, GFLOP: {arithmetic}.

{sections(comparisons, markdown_table)}
{by_itself(run)}
## How it is measured

Each system is a process of its own that draws, noises and learns from a batch when told to: one *whole training step*
is a batch drawn without repeats from 60,000 8-bit images held in memory, normalisation, noise and time, label dropout,
forward, backward and Adam, finished; in fp32, or, where the name ends in `{ROUNDED}`, with products of bfloat16 (PyTorch's
autocast). Each system works alone, in turn, for {run["rounds"]} rounds ({run["later_rounds"]} with a batch size after the first, one precision after the other and JAX by itself) after its warm-up, the order
rotating and {run["pause_seconds"]} s of rest before each turn, so that a drift of the machine meets all of them and none spins while another works (what the waiting ones and other processes take is watched, and said
above if it matters). Threads are each system's own choice. Every peer's network is compared with the golden tensors by
`peers/verify_goldens.py`: same names, shapes, velocities, gradients, losses under Adam, and samples.

- *floor*: the time that the step's matrix products, convolutions and scan would take at the ceiling's rate, as a
  share of the minimum. Backward counts as twice forward; elementwise work, norms and memory traffic count nothing.
  More than 100 % means less arithmetic than counted: Winograd's algorithm multiplies a quarter as often.
- *against flowmatch*: the median as a multiple of flowmatch's.
- *compile*: the first step less a warm one. *peak*: resident memory at its highest, with the data set.
- `torch-eager` and `torch-compile` run the UNet in `channels_last`, and Mamba with a native fused scan kernel (our own
  C code, vectorised and threaded); `torch-plain` is Mamba's scan as a loop in Python, as plain PyTorch has it.
- Sampling is one Euler step of {SAMPLED_IMAGES} images, guidance 3: one forward pass over {2 * SAMPLED_IMAGES} images.
"""


def record(comparisons: list[Comparison], run: dict) -> dict:
    """results.json: everything measured."""

    def peer_record(peer: Peer) -> dict:
        names = ("name", "precision", "version", "failure")
        measured = ("compile_seconds", "peak_rss_bytes", "step_seconds", "sample_seconds")
        waiting = ("idle_cpu_seconds", "idle_wall_seconds")
        return {name: getattr(peer, name) for name in names + measured + waiting}

    return {
        **run,
        "ceilings_gflops": ceilings_gflops(comparisons),
        "comparisons": [
            {
                "model": comparison.model,
                "batch_size": comparison.batch_size,
                "foreign_cpu_share": comparison.foreign_cpu_share,
                "peers": [peer_record(peer) for peer in comparison.peers],
                "ceilings": [peer_record(peer) for peer in comparison.ceilings],
            }
            for comparison in comparisons
        ],
    }
