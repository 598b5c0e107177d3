"""Writes the manual pages of the program's commands, from what they declare themselves.

    flowmatch --experimental-dump-help | manual.py VERSION FOLDER

FOLDER/flowmatch.1 is the program's page, FOLDER/flowmatch-train.1 that of a command, in mdoc(7).
"""

import datetime
import json
import pathlib
import re
import subprocess
import sys

EXIT_STATUS = [
    ("0", "All went well."),
    ("1", "Something is wrong with a file, a setting or a device; one sentence on standard error says what."),
    ("64", "The command line cannot be understood."),
    ("128 and a signal's number", "That signal ended the process: 130 after Ctrl-C. What was trained is saved."),
]
ENVIRONMENT = [
    ("PJRT_PLUGIN_LIBRARY_PATH", "The PJRT plugin to be used where --plugin names none."),
    ("FLOWMATCH_DATA", "The folder of MNIST's files, where data.folder is not set."),
    ("XDG_CACHE_HOME", "Where compiled programs and decoded pictures are kept, in flowmatch; otherwise in ~/.cache."),
    ("XLA_FLAGS", "Options of XLA's compiler."),
]
FILES = [
    ("share/flowmatch", "Beside the folder of the program: plugins, libraries, feature networks and data that it came with."),
    (".setup", "The same in the current folder or the nearest above it, where the program has no such folder."),
    ("RUN/config.json", "The settings of a run."),
    ("RUN/metrics.jsonl", "Its losses, a line a step."),
    ("RUN/checkpoints", "Its states, as safetensors files."),
]


def escaped(text):
    text = text.replace("\\", "\\e").replace("-", "\\-")
    # Keys, values and names of files are not hyphenated.
    text = re.sub(r"(?<!\S)(?=\S*(?:[_=]|\w[./]\w))", r"\\%", text)
    return "\\&" + text if text[:1] in (".", "'") else text


def quoted(text):
    """One argument of a macro, whose words are no macros themselves."""
    return '"' + escaped(text).replace('"', '""') + '"'


def paragraphs(text):
    """Running text; indented lines are kept as they are."""
    lines, literal, gap = [], False, False
    for line in text.splitlines():
        if line.startswith(" ") != literal and line.strip():
            lines.append(".Ed" if literal else ".Bd -literal -offset indent")
            literal, gap = not literal, False
        if not line.strip():
            gap = True
            continue
        if gap and not literal:
            lines.append(".Pp")
        gap = False
        lines.append(escaped(line.strip()))
    return lines + ([".Ed"] if literal else [])


def item(argument):
    value = f" Ar {quoted(argument['valueName'])}" if argument["kind"] != "flag" else ""
    names = [f"Fl {escaped('-' * (name['kind'] != 'short') + name['name'])}" for name in argument.get("names", [])]
    return ".It " + " , ".join(names) + value if names else ".It" + value


def explained(argument):
    """What an argument is, which values it has and which of them by default: its paragraphs."""
    values = argument.get("allValues", [])
    notes = ["values: " + ", ".join(values)] if values else []
    notes += ["default: " + argument["defaultValue"]] if argument.get("defaultValue") else []
    abstract = " ".join(filter(None, [argument.get("abstract"), f"({'; '.join(notes)})" if notes else ""]))
    return [text for text in (abstract, argument.get("discussion")) if text]


def usage(command):
    lines = []
    for argument in command.get("arguments", []):
        if argument["kind"] == "positional" and argument.get("shouldDisplay", True):
            dots = " ..." if argument.get("isRepeating") else ""
            word = f"Ar {quoted(argument['valueName'])}{dots}"
            lines.append(f".Op {word}" if argument.get("isOptional") else f".{word}")
    return lines + [".Op Ar options"]


def options(command):
    groups = {}
    for argument in command.get("arguments", []):
        if argument.get("shouldDisplay", True):
            groups.setdefault(argument.get("sectionTitle", ""), []).append(argument)
    lines = []
    for title, arguments in groups.items():
        if title:
            lines.append(f".Ss {quoted(title)}")
        lines.append(".Bl -tag -width Ds")
        for argument in arguments:
            lines.append(item(argument))
            for part in explained(argument):
                lines += paragraphs(part)
        lines.append(".El")
    return lines


def listed(title, pairs, macro):
    lines = [f".Sh {title}", ".Bl -tag -width Ds"]
    for name, words in pairs:
        lines += [f".It {macro} {quoted(name)}", escaped(words)]
    return lines + [".El"]


def page(command, names, version, date):
    name = "-".join(names)
    subcommands = [c for c in command.get("subcommands", []) if c["commandName"] != "help"]
    lines = [
        f".Dd {date:%B} {date.day}, {date.year}", f".Dt {name.upper()} 1", f'.Os "flowmatch {version}"',
        ".Sh NAME", f".Nm {escaped(name)}", f".Nd {escaped(command['abstract'].rstrip('.'))}",
        ".Sh SYNOPSIS", f".Nm {quoted(' '.join(names))}",
    ]
    lines += [".Ar command", ".Op Ar options"] if subcommands else usage(command)
    if command.get("discussion") or subcommands:
        lines += [".Sh DESCRIPTION"] + paragraphs(command.get("discussion") or "")
    if subcommands:
        lines += [".Pp", "The commands are:", ".Bl -tag -width Ds"]
        for sub in subcommands:
            lines += [f".It Ic {escaped(sub['commandName'])}", escaped(sub["abstract"])]
        lines.append(".El")
    if command.get("arguments"):
        lines += [".Sh OPTIONS"] + options(command)
    if len(names) == 1:
        lines += listed("ENVIRONMENT", ENVIRONMENT, "Ev") + listed("FILES", FILES, "Pa")
    lines += listed("EXIT STATUS", EXIT_STATUS, "Li") + [".Sh SEE ALSO"]
    others = [names + [sub["commandName"]] for sub in subcommands]
    if len(names) > 1:
        others = [names[:-1]] + others
    if names[1:] not in ([], ["settings"]):
        others.append([names[0], "settings"])
    lines += [f".Xr {escaped('-'.join(other))} 1 ," for other in others[:-1]] + [f".Xr {escaped('-'.join(others[-1]))} 1"]
    return name, "\n".join(lines) + "\n"


def pages(command, names, version, date):
    yield page(command, names, version, date)
    for sub in command.get("subcommands", []):
        if sub["commandName"] != "help":
            yield from pages(sub, names + [sub["commandName"]], version, date)


def last_change():
    """The day of the last commit, so that the same sources give the same pages; outside a repository, today."""
    try:
        git = subprocess.run(["git", "log", "-1", "--format=%cs"], capture_output=True, text=True)
        return datetime.date.fromisoformat(git.stdout.strip())
    except (OSError, ValueError):
        return datetime.date.today()


if __name__ == "__main__":
    version, folder = sys.argv[1:]
    command = json.load(sys.stdin)["command"]
    for name, text in pages(command, [command["commandName"]], version, last_change()):
        (pathlib.Path(folder) / f"{name}.1").write_text(text)
