"""How long a folder of pictures takes to load: flowmatch, cold and from its cache, beside torchvision's ImageFolder.

    python load_image_folder.py make FOLDER [--count 50000]     32 x 32 in colour, ten classes, PNG
    python load_image_folder.py time FOLDER --flowmatch .build/release/flowmatch

Needs Pillow and NumPy, and torchvision for its part. Every system reads each picture once and makes a square of 32 x 32 of
it: flowmatch computes the checksum of its pixels besides. All use the machine's cores. The files are read once before, so
that none is slowed by the disk.
"""

import argparse
import os
import subprocess
import tempfile
import time
from pathlib import Path

SIDE, CLASSES = 32, 10


def make(folder, count):
    import numpy as np
    from PIL import Image

    random = np.random.default_rng(0)
    for label in range(CLASSES):
        (folder / str(label)).mkdir(parents=True, exist_ok=True)
    y, x = np.mgrid[0:SIDE, 0:SIDE] / SIDE
    for index in range(count):
        waves = [np.sin(a * x + b * y + c) for a, b, c in random.uniform(-9, 9, (3, 3))]
        pixels = np.stack(waves, -1) * 100 + 128 + random.normal(0, 8, (SIDE, SIDE, 3))
        image = Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
        image.save(folder / str(index % CLASSES) / f"{index:06}.png")
    print(f"{folder}: {count} pictures")


def seconds(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def flowmatch(program, folder):
    with tempfile.TemporaryDirectory() as cache:
        def load():
            subprocess.run(
                [program, "data", folder], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                env={**os.environ, "XDG_CACHE_HOME": cache})
        print(f"flowmatch, decoding: {seconds(load):.1f} s")
        print(f"flowmatch, from its cache: {min(seconds(load) for _ in range(3)):.1f} s")


def torchvision(folder, workers):
    try:
        import torch
        from torchvision import transforms
        from torchvision.datasets import ImageFolder
    except ImportError as error:
        print(f"torchvision: left out, {error}")
        return

    def load():
        steps = [transforms.Resize(SIDE), transforms.CenterCrop(SIDE), transforms.PILToTensor()]
        data = ImageFolder(folder, transforms.Compose(steps))
        loader = torch.utils.data.DataLoader(data, batch_size=500, num_workers=workers)
        images = torch.cat([batch for batch, _ in loader])
        assert images.shape == (len(data), 3, SIDE, SIDE)
    print(f"torchvision's ImageFolder, {workers} workers, every time: {seconds(load):.1f} s")


def main():
    parser = argparse.ArgumentParser(description="Times the loading of a folder of pictures.")
    parser.add_argument("command", choices=["make", "time"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=50_000)
    parser.add_argument("--flowmatch", default=".build/release/flowmatch")
    options = parser.parse_args()
    if options.command == "make":
        make(options.folder, options.count)
        return
    print(f"reading the files: {seconds(lambda: [f.read_bytes() for f in options.folder.rglob('*.png')]):.1f} s")
    flowmatch(options.flowmatch, options.folder)
    torchvision(options.folder, len(os.sched_getaffinity(0)))


if __name__ == "__main__":
    main()
