"""The tokens of `resources/theme.toml` as values, and how far two colours stand apart."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import msgspec


class FontTokens(msgspec.Struct, frozen=True):
    """The family and the sizes of type in pixels, by role."""

    family: str
    small: int
    body: int
    lead: int
    title: int
    timer: int
    name: int


class SpaceTokens(msgspec.Struct, frozen=True):
    """Distances in pixels, on a grid of four."""

    xs: int
    s: int
    m: int
    l: int  # noqa: E741  the scale's own name, only read as `space.l`
    xl: int
    xxl: int


class ShapeTokens(msgspec.Struct, frozen=True):
    """Radii and heights in pixels."""

    control_radius: int
    card_radius: int
    control_height: int
    row_height: int


class MotionTokens(msgspec.Struct, frozen=True):
    """Lengths of the few movements, in milliseconds."""

    pop: int


class Tokens(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All tokens; `light` and `dark` hold the same names of colours as "#rrggbb"."""

    font: FontTokens
    space: SpaceTokens
    shape: ShapeTokens
    motion: MotionTokens
    light: Mapping[str, str]
    dark: Mapping[str, str]


@cache
def load_tokens() -> Tokens:
    """Read the shipped tokens; a broken file is a bug and raises msgspec.ValidationError."""
    text = (files("resources") / "theme.toml").read_text(encoding="utf-8")
    return msgspec.toml.decode(text, type=Tokens)


def contrast(one: str, other: str) -> float:
    """Contrast of two colours "#rrggbb", 1 to 21 (WCAG 2.2, relative luminance)."""
    bright, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
