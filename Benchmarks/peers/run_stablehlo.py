"""Runs a sampler that `flowmatch export --format stablehlo` wrote, through JAX's PJRT client, and may compare its images.

    run_stablehlo.py FOLDER [--labels 3,1,4] [--guidance 3] [--seed 0] [--compare IMAGES.npy] [--bytecode FOLDER]

IMAGES.npy holds what `flowmatch sample RUN --format npy` drew for the same labels, guidance and seed. Exit status 1 if the
relative difference (in the Euclidean norm) is more than the tolerance. --bytecode also writes the programs as portable
StableHLO bytecode (VHLO), which later versions of the compiler still read.
"""

import argparse
import json
import pathlib
import sys

import jax
import numpy as np
from jax.extend.backend import get_backend
from jax.interpreters import mlir
from jaxlib import _jax as xla_client
from jaxlib.mlir import ir
from jaxlib.mlir.dialects import stablehlo
from safetensors.numpy import load_file


class Program:
    """One StableHLO module with a main function, compiled for the first device."""

    def __init__(self, folder: pathlib.Path, description: dict):
        self.description = description
        self.text = (folder / description["file"]).read_text()
        backend = get_backend()
        self.devices = xla_client.DeviceList(tuple(backend.local_devices()[:1]))
        self.executable = backend.compile_and_load(self.text.encode(), self.devices, xla_client.CompileOptions())

    def __call__(self, arguments: list[np.ndarray]) -> list[np.ndarray]:
        for value, wanted in zip(arguments, self.description["arguments"], strict=True):
            if list(value.shape) != wanted["shape"]:
                raise ValueError(f"{wanted['name']} has shape {list(value.shape)}, not {wanted['shape']}")
        device = self.devices[0]
        with jax.enable_x64(True):
            placed = [jax.device_put(value, device) for value in arguments]
        results = self.executable.execute_sharded(placed).disassemble_into_single_device_arrays()
        return [np.asarray(result[0]) for result in results]

    def bytecode(self) -> bytes:
        with mlir.make_ir_context():
            module = ir.Module.parse(self.text)
            # The inverse of the error function and GELU's erf are operations of CHLO, which stay as they are.
            return stablehlo.serialize_portable_artifact(module, stablehlo.get_minimum_version(), True)


def main() -> int:
    parser = argparse.ArgumentParser(description="Runs an exported sampler through JAX.")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--labels", type=lambda text: [int(part) for part in text.split(",")])
    parser.add_argument("--guidance", type=float, help="left out: the scale that the folder proposes")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--compare", type=pathlib.Path)
    parser.add_argument("--tolerance", type=float, default=1e-3)
    parser.add_argument("--bytecode", type=pathlib.Path)
    options = parser.parse_args()

    manifest = json.loads((options.folder / "manifest.json").read_text())
    weights = load_file(options.folder / manifest["weights"])
    size = manifest["noise"]["results"][0]["shape"][0]
    labels = options.labels or [index % manifest["labels"]["classes"] for index in range(size)]
    guidance = manifest["sampling"]["guidance_scale"] if options.guidance is None else options.guidance
    programs = {name: Program(options.folder, manifest[name]) for name in ("noise", "sampler")}
    print(f"{manifest['sampling']['evaluations']} network evaluations an image, {size} images at once")
    if options.bytecode:
        options.bytecode.mkdir(parents=True, exist_ok=True)
        for name, program in programs.items():
            (options.bytecode / f"{name}.mlir.bc").write_bytes(program.bytecode())

    images = []
    for first in range(0, len(labels), size):
        part = labels[first : first + size]
        values = {
            "seed": np.uint64(options.seed),
            "first": np.uint64(first),
            "label": np.array(part + [0] * (size - len(part)), np.int32),
            "guidance_scale": np.full(size, guidance, np.float32),
        }
        values["noise"] = programs["noise"]([np.asarray(values[role]) for role in ("seed", "first")])[0]
        arguments = [
            weights[argument["name"]] if argument["role"] == "weight" else np.asarray(values[argument["role"]])
            for argument in manifest["sampler"]["arguments"]
        ]
        images.append(programs["sampler"](arguments)[0][: len(part)])
    images = np.concatenate(images)
    print(f"images {images.shape}: mean {images.mean():.4f}, deviation {images.std():.4f}")
    if options.compare is None:
        return 0
    ours = np.load(options.compare)
    difference = float(np.linalg.norm(images - ours) / np.linalg.norm(ours))
    print(f"relative L2 difference of the images: {difference:.2e} (at most {options.tolerance:.0e})")
    return 0 if difference <= options.tolerance else 1


if __name__ == "__main__":
    sys.exit(main())
