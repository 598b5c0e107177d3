"""The three velocity networks in PyTorch.

Every module has the same parameter names, shapes and initialisation as the networks of this project, so a state dict
moves either way with `strict=True`. Inputs are x (B, 1, 32, 32), t (B,) in [0, 1] and y (B,) integer labels with 10 as
the null label; the output is the velocity (B, 1, 32, 32).
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from network_shapes import IMAGE_SIZE, LABEL_ROWS
from torch_scan import selective_scan


class FourierTimeEmbedding(nn.Module):
    """Random Fourier features sqrt(2) [sin f, cos f], f = 2 pi t w, with a trained w."""

    def __init__(self, dim: int):
        super().__init__()
        self.weights = nn.Parameter(torch.randn(1, dim // 2))

    def forward(self, t: Tensor) -> Tensor:
        f = t[:, None] * self.weights * (2 * math.pi)
        return math.sqrt(2) * torch.cat([f.sin(), f.cos()], dim=-1)


def two_layer_mlp(width_in: int, width_hidden: int, width_out: int, activation: type[nn.Module] = nn.SiLU):
    return nn.Sequential(nn.Linear(width_in, width_hidden), activation(), nn.Linear(width_hidden, width_out))


# UNet


class ResidualLayer(nn.Module):
    def __init__(self, channels: int, t_embed_dim: int, y_embed_dim: int):
        super().__init__()
        self.block1 = self._convolution_block(channels)
        self.block2 = self._convolution_block(channels)
        self.time_adapter = two_layer_mlp(t_embed_dim, t_embed_dim, channels)
        self.y_adapter = two_layer_mlp(y_embed_dim, y_embed_dim, channels)

    @staticmethod
    def _convolution_block(channels: int) -> nn.Sequential:
        return nn.Sequential(nn.SiLU(), nn.BatchNorm2d(channels), nn.Conv2d(channels, channels, 3, padding=1))

    def forward(self, x: Tensor, t_embed: Tensor, y_embed: Tensor) -> Tensor:
        condition = self.time_adapter(t_embed) + self.y_adapter(y_embed)
        return x + self.block2(self.block1(x) + condition[:, :, None, None])


class ResidualStage(nn.Module):
    """Residual layers at one width, with an optional resampling layer before or after them."""

    def __init__(self, channels: int, layers: int, t_embed_dim: int, y_embed_dim: int, down_to=None, up_from=None):
        super().__init__()
        if up_from is not None:
            self.upsample = nn.Sequential(
                nn.Upsample(scale_factor=2, mode="bilinear"), nn.Conv2d(up_from, channels, 3, padding=1)
            )
        self.res_blocks = nn.ModuleList(ResidualLayer(channels, t_embed_dim, y_embed_dim) for _ in range(layers))
        if down_to is not None:
            self.downsample = nn.Conv2d(channels, down_to, 3, stride=2, padding=1)

    def forward(self, x: Tensor, t_embed: Tensor, y_embed: Tensor) -> Tensor:
        if hasattr(self, "upsample"):
            x = self.upsample(x)
        for layer in self.res_blocks:
            x = layer(x, t_embed, y_embed)
        if hasattr(self, "downsample"):
            x = self.downsample(x)
        return x


class UNet(nn.Module):
    def __init__(self, channels=(32, 64, 128), num_residual_layers=2, t_embed_dim=40, y_embed_dim=40):
        super().__init__()
        shared = (num_residual_layers, t_embed_dim, y_embed_dim)
        pairs = list(zip(channels, channels[1:]))
        self.init_conv = nn.Sequential(nn.Conv2d(1, channels[0], 3, padding=1), nn.BatchNorm2d(channels[0]), nn.SiLU())
        self.time_embedder = FourierTimeEmbedding(t_embed_dim)
        self.y_embedder = nn.Embedding(LABEL_ROWS, y_embed_dim)
        self.encoders = nn.ModuleList(ResidualStage(narrow, *shared, down_to=wide) for narrow, wide in pairs)
        self.decoders = nn.ModuleList(ResidualStage(narrow, *shared, up_from=wide) for narrow, wide in reversed(pairs))
        self.midcoder = ResidualStage(channels[-1], *shared)
        self.final_conv = nn.Conv2d(channels[0], 1, 3, padding=1)

    def forward(self, x: Tensor, t: Tensor, y: Tensor) -> Tensor:
        t_embed, y_embed = self.time_embedder(t), self.y_embedder(y)
        x = self.init_conv(x)
        skips = []
        for encoder in self.encoders:
            x = encoder(x, t_embed, y_embed)
            skips.append(x)
        x = self.midcoder(x, t_embed, y_embed)
        for decoder in self.decoders:
            x = decoder(x + skips.pop(), t_embed, y_embed)
        return self.final_conv(x)


# DiT and Mamba: a patch transformer whose blocks differ in their mixers


class PatchEmbedding(nn.Module):
    def __init__(self, patch_size: int, width: int):
        super().__init__()
        self.proj = nn.Conv2d(1, width, patch_size, stride=patch_size)
        nn.init.xavier_uniform_(self.proj.weight.view(width, -1))
        nn.init.zeros_(self.proj.bias)

    def forward(self, x: Tensor) -> Tensor:
        # A convolution whose stride is its size is one matrix product over the patches.
        patch = self.proj.kernel_size[0]
        patches = F.pixel_unshuffle(x, patch).flatten(2).transpose(1, 2)
        return F.linear(patches, self.proj.weight.flatten(1), self.proj.bias)


def modulation(width: int, count: int) -> nn.Sequential:
    """`count` condition vectors of `width`, all zero at the start (adaLN-Zero)."""
    linear = nn.Linear(width, count * width)
    nn.init.zeros_(linear.weight)
    nn.init.zeros_(linear.bias)
    return nn.Sequential(nn.SiLU(), linear)


def modulate(x: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
    normalised = F.layer_norm(x, x.shape[-1:], eps=1e-6)
    return normalised * (1 + scale[:, None]) + shift[:, None]


class SelfAttention(nn.Module):
    """Multi-head self-attention with `nn.MultiheadAttention`'s packed parameters and initialisation."""

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        self.in_proj_weight = nn.Parameter(nn.init.xavier_uniform_(torch.empty(3 * width, width)))
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * width))
        self.out_proj = nn.Linear(width, width)
        nn.init.zeros_(self.out_proj.bias)

    def forward(self, x: Tensor) -> Tensor:
        batch, length, width = x.shape
        packed = F.linear(x, self.in_proj_weight, self.in_proj_bias)
        q, k, v = packed.view(batch, length, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(q, k, v)
        return self.out_proj(mixed.transpose(1, 2).reshape(batch, length, width))


class DiTBlock(nn.Module):
    def __init__(self, width: int, heads: int, mlp_ratio: float):
        super().__init__()
        self.attn = SelfAttention(width, heads)
        hidden = int(width * mlp_ratio)
        self.mlp = two_layer_mlp(width, hidden, width, activation=nn.GELU)
        self.adaLN_modulation = modulation(width, 6)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        scale1, shift1, gate1, scale2, shift2, gate2 = self.adaLN_modulation(condition).chunk(6, dim=-1)
        x = x + gate1[:, None] * self.attn(modulate(x, scale1, shift1))
        return x + gate2[:, None] * self.mlp(modulate(x, scale2, shift2))


class MambaMixer(nn.Module):
    """The Mamba-1 mixer. `scan` is the selective scan to use, one of torch_scan's."""

    def __init__(self, width: int, d_state: int, d_conv: int, expand: int, scan=selective_scan):
        super().__init__()
        inner, rank = expand * width, math.ceil(width / 16)
        self.rank, self.d_state, self.scan = rank, d_state, scan
        self.A_log = nn.Parameter(torch.arange(1, d_state + 1, dtype=torch.float32).log().repeat(inner, 1))
        self.D = nn.Parameter(torch.ones(inner))
        self.in_proj = nn.Linear(width, 2 * inner, bias=False)
        self.conv1d = nn.Conv1d(inner, inner, d_conv, groups=inner, padding=d_conv - 1)
        self.x_proj = nn.Linear(inner, rank + 2 * d_state, bias=False)
        self.dt_proj = nn.Linear(rank, inner)
        self.out_proj = nn.Linear(inner, width, bias=False)
        nn.init.uniform_(self.dt_proj.weight, -(rank**-0.5), rank**-0.5)
        dt = torch.empty(inner).uniform_(math.log(1e-3), math.log(1e-1)).exp().clamp_min(1e-4)
        with torch.no_grad():
            self.dt_proj.bias.copy_(dt + torch.log(-torch.expm1(-dt)))

    def causal_convolution(self, x: Tensor) -> Tensor:
        """Depthwise, over time, on (B, L, inner): shifted products stay in this layout, a convolution would not."""
        weight, length = self.conv1d.weight[:, 0], x.shape[1]
        padded = F.pad(x, (0, 0, weight.shape[1] - 1, 0))
        total = self.conv1d.bias
        for tap in range(weight.shape[1]):
            total = torch.addcmul(total, padded[:, tap : tap + length], weight[:, tap])
        return total

    def forward(self, u: Tensor) -> Tensor:
        x, z = self.in_proj(u).chunk(2, dim=-1)
        x = F.silu(self.causal_convolution(x))
        dt, B, C = self.x_proj(x).split([self.rank, self.d_state, self.d_state], dim=-1)
        dt = F.softplus(self.dt_proj(dt))
        # The scan is float32 also where autocast made the products narrower.
        y = self.scan(x.float(), dt.float(), -self.A_log.exp(), B.float(), C.float())
        return self.out_proj((y + self.D * x) * F.silu(z))


class MambaBlock(nn.Module):
    def __init__(self, width: int, **mixer):
        super().__init__()
        self.mamba = MambaMixer(width, **mixer)
        self.adaLN_modulation = modulation(width, 3)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        scale, shift, gate = self.adaLN_modulation(condition).chunk(3, dim=-1)
        return x + gate[:, None] * self.mamba(modulate(x, scale, shift))


class PatchNetwork(nn.Module):
    def __init__(self, width: int, patch_size: int, t_embed_dim: int, y_embed_dim: int, blocks):
        super().__init__()
        self.patch_size = patch_size
        self.pos_embed = nn.Parameter(torch.empty(1, (IMAGE_SIZE // patch_size) ** 2, width))
        nn.init.trunc_normal_(self.pos_embed, std=0.02)
        self.patch_embed = PatchEmbedding(patch_size, width)
        self.time_embedder = FourierTimeEmbedding(t_embed_dim)
        self.time_mlp = two_layer_mlp(t_embed_dim, width, width)
        self.y_embedder = nn.Embedding(LABEL_ROWS, y_embed_dim)
        self.y_mlp = two_layer_mlp(y_embed_dim, width, width)
        self.blocks = nn.ModuleList(blocks)
        self.final_layer = nn.Sequential(
            nn.LayerNorm(width, elementwise_affine=False, eps=1e-6), nn.Linear(width, patch_size**2)
        )
        nn.init.zeros_(self.final_layer[1].weight)
        nn.init.zeros_(self.final_layer[1].bias)
        self.final_adaLN = modulation(width, 2)

    def forward(self, x: Tensor, t: Tensor, y: Tensor) -> Tensor:
        condition = self.time_mlp(self.time_embedder(t)) + self.y_mlp(self.y_embedder(y))
        x = self.patch_embed(x) + self.pos_embed
        for block in self.blocks:
            x = block(x, condition)
        scale, shift = self.final_adaLN(condition).chunk(2, dim=-1)
        x = self.final_layer[1](modulate(x, scale, shift))
        side = IMAGE_SIZE // self.patch_size
        return F.pixel_shuffle(x.transpose(1, 2).unflatten(2, (side, side)), self.patch_size)


class DiT(PatchNetwork):
    def __init__(
        self, hidden_dim=384, depth=6, num_heads=6, patch_size=4, mlp_ratio=4.0, t_embed_dim=384, y_embed_dim=384
    ):
        blocks = (DiTBlock(hidden_dim, num_heads, mlp_ratio) for _ in range(depth))
        super().__init__(hidden_dim, patch_size, t_embed_dim, y_embed_dim, blocks)


class Mamba(PatchNetwork):
    def __init__(
        self, d_model=256, d_state=16, d_conv=4, expand=2, depth=6, patch_size=4, t_embed_dim=256, y_embed_dim=256,
        scan=selective_scan,
    ):  # fmt: skip
        mixer = dict(d_state=d_state, d_conv=d_conv, expand=expand, scan=scan)
        blocks = (MambaBlock(d_model, **mixer) for _ in range(depth))
        super().__init__(d_model, patch_size, t_embed_dim, y_embed_dim, blocks)


NETWORKS = {"unet": UNet, "dit": DiT, "mamba": Mamba}


def build(name: str, config: dict | None = None, scan=selective_scan) -> nn.Module:
    """The network `name` with `config`'s changes to its defaults, and with that scan if it is Mamba."""
    config = dict(config or {})
    if name == "mamba":
        config["scan"] = scan
    return NETWORKS[name](**config)
