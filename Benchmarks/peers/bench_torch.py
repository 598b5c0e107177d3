"""PyTorch as a peer of the benchmark: whole training steps and sampling steps, on demand.

Modes: eager; compile (torch.compile); graphs (torch.compile that replays CUDA graphs); plain (eager, with Mamba's scan
in Python). Elsewhere Mamba's scan is the native kernel, selective_scan.c, on a CPU, and the fastest of
torch_recurrence.py's on a GPU. Speaks the protocol of Benchmarks/README.md.
"""

import sys

import torch

import peer_protocol as protocol
import torch_models
import torch_recurrence
from network_shapes import DEFAULTS, IMAGE_SIZE
from torch_scan import selective_scan, selective_scan_in_python


def use(device: str, precision: str) -> None:
    """Sets up the device and what float32 products are computed in."""
    if device == "cpu":
        return
    if not torch.cuda.is_available():
        sys.exit("PyTorch sees no CUDA device.")
    torch.set_default_device(device)
    torch.set_float32_matmul_precision("high" if precision == "tf32" else "highest")
    torch.backends.cudnn.allow_tf32 = precision == "tf32"
    torch.backends.cudnn.benchmark = True


def scan_for(options):
    """Mamba's scan, and what to say of it."""
    if options.model != "mamba":
        return selective_scan, ""
    if options.mode == "plain":
        return selective_scan_in_python, ", scan: a loop in Python"
    if options.device == "cpu":
        return selective_scan, ""
    sizes = DEFAULTS["mamba"]
    length, channels = (IMAGE_SIZE // sizes["patch_size"]) ** 2, sizes["expand"] * sizes["d_model"]
    scan, said = torch_recurrence.fastest(options.batch_size, length, channels, sizes["d_state"], options.device)
    return scan, f", {said}"


def main() -> None:
    options = protocol.arguments(__doc__, modes=("eager", "compile", "graphs", "plain"))
    use(options.device, options.precision)
    torch.manual_seed(0)
    scan, said_of_scan = scan_for(options)
    model = torch_models.build(options.model, scan=scan)
    if options.model == "unet":
        model.to(memory_format=torch.channels_last)
    images = torch.randint(0, 256, (protocol.IMAGES, 1, 32, 32), dtype=torch.uint8)
    labels = torch.randint(0, 10, (protocol.IMAGES,))
    parameters = list(model.parameters())
    optimizer = torch.optim.Adam(parameters, lr=protocol.LEARNING_RATE, fused=True)
    average = [value.detach().clone() for value in parameters] if options.ema else []

    def velocity(x, t, y):
        with torch.autocast(options.device, torch.bfloat16, enabled=options.precision == "bf16"):
            return model(x, t, y).float()

    def objective(x, t, y, target):
        return (velocity(x, t, y) - target).square().sum((1, 2, 3)).mean()

    if options.mode in ("compile", "graphs"):
        how = dict(dynamic=False, mode="reduce-overhead" if options.mode == "graphs" else None)
        # Sampling calls the network alone, training through the loss.
        compiled_objective, compiled_velocity = torch.compile(objective, **how), torch.compile(velocity, **how)
    else:
        compiled_objective, compiled_velocity = objective, velocity

    def launch() -> torch.Tensor:
        torch.compiler.cudagraph_mark_step_begin()
        rows = torch.randperm(protocol.IMAGES)[: options.batch_size]
        z = images[rows].float().div_(255 / 2).sub_(1)
        y = labels[rows].masked_fill_(torch.rand(options.batch_size) < protocol.LABEL_DROPOUT, 10)
        t, noise = torch.rand(options.batch_size), torch.randn_like(z)
        x = torch.lerp(noise, z, t[:, None, None, None])
        optimizer.zero_grad(set_to_none=True)
        loss = compiled_objective(x, t, y, z - noise)
        loss.backward()
        optimizer.step()
        if options.ema:
            torch._foreach_lerp_(average, parameters, 1 - protocol.EMA_DECAY)
        return loss.detach()

    def wait() -> None:
        if options.device == "cuda":
            torch.cuda.synchronize()

    def finish(loss: torch.Tensor) -> float:
        wait()
        return loss.item()

    def prepare_sampler():
        model.eval()
        x = torch.randn(protocol.SAMPLED_IMAGES, 1, 32, 32)
        y = torch.arange(11).repeat_interleave(protocol.SAMPLED_IMAGES // 11)
        both = torch.cat([torch.full_like(y, 10), y])
        state = {"x": x, "step": 0}

        @torch.no_grad()
        def sample() -> None:
            torch.compiler.cudagraph_mark_step_begin()
            x, now = state["x"], state["step"] / protocol.SAMPLING_STEPS
            times = torch.full((len(both),), now)
            without, with_label = compiled_velocity(x.repeat(2, 1, 1, 1), times, both).chunk(2)
            guided = torch.lerp(without, with_label, protocol.GUIDANCE)
            state["x"] = x + guided / protocol.SAMPLING_STEPS
            state["step"] = (state["step"] + 1) % protocol.SAMPLING_STEPS
            wait()

        return sample

    warm_up_steps = 1 if options.mode == "plain" and options.model == "mamba" else protocol.WARM_UP_STEPS
    protocol.serve(f"PyTorch {torch.__version__}{said_of_scan}", launch, prepare_sampler, finish, warm_up_steps)


if __name__ == "__main__":
    main()
