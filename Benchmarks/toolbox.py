"""What each coupling and each solver costs beside torchcfm's and torchdiffeq's, one system at a time, in turns.

    .setup/bench-venv/bin/pip install torchcfm==1.0.7 torchdiffeq==0.2.5
    .setup/bench-venv/bin/python Benchmarks/toolbox.py [--rounds 12] [--batch-sizes 64 250]

A coupling pairs noise and images of 784 numbers each; a solver takes 256 points in the plane along a field known in closed
form, 20 steps. Seconds are the least of all rounds. A peer that is missing stays in the table with the reason.
"""

import argparse
import subprocess
import time

STEPS = 20
POINTS = 256
SOLVERS = {"euler": "euler", "midpoint": "midpoint", "heun": "heun2", "rk4": "rk4", "dormand-prince": None, "euler-maruyama": None}


class Flowmatch:
    def __init__(self, program: str):
        self.process = subprocess.Popen(
            [program, "bench", "--toolbox"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def seconds(self, command: str) -> float:
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"flowmatch ended at '{command}'")
        return float(line)


def peer_coupling(kind: str, batch: int):
    import torch
    from torchcfm.optimal_transport import OTPlanSampler

    generator = torch.Generator().manual_seed(1)
    noise = torch.randn(batch, 784, generator=generator)
    data = torch.rand(batch, 784, generator=generator) * 2 - 1
    if kind == "independent":
        return lambda: noise
    if kind == "optimal-transport":
        sampler = OTPlanSampler(method="exact")
        return lambda: sampler.sample_plan(noise, data)
    if kind == "entropic":
        # Its regularization is in units of the cost itself, ours of the mean cost.
        sampler = OTPlanSampler(method="sinkhorn", reg=0.05 * float((torch.cdist(noise, data) ** 2).mean()))
        return lambda: sampler.sample_plan(noise, data)
    return None


def peer_solver(kind: str):
    import torch
    from torchdiffeq import odeint

    method = SOLVERS[kind]
    if method is None:
        return None
    weights = torch.tensor([0.2, 0.3, 0.5]).log()
    means = torch.tensor([[-1.0, 0.0], [1.0, 0.5], [0.0, -1.0]])
    spreads = torch.tensor([0.3, 0.4, 0.5]) ** 2

    def field(t, x):
        beta = 1 - t
        variance = t * t * spreads + beta * beta
        apart = x[:, None] - t * means
        logits = weights - variance.log() - 0.5 * (apart**2).sum(2) / variance
        velocity = means + ((t * spreads - beta) / variance)[:, None] * apart
        return (logits.softmax(1)[..., None] * velocity).sum(1)

    start = torch.randn(POINTS, 2, generator=torch.Generator().manual_seed(1))
    times = torch.linspace(0, 1, STEPS + 1)

    def run():
        with torch.no_grad():
            return odeint(field, start, times, method=method)[-1]

    return run


def row(ours, peer, rounds: int) -> tuple[float, float | str]:
    """The least seconds of each, in turns."""
    try:
        theirs = peer()
        if theirs is not None:
            theirs()
    except Exception as error:  # A peer that is not there is told, not left out.
        theirs, reason = None, f"{type(error).__name__}: {error}"
    else:
        reason = "has none"
    ours()
    least, peers = float("inf"), float("inf")
    for _ in range(rounds):
        least = min(least, ours())
        if theirs is not None:
            start = time.perf_counter()
            theirs()
            peers = min(peers, time.perf_counter() - start)
    return least, peers if theirs is not None else reason


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--batch-sizes", type=int, nargs="+", default=[64, 250])
    parser.add_argument("--flowmatch", default=".build/release/flowmatch")
    options = parser.parse_args()
    flowmatch = Flowmatch(options.flowmatch)
    print("| | flowmatch, ms | torchcfm, torchdiffeq, ms | ratio |\n| --- | --- | --- | --- |")

    def tell(name: str, command: str, peer, divisor: int = 1) -> None:
        ours, theirs = row(lambda: flowmatch.seconds(command), peer, options.rounds)
        other = f"{theirs / divisor * 1e3:.3f}" if isinstance(theirs, float) else theirs
        ratio = f"{ours / theirs:.2f}" if isinstance(theirs, float) else ""
        print(f"| {name} | {ours / divisor * 1e3:.3f} | {other} | {ratio} |", flush=True)

    for batch in options.batch_sizes:
        for kind in ["independent", "optimal-transport", "optimal-transport-within-classes", "entropic"]:
            tell(f"{kind}, {batch} images", f"coupling {kind} {batch}", lambda: peer_coupling(kind, batch))
    for kind in SOLVERS:
        tell(f"{kind}, a step", f"solver {kind} {POINTS} {STEPS}", lambda: peer_solver(kind), STEPS)


if __name__ == "__main__":
    main()
