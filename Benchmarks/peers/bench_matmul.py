"""The ceiling of the machine: one large matrix product, 2048 x 2048 x 2048, as a peer that knows "step" alone.

By MKL (`torch.mm`), and by oneDNN (a 1x1 convolution over 2048 pixels in channels_last is that product): MKL leaves
out AVX-512 on some processors, and then only the other is a ceiling.
"""

import torch

import peer_protocol as protocol

SIZE = 2048


def main() -> None:
    options = protocol.arguments(__doc__, modes=("mkl", "onednn"))
    number = torch.bfloat16 if options.precision == "bf16" else torch.float32
    if options.mode == "mkl":
        a, b, product = (torch.randn(SIZE, SIZE).to(number) for _ in range(3))

        def step() -> float:
            return float(torch.mm(a, b, out=product)[0, 0])

    else:
        pixels = torch.randn(1, SIZE, 32, SIZE // 32).to(number, memory_format=torch.channels_last)
        weight = torch.randn(SIZE, SIZE, 1, 1).to(number, memory_format=torch.channels_last)

        def step() -> float:
            return float(torch.nn.functional.conv2d(pixels, weight)[0, 0, 0, 0])

    def no_sampler():
        raise RuntimeError("A matrix product does not sample.")

    protocol.serve(f"PyTorch {torch.__version__}", step, no_sampler)


if __name__ == "__main__":
    main()
