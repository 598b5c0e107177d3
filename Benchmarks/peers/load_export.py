"""Loads a model exported by flowmatch (safetensors) into PyTorch's or JAX's network, strictly, and may compare velocities.

    load_export.py FILE.safetensors --model dit [--system torch] [--config JSON] [--velocity OUT.safetensors]

OUT (.safetensors or .npz) holds x, t, y and `velocity`, flowmatch's answer in evaluation mode. Exit status 1 if the
relative difference (in the Euclidean norm) is more than the tolerance.
"""

import argparse
import json
import pathlib
import sys

import numpy as np
from safetensors.numpy import load_file


def read_arrays(path: pathlib.Path) -> dict[str, np.ndarray]:
    return dict(np.load(path)) if path.suffix == ".npz" else load_file(path)


class TorchNetwork:
    def __init__(self, options: argparse.Namespace):
        import torch
        import torch_models
        from safetensors.torch import load_file as load

        self.state = stripped(load(options.file), options.prefix)
        self.model = torch_models.build(options.model, options.config).eval()
        # Numbers of fewer bits are widened as they are copied into the network.
        self.model.load_state_dict(self.state, strict=True)
        self.parameters = sum(value.numel() for value in self.model.parameters())
        self.torch = torch

    def velocity(self, x: np.ndarray, t: np.ndarray, y: np.ndarray) -> np.ndarray:
        with self.torch.no_grad():
            return self.model(*(self.torch.from_numpy(array) for array in (x, t, y))).numpy()


class JaxNetwork:
    def __init__(self, options: argparse.Namespace):
        import jax.numpy as jnp
        import jax_models
        from network_shapes import state_shapes
        from safetensors.flax import load_file as load

        self.state = stripped(load(options.file), options.prefix)
        shapes = {key: value.shape for key, value in self.state.items()}
        if shapes != state_shapes(options.model, options.config):
            raise ValueError("the file's names or shapes are not the network's")
        wide = {k: v.astype(jnp.float32) if jnp.issubdtype(v.dtype, jnp.floating) else v for k, v in self.state.items()}
        self.trained, self.statistics = jax_models.split(wide)
        self.network = jax_models.network(options.model, options.config)
        self.parameters = sum(value.size for value in self.trained.values())

    def velocity(self, x: np.ndarray, t: np.ndarray, y: np.ndarray) -> np.ndarray:
        return np.asarray(self.network(self.trained, self.statistics, x, t, y, False)[0])


NETWORKS = {"torch": TorchNetwork, "jax": JaxNetwork}


def stripped(state: dict, prefix: str) -> dict:
    return {key.removeprefix(prefix): value for key, value in state.items() if key.startswith(prefix)}


def main() -> int:
    parser = argparse.ArgumentParser(description="Loads an exported model into PyTorch's or JAX's network.")
    parser.add_argument("file", type=pathlib.Path)
    parser.add_argument("--model", choices=["unet", "dit", "mamba"], required=True)
    parser.add_argument("--system", choices=sorted(NETWORKS), default="torch")
    parser.add_argument("--config", type=json.loads, default={}, help="changes to the default configuration, as JSON")
    parser.add_argument("--prefix", default="", help="what the file's keys have before the state dict's names")
    parser.add_argument("--velocity", type=pathlib.Path, help="x, t, y and velocity to compare with")
    parser.add_argument("--tolerance", type=float, default=2e-4)
    options = parser.parse_args()

    network = NETWORKS[options.system](options)
    count, parameters = len(network.state), network.parameters
    print(f"{options.file.name}: {count} tensors fit {options.system}'s {options.model}, {parameters:,} parameters")
    if options.velocity is None:
        return 0

    arrays = read_arrays(options.velocity)
    missing = {"x", "t", "y", "velocity"} - set(arrays)
    if missing:
        print(f"{options.velocity.name} has no {', '.join(sorted(missing))}.", file=sys.stderr)
        return 1
    theirs = network.velocity(arrays["x"], arrays["t"], arrays["y"])
    difference = float(np.linalg.norm(arrays["velocity"] - theirs) / np.linalg.norm(theirs))
    print(f"relative L2 difference of the velocity: {difference:.2e} (at most {options.tolerance:.0e})")
    return 0 if difference <= options.tolerance else 1


if __name__ == "__main__":
    sys.exit(main())
