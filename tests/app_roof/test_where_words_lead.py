"""What the program and its pages tell people to open, run or read is there under that name."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from app.cli import _hang_heavy, cli
from supervisor_ui.tools import TOOLS

pytestmark = pytest.mark.qt

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("app", "agent_ui", "supervisor_ui", "sip", "dialer_core")
PAGES = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md")))
ENTRIES = {tool.title.removesuffix(" …") for _, tools in TOOLS for tool in tools}
_PATH = re.compile(r"(?<!System )\b(Manage|Settings)(?:,| >)\s+(.+)", re.DOTALL)
_SECTION = re.compile(rf"\b(?:{'|'.join(name for name, _ in TOOLS)})(?:,| >) ({'|'.join(ENTRIES)})")
_END = re.compile(r"[.:;)*…]|\s…|, (?=[a-z])|$")
_COMMAND = re.compile(
    r"\b(?:callfloor(?! on )|bootstrap\.py)((?: +[a-z][a-z-]*)+)((?: +(?!callfloor)[^ \n|`()]+)*)"
)
_LINK = re.compile(r"\]\(([^)\s]+)\)")


def texts_of(path: Path) -> Iterator[str]:
    """Each string of a module that is no docstring, with … for what is filled in."""
    tree = ast.parse(path.read_text())
    inner: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            inner.add(id(node.value))  # a docstring
        elif isinstance(node, ast.JoinedStr):
            inner.update(id(part) for part in node.values)
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = (one.value if isinstance(one, ast.Constant) else "…" for one in node.values)
            yield "".join(map(str, parts))
        elif id(node) not in inner and isinstance(node, ast.Constant):
            yield node.value if isinstance(node.value, str) else ""


def texts() -> list[tuple[str, str]]:
    """Where, and what: all sentences of the program, all paragraphs of the pages."""
    modules = (path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py")))
    found = [
        (str(path.relative_to(ROOT)), text)
        for path in modules
        if "migrations" not in path.parts
        for text in texts_of(path)
    ]
    for page in PAGES:
        found += [(page.name, text) for text in page.read_text().split("\n\n")]
    return found


TEXTS = texts()
LABELS = {text.removesuffix(" …") for where, text in TEXTS if where.startswith("supervisor_ui/")}
SETTINGS = set(texts_of(ROOT / "supervisor_ui/settings_dialog.py"))


def paths_in(text: str) -> Iterator[tuple[str, list[str]]]:
    """Each "Manage, This, That" of a text: the button, and what follows it."""
    for match in re.finditer(_PATH.pattern, text):
        told = " ".join(match[2].split())
        end = _END.search(told)
        assert end is not None
        yield match[1], re.split(r", | > ", told[: end.start()])


def is_label(words: str) -> bool:
    """Whether a button or a title has these words, which a sentence may follow."""
    return any(words == label or words.startswith(f"{label} ") for label in LABELS if label)


def test_each_way_through_the_windows_is_there() -> None:
    astray = []
    seen = set()
    for where, text in TEXTS:
        for button, (first, *further) in paths_in(text):
            names = ENTRIES if button == "Manage" else {one.removesuffix(" …") for one in SETTINGS}
            entry = max(
                (one for one in names if one and first.startswith(one)), key=len, default=""
            )
            seen.add(f"{button}, {entry}")
            if not entry or not all(map(is_label, further)):
                astray.append(f"{where}: {button}, {', '.join((first, *further))}")
        astray += [f"{where}: {found}" for found in _SECTION.findall(text)]
        if text.startswith("| window (Manage)"):
            rows = [line.split("|")[1].strip() for line in text.splitlines()[2:]]
            astray += [f"{where}: {row}" for row in rows if row not in ENTRIES]
    assert astray == []
    assert {"Manage, Backups", "Manage, Share this floor", "Settings, Trunk of the floor"} <= seen


def command_of(words: list[str], root: TyperGroup) -> tuple[TyperGroup | TyperCommand, list[str]]:
    """The command that they name, and the words left over."""
    found: TyperGroup | TyperCommand = root
    while words and isinstance(found, TyperGroup) and words[0] in found.commands:
        inner = found.commands[words[0]]
        assert isinstance(inner, (TyperGroup, TyperCommand))
        found, words = inner, words[1:]
    return found, words


def test_each_command_that_is_named_is_there() -> None:
    _hang_heavy(())
    root = get_command(cli)
    assert isinstance(root, TyperGroup)
    astray = []
    for where, text in TEXTS:
        for match in _COMMAND.finditer(text):
            if match[1].split()[0] == "test":  # of bootstrap.py itself
                continue
            command, left = command_of(match[1].split(), root)
            options = {name for one in command.params for name in (*one.opts, *one.secondary_opts)}
            wrong = [
                word
                for word in re.findall(r"(?<![\w-])--[a-z][a-z-]*", match[2])
                if word not in {*options, "--help"}
            ]
            if isinstance(command, TyperGroup) and left and not command.invoke_without_command:
                wrong.insert(0, left[0])
            if command is root or wrong:
                astray.append(f"{where}: {' '.join(match[0].split())}: {wrong}")
    assert astray == []


def anchors_of(page: Path) -> set[str]:
    heads = re.findall(r"^#+ (.+)$", page.read_text(), re.M)
    return {re.sub(r"[^\w\- ]", "", head).lower().replace(" ", "-") for head in heads}


def test_each_link_of_the_pages_leads_somewhere_and_each_picture_is_shown() -> None:
    astray = []
    shown = set()
    for page in PAGES:
        for link in _LINK.findall(page.read_text()):
            if "://" in link:
                continue
            name, _, anchor = link.partition("#")
            target = (page.parent / name).resolve() if name else page
            shown.add(target)
            if not target.exists() or (anchor and anchor not in anchors_of(target)):
                astray.append(f"{page.name}: {link}")
    assert astray == []
    assert {one for one in (ROOT / "docs/pictures").iterdir() if one not in shown} == set()
