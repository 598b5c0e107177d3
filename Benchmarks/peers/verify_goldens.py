"""Proves that the peers are the same networks as this project's: compares them with the golden tensors.

    verify_goldens.py FOLDER [--system torch jax] [--compile]

FOLDER holds {unet,dit,mamba}.safetensors (see Benchmarks/README.md). Exit status 1 if a comparison fails.
"""

import argparse
import json
import pathlib
import sys

import numpy as np
from safetensors import safe_open
from safetensors.numpy import load_file

from network_shapes import state_shapes

TOLERANCES = {
    "velocity_eval": 2e-4,
    "velocity_train": 2e-4,
    "loss": 1e-4,
    "gradients": 1e-3,
    "losses": 1e-4,
    "sample": 2e-4,
}
MAMBA_VARIANTS = ["", "scan in Python", "associative scan", "unrolled scan"]


def relative_difference(ours: np.ndarray, theirs: np.ndarray) -> float:
    ours, theirs = np.asarray(ours, np.float64).ravel(), np.asarray(theirs, np.float64).ravel()
    return float(np.linalg.norm(ours - theirs) / np.linalg.norm(theirs))


def prefixed(tensors: dict, prefix: str) -> dict:
    return {key.removeprefix(prefix): value for key, value in tensors.items() if key.startswith(prefix)}


def together(tensors: dict, keys) -> np.ndarray:
    return np.concatenate([np.asarray(tensors[key], np.float64).ravel() for key in keys])


def torch_results(name: str, config: dict, golden: dict, compiled: bool, variant: str) -> dict:
    import torch

    import torch_models
    import torch_recurrence
    import torch_scan

    scans = {
        "": torch_scan.selective_scan,
        "scan in Python": torch_scan.selective_scan_in_python,
        "associative scan": torch_recurrence.associative,
        "unrolled scan": torch_recurrence.unrolled,
    }
    values = {key: torch.from_numpy(np.ascontiguousarray(value)) for key, value in golden.items()}
    model = torch_models.build(name, config, scans.get(variant, torch_scan.selective_scan))
    state = prefixed(values, "param.")
    shapes = {key: tuple(value.shape) for key, value in model.state_dict().items()}
    if shapes != state_shapes(name, config):
        raise ValueError(f"{name}: the module's state dict and network_shapes disagree.")
    model.load_state_dict(state, strict=True)
    if variant == "channels last":
        model.to(memory_format=torch.channels_last)
    call = torch.compile(model) if compiled else model
    x, t, y, target = (values[key] for key in ("x", "t", "y", "target"))

    def training_loss():
        return (call(x, t, y) - target).square().sum((1, 2, 3)).mean()

    with torch.no_grad():
        results = {"velocity_eval": call.eval()(x, t, y).numpy(), "velocity_train": call.train()(x, t, y).numpy()}
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)
    losses = []
    for step in range(5):
        optimizer.zero_grad()
        loss = training_loss()
        loss.backward()
        if step == 0:
            results["gradients"] = {key: value.grad.numpy().copy() for key, value in model.named_parameters()}
        losses.append(loss.item())
        optimizer.step()
    model.load_state_dict(prefixed(values, "after."), strict=True)
    call.eval()
    image, label, weight = values["sample.x0"], values["sample.y"], values["sample.guidance"]
    with torch.no_grad():
        times = torch.linspace(0, 1, 11)
        for now, then in zip(times, times[1:]):
            at = now.expand(len(image))
            guided = (1 - weight) * call(image, at, torch.full_like(label, 10)) + weight * call(image, at, label)
            image = image + (then - now) * guided
    return {**results, "loss": losses[:1], "losses": losses, "sample": image.numpy()}


def jax_results(name: str, config: dict, golden: dict, variant: str) -> dict:
    import jax
    import jax.numpy as jnp

    import jax_models
    import jax_scan

    values = {key: jnp.asarray(value) for key, value in golden.items()}
    net = jax_models.network(name, config, jax_scan.SCANS[variant or "sequential"])
    p, running = jax_models.split(prefixed(values, "param."))
    x, t, y, target = (values[key] for key in ("x", "t", "y", "target"))
    results = {
        "velocity_eval": net(p, running, x, t, y, False)[0],
        "velocity_train": net(p, running, x, t, y, True)[0],
    }

    @jax.jit
    def step(p, running, state):
        objective = jax.value_and_grad(lambda p: jax_models.loss(net, p, running, x, t, y, target), has_aux=True)
        (loss, running), gradient = objective(p)
        return loss, gradient, running, *jax_models.adam(p, gradient, state)

    state, losses = jax_models.adam_start(p), []
    for index in range(5):
        loss, gradient, running, p, state = step(p, running, state)
        losses.append(float(loss))
        if index == 0:
            results["gradients"] = gradient
    p, running = jax_models.split(prefixed(values, "after."))
    velocity = jax.jit(lambda x, t, y: net(p, running, x, t, y, False)[0])
    image, label, weight = values["sample.x0"], values["sample.y"], values["sample.guidance"]
    times = jnp.linspace(0, 1, 11)
    for now, then in zip(times, times[1:]):
        at = jnp.full(len(image), now)
        guided = (1 - weight) * velocity(image, at, jnp.full_like(label, 10)) + weight * velocity(image, at, label)
        image = image + (then - now) * guided
    return {**results, "loss": losses[:1], "losses": losses, "sample": image}


def compare(golden: dict, results: dict) -> dict:
    gradient = prefixed(golden, "grad.")
    if set(gradient) != set(results["gradients"]):
        raise ValueError(f"gradients differ in name: {sorted(set(gradient) ^ set(results['gradients']))}")
    reference = {**golden, "sample": golden["sample.x1"], "gradients": together(gradient, gradient)}
    results = {**results, "gradients": together(results["gradients"], gradient)}
    return {key: relative_difference(results[key], reference[key]) for key in TOLERANCES}


def main() -> int:
    parser = argparse.ArgumentParser(description="Compares the peers with the golden tensors.")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--system", nargs="+", choices=["torch", "jax"], default=["torch", "jax"])
    parser.add_argument("--compile", action="store_true", help="PyTorch's networks compiled as well")
    options = parser.parse_args()
    passed = failed = 0
    for name in ("unet", "dit", "mamba"):
        path = options.folder / f"{name}.safetensors"
        with safe_open(path, "numpy") as file:
            config = json.loads(file.metadata()["config"])
        golden = load_file(path)
        runs = []
        if "torch" in options.system:
            variants = {"unet": ["", "channels last"], "dit": [""], "mamba": MAMBA_VARIANTS}[name]
            runs = [("torch", False, variant) for variant in variants]
            runs += [("torch", True, variants[-1 if name == "unet" else 0])] if options.compile else []
        if "jax" in options.system:
            runs += [("jax", True, variant) for variant in (["", "associative"] if name == "mamba" else [""])]
        for system, compiled, variant in runs:
            if system == "torch":
                results = torch_results(name, config, golden, compiled, variant)
            else:
                results = jax_results(name, config, golden, variant)
            differences = compare(golden, results)
            mode = "jit" if system == "jax" else "compiled" if compiled else "eager"
            print(f"{name}, {system} {mode}{', ' if variant else ''}{variant}:")
            for key, difference in differences.items():
                good = difference <= TOLERANCES[key]
                passed, failed = passed + good, failed + (not good)
                print(f"  {'ok  ' if good else 'FAIL'} {key:15} {difference:.1e} (at most {TOLERANCES[key]:.0e})")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
