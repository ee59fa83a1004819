"""The gallery draws every state of both windows, and says what is wrong with a wish."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app import gallery
from app.errors import KnownError, UsageError
from app.look.theme import apply_theme

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support propagateSizeHints")


def test_every_state_of_both_windows_is_drawn(qapp: QApplication, tmp_path: Path) -> None:
    assert gallery.run_gallery(tmp_path / "new" / "folder", "light", "1366x768") == 0
    files = sorted((tmp_path / "new" / "folder").iterdir())
    assert len(files) == len(list(gallery.states()))
    assert {path.name.split("-")[0] for path in files} == {"agent", "supervisor"}
    for path in files:
        assert QImage(str(path)).size() == QSize(1366, 768), path.name


def test_dark_is_dark(qapp: QApplication, tmp_path: Path) -> None:
    name, build = next(iter(gallery.states()))
    shades = []
    for theme in ("light", "dark"):
        dress = apply_theme(qapp, gallery.parse_themes(theme)[0], is_motion_reduced=True)
        path = tmp_path / f"{name}-{theme}.png"
        gallery.picture_of(qapp, build(dress), QSize(420, 700), path)
        shades.append(QImage(str(path)).pixelColor(2, 2).lightness())
    assert shades[0] > 200
    assert shades[1] < 60


@pytest.mark.parametrize("text", ["big", "1366", "1366x", "0x768", "1366x768x2", "99999x99999"])
def test_a_size_that_is_none(text: str) -> None:
    with pytest.raises(UsageError, match=r"1366x768|7680x4320"):
        gallery.parse_size(text)


def test_a_theme_that_is_none() -> None:
    with pytest.raises(UsageError, match="light, dark or both"):
        gallery.parse_themes("mauve")


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(KnownError, match="choose another"):
        gallery.run_gallery(tmp_path / "file" / "out", "light", "1366x768")


def test_browser_shows_each_state(qapp: QApplication, qtbot: QtBot) -> None:
    browser = gallery.Browser(qapp, "light", QSize(900, 700))
    qtbot.addWidget(browser)
    browser.show()
    first = browser.grab().toImage()
    browser.choose("agent-talking", "dark")
    assert browser.grab().toImage() != first
