"""Loads a model exported by flowmatch (safetensors) into the PyTorch network, strictly, and may compare velocities.

    load_export.py FILE.safetensors --model dit [--config JSON] [--velocity OUT.safetensors]

OUT (.safetensors or .npz) holds x, t, y and `velocity`, flowmatch's answer in evaluation mode. Exit status 1 if the
relative difference (in the Euclidean norm) is more than the tolerance.
"""

import argparse
import json
import pathlib
import sys

import numpy as np
import torch
from safetensors import safe_open
from safetensors.numpy import load_file

import torch_models


def read_arrays(path: pathlib.Path) -> dict[str, np.ndarray]:
    return dict(np.load(path)) if path.suffix == ".npz" else load_file(path)


def main() -> int:
    parser = argparse.ArgumentParser(description="Loads an exported model into the PyTorch network.")
    parser.add_argument("file", type=pathlib.Path)
    parser.add_argument("--model", choices=sorted(torch_models.NETWORKS), required=True)
    parser.add_argument("--config", type=json.loads, default={}, help="changes to the default configuration, as JSON")
    parser.add_argument("--prefix", default="", help="what the file's keys have before the state dict's names")
    parser.add_argument("--velocity", type=pathlib.Path, help="x, t, y and velocity to compare with")
    parser.add_argument("--tolerance", type=float, default=2e-4)
    options = parser.parse_args()

    with safe_open(options.file, "pt") as file:
        state = {
            key.removeprefix(options.prefix): file.get_tensor(key)
            for key in file.keys()
            if key.startswith(options.prefix)
        }
    model = torch_models.build(options.model, options.config)
    model.load_state_dict(state, strict=True)
    parameters = sum(value.numel() for value in model.parameters())
    print(f"{options.file.name}: {len(state)} tensors fit PyTorch's {options.model}, {parameters:,} parameters")
    if options.velocity is None:
        return 0

    arrays = {key: torch.from_numpy(value) for key, value in read_arrays(options.velocity).items()}
    missing = {"x", "t", "y", "velocity"} - set(arrays)
    if missing:
        print(f"{options.velocity.name} has no {', '.join(sorted(missing))}.", file=sys.stderr)
        return 1
    with torch.no_grad():
        theirs = model.eval()(arrays["x"], arrays["t"], arrays["y"].long())
    difference = float((arrays["velocity"] - theirs).norm() / theirs.norm())
    print(f"relative L2 difference of the velocity: {difference:.2e} (at most {options.tolerance:.0e})")
    return 0 if difference <= options.tolerance else 1


if __name__ == "__main__":
    sys.exit(main())
