"""Writes Goldens/weights: small networks as PyTorch saves them in use, and what PyTorch computes with them.

    PYTHONPATH=Benchmarks/peers .setup/bench-venv/bin/python Tests/ExperimentsTests/make_weights.py

unet.pt is a checkpoint of a compiled network in channels_last inside DataParallel, with an optimizer beside it; dit.pt is
float16 inside DataParallel; mamba.pt is a compiled network's state dict. velocity.safetensors holds x, t, y and each
network's velocity in evaluation mode.
"""

import pathlib

import torch
import torch_models
import torch_scan
from safetensors.torch import save_file

FOLDER = pathlib.Path(__file__).parent / "Goldens" / "weights"
SIZES = {
    "unet": dict(channels=[4, 8], num_residual_layers=1, t_embed_dim=8, y_embed_dim=6),
    "dit": dict(hidden_dim=16, depth=2, num_heads=2, patch_size=8, mlp_ratio=2.5, t_embed_dim=8, y_embed_dim=6),
    "mamba": dict(d_model=16, depth=1, d_state=4, d_conv=3, expand=3, patch_size=8, t_embed_dim=8, y_embed_dim=6),
}


def network(name: str) -> torch.nn.Module:
    """A network none of whose weights is zero, as after training."""
    model = torch_models.build(name, SIZES[name], torch_scan.selective_scan_in_python)
    for key, value in model.state_dict().items():
        if value.is_floating_point():
            value.add_(0.1 * torch.randn_like(value).abs() if key.endswith("var") else 0.1 * torch.randn_like(value))
    return model.eval()


def main() -> None:
    torch.manual_seed(4)
    FOLDER.mkdir(parents=True, exist_ok=True)
    unet, dit, mamba = (network(name) for name in SIZES)
    dit.half()
    inputs = dict(x=torch.randn(1, 1, 32, 32), t=torch.tensor([0.3]), y=torch.tensor([7]))

    unet.to(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(unet.parameters())
    wrapped = torch.compile(torch.nn.DataParallel(unet))
    checkpoint = dict(epoch=3, args=dict(lr=1e-3), model=wrapped.state_dict(), optimizer=optimizer.state_dict())
    torch.save(checkpoint, FOLDER / "unet.pt", pickle_protocol=4)
    torch.save(torch.nn.DataParallel(dit).state_dict(), FOLDER / "dit.pt")
    torch.save(torch.compile(mamba).state_dict(), FOLDER / "mamba.pt")

    with torch.no_grad():
        velocities = {
            f"velocity.{name}": model.float()(**inputs).contiguous()
            for name, model in dict(unet=unet, dit=dit, mamba=mamba).items()
        }
    save_file(inputs | velocities, FOLDER / "velocity.safetensors")


main()
