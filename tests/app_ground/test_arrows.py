"""The arrows that import contracts cannot draw, and that no module stands outside of them."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.qt  # of the house, not of the core

TELEPHONY_MAY_USE = {"QtCore", "QtMultimedia", "QtNetwork"}

IMPORT_ALL = """
import importlib, pkgutil, sys
package = importlib.import_module(sys.argv[1])
names = [m.name for m in pkgutil.walk_packages(package.__path__, package.__name__ + ".")]
for name in names:
    if "migrations" not in name and not name.endswith("__main__"):
        importlib.import_module(name)
print(len(names), *sorted(set(sys.argv[2:]) & set(sys.modules)))
"""


def modules_of(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


@pytest.mark.parametrize(
    ("package", "strangers"),
    [
        ("dialer_core", ["PySide6", "pjsua2", "keyring", "sip", "app"]),
        ("resources", ["PySide6", "pjsua2", "sqlalchemy", "sip", "app", "dialer_core"]),
    ],
)
def test_importing_a_pure_room_brings_no_stranger(package: str, strangers: list[str]) -> None:
    result = subprocess.run(
        [sys.executable, "-c", IMPORT_ALL, package, *strangers],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    count, *found = result.stdout.split()
    assert found == []
    assert int(count) > 0 or package == "resources"


@pytest.mark.parametrize("path", modules_of("sip"), ids=lambda path: path.stem)
def test_telephony_draws_no_widget(path: Path) -> None:
    used: set[str] = set()
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.ImportFrom) and node.module == "PySide6":
            used |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("PySide6."):
            used.add((node.module or "").split(".")[1])
        elif isinstance(node, ast.Import):
            used |= {n.name.split(".")[1] for n in node.names if n.name.startswith("PySide6.")}
    assert used <= TELEPHONY_MAY_USE


def test_every_module_of_app_stands_in_a_layer() -> None:
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = config["tool"]["importlinter"]["contracts"]
    rows = next(contract["layers"] for contract in contracts if contract["id"] == "house")
    named = set(re.findall(r"[\w.]+", " ".join(rows)))
    found = {
        "app." + path.stem
        for path in (ROOT / "app").iterdir()
        if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    homeless = found - named - {"app.__init__"}
    assert not homeless, f"in no layer of pyproject.toml: {sorted(homeless)}"
