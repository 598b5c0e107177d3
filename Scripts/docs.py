"""Steps of docs.sh that are about text.

    docs.py comments WORK MODULE...      gives settings their sentences as comments; fails where a public symbol has none
    docs.py catalogues WORK MODULE...    writes WORK/*.docc: the repository's pages as docc reads them

Pages are written for the repository, where links are paths. In a catalogue a link to a page or to a documented module is one
of docc's, and a link to another file is text. What the program says of itself, settings and commands, becomes tables.
"""

import json
import pathlib
import re
import shutil
import sys

from manual import explained

DOCUMENTATION = pathlib.Path("Documentation")
START = DOCUMENTATION / "README.md"
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)")


def declared_sentence(symbol, manual):
    """What a setting's or a slot's declaration says that it is; None for all other symbols.

    The sentence is in the attribute, or, where it is another declaration's, in what the program says of itself.
    """
    place = symbol.get("location")
    if symbol["kind"]["identifier"] != "swift.property" or not place:
        return None
    lines = pathlib.Path(place["uri"].removeprefix("file://")).read_text().splitlines()
    last = place["position"]["line"]
    first = last
    while not lines[first].strip().startswith(("@Setting(", "@Slot(")):
        if first == 0 or not lines[first - 1].strip() or lines[first - 1].rstrip().endswith(("}", "{")):
            return None
        first -= 1
        if first < last and re.search(r" var \w+", lines[first]):
            return None
    attribute = " ".join(line.strip() for line in lines[first : last + 1])
    sentence = re.match(r'@Setting\(\s*"((?:[^"\\]|\\.)*)"', attribute)
    key = re.sub(r"(?<!^)([A-Z])", r"_\1", symbol["pathComponents"][-1]).lower()
    return sentence[1] if sentence else manual.get(key)


def names_of(graph):
    return {name for symbol in graph["symbols"] for name in symbol["pathComponents"]}


def linked(text, module, declared):
    """A comment's links as docc wants them: those to another module's symbols with its name, those to none as code."""

    def replaced(match):
        first = match[1].partition("/")[0]
        if first in declared[module] or "/" in match[1] and first == "":
            return match[0]
        others = [other for other, names in declared.items() if first in names]
        return f"``/{others[0]}/{match[1]}``" if others else f"`{match[1]}`"

    return re.sub(r"``([^`]+)``", replaced, text)


def completed(symbol, module, declared):
    """The lines of a comment, with its links, and where it speaks of parameters with those that are always the same."""
    lines = symbol["docComment"]["lines"]
    for line in lines:
        line["text"] = linked(line["text"], module, declared)
    names = {parameter["name"] for parameter in symbol.get("functionSignature", {}).get("parameters", [])}
    if {"file", "line"} <= names and any(line["text"].lstrip().startswith("- Parameter") for line in lines):
        lines += [{"text": f"- Parameter {name}: of the call, for messages"} for name in ("file", "line")]


def comments(work, modules):
    """Names the public symbols without a comment. A block of an extension needs none: its members have theirs."""
    declared = {module: set() for module in modules}
    for module in modules:
        for file in (work / module).glob("*.symbols.json"):
            declared[module] |= names_of(json.loads(file.read_text()))
    manual = {}
    for section in json.loads((work / "settings.json").read_text())["sections"]:
        manual.setdefault(section["name"], section["summary"])
        for knob in section["knobs"] + [knob for kind in section["kinds"] for knob in kind["knobs"]]:
            manual.setdefault(knob["key"].rpartition(".")[2], knob["summary"])
    found = set()
    for module in modules:
        for file in sorted((work / module).glob("*.symbols.json")):
            graph = json.loads(file.read_text())
            for symbol in graph["symbols"]:
                if "docComment" in symbol:
                    completed(symbol, module, declared)
                if "docComment" in symbol or symbol["kind"]["identifier"] == "swift.extension":
                    continue
                sentence = declared_sentence(symbol, manual)
                if sentence:
                    symbol["docComment"] = {"module": module, "lines": [{"text": sentence}]}
                    continue
                place = symbol.get("location", {"uri": "", "position": {"line": -1}})
                source = place["uri"].rpartition("/Sources/")[2]
                name = ".".join(symbol["pathComponents"])
                found.add(f"Sources/{source}:{place['position']['line'] + 1}: {name} has no comment")
            file.write_text(json.dumps(graph))
    for line in sorted(found):
        print(line, file=sys.stderr)
    if found:
        sys.exit(f"docs: {len(found)} public symbols have no comment")


def anchor(heading):
    """A heading as the hosts of repositories name it."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def headings(page):
    """The page's headings below its title, by their anchors."""
    lines = re.findall(r"^##+ (.*)$", page.read_text(), re.M)
    return {anchor(line): line for line in lines}


def types_of(work, modules):
    """The module of each type that only one of them declares."""
    found = {}
    for module in modules:
        for symbol in json.loads((work / module / f"{module}.symbols.json").read_text())["symbols"]:
            name = symbol["pathComponents"][0]
            if len(symbol["pathComponents"]) == 1 and name[:1].isupper():
                found.setdefault(name, set()).add(module)
    return {name: min(modules) for name, modules in found.items() if len(modules) == 1}


class Catalogue:
    """Turns pages into those of a catalogue, from which the pages of some modules can be linked to."""

    def __init__(self, work, modules):
        root = pathlib.Path.cwd()
        self.types = types_of(work, modules)
        self.pages = {}
        self.pictures = set()
        for module in modules:
            self.pages[(root / "Sources" / module / "README.md").resolve()] = "/" + module
            self.pages[(root / "Sources" / module).resolve()] = "/" + module

    def add(self, pages):
        self.pages.update({page.resolve(): page.stem for page in pages})

    def target(self, page, link):
        """What docc calls the page that a link leads to; None for what is no page of the site."""
        path, _, fragment = link.partition("#")
        file = (page.parent / path).resolve() if path else page.resolve()
        name = self.pages.get(file)
        if name is None:
            return None
        # Docc knows of the headings of the same catalogue alone.
        if fragment and not name.startswith("/"):
            heading = headings(file)[fragment]
            name += "#" + re.sub(r"[\s,()]+", "-", heading).strip("-")
        return "doc:" + name

    def text(self, page, text):
        def replaced(match):
            picture, words, link = match.groups()
            if "://" in link:
                return match[0]
            if picture:
                self.pictures.add((page.parent / link).resolve())
                return f"![{words}]({pathlib.Path(link).name})"
            target = self.target(page, link)
            return words if target is None else f"[{words}]({target})"

        def named(match):
            module = self.types.get(match[1])
            return f"``/{module}/{match[1]}``" if module else match[0]

        pieces = re.split(r"(^```.*?^```$|^#[^\n]*$)", text, flags=re.M | re.S)
        for index, piece in enumerate(pieces):
            if not piece.startswith(("```", "#")):
                pieces[index] = re.sub(r"(?<![`\[])`(\w+)`(?!`)", named, LINK.sub(replaced, piece))
        return "".join(pieces)


def modules_page(modules):
    """The modules with what they are. They are no topics: the navigator would find them there, without what is in them."""
    text = "# The modules\n\nWhat `import FlowMatching` brings, and the modules of the other products.\n\n"
    text += "| module | what it is |\n| --- | --- |\n"
    for module in modules:
        summary = (pathlib.Path("Sources") / module / "README.md").read_text().split("\n\n")[1]
        sentence = re.sub(r"\s*\(\[[^\]]*\]\([^)]*\)\)", "", re.split(r"[.:](?:\s|$)", summary)[0])
        text += f"| [{module}](doc:/documentation/{module}) | {cell(sentence)} |\n"
    return text


def start_page(text):
    """Lists of links become topics, whose words docc takes from the pages themselves."""
    head, *sections = re.split(r"^## ", text, flags=re.M)
    topics, rest = [], []
    for section in sections:
        title, _, body = section.partition("\n")
        links = re.findall(r"^- \[[^\]]*\]\((doc:[^)]+)\).*$", body, re.M)
        topics.append(f"### {title}\n\n" + "".join(f"- <{link}>\n" for link in links))
        rest += [line for line in re.sub(r"^- .*\n?", "", body, flags=re.M).split("\n\n") if line.strip()]
    title, _, introduction = head.partition("\n")
    overview = "".join(paragraph.strip() + "\n\n" for paragraph in rest)
    return (
        f"{title}\n\n@Metadata {{\n    @TechnologyRoot\n}}\n{introduction}\n{overview}## Topics\n\n" + "\n".join(topics)
    )


def cell(text):
    return str(text).replace("|", "\\|").replace("<", "\\<").replace("\n", " ") or " "


def coded(text):
    """Flags in running text as code, whose dashes docc leaves alone."""
    return re.sub(r"(?<![`\w-])(--[a-z][a-z-]*(?:[ =][\w.]+=(?:\.\.\.|[\w.]*\w))?)", r"`\1`", text)


def settings_of(slot):
    """A slot's kinds with their settings, as the program declares them."""
    text = "\n## Settings of each kind\n"
    for kind in slot["kinds"]:
        text += f"\n### {kind['name']}\n\n{cell(kind['summary'])}\n"
        if not kind["knobs"]:
            continue
        text += "\n| setting | default | what it is |\n| --- | --- | --- |\n"
        for knob in kind["knobs"]:
            value = knob["default_value"]
            words = ",".join(map(str, value)) if isinstance(value, list) else value
            words = str(words).lower() if isinstance(words, bool) else words
            unit = f" {knob['unit']}" if knob["unit"] else ""
            rule = knob["rule"][:1].upper() + knob["rule"][1:]
            text += f"| `{knob['key']}` | {cell(words)}{unit} | {cell(knob['summary'])} {cell(rule)}. |\n"
    return text


def flags(argument):
    names = ["-" * (1 if n["kind"] == "short" else 2) + n["name"] for n in argument.get("names", [])]
    value = f" <{argument['valueName']}>" if argument["kind"] == "option" else ""
    if not names:
        return f"<{argument['valueName']}>"
    return ", ".join(names) + value


def subcommands(command, name):
    for sub in command.get("subcommands", []):
        if sub["commandName"] != "help":
            yield sub, f"{name} {sub['commandName']}"
            yield from subcommands(sub, f"{name} {sub['commandName']}")


def command_page(command, name):
    """A command's own declaration as a page."""
    text = f"# {name}\n\n{cell(command['abstract'])}\n"
    if command.get("discussion"):
        lines = command["discussion"].replace("\n  ", "\n    ").splitlines()
        words = (line if line.startswith("    ") else coded(line).replace("<", "\\<") for line in lines)
        text += "\n## Overview\n\n" + "\n".join(words) + "\n"
    groups = {}
    for argument in command.get("arguments", []):
        if argument.get("shouldDisplay", True) and argument.get("names", [{}])[-1:] != [{"kind": "long", "name": "help"}]:
            groups.setdefault(argument.get("sectionTitle", "Options"), []).append(argument)
    for title, arguments in groups.items():
        text += f"\n## {title}\n\n| option | what it does |\n| --- | --- |\n"
        for argument in arguments:
            text += f"| `{flags(argument)}` | {coded(cell(' '.join(explained(argument))))} |\n"
    return text


def catalogues(work, modules):
    for index, module in enumerate(modules):
        catalogue = Catalogue(work, modules[: index + 1])
        page = pathlib.Path("Sources") / module / "README.md"
        folder = work / f"{module}.docc"
        folder.mkdir()
        _, _, text = page.read_text().partition("\n")
        (folder / f"{module}.md").write_text(f"# ``{module}``\n" + catalogue.text(page, text))
    catalogue = Catalogue(work, modules)
    catalogue.add(DOCUMENTATION.rglob("*.md"))
    folder = work / "FlowMatching.docc"
    folder.mkdir()
    slots = {section["name"]: section for section in json.loads((work / "settings.json").read_text())["sections"]}
    for page in sorted(DOCUMENTATION.rglob("*.md")):
        text = catalogue.text(page, page.read_text())
        if page == START:
            continue
        if page.parent.name == "Slots":
            text += settings_of(slots[re.search(r"`flowmatch settings (\w+)`", text)[1]])
        (folder / page.name).write_text(text)
    commands = list(subcommands(json.loads((work / "commands.json").read_text())["command"], "flowmatch"))
    for command, name in commands:
        (folder / f"{name.replace(' ', '-')}.md").write_text(command_page(command, name))
    text = catalogue.text(START, START.read_text())
    text += "\n## The commands\n\n" + "".join(
        f"- [{name}](doc:{name.replace(' ', '-')})\n" for _, name in commands
    )
    (folder / "TheModules.md").write_text(modules_page(modules))
    text = text.replace("## Look it up\n\n", "## Look it up\n\n- [The modules](doc:TheModules)\n")
    (folder / "FlowMatching.md").write_text(start_page(text))
    for picture in catalogue.pictures:
        shutil.copy(picture, folder)


if __name__ == "__main__":
    step, work, *modules = sys.argv[1:]
    {"comments": comments, "catalogues": catalogues}[step](pathlib.Path(work), modules)
