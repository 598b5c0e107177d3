"""The selective scan of Mamba for PyTorch on a GPU: mamba_ssm's kernel where that is installed, else a recurrence that
torch.compile makes kernels of; and which of them is the fastest on a device. The equation is torch_scan.py's.
"""

import time

import torch
from torch import Tensor

from torch_scan import selective_scan_in_python

TOLERANCE = 1e-4  # of a candidate's results and gradients beside the loop in Python, relative


def by_doubling(decay: Tensor, drive: Tensor) -> Tensor:
    """h[l] = decay[l] h[l-1] + drive[l] along dimension 1, in log2(length) passes over everything."""
    shift = 1
    while shift < decay.shape[1]:
        combined = torch.addcmul(drive[:, shift:], decay[:, shift:], drive[:, :-shift])
        drive = torch.cat([drive[:, :shift], combined], 1)
        decay = torch.cat([decay[:, :shift], decay[:, shift:] * decay[:, :-shift]], 1)
        shift *= 2
    return drive


def one_by_one(decay: Tensor, drive: Tensor) -> Tensor:
    """The same, position after position: torch.compile fuses many of them into a kernel."""
    h = [drive[:, 0]]
    for position in range(1, decay.shape[1]):
        h.append(torch.addcmul(drive[:, position], decay[:, position], h[-1]))
    return torch.stack(h, 1)


def _backward(solve, decay: Tensor, h: Tensor, g: Tensor) -> tuple[Tensor, Tensor]:
    """The derivative of a recurrence is the same recurrence, backwards."""
    zero = torch.zeros_like(h[:, :1])
    following = torch.cat([decay[:, 1:], zero], 1)
    slope = solve(following.flip(1), g.flip(1)).flip(1)
    return slope * torch.cat([zero, h[:, :-1]], 1), slope


class AssociativeRecurrence(torch.autograd.Function):
    @staticmethod
    def forward(ctx, decay, drive):
        h = by_doubling(decay, drive)
        ctx.save_for_backward(decay, h)
        return h

    @staticmethod
    def backward(ctx, g):
        return _backward(by_doubling, *ctx.saved_tensors, g)


class UnrolledRecurrence(torch.autograd.Function):
    @staticmethod
    def forward(ctx, decay, drive):
        h = one_by_one(decay, drive)
        ctx.save_for_backward(decay, h)
        return h

    @staticmethod
    def backward(ctx, g):
        return _backward(one_by_one, *ctx.saved_tensors, g)


def associative(x: Tensor, dt: Tensor, A: Tensor, B: Tensor, C: Tensor) -> Tensor:
    h = AssociativeRecurrence.apply(torch.exp(dt[..., None] * A), (dt * x)[..., None] * B[:, :, None])
    return (h * C[:, :, None]).sum(-1)


def unrolled(x: Tensor, dt: Tensor, A: Tensor, B: Tensor, C: Tensor) -> Tensor:
    h = UnrolledRecurrence.apply(torch.exp(dt[..., None] * A), (dt * x)[..., None] * B[:, :, None])
    return (h * C[:, :, None]).sum(-1)


def candidates() -> dict:
    """By name; each takes and gives what torch_scan.selective_scan does."""
    compiled = {
        "associative under torch.compile": torch.compile(associative, dynamic=False),
        "unrolled under torch.compile": torch.compile(unrolled, dynamic=False),
    }
    try:
        from mamba_ssm.ops.selective_scan_interface import selective_scan_fn
    except ImportError:
        return compiled

    def kernel(x, dt, A, B, C):
        x, dt, B, C = (value.transpose(1, 2).contiguous() for value in (x, dt, B, C))
        return selective_scan_fn(x, dt, A, B, C).transpose(1, 2)

    return {"mamba_ssm's kernel": kernel, **compiled}


def fastest(batch: int, length: int, channels: int, states: int, device: str):
    """The candidate that is fastest forward and backward at these sizes, and its name with the milliseconds of all.

    One that fails, or computes something else than the loop in Python, is left out and said so.
    """
    inputs, small = (_inputs(number, length, channels, states, device) for number in (batch, 2))
    expected = _results(selective_scan_in_python, small)
    seconds, scans = {}, candidates()
    for name, scan in scans.items():
        try:
            pairs = zip(_results(scan, small), expected)
            error = max(float((ours - theirs).norm() / theirs.norm()) for ours, theirs in pairs)
            if not error <= TOLERANCE:
                raise ArithmeticError(f"it is {error:.1e} away from the loop in Python")
            _results(scan, inputs)
            seconds[name] = min(_seconds(scan, inputs) for _ in range(5))
        except Exception as error:  # A kernel for another card, no memory: then it is not the fastest.
            print(f"{name} failed: {error}", flush=True)
    if not seconds:
        raise RuntimeError("No selective scan works on this device; the log says why.")
    name = min(seconds, key=seconds.get)
    others = ", ".join(f"{name} {1000 * value:.2f} ms" for name, value in seconds.items())
    return scans[name], f"scan: {name} ({others})"


def _inputs(batch: int, length: int, channels: int, states: int, device: str) -> list[Tensor]:
    shapes = [(batch, length, channels)] * 2 + [(channels, states)] + [(batch, length, states)] * 2
    x, dt, A, B, C = (torch.rand(shape, device=device) for shape in shapes)
    return [value.requires_grad_() for value in (x, dt, -A, B, C)]


def _results(scan, inputs: list[Tensor]) -> list[Tensor]:
    """y and the gradients of its sum of squares."""
    inputs = [value.detach().requires_grad_() for value in inputs]
    y = scan(*inputs)
    return [y.detach(), *torch.autograd.grad(y.square().sum(), inputs)]


def _seconds(scan, inputs: list[Tensor]) -> float:
    start = time.perf_counter()
    results = _results(scan, inputs)
    float(results[-1].flatten()[0])  # Waits for all that was launched before.
    return time.perf_counter() - start
