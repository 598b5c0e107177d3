"""What the set-up does with a downloaded wheel: check it, take files out of it, see that a library loads.

    wheel.py check WHEEL SHA256
    wheel.py extract WHEEL MEMBER FOLDER        one file, without the folders it lies in
    wheel.py unpack WHEEL FOLDER PATTERN...     files with their folders and permissions
    wheel.py load LIBRARY
"""

import ctypes
import fnmatch
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
            f"{expected}): the download is damaged or its source is not to be trusted; run the set-up again"
        )


def extract(wheel, member, folder):
    target = os.path.join(folder, os.path.basename(member))
    with zipfile.ZipFile(wheel) as archive, archive.open(member) as source, open(target, "wb") as file:
        shutil.copyfileobj(source, file, 1 << 20)


def unpack(wheel, folder, *patterns):
    with zipfile.ZipFile(wheel) as archive:
        for pattern in patterns:
            members = fnmatch.filter(archive.namelist(), pattern)
            if not members:
                sys.exit(f"setup: {os.path.basename(wheel)} holds no {pattern}: its version is not the one expected")
            for member in members:
                path = archive.extract(member, folder)
                os.chmod(path, (archive.getinfo(member).external_attr >> 16) & 0o777 | 0o600)


def load(library):
    try:
        ctypes.CDLL(library)
    except OSError as error:
        sys.exit(
            f"setup: {os.path.basename(library)} does not load: {error}; install the library it names (Debian and "
            "Ubuntu: libgomp1, libstdc++6, zlib1g), then run the set-up again"
        )


if __name__ == "__main__":
    {"check": check, "extract": extract, "unpack": unpack, "load": load}[sys.argv[1]](*sys.argv[2:])
