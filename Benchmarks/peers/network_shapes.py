"""Shapes of the three networks, in plain Python: every tensor of a state dict, and the arithmetic of one image."""

import math

LABEL_ROWS = 11
IMAGE_SIZE = 32

DEFAULTS = {
    "unet": dict(channels=(32, 64, 128), num_residual_layers=2, t_embed_dim=40, y_embed_dim=40),
    "dit": dict(
        hidden_dim=384, depth=6, num_heads=6, patch_size=4, mlp_ratio=4.0, t_embed_dim=384, y_embed_dim=384
    ),
    "mamba": dict(
        d_model=256, d_state=16, d_conv=4, expand=2, depth=6, patch_size=4, t_embed_dim=256, y_embed_dim=256
    ),
}


def configuration(name: str, changes: dict | None = None) -> dict:
    return {**DEFAULTS[name], **(changes or {})}


def _linear(shapes: dict, key: str, inputs: int, outputs: int, bias: bool = True) -> None:
    shapes[f"{key}.weight"] = (outputs, inputs)
    if bias:
        shapes[f"{key}.bias"] = (outputs,)


def _mlp(shapes: dict, key: str, inputs: int, hidden: int, outputs: int) -> None:
    _linear(shapes, f"{key}.0", inputs, hidden)
    _linear(shapes, f"{key}.2", hidden, outputs)


def _convolution(shapes: dict, key: str, inputs: int, outputs: int, size: int) -> None:
    shapes[f"{key}.weight"] = (outputs, inputs, size, size)
    shapes[f"{key}.bias"] = (outputs,)


def _batch_norm(shapes: dict, key: str, channels: int) -> None:
    for part in ("weight", "bias", "running_mean", "running_var"):
        shapes[f"{key}.{part}"] = (channels,)
    shapes[f"{key}.num_batches_tracked"] = ()


def _unet(config: dict) -> dict:
    shapes = {}
    channels, t_dim, y_dim = config["channels"], config["t_embed_dim"], config["y_embed_dim"]
    pairs = list(zip(channels, channels[1:]))

    def residual_layers(key: str, width: int) -> None:
        for layer in range(config["num_residual_layers"]):
            name = f"{key}.res_blocks.{layer}"
            for block in ("block1", "block2"):
                _batch_norm(shapes, f"{name}.{block}.1", width)
                _convolution(shapes, f"{name}.{block}.2", width, width, 3)
            _mlp(shapes, f"{name}.time_adapter", t_dim, t_dim, width)
            _mlp(shapes, f"{name}.y_adapter", y_dim, y_dim, width)

    _convolution(shapes, "init_conv.0", 1, channels[0], 3)
    _batch_norm(shapes, "init_conv.1", channels[0])
    shapes["time_embedder.weights"] = (1, t_dim // 2)
    shapes["y_embedder.weight"] = (LABEL_ROWS, y_dim)
    for stage, (narrow, wide) in enumerate(pairs):
        residual_layers(f"encoders.{stage}", narrow)
        _convolution(shapes, f"encoders.{stage}.downsample", narrow, wide, 3)
    for stage, (narrow, wide) in enumerate(reversed(pairs)):
        _convolution(shapes, f"decoders.{stage}.upsample.1", wide, narrow, 3)
        residual_layers(f"decoders.{stage}", narrow)
    residual_layers("midcoder", channels[-1])
    _convolution(shapes, "final_conv", channels[0], 1, 3)
    return shapes


def _patch_network(config: dict, width: int, block) -> dict:
    patch, shapes = config["patch_size"], {}
    shapes["pos_embed"] = (1, (IMAGE_SIZE // patch) ** 2, width)
    _convolution(shapes, "patch_embed.proj", 1, width, patch)
    shapes["time_embedder.weights"] = (1, config["t_embed_dim"] // 2)
    _mlp(shapes, "time_mlp", config["t_embed_dim"], width, width)
    shapes["y_embedder.weight"] = (LABEL_ROWS, config["y_embed_dim"])
    _mlp(shapes, "y_mlp", config["y_embed_dim"], width, width)
    for index in range(config["depth"]):
        block(shapes, f"blocks.{index}")
    _linear(shapes, "final_layer.1", width, patch**2)
    _linear(shapes, "final_adaLN.1", width, 2 * width)
    return shapes


def _dit(config: dict) -> dict:
    width = config["hidden_dim"]

    def block(shapes: dict, key: str) -> None:
        shapes[f"{key}.attn.in_proj_weight"] = (3 * width, width)
        shapes[f"{key}.attn.in_proj_bias"] = (3 * width,)
        _linear(shapes, f"{key}.attn.out_proj", width, width)
        _mlp(shapes, f"{key}.mlp", width, int(width * config["mlp_ratio"]), width)
        _linear(shapes, f"{key}.adaLN_modulation.1", width, 6 * width)

    return _patch_network(config, width, block)


def _mamba(config: dict) -> dict:
    width, states, taps = config["d_model"], config["d_state"], config["d_conv"]
    inner, rank = config["expand"] * width, math.ceil(width / 16)

    def block(shapes: dict, key: str) -> None:
        shapes[f"{key}.mamba.A_log"] = (inner, states)
        shapes[f"{key}.mamba.D"] = (inner,)
        _linear(shapes, f"{key}.mamba.in_proj", width, 2 * inner, bias=False)
        shapes[f"{key}.mamba.conv1d.weight"] = (inner, 1, taps)
        shapes[f"{key}.mamba.conv1d.bias"] = (inner,)
        _linear(shapes, f"{key}.mamba.x_proj", inner, rank + 2 * states, bias=False)
        _linear(shapes, f"{key}.mamba.dt_proj", rank, inner)
        _linear(shapes, f"{key}.mamba.out_proj", inner, width, bias=False)
        _linear(shapes, f"{key}.adaLN_modulation.1", width, 3 * width)

    return _patch_network(config, width, block)


def state_shapes(name: str, changes: dict | None = None) -> dict[str, tuple[int, ...]]:
    """Every tensor of the network's state dict, in its order."""
    return {"unet": _unet, "dit": _dit, "mamba": _mamba}[name](configuration(name, changes))


def _positions(name: str, key: str, config: dict) -> int:
    """At how many places of one image the weight `key` is applied."""
    if name != "unet":
        per_image = ("time_mlp", "y_mlp", "adaLN")
        return 1 if any(part in key for part in per_image) else (IMAGE_SIZE // config["patch_size"]) ** 2
    if "adapter" in key:
        return 1
    last = len(config["channels"]) - 1
    level = 0
    if key.startswith("encoders"):
        level = int(key.split(".")[1]) + ("downsample" in key)
    elif key.startswith("decoders"):
        level = last - 1 - int(key.split(".")[1])
    elif key.startswith("midcoder"):
        level = last
    return (IMAGE_SIZE >> level) ** 2


def forward_flops(name: str, changes: dict | None = None) -> tuple[float, float]:
    """Of one image, forward: (operations in matrix products and convolutions, operations in the selective scan).

    A multiply and an add are two operations. Elementwise work, norms and softmax are left out: no floor counts them.
    A state of the scan takes 7: the decay's product and exponential, two for the state, one for the drive, two for y.
    """
    config = configuration(name, changes)
    products = scan = 0.0
    for key, shape in state_shapes(name, changes).items():
        is_product = len(shape) >= 2 and not key.endswith(("pos_embed", "A_log", "weights", "embedder.weight"))
        if is_product:
            products += 2 * math.prod(shape) * _positions(name, key, config)
    if name != "unet":
        length = (IMAGE_SIZE // config["patch_size"]) ** 2
        if name == "dit":
            products += config["depth"] * 2 * 2 * length**2 * config["hidden_dim"]
        else:
            scan = 7.0 * config["depth"] * length * config["expand"] * config["d_model"] * config["d_state"]
    return products, scan


def training_flops(name: str, changes: dict | None = None) -> tuple[float, float]:
    """Forward and backward: a backward pass costs two forward passes (gradients of the inputs and of the weights)."""
    products, scan = forward_flops(name, changes)
    return 3 * products, 3 * scan


if __name__ == "__main__":
    for network in DEFAULTS:
        products, scan = training_flops(network)
        print(f"{network}: {products / 1e9:.3f} GFLOP an image in products, {scan / 1e9:.3f} in the scan")
