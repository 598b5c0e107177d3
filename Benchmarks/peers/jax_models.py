"""The three velocity networks in JAX: pure functions over a flat dict of parameters.

The keys and shapes are those of the project's state dicts (and of torch_models.py). A network maps
`(parameters, statistics, x, t, y, train)` to `(velocity, new statistics)`; `statistics` holds BatchNorm's running
moments and is empty for DiT and Mamba. Inside the UNet images are (B, H, W, C), the layout XLA's CPU code is best at.
"""

import functools
import math

import jax
import jax.numpy as jnp
import numpy as np

import jax_scan
from jax_precision import narrowed, product
from network_shapes import IMAGE_SIZE, configuration, state_shapes

STATISTICS = ("running_mean", "running_var", "num_batches_tracked")


def network(name: str, changes: dict | None = None, scan=jax_scan.sequential):
    """The network `name` with `changes` to its defaults, and with that scan if it is Mamba."""
    config = configuration(name, changes)
    return functools.partial({"unet": unet, "dit": dit, "mamba": mamba}[name], {**config, "scan": scan})


def linear(p, key, x):
    y = product(x, p[f"{key}.weight"].T)
    return y + p[f"{key}.bias"] if f"{key}.bias" in p else y


def two_layer_mlp(p, key, x, activation=jax.nn.silu):
    return linear(p, f"{key}.2", activation(linear(p, f"{key}.0", x)))


def time_features(p, t):
    f = t[:, None] * p["time_embedder.weights"] * (2 * math.pi)
    return math.sqrt(2) * jnp.concatenate([jnp.sin(f), jnp.cos(f)], axis=-1)


# UNet


def convolution(p, key, x, stride=1):
    x, weight = narrowed(x, p[f"{key}.weight"])
    y = jax.lax.conv_general_dilated(
        x, weight, (stride, stride), [(1, 1), (1, 1)], dimension_numbers=("NHWC", "OIHW", "NHWC")
    )
    return y.astype(jnp.float32) + p[f"{key}.bias"]


def batch_norm(p, running, updated, key, x, train):
    """Over batch and pixels; in training the running moments go into `updated`."""
    if train:
        mean, variance = x.mean((0, 1, 2)), x.var((0, 1, 2))
        count = x.shape[0] * x.shape[1] * x.shape[2]
        updated[f"{key}.running_mean"] = 0.9 * running[f"{key}.running_mean"] + 0.1 * mean
        unbiased = variance * (count / (count - 1))
        updated[f"{key}.running_var"] = 0.9 * running[f"{key}.running_var"] + 0.1 * unbiased
        updated[f"{key}.num_batches_tracked"] = running[f"{key}.num_batches_tracked"] + 1
    else:
        mean, variance = running[f"{key}.running_mean"], running[f"{key}.running_var"]
    scale = p[f"{key}.weight"] * jax.lax.rsqrt(variance + 1e-5)
    return x * scale + (p[f"{key}.bias"] - mean * scale)


def upsample(x):
    """Bilinear, by two, half-pixel centres, edges repeated."""

    def along(x, axis):
        size = x.shape[axis]
        before = jnp.concatenate(
            [jax.lax.slice_in_dim(x, 0, 1, axis=axis), jax.lax.slice_in_dim(x, 0, size - 1, axis=axis)], axis
        )
        after = jnp.concatenate(
            [jax.lax.slice_in_dim(x, 1, size, axis=axis), jax.lax.slice_in_dim(x, size - 1, size, axis=axis)], axis
        )
        pairs = jnp.stack([0.25 * before + 0.75 * x, 0.75 * x + 0.25 * after], axis + 1)
        return pairs.reshape(*x.shape[:axis], 2 * size, *x.shape[axis + 1 :])

    return along(along(x, 1), 2)


def unet(config, p, running, x, t, y, train):
    updated = {}
    norm = functools.partial(batch_norm, p, running, updated)
    t_embed, y_embed = time_features(p, t), p["y_embedder.weight"][y]

    def residual_layers(key, x):
        for layer in range(config["num_residual_layers"]):
            name = f"{key}.res_blocks.{layer}"
            h = convolution(p, f"{name}.block1.2", norm(f"{name}.block1.1", jax.nn.silu(x), train))
            condition = two_layer_mlp(p, f"{name}.time_adapter", t_embed)
            condition += two_layer_mlp(p, f"{name}.y_adapter", y_embed)
            h = jax.nn.silu(h + condition[:, None, None, :])
            x = x + convolution(p, f"{name}.block2.2", norm(f"{name}.block2.1", h, train))
        return x

    x = x.transpose(0, 2, 3, 1)
    x = jax.nn.silu(norm("init_conv.1", convolution(p, "init_conv.0", x), train))
    skips = []
    for stage in range(len(config["channels"]) - 1):
        x = convolution(p, f"encoders.{stage}.downsample", residual_layers(f"encoders.{stage}", x), stride=2)
        skips.append(x)
    x = residual_layers("midcoder", x)
    for stage in range(len(config["channels"]) - 1):
        x = convolution(p, f"decoders.{stage}.upsample.1", upsample(x + skips.pop()))
        x = residual_layers(f"decoders.{stage}", x)
    return convolution(p, "final_conv", x).transpose(0, 3, 1, 2), updated


# DiT and Mamba


def modulate(x, scale, shift):
    centred = x - x.mean(-1, keepdims=True)
    normalised = centred * jax.lax.rsqrt(jnp.square(centred).mean(-1, keepdims=True) + 1e-6)
    return normalised * (1 + scale[:, None]) + shift[:, None]


def modulation(p, key, condition, count):
    return jnp.split(linear(p, f"{key}.1", jax.nn.silu(condition)), count, axis=-1)


def patch_network(config, block, p, x, t, y):
    patch = config["patch_size"]
    side = IMAGE_SIZE // patch
    condition = two_layer_mlp(p, "time_mlp", time_features(p, t))
    condition += two_layer_mlp(p, "y_mlp", p["y_embedder.weight"][y])
    batch = x.shape[0]
    patches = x.reshape(batch, side, patch, side, patch).transpose(0, 1, 3, 2, 4).reshape(batch, side**2, patch**2)
    weight = p["patch_embed.proj.weight"]
    x = product(patches, weight.reshape(weight.shape[0], -1).T) + p["patch_embed.proj.bias"] + p["pos_embed"]
    for index in range(config["depth"]):
        x = block(p, f"blocks.{index}", x, condition)
    x = linear(p, "final_layer.1", modulate(x, *modulation(p, "final_adaLN", condition, 2)))
    x = x.reshape(batch, side, side, patch, patch).transpose(0, 1, 3, 2, 4)
    return x.reshape(batch, 1, IMAGE_SIZE, IMAGE_SIZE)


def self_attention(p, key, heads, x):
    batch, length, width = x.shape
    packed = product(x, p[f"{key}.in_proj_weight"].T) + p[f"{key}.in_proj_bias"]
    q, k, v = packed.reshape(batch, length, 3, heads, width // heads).transpose(2, 0, 3, 1, 4)
    weights = jax.nn.softmax(product(q, k.mT) * (width // heads) ** -0.5)
    return linear(p, f"{key}.out_proj", product(weights, v).transpose(0, 2, 1, 3).reshape(x.shape))


def dit(config, p, running, x, t, y, train):
    def block(p, key, x, condition):
        scale1, shift1, gate1, scale2, shift2, gate2 = modulation(p, f"{key}.adaLN_modulation", condition, 6)
        x = x + gate1[:, None] * self_attention(p, f"{key}.attn", config["num_heads"], modulate(x, scale1, shift1))
        exact_gelu = functools.partial(jax.nn.gelu, approximate=False)
        return x + gate2[:, None] * two_layer_mlp(p, f"{key}.mlp", modulate(x, scale2, shift2), exact_gelu)

    return patch_network(config, block, p, x, t, y), {}


def mamba_mixer(config, p, key, u):
    x, z = jnp.split(linear(p, f"{key}.in_proj", u), 2, axis=-1)
    taps, length = config["d_conv"], u.shape[1]
    padded = jnp.pad(x, ((0, 0), (taps - 1, 0), (0, 0)))
    weight = p[f"{key}.conv1d.weight"][:, 0]
    convolved = sum(padded[:, tap : tap + length] * weight[:, tap] for tap in range(taps))
    x = jax.nn.silu(convolved + p[f"{key}.conv1d.bias"])
    rank, states = math.ceil(config["d_model"] / 16), config["d_state"]
    dt, B, C = jnp.split(linear(p, f"{key}.x_proj", x), [rank, rank + states], axis=-1)
    dt = jax.nn.softplus(linear(p, f"{key}.dt_proj", dt))
    y = config["scan"](x, dt, -jnp.exp(p[f"{key}.A_log"]), B, C) + p[f"{key}.D"] * x
    return linear(p, f"{key}.out_proj", y * jax.nn.silu(z))


def mamba(config, p, running, x, t, y, train):
    def block(p, key, x, condition):
        scale, shift, gate = modulation(p, f"{key}.adaLN_modulation", condition, 3)
        return x + gate[:, None] * mamba_mixer(config, p, f"{key}.mamba", modulate(x, scale, shift))

    return patch_network(config, block, p, x, t, y), {}


# Losses, optimisation, initial values


def loss(net, p, running, x, t, y, target):
    """Squared error summed over pixels, mean over the batch."""
    velocity, running = net(p, running, x, t, y, True)
    return jnp.square(velocity - target).sum((1, 2, 3)).mean(), running


def adam_start(p):
    zeros = {key: jnp.zeros_like(value) for key, value in p.items()}
    return dict(step=jnp.zeros((), jnp.int32), first=zeros, second=jax.tree.map(jnp.zeros_like, p))


def adam(p, gradient, state, learning_rate=1e-3, beta1=0.9, beta2=0.999, epsilon=1e-8):
    step = state["step"] + 1
    first = jax.tree.map(lambda m, g: beta1 * m + (1 - beta1) * g, state["first"], gradient)
    second = jax.tree.map(lambda v, g: beta2 * v + (1 - beta2) * g * g, state["second"], gradient)
    rate, root = learning_rate / (1 - beta1**step), jnp.sqrt(1 - beta2**step)
    p = jax.tree.map(lambda w, m, v: w - rate * m / (jnp.sqrt(v) / root + epsilon), p, first, second)
    return p, dict(step=step, first=first, second=second)


def split(state_dict):
    """A state dict's trained parameters and BatchNorm's statistics."""
    trained = {key: value for key, value in state_dict.items() if not key.endswith(STATISTICS)}
    return trained, {key: value for key, value in state_dict.items() if key not in trained}


def initial_state(name: str, seed: int = 0) -> dict:
    """A fresh state dict of the default configuration: PyTorch's distributions, Mamba's and adaLN-Zero's."""
    random = np.random.default_rng(seed)
    shapes = state_shapes(name)

    def value(key: str, shape: tuple[int, ...]):
        weight = shapes.get(key.removesuffix("bias") + "weight", shape)
        bound = math.prod(weight[1:]) ** -0.5
        is_batch_norm = key.rpartition(".")[0] + ".running_mean" in shapes
        if key.endswith(("running_var", ".D")) or (is_batch_norm and key.endswith("weight")):
            return np.ones(shape)
        if is_batch_norm or "adaLN" in key or key.startswith("final_layer") or key.endswith("in_proj_bias"):
            return np.zeros(shape)
        if key.endswith(("attn.out_proj.bias", "patch_embed.proj.bias")):
            return np.zeros(shape)
        if key.endswith("A_log"):
            return np.broadcast_to(np.log(np.arange(1, shape[1] + 1)), shape)
        if key.endswith("dt_proj.bias"):
            dt = np.maximum(np.exp(random.uniform(math.log(1e-3), math.log(1e-1), shape)), 1e-4)
            return dt + np.log(-np.expm1(-dt))
        if key.endswith(("in_proj_weight", "patch_embed.proj.weight")):
            bound = math.sqrt(6 / (shape[0] + math.prod(shape[1:])))
        if key == "pos_embed":
            return 0.02 * np.clip(random.standard_normal(shape), -2, 2)
        if key.startswith(("time_embedder", "y_embedder")):
            return random.standard_normal(shape)
        return random.uniform(-bound, bound, shape)

    return {
        key: jnp.asarray(value(key, shape), jnp.int32 if key.endswith("num_batches_tracked") else jnp.float32)
        for key, shape in shapes.items()
    }
