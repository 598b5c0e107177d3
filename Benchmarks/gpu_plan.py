"""What a measurement on a GPU consists of, and how far it has come; a file that is whole at every moment."""

import dataclasses
import json
import os
import pathlib


@dataclasses.dataclass
class Entry:
    """A part of the plan."""

    name: str
    title: str
    expected: float  # seconds
    state: str = "waiting"  # then begun; done, failed or skipped
    reason: str = ""
    seconds: float = 0.0

    @property
    def is_done(self) -> bool:
        return self.state == "done"

    @property
    def said(self) -> str:
        """How far it has come, for people."""
        words = {"waiting": "not begun", "begun": "not finished"}.get(self.state, self.state)
        return f"{words}: {self.reason}" if self.reason else words


class Plan:
    """All parts, the one worth most first, and the file that says how far they have come."""

    def __init__(self, file: pathlib.Path, entries: list[Entry]):
        self._file = file
        before = {entry.name: entry for entry in read(file)}
        # What is done stays done; anything else is tried anew. Parts of earlier calls that are not asked for now stay.
        self.entries = [before[one.name] if one.name in before and before[one.name].is_done else one for one in entries]
        asked = {entry.name for entry in entries}
        self._others = [entry for entry in before.values() if entry.name not in asked]

    def write(self) -> None:
        values = [dataclasses.asdict(entry) for entry in self.entries + self._others]
        write_whole(self._file, json.dumps(values, indent=1) + "\n")


def read(file: pathlib.Path) -> list[Entry]:
    return [Entry(**values) for values in json.loads(file.read_text())] if file.exists() else []


def write_whole(file: pathlib.Path, text: str) -> None:
    """Replaces a file at once: whoever is ended in the middle leaves the old one."""
    new = file.with_name(f".{file.name}.{os.getpid()}")
    new.write_text(text)
    os.replace(new, file)
