"""The selective scan of Mamba for PyTorch: the native kernel as an operator that autograd and torch.compile know,
and the same recurrence as a loop in Python (the scan that plain PyTorch offers).

    h[l] = exp(dt[l] A) h[l-1] + dt[l] x[l] B[l]          y[l] = <C[l], h[l]>

x, dt (batch, length, channels); A (channels, states); B, C (batch, length, states); y like x.
"""

import ctypes
import functools
import pathlib
import sys

import torch
from torch import Tensor

LIBRARY = pathlib.Path(sys.prefix) / "selective_scan.so"  # beside the environment, where setup.sh puts it


@functools.cache
def library() -> ctypes.CDLL:
    if not LIBRARY.exists():
        raise RuntimeError(f"{LIBRARY}, the native selective scan, is missing; Benchmarks/setup.sh compiles it.")
    return ctypes.CDLL(str(LIBRARY))


def _call(function: str, tensors: list[Tensor], batch: int, length: int, channels: int, states: int) -> None:
    pointers = [ctypes.c_void_p(tensor.data_ptr()) for tensor in tensors]
    sizes = [ctypes.c_long(size) for size in (batch, length, channels, states)]
    if getattr(library(), function)(*pointers, *sizes) != 0:
        raise MemoryError(f"{function} found no memory for its states.")


@torch.library.custom_op("flowbench::selective_scan", mutates_args=(), device_types="cpu")
def selective_scan(x: Tensor, dt: Tensor, A: Tensor, B: Tensor, C: Tensor) -> Tensor:
    x, dt, A, B, C = (tensor.contiguous() for tensor in (x, dt, A, B, C))
    y = torch.empty_like(x)
    _call("selective_scan_forward", [x, dt, A, B, C, y], *x.shape, A.shape[1])
    return y


@selective_scan.register_fake
def _(x, dt, A, B, C):
    return x.new_empty(x.shape)


@torch.library.custom_op("flowbench::selective_scan_backward", mutates_args=(), device_types="cpu")
def selective_scan_backward(
    g: Tensor, x: Tensor, dt: Tensor, A: Tensor, B: Tensor, C: Tensor
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    inputs = [tensor.contiguous() for tensor in (g, x, dt, A, B, C)]
    gradients = tuple(torch.empty_like(tensor) for tensor in inputs[1:])
    _call("selective_scan_backward", [*inputs, *gradients], *x.shape, A.shape[1])
    return gradients


@selective_scan_backward.register_fake
def _(g, x, dt, A, B, C):
    return tuple(tensor.new_empty(tensor.shape) for tensor in (x, dt, A, B, C))


selective_scan.register_autograd(
    lambda ctx, g: selective_scan_backward(g, *ctx.saved_tensors),
    setup_context=lambda ctx, inputs, output: ctx.save_for_backward(*inputs),
)


# Under autocast its operands come as bfloat16; the kernel is of float32.
selective_scan.register_autocast("cpu", torch.float32)


def selective_scan_in_python(x: Tensor, dt: Tensor, A: Tensor, B: Tensor, C: Tensor) -> Tensor:
    decay = torch.exp(dt[..., None] * A)
    drive = (dt * x)[..., None] * B[:, :, None]
    h = torch.zeros_like(drive[:, 0])
    outputs = []
    for step in range(x.shape[1]):
        h = decay[:, step] * h + drive[:, step]
        outputs.append((h * C[:, step, None]).sum(-1))
    return torch.stack(outputs, dim=1)
