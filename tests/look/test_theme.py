"""The tokens can be read by people, and the application wears them."""

from __future__ import annotations

from itertools import product

import pytest
from PySide6.QtGui import QFont, QFontMetrics, QPalette
from PySide6.QtWidgets import QApplication

from app.look.stylesheet import stylesheet
from app.look.theme import STATE_ICONS, STATE_WORDS, apply_theme, load_fonts, make_theme
from app.look.tokens import contrast, load_tokens

INKS = ("ink", "ink2", "ink3", "trouble_ink")
GROUNDS = ("bg", "panel", "soft")


@pytest.mark.parametrize("name", ["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), list(product(INKS, GROUNDS)))
def test_text_is_readable(name: str, ink: str, ground: str) -> None:
    colours = getattr(load_tokens(), name)
    assert contrast(colours[ink], colours[ground]) >= 4.5


@pytest.mark.parametrize("name", ["light", "dark"])
def test_special_grounds_are_readable(name: str) -> None:
    colours = getattr(load_tokens(), name)
    assert contrast(colours["accent_ink"], colours["accent"]) >= 4.5
    assert contrast(colours["accent_ink"], colours["accent_hover"]) >= 4.5
    assert contrast(colours["trouble_ink"], colours["trouble_soft"]) >= 4.5
    # What cannot be done now is quiet, yet there.
    assert 2.5 <= contrast(colours["ink_off"], colours["panel"]) < 4.5
    # A focus ring is no text: 3 is asked of it.
    assert contrast(colours["focus"], colours["panel"]) >= 3


def test_contrast_of_black_and_white() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


def test_both_themes_have_the_same_colours() -> None:
    tokens = load_tokens()
    assert set(tokens.light) == set(tokens.dark)


@pytest.mark.parametrize("name", ["light", "dark"])
def test_stylesheet_is_filled_in(name: str) -> None:
    tokens = load_tokens()
    sheet = stylesheet(getattr(tokens, name), tokens)
    assert "$" not in sheet
    assert "@" not in sheet


def test_every_state_has_word_icon_and_colour(qapp: QApplication) -> None:
    theme = make_theme("light", load_fonts())
    for state in STATE_WORDS:
        assert theme.state_colour(state).isValid()
        assert not theme.icon(STATE_ICONS[state]).isNull()


def test_application_wears_the_theme(qapp: QApplication) -> None:
    for name in ("dark", "light"):
        theme = apply_theme(qapp, name)
        assert theme.name == name
        window = qapp.palette().color(QPalette.ColorRole.Window)
        assert window == theme.colour("bg")
        assert qapp.font().family() == "Inter"


def test_system_choice_is_one_of_the_two(qapp: QApplication) -> None:
    assert apply_theme(qapp, "system").name in ("light", "dark")


def test_reduced_motion_takes_no_time(qapp: QApplication) -> None:
    assert apply_theme(qapp, "light", is_motion_reduced=True).pop_ms == 0
    assert 120 <= apply_theme(qapp, "light", is_motion_reduced=False).pop_ms <= 180


def test_figures_are_of_one_width(qapp: QApplication) -> None:
    metrics = QFontMetrics(make_theme("light", load_fonts()).font("body"))
    widths = {metrics.horizontalAdvance(figure * 8) for figure in "0123456789"}
    assert len(widths) == 1
    plain = QFont(load_fonts())
    plain.setPixelSize(13)
    assert QFontMetrics(plain).horizontalAdvance("1" * 8) not in widths  # the feature does it


def test_unknown_colour_is_an_error() -> None:
    with pytest.raises(KeyError):
        make_theme("light", "Inter").colour("mauve")
