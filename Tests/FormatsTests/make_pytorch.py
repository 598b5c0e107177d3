"""Writes Goldens/pytorch: files of torch.save, and what stands in them as safetensors.

    .setup/bench-venv/bin/python Tests/FormatsTests/make_pytorch.py
"""

import pathlib
import zipfile

import torch
from safetensors.torch import save_file

FOLDER = pathlib.Path(__file__).parent / "Goldens" / "pytorch"


def tensors() -> dict[str, torch.Tensor]:
    """Every type, and every way to lie in a storage."""
    whole = torch.arange(60, dtype=torch.float32).reshape(3, 4, 5) / 8
    types = ["float64", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool", "uint16", "uint32"]
    return {
        "whole": whole,
        "tied": whole,
        "turned": whole.permute(2, 0, 1),
        "part": whole[1:, 1:3, ::2],
        "row": whole[2, 3],
        "scalar": torch.tensor(2.5),
        "empty": torch.zeros(0, 4),
        "one": whole[1:2, :, 4:],
        "channels.last": torch.randn(2, 3, 4, 4).to(memory_format=torch.channels_last),
        **{f"types.{name}": torch.tensor([[1, 0, 3]], dtype=getattr(torch, name)) for name in types},
    }


def with_member(source: pathlib.Path, target: str, member: str, content: bytes) -> None:
    """Copies a file of torch.save with another member, or another content of one."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(FOLDER / target, "w") as new:
        folder = old.namelist()[0].rpartition("/")[0]
        for name in old.namelist():
            if name != f"{folder}/{member}":
                new.writestr(zipfile.ZipInfo(name), old.read(name))
        new.writestr(zipfile.ZipInfo(f"{folder}/{member}"), content)


def main() -> None:
    torch.manual_seed(5)
    FOLDER.mkdir(parents=True, exist_ok=True)
    state = tensors()
    save_file({name: value.clone().contiguous() for name, value in state.items()}, FOLDER / "expected.safetensors")
    for protocol in (2, 5):
        torch.save(state, FOLDER / f"protocol-{protocol}.pt", pickle_protocol=protocol)

    layer = torch.nn.Linear(2, 3)
    layer.weight.note = "a parameter with an attribute"
    nested = {
        "epoch": 7,
        "losses": [1.5, None, True, 10**30, (2, "x")],
        "size": torch.Size([2, 3]),
        "device": torch.device("cpu"),
        "type": torch.float16,
        "set": {1, 2},
        "parameters": dict(layer.named_parameters()),
        "trainer": {"net": layer.state_dict(), "step": 3},
        "optimizer": torch.optim.Adam(layer.parameters()).state_dict(),
    }
    torch.save(nested, FOLDER / "nested.pt")
    with_member(FOLDER / "nested.pt", "big-endian.pt", "byteorder", b"big")
    with_member(FOLDER / "nested.pt", "program.pt", "constants.pkl", b"\x80\x02).")  # as torch.jit.save has
    torch.save({"a": torch.ones(1).expand(3)}, FOLDER / "expanded.pt")
    torch.save(layer.state_dict(), FOLDER / "old-form.pt", _use_new_zipfile_serialization=False)
    torch.save(torch.nn.Linear(1, 1), FOLDER / "module.pt")
    torch.save([1, 2], FOLDER / "no-tensors.pt")
    torch.serialization.set_crc32_options(False)
    torch.save({"a": torch.arange(3.0)}, FOLDER / "unchecked.pt")


main()
