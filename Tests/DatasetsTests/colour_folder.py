"""A folder of pictures to train on, in four classes of known colours and shapes; and whether samples are like them.

    python colour_folder.py make FOLDER                  (needs Pillow and NumPy)
    python colour_folder.py check FOLDER SAMPLES.npy     samples of the four classes, equally many, in their order

Each class has 600 pictures of 32 x 32, PNG and JPEG in turn, and a shape of its colour on a dark ground whose place and
size vary. One picture of each kind that is hard to decode (palette, 16 bits, interlaced, alpha, CMYK, progressive, turned
by EXIF) is among them. FOLDER/colours.json says the mean colour of each class.
"""

import json
import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

SIDE, COUNT = 32, 600
CLASSES = {  # name: colour, shape
    "blue-cross": ((40, 70, 220), "cross"),
    "green-ring": ((40, 200, 70), "ring"),
    "red-disc": ((220, 50, 40), "disc"),
    "yellow-square": ((230, 210, 50), "square"),
}
# Of a class's mean colour, in steps of 255, for each of red, green and blue.
BOUND = 30


def picture(colour, shape, random):
    image = Image.new("RGB", (SIDE, SIDE), tuple(int(v) for v in random.integers(5, 25, 3)))
    draw = ImageDraw.Draw(image)
    radius = random.uniform(8, 12)
    x, y = random.uniform(13, 19, 2)
    shade = tuple(int(np.clip(v + random.normal(0, 8), 0, 255)) for v in colour)
    box = (x - radius, y - radius, x + radius, y + radius)
    if shape == "disc":
        draw.ellipse(box, fill=shade)
    elif shape == "square":
        draw.rectangle(box, fill=shade)
    elif shape == "ring":
        draw.ellipse(box, outline=shade, width=5)
    else:
        draw.rectangle((x - radius, y - 3, x + radius, y + 3), fill=shade)
        draw.rectangle((x - 3, y - radius, x + 3, y + radius), fill=shade)
    return image


def hard(image, folder):
    """The same picture as a file of every hard kind."""
    image.quantize(32).save(folder / "hard-palette.png")
    rgba = image.copy()
    rgba.putalpha(255)
    rgba.save(folder / "hard-alpha.png")
    image.convert("CMYK").save(folder / "hard-cmyk.jpg", quality=95)
    image.save(folder / "hard-progressive.jpg", progressive=True, quality=95)
    exif = Image.Exif()
    exif[0x0112] = 6
    image.rotate(90).save(folder / "hard-turned.jpg", exif=exif, quality=95)
    hand_made(np.asarray(image).astype(int) * 257, folder)


def hand_made(samples, folder):
    """Of 16 bits, and interlaced: Pillow writes neither."""
    import struct
    import zlib

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    passes = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]
    for name, parts in (("16", [samples]), ("interlaced", [samples[a::c, b::d] for a, b, c, d in passes])):
        data = b"".join(b"\0" + row.astype(">u2").tobytes() for part in parts for row in part)
        header = struct.pack(">IIBBBBB", SIDE, SIDE, 16, 2, 0, 0, int(name == "interlaced"))
        (folder / f"hard-{name}.png").write_bytes(
            b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b""))


def make(folder):
    means = {}
    for number, (name, (colour, shape)) in enumerate(CLASSES.items()):
        random = np.random.default_rng(number)
        target = folder / name
        target.mkdir(parents=True, exist_ok=True)
        total = np.zeros(3)
        for index in range(COUNT):
            image = picture(colour, shape, random)
            total += np.asarray(image).reshape(-1, 3).mean(0)
            if index % 2:
                image.save(target / f"{index:03}.png")
            else:
                image.save(target / f"{index:03}.jpg", quality=92)
        hard(image, target)
        means[name] = [round(float(v), 2) for v in total / COUNT]
    (folder / "colours.json").write_text(json.dumps(means, indent=2) + "\n")
    print(f"{folder}: {len(CLASSES)} classes of {COUNT} pictures and 7 hard ones each")


def check(folder, file):
    means = json.loads((folder / "colours.json").read_text())
    samples = np.load(file).astype(np.float64)
    if np.load(file, mmap_mode="r").dtype != np.uint8:
        samples = (samples.clip(-1, 1) + 1) * 127.5
    if samples.shape[1] == 3:
        samples = samples.transpose(0, 2, 3, 1)
    parts = np.split(samples, len(means))
    worst = 0.0
    for (name, expected), part in zip(sorted(means.items()), parts):
        found = part.reshape(-1, 3).mean(0)
        difference = np.abs(found - expected).max()
        worst = max(worst, difference)
        print(f"{name}: mean colour {found.round(1)}, of the pictures {expected}, off by {difference:.1f}")
    print(f"worst {worst:.1f}, bound {BOUND}: {'right' if worst <= BOUND else 'WRONG'}")
    sys.exit(worst > BOUND)


if __name__ == "__main__":
    command, folder = sys.argv[1], Path(sys.argv[2])
    make(folder) if command == "make" else check(folder, sys.argv[3])
