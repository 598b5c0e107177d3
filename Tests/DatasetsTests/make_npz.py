"""Makes Goldens/npz: small archives as NumPy writes them, good ones and such as must be refused.

    python make_npz.py Goldens/npz        (needs NumPy)
"""

import sys
from pathlib import Path

import numpy as np

folder = Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
first = np.arange(9 * 75, dtype=np.uint32).astype(np.uint8).reshape(9, 3, 5, 5)
last = np.ascontiguousarray(first.transpose(0, 2, 3, 1))
labels = np.array([0, 1, 2, 0, 1, 2, 3, 0, 1])


def save(name, images, labels=labels, compressed=False, keys=("x_train", "y_train", "x_test", "y_test")):
    parts = (images[:6], labels[:6], images[6:], labels[6:])
    (np.savez_compressed if compressed else np.savez)(folder / f"{name}.npz", **dict(zip(keys, parts)))


save("first", first)
save("last", last, labels.astype(np.uint8).reshape(-1, 1), True,
     ("train_images", "train_labels", "test_images", "test_labels"))
save("float", (last / np.float32(255)).astype(np.float32), labels.astype(np.int32))
save("double", last / 255, labels.astype(np.float64), True)
save("wide", last.astype(np.int64))
np.savez(folder / "whole.npz", images=np.arange(350).astype(np.uint8).reshape(10, 5, 7))

np.savez(folder / "other.npz", a=first, b=labels)
np.savez(folder / "ambiguous.npz", x_train=np.zeros((4, 3, 5, 3), np.uint8), y_train=labels[:4])
np.savez(folder / "flat.npz", x_train=np.zeros((4, 25), np.uint8), y_train=labels[:4])
save("scaled", last / 127.5 - 1)
save("negative", last, labels - 1)
save("many", last, labels + 100_000)
np.savez(folder / "short.npz", x_train=last[:6], y_train=labels[:5], x_test=last[6:], y_test=labels[6:])
np.savez(folder / "fortran.npz", x_train=np.asfortranarray(last), y_train=labels)
save("onehot", last, np.eye(4, dtype=np.uint8)[labels])
(folder / "text.npz").write_text("no archive\n")
