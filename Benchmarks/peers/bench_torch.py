"""PyTorch as a peer of the benchmark: whole training steps and sampling steps on the CPU, on demand.

Modes: eager; compile (torch.compile); plain (eager, with Mamba's scan in Python). In the first two Mamba's scan is the
native kernel, selective_scan.c. Speaks the protocol of Benchmarks/README.md.
"""

import torch

import peer_protocol as protocol
import torch_models


def main() -> None:
    options = protocol.arguments(__doc__, modes=("eager", "compile", "plain"))
    torch.manual_seed(0)
    model = torch_models.build(options.model, plain_scan=options.mode == "plain")
    if options.model == "unet":
        model.to(memory_format=torch.channels_last)
    images = torch.randint(0, 256, (protocol.IMAGES, 1, 32, 32), dtype=torch.uint8)
    labels = torch.randint(0, 10, (protocol.IMAGES,))
    parameters = list(model.parameters())
    optimizer = torch.optim.Adam(parameters, lr=protocol.LEARNING_RATE, fused=True)
    average = [value.detach().clone() for value in parameters] if options.ema else []

    def objective(x, t, y, target):
        return (model(x, t, y) - target).square().sum((1, 2, 3)).mean()

    def velocity(x, t, y):
        return model(x, t, y)

    if options.mode == "compile":
        objective, velocity = torch.compile(objective, dynamic=False), torch.compile(velocity, dynamic=False)

    def step() -> float:
        rows = torch.randperm(protocol.IMAGES)[: options.batch_size]
        z = images[rows].float().div_(255 / 2).sub_(1)
        y = labels[rows].masked_fill_(torch.rand(options.batch_size) < protocol.LABEL_DROPOUT, 10)
        t, noise = torch.rand(options.batch_size), torch.randn_like(z)
        x = torch.lerp(noise, z, t[:, None, None, None])
        optimizer.zero_grad(set_to_none=True)
        loss = objective(x, t, y, z - noise)
        loss.backward()
        optimizer.step()
        if options.ema:
            torch._foreach_lerp_(average, parameters, 1 - protocol.EMA_DECAY)
        return loss.item()

    def prepare_sampler():
        model.eval()
        x = torch.randn(protocol.SAMPLED_IMAGES, 1, 32, 32)
        y = torch.arange(11).repeat_interleave(protocol.SAMPLED_IMAGES // 11)
        both = torch.cat([torch.full_like(y, 10), y])
        state = {"x": x, "step": 0}

        @torch.no_grad()
        def sample() -> None:
            x, now = state["x"], state["step"] / protocol.SAMPLING_STEPS
            without, with_label = velocity(x.repeat(2, 1, 1, 1), torch.full((len(both),), now), both).chunk(2)
            guided = torch.lerp(without, with_label, protocol.GUIDANCE)
            state["x"] = x + guided / protocol.SAMPLING_STEPS
            state["step"] = (state["step"] + 1) % protocol.SAMPLING_STEPS

        return sample

    warm_up_steps = 1 if options.mode == "plain" and options.model == "mamba" else protocol.WARM_UP_STEPS
    protocol.serve(f"PyTorch {torch.__version__}", step, prepare_sampler, warm_up_steps)


if __name__ == "__main__":
    main()
