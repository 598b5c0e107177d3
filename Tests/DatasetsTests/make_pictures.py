"""Makes Goldens/pictures: small files of every kind that is hard to decode, with their pixels as Pillow decodes them.

    python make_pictures.py Goldens/pictures        (needs Pillow 13 and NumPy)

NAME.png or NAME.jpg is the file, NAME.npy its pixels (height x width x channels), upright. What Pillow cannot write
(interlaced files, colours of 16 bits) is written here; what it does not read as it should (16 bits) is known from how the
file was made. squares.npz holds some of them brought into squares.
"""

import struct
import sys
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

folder = Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
random = np.random.default_rng(7)
WIDTH, HEIGHT = 19, 13


def smooth(channels, width=WIDTH, height=HEIGHT):
    """A picture that a JPEG file keeps roughly: colours that change slowly."""
    y, x = np.mgrid[0:height, 0:width]
    planes = [127 + 120 * np.sin(x / (5 + 2 * c) + c) * np.cos(y / (4 + c)) for c in range(channels)]
    return np.stack(planes, -1).clip(0, 255).astype(np.uint8)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(name, samples, depth, color_type, interlaced=False, extra=b""):
    """Writes a PNG file of samples, height x width x channels."""
    height, width, _ = samples.shape

    def rows(part):
        wide = part.astype(">u2").tobytes() if depth == 16 else part.astype(np.uint8).tobytes()
        size = len(wide) // part.shape[0]
        return b"".join(b"\0" + wide[i * size:(i + 1) * size] for i in range(part.shape[0]))

    passes = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]
    parts = [samples[a::c, b::d] for a, b, c, d in passes] if interlaced else [samples]
    data = b"".join(rows(part) for part in parts if part.size)
    header = struct.pack(">IIBBBBB", width, height, depth, color_type, 0, 0, int(interlaced))
    (folder / f"{name}.png").write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b""))


def keep(name, pixels):
    np.save(folder / f"{name}.npy", np.ascontiguousarray(pixels.reshape(*pixels.shape[:2], -1)))


def decoded(file, mode):
    image = ImageOps.exif_transpose(Image.open(folder / file))
    return np.asarray(image.convert(mode))


noise = {channels: random.integers(0, 256, (HEIGHT, WIDTH, channels), dtype=np.uint8) for channels in (1, 2, 3, 4)}
for name, channels, color_type in (("gray", 1, 0), ("gray-alpha", 2, 4), ("rgb", 3, 2), ("rgba", 4, 6)):
    png(name, noise[channels], 8, color_type)
    keep(name, decoded(f"{name}.png", {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}[channels]))
    png(f"{name}-interlaced", noise[channels], 8, color_type, interlaced=True)
    keep(f"{name}-interlaced", noise[channels])
    wide = random.integers(0, 65536, (HEIGHT, WIDTH, channels))
    png(f"{name}-16", wide, 16, color_type)
    keep(f"{name}-16", np.round(wide * 255 / 65535).astype(np.uint8))
png("rgb-16-interlaced", wide[..., :3], 16, 2, interlaced=True)
keep("rgb-16-interlaced", np.round(wide[..., :3] * 255 / 65535).astype(np.uint8))
# A gamma of 1 that is not obeyed, as Pillow does not.
png("rgb-gamma", noise[3], 8, 2, extra=chunk(b"gAMA", struct.pack(">I", 100000)))
keep("rgb-gamma", noise[3])
# One gray, one colour that stand for full transparency.
png("gray-key", noise[1], 8, 0, extra=chunk(b"tRNS", struct.pack(">H", int(noise[1][2, 3, 0]))))
keep("gray-key", np.concatenate([noise[1], np.where(noise[1] == noise[1][2, 3, 0], 0, 255).astype(np.uint8)], -1))

palette = Image.fromarray(smooth(3)).quantize(16)
palette.save(folder / "palette.png")
keep("palette", decoded("palette.png", "RGB"))
palette.save(folder / "palette-alpha.png", transparency=bytes(range(0, 256, 16)))
keep("palette-alpha", decoded("palette-alpha.png", "RGBA"))
Image.fromarray(noise[1][..., 0] > 127).save(folder / "bits.png")
keep("bits", decoded("bits.png", "L"))

Image.fromarray(smooth(1)[..., 0]).save(folder / "jpeg-gray.jpg", quality=90)
keep("jpeg-gray", decoded("jpeg-gray.jpg", "L"))
for name, options in (
    ("jpeg", {}), ("jpeg-progressive", {"progressive": True}), ("jpeg-full", {"subsampling": 0}),
    ("jpeg-optimized", {"optimize": True, "quality": 40}),
):
    Image.fromarray(smooth(3, 37, 29)).save(folder / f"{name}.jpg", **options)
    keep(name, decoded(f"{name}.jpg", "RGB"))
Image.fromarray(smooth(4), mode="CMYK").save(folder / "jpeg-cmyk.jpg", quality=95)
keep("jpeg-cmyk", decoded("jpeg-cmyk.jpg", "RGB"))

for orientation in range(1, 9):
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(smooth(3, 24, 16)).save(folder / f"turned-{orientation}.jpg", exif=exif)
    keep(f"turned-{orientation}", decoded(f"turned-{orientation}.jpg", "RGB"))
exif = Image.Exif()
exif[0x0112] = 6
Image.fromarray(noise[3]).save(folder / "turned.png", exif=exif)
keep("turned", decoded("turned.png", "RGB"))

# Squares of 8: the middle, padded and drawn out; over a background of 10, 200, 90.
squares = {}
background = (10, 200, 90)
for name, file, mode in (("rgba", "rgba.png", "RGBA"), ("jpeg", "jpeg.jpg", "RGB"), ("gray", "gray.png", "L")):
    image = Image.open(folder / file)
    if mode == "RGBA":
        below = Image.new("RGB", image.size, background)
        below.paste(image, mask=image.getchannel("A"))
        image = below
    width, height = image.size
    side = min(width, height)
    left, top = (width - side) // 2, (height - side) // 2
    squares[f"{name}-crop"] = image.crop((left, top, left + side, top + side))
    squares[f"{name}-stretch"] = image
    padded = Image.new("RGB", (max(width, height),) * 2, background)
    # The left and the top get the larger half.
    padded.paste(image, (-((width - max(width, height)) // 2), -((height - max(width, height)) // 2)))
    squares[f"{name}-pad"] = padded
np.savez_compressed(
    folder / "squares.npz",
    **{name: np.asarray(image.resize((8, 8), Image.Resampling.BILINEAR)) for name, image in squares.items()})
