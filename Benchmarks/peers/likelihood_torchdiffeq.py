"""Finds log-densities with PyTorch and torchdiffeq, beside those of `flowmatch likelihood --state`.

    flowmatch export RUN --out weights.safetensors
    flowmatch likelihood RUN --images 8 --state state.safetensors
    likelihood_torchdiffeq.py weights.safetensors state.safetensors --model dit [--config JSON]

STATE holds points, labels, the random vectors of each and flowmatch's log-densities: the same points and vectors are
followed here through the network in PyTorch, by torchdiffeq's dopri5. For networks whose output is the velocity. Exit status
1 if the bits per dimension of an image differ by more than the tolerance.
"""

import argparse
import json
import math
import pathlib
import sys
import time

import torch
from safetensors.torch import load_file
from torchdiffeq import odeint

import torch_models


def log_densities(model: torch.nn.Module, points, labels, probes, tolerance: float) -> tuple[torch.Tensor, int]:
    """(images, vectors) in nats, and how often the velocity was asked for."""
    evaluations = 0

    def slopes(t, state):
        nonlocal evaluations
        evaluations += 1
        with torch.enable_grad():
            x = state[0].detach().requires_grad_(True)
            velocity = model(x, t.expand(len(x)), labels)
            traces = []
            for probe in probes:
                product = torch.autograd.grad(velocity, x, probe, retain_graph=True)[0]
                traces.append((product * probe).flatten(1).sum(1))
        return velocity.detach(), torch.stack(traces, 1)

    start = (points, torch.zeros(len(points), len(probes)))
    times = torch.tensor([1.0, 0.0])
    noise, integrals = (part[-1] for part in odeint(slopes, start, times, rtol=tolerance, atol=tolerance))
    prior = -0.5 * (noise.double() ** 2 + math.log(2 * math.pi)).flatten(1).sum(1)
    return prior[:, None] + integrals.double(), evaluations


def main() -> int:
    parser = argparse.ArgumentParser(description="Log-densities by PyTorch and torchdiffeq.")
    parser.add_argument("weights", type=pathlib.Path)
    parser.add_argument("state", type=pathlib.Path)
    parser.add_argument("--model", choices=sorted(torch_models.NETWORKS), required=True)
    parser.add_argument("--config", type=json.loads, default={}, help="changes to the default configuration, as JSON")
    parser.add_argument("--rtol", type=float, default=1e-4, help="torchdiffeq's tolerances")
    parser.add_argument("--tolerance", type=float, default=0.01, help="bits per dimension")
    options = parser.parse_args()

    model = torch_models.build(options.model, options.config)
    model.load_state_dict(load_file(options.weights), strict=True)
    model.eval()
    state = load_file(options.state)
    points = state["points"]
    begin = time.monotonic()
    theirs, evaluations = log_densities(model, points, state["labels"], state["probes"], options.rtol)
    seconds = (time.monotonic() - begin) / len(points)
    dimensions = points[0].numel()

    def bits(nats: torch.Tensor) -> torch.Tensor:
        return -(nats.mean(1) / dimensions + math.log(2 / 255)) / math.log(2)

    ours, theirs = bits(state["log_density"]), bits(theirs)
    for index, (a, b) in enumerate(zip(ours.tolist(), theirs.tolist())):
        print(f"image {index}: {a:.4f} bits/dim by flowmatch, {b:.4f} by torchdiffeq")
    print(f"mean: {ours.mean():.4f} and {theirs.mean():.4f}; torchdiffeq: {evaluations} evaluations, {seconds:.2f} s an image")
    worst = float((ours - theirs).abs().max())
    print(f"largest difference: {worst:.1e} bits/dim (at most {options.tolerance:.0e})")
    return 0 if worst <= options.tolerance else 1


if __name__ == "__main__":
    sys.exit(main())
