"""What a device does at its best: square matrix products by PyTorch in each precision, as a JSON line of FLOP a second.

    measure_peak.py [--device cuda] [--sizes 4096 8192 16384]
"""

import argparse
import json
import sys
import time

import torch

TYPES = {"fp32": torch.float32, "tf32": torch.float32, "bf16": torch.bfloat16}
SECONDS = 1.0  # of products timed together, about: long enough for a GPU to reach the clock it can hold


def products_seconds(a: torch.Tensor, b: torch.Tensor, count: int) -> float:
    product = a @ b
    float(product[0, 0])  # Waits for all that was launched before.
    start = time.perf_counter()
    for _ in range(count):
        torch.mm(a, b, out=product)
    float(product[0, 0])
    return time.perf_counter() - start


def rate(size: int, precision: str, device: str) -> float:
    """FLOP a second, the best of three runs."""
    torch.set_float32_matmul_precision("high" if precision == "tf32" else "highest")
    a, b = (torch.randn(size, size, device=device).to(TYPES[precision]) for _ in range(2))
    count = max(1, round(SECONDS / 3 / products_seconds(a, b, 1)))
    return max(2.0 * size**3 * count / products_seconds(a, b, count) for _ in range(3))


def main() -> None:
    parser = argparse.ArgumentParser(description="Measures the peak of a device.")
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cuda")
    parser.add_argument("--sizes", nargs="+", type=int, default=[4096, 8192, 16384])
    options = parser.parse_args()
    if options.device == "cuda" and not torch.cuda.is_available():
        sys.exit("PyTorch sees no CUDA device.")
    rates = {}
    for precision in TYPES:
        rates[precision] = {size: rate(size, precision, options.device) for size in options.sizes}
        best = max(rates[precision].values())
        print(f"{precision}: {best / 1e12:.3g} TFLOP/s, the best of sizes {options.sizes}", file=sys.stderr)
    print(json.dumps({"version": torch.__version__, "flops_per_second": rates}))


if __name__ == "__main__":
    main()
