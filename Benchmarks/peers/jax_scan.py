"""The selective scan of Mamba in JAX, in the ways that XLA can be asked for it, and which is the fastest on a device.

    h[l] = exp(dt[l] A) h[l-1] + dt[l] x[l] B[l]          y[l] = <C[l], h[l]>

x, dt (batch, length, channels); A (channels, states); B, C (batch, length, states); y like x.
"""

import functools
import time

import jax
import jax.numpy as jnp


def sequential(x, dt, A, B, C, unroll=1):
    """One `lax.scan` step a position, the states of all images and channels side by side."""

    def step(h, row):
        x, dt, B, C = row
        h = jnp.exp(dt[..., None] * A) * h + (dt * x)[..., None] * B[:, None, :]
        return h, jnp.einsum("bdn,bn->bd", h, C)

    start = jnp.zeros((x.shape[0], *A.shape))
    rows = tuple(value.swapaxes(0, 1) for value in (x, dt, B, C))
    return jax.lax.scan(step, start, rows, unroll=unroll)[1].swapaxes(0, 1)


def _combined(first, second):
    return first[0] * second[0], first[1] * second[0] + second[1]


@jax.custom_vjp
def _recurrence(decay, drive):
    """h[l] = decay[l] h[l-1] + drive[l] along axis 1. Its derivative is the same recurrence, backwards."""
    return jax.lax.associative_scan(_combined, (decay, drive), axis=1)[1]


def _recurrence_forward(decay, drive):
    h = _recurrence(decay, drive)
    return h, (decay, h)


def _recurrence_backward(saved, g):
    decay, h = saved
    zero = jnp.zeros_like(h[:, :1])
    following = jnp.concatenate([decay[:, 1:], zero], 1)
    slope = jax.lax.associative_scan(_combined, (following, g), axis=1, reverse=True)[1]
    return slope * jnp.concatenate([zero, h[:, :-1]], 1), slope


_recurrence.defvjp(_recurrence_forward, _recurrence_backward)


def associative(x, dt, A, B, C):
    """All positions at once, by `lax.associative_scan`."""
    decay = jnp.exp(dt[..., None] * A)
    h = _recurrence(decay, (dt * x)[..., None] * B[:, :, None])
    return (h * C[:, :, None]).sum(-1)


SCANS = {
    "sequential": sequential,
    "unrolled": functools.partial(sequential, unroll=16),
    "associative": associative,
}


def fastest(batch: int, length: int, channels: int, states: int):
    """The scan that is fastest forward and backward at these sizes, and its name with the milliseconds of all."""
    keys = jax.random.split(jax.random.key(0), 5)
    x, dt = (jax.random.uniform(key, (batch, length, channels)) for key in keys[:2])
    A = -jax.random.uniform(keys[2], (channels, states))
    B, C = (jax.random.normal(key, (batch, length, states)) for key in keys[3:])
    seconds = {}
    for name, scan in SCANS.items():
        both = jax.jit(jax.value_and_grad(lambda *values: scan(*values).sum(), argnums=range(5)))
        try:
            jax.block_until_ready(both(x, dt, A, B, C))
            seconds[name] = min(_seconds(both, x, dt, A, B, C) for _ in range(5))
        except Exception as error:  # Out of memory, for instance: then it is not the fastest.
            print(f"The {name} scan failed: {error}", flush=True)
    name = min(seconds, key=seconds.get)
    others = ", ".join(f"{name} {1000 * value:.2f} ms" for name, value in seconds.items())
    return SCANS[name], f"scan: {name} ({others})"


def _seconds(call, *values) -> float:
    start = time.perf_counter()
    jax.block_until_ready(call(*values))
    return time.perf_counter() - start
