"""JAX as a peer of the benchmark: a whole training step as one jitted function, its state donated.

Speaks the protocol of Benchmarks/README.md.
"""

import functools
import os
import sys

import jax
import jax.numpy as jnp
import numpy as np

import jax_models
import jax_precision
import jax_scan
import peer_protocol as protocol
from network_shapes import DEFAULTS, IMAGE_SIZE


def use(device: str, precision: str) -> None:
    """Sets up the device and what products are computed in."""
    # Several systems share the GPU: none may take all of its memory at the start.
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
    jax.config.update("jax_platforms", device)
    try:
        jax.devices()
    except (RuntimeError, AssertionError) as error:  # The latter where jax_platforms names what no plugin brings.
        sys.exit(" ".join(f"JAX sees no {device.upper()} device. {error}".split()))
    jax_precision.use(precision)


def scan_for(options):
    """Mamba's scan, and what to say of it. On a CPU one position after another is the fastest."""
    if options.model != "mamba" or options.device == "cpu":
        return jax_scan.sequential, ""
    sizes = DEFAULTS["mamba"]
    length, channels = (IMAGE_SIZE // sizes["patch_size"]) ** 2, sizes["expand"] * sizes["d_model"]
    scan, said = jax_scan.fastest(options.batch_size, length, channels, sizes["d_state"])
    return scan, f", {said}"


def main() -> None:
    options = protocol.arguments(__doc__)
    use(options.device, options.precision)
    scan, said_of_scan = scan_for(options)
    net = jax_models.network(options.model, scan=scan)
    random = np.random.default_rng(0)
    images = jnp.asarray(random.integers(0, 256, (protocol.IMAGES, 1, 32, 32), np.uint8))
    labels = jnp.asarray(random.integers(0, 10, protocol.IMAGES, np.int32))
    p, running = jax_models.split(jax_models.initial_state(options.model))
    average = jax.tree.map(jnp.copy, p) if options.ema else {}

    @functools.partial(jax.jit, donate_argnums=0)
    def train(state, images, labels):
        p, running, adam_state, average, key = state
        key, rows_key, time_key, noise_key, dropout_key = jax.random.split(key, 5)
        batch = options.batch_size
        rows = jax.random.choice(rows_key, protocol.IMAGES, (batch,), replace=False)
        z = images[rows].astype(jnp.float32) / 255 * 2 - 1
        y = jnp.where(jax.random.bernoulli(dropout_key, protocol.LABEL_DROPOUT, (batch,)), 10, labels[rows])
        t, noise = jax.random.uniform(time_key, (batch,)), jax.random.normal(noise_key, z.shape)
        at = t[:, None, None, None]
        x = at * z + (1 - at) * noise
        objective = jax.value_and_grad(lambda p: jax_models.loss(net, p, running, x, t, y, z - noise), has_aux=True)
        (loss, running), gradient = objective(p)
        p, adam_state = jax_models.adam(p, gradient, adam_state, protocol.LEARNING_RATE)
        average = jax.tree.map(lambda a, w: a + (1 - protocol.EMA_DECAY) * (w - a), average, p) if average else {}
        return (p, running, adam_state, average, key), loss

    current = {"state": (p, running, jax_models.adam_start(p), average, jax.random.key(0))}

    def launch():
        current["state"], loss = train(current["state"], images, labels)
        return loss

    def finish(loss) -> float:
        return float(jax.block_until_ready((current["state"], loss))[1])

    @jax.jit
    def euler(p, running, x, now, labels):
        time = jnp.full(2 * protocol.SAMPLED_IMAGES, now)
        velocity, _ = net(p, running, jnp.concatenate([x, x]), time, labels, False)
        without, with_label = jnp.split(velocity, 2)
        guided = (1 - protocol.GUIDANCE) * without + protocol.GUIDANCE * with_label
        return x + guided / protocol.SAMPLING_STEPS

    def prepare_sampler():
        p, running = current["state"][:2]
        y = jnp.repeat(jnp.arange(11), protocol.SAMPLED_IMAGES // 11)
        both = jnp.concatenate([jnp.full_like(y, 10), y])
        sampling = {"x": jax.random.normal(jax.random.key(1), (protocol.SAMPLED_IMAGES, 1, 32, 32)), "step": 0}

        def sample() -> None:
            now = sampling["step"] / protocol.SAMPLING_STEPS
            sampling["x"] = jax.block_until_ready(euler(p, running, sampling["x"], now, both))
            sampling["step"] = (sampling["step"] + 1) % protocol.SAMPLING_STEPS

        return sample

    protocol.serve(f"JAX {jax.__version__}{said_of_scan}", launch, prepare_sampler, finish)


if __name__ == "__main__":
    main()
