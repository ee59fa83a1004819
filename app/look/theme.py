"""One theme for every window: made from the tokens, handed to whoever paints.

`apply_theme` sets style, palette, stylesheet and font of the application once; what a stylesheet
cannot say (rings, key caps, dots) is painted with the `Theme` value.
"""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Literal

import qtawesome
from PySide6.QtCore import QByteArray, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QIcon, QPalette, QPixmap
from PySide6.QtWidgets import QApplication, QWidget

from app.look.stylesheet import stylesheet
from app.look.tokens import ShapeTokens, SpaceTokens, Tokens, load_tokens

Choice = Literal["light", "dark", "system"]
FontRole = Literal["small", "body", "lead", "title", "timer", "name"]

REGULAR = QFont.Weight.Normal
MEDIUM = QFont.Weight.Medium
STRONG = QFont.Weight.DemiBold

# Every state has a word, an icon and a fill, so that colour never speaks alone.
STATE_WORDS: Mapping[str, str] = {
    "paused": "Paused",
    "available": "Available",
    "preview": "Preview",
    "ringing": "Ringing",
    "connecting": "Connecting",
    "talking": "Talking",
    "wrap_up": "Wrap-up",
    "logged_out": "Logged out",
    "trouble": "Trouble",
}
STATE_ICONS: Mapping[str, str] = {
    "paused": "pause-circle",
    "available": "check-circle",
    "preview": "eye",
    "ringing": "bell-ringing",
    "connecting": "phone-incoming",
    "talking": "phone-call",
    "wrap_up": "note-pencil",
    "logged_out": "sign-out",
    "trouble": "warning",
}
_STATE_COLOURS: Mapping[str, str] = {
    "preview": "ringing",
    "connecting": "ringing",
    "logged_out": "paused",
    "neutral": "paused",
    "good": "available",
    "warning": "ringing",
    # stages of a call
    "committed": "paused",
    "dialling": "paused",
    "waiting": "trouble",
    "message": "trouble",
    "ended": "paused",
}


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours, type and space for painters. `name` is light or dark; sizes are pixels."""

    name: str
    colours: Mapping[str, str]
    tokens: Tokens
    family: str
    is_motion_reduced: bool = False

    @property
    def space(self) -> SpaceTokens:
        return self.tokens.space

    @property
    def shape(self) -> ShapeTokens:
        return self.tokens.shape

    @property
    def is_dark(self) -> bool:
        return self.name == "dark"

    @property
    def pop_ms(self) -> int:
        """Length of a pop's movement; 0 where the person asked for reduced motion."""
        return 0 if self.is_motion_reduced else self.tokens.motion.pop

    def colour(self, name: str) -> QColor:
        """The colour of that name; KeyError if the tokens have none."""
        return QColor(self.colours[name])

    def state_colour(self, state: str) -> QColor:
        """The fill of a seat's state, a call's stage or a tile's state, by its value."""
        return QColor(self.colours[_STATE_COLOURS.get(state, state)])

    def font(self, role: FontRole = "body", weight: QFont.Weight = REGULAR) -> QFont:
        """The font of one size of the scale, with figures of one width."""
        font = QFont(self.family)
        font.setPixelSize(int(getattr(self.tokens.font, role)))
        font.setWeight(weight)
        font.setFeature(QFont.Tag("tnum"), 1)
        if role in ("name", "timer", "title"):
            font.setLetterSpacing(QFont.SpacingType.PercentageSpacing, 98.5)
        return font

    def section_font(self) -> QFont:
        """Small capitals with air: the headings of panels and table columns."""
        font = self.font("small", STRONG)
        font.setCapitalization(QFont.Capitalization.AllUppercase)
        font.setLetterSpacing(QFont.SpacingType.PercentageSpacing, 106)
        return font

    def icon(self, name: str, colour: str | QColor = "ink2") -> QIcon:
        """A Phosphor icon by its own name ("phone-call"); `colour` names a token or is one."""
        tint = colour if isinstance(colour, QColor) else self.colour(colour)
        icon: QIcon = qtawesome.icon(
            f"ph.{name}", color=tint, color_disabled=self.colour("ink_off")
        )
        return icon

    def pixmap(
        self, name: str, size: int = 16, colour: str | QColor = "ink2", ratio: float = 1.0
    ) -> QPixmap:
        """The same as a picture of `size` logical pixels at the screen's pixel ratio."""
        return self.icon(name, colour).pixmap(QSize(size, size), ratio)


def make_theme(
    name: Literal["light", "dark"], family: str, *, is_motion_reduced: bool = False
) -> Theme:
    """The theme of that name; needs no application, so painters can be tested with it."""
    tokens = load_tokens()
    colours = tokens.dark if name == "dark" else tokens.light
    return Theme(name, colours, tokens, family, is_motion_reduced)


def apply_theme(
    app: QApplication, choice: Choice = "system", *, is_motion_reduced: bool | None = None
) -> Theme:
    """Dress the whole application and return what painters need.

    "system" follows the system's colour scheme as it is now. `is_motion_reduced` None asks the
    system where it can be asked (Windows), else False.
    """
    family = load_fonts()
    if choice == "system":
        is_dark = app.styleHints().colorScheme() == Qt.ColorScheme.Dark
        choice = "dark" if is_dark else "light"
    if is_motion_reduced is None:
        is_motion_reduced = _system_reduces_motion()
    theme = make_theme(choice, family, is_motion_reduced=is_motion_reduced)
    app.setStyle("Fusion")
    app.setPalette(palette(theme))
    app.setFont(theme.font())
    app.setStyleSheet(stylesheet(theme.colours, theme.tokens))
    return theme


def load_fonts() -> str:
    """Load the shipped fonts once; return the family to use (the system's if that failed)."""
    family = load_tokens().font.family
    if family in QFontDatabase.families():
        return family
    for entry in sorted((files("resources") / "fonts").iterdir(), key=lambda item: item.name):
        if entry.name.endswith(".otf"):
            QFontDatabase.addApplicationFontFromData(QByteArray(entry.read_bytes()))
    if family in QFontDatabase.families():
        return family
    return QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont).family()


def palette(theme: Theme) -> QPalette:
    """The palette for what Fusion draws itself: menus, scroll bars, selections."""
    colours = QPalette()
    role = QPalette.ColorRole
    for entry, name in (
        (role.Window, "bg"),
        (role.WindowText, "ink"),
        (role.Base, "panel"),
        (role.AlternateBase, "soft"),
        (role.Text, "ink"),
        (role.Button, "panel"),
        (role.ButtonText, "ink"),
        (role.BrightText, "trouble"),
        (role.ToolTipBase, "panel"),
        (role.ToolTipText, "ink"),
        (role.PlaceholderText, "ink3"),
        (role.Highlight, "accent"),
        (role.HighlightedText, "accent_ink"),
        (role.Link, "accent"),
        (role.Mid, "line"),
        (role.Midlight, "soft"),
        (role.Dark, "mark"),
        (role.Light, "panel"),
        (role.Accent, "accent"),
    ):
        colours.setColor(entry, theme.colour(name))
    for entry in (role.WindowText, role.Text, role.ButtonText):
        colours.setColor(QPalette.ColorGroup.Disabled, entry, theme.colour("ink_off"))
    return colours


def set_tone(widget: QWidget, tone: str) -> None:
    """Change the ink of a label: "ink", "muted", "faint", "off", "trouble" (see the stylesheet)."""
    set_style_property(widget, "tone", tone)


def set_style_property(widget: QWidget, name: str, value: str | bool) -> None:
    """Set a property that the stylesheet selects on, and have the style look again."""
    if widget.property(name) == value:
        return
    widget.setProperty(name, value)
    if widget.testAttribute(Qt.WidgetAttribute.WA_WState_Polished):  # else it is still to look
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def _system_reduces_motion() -> bool:
    if platform.system() != "Windows":
        return False
    import ctypes  # noqa: PLC0415  only Windows can be asked, and only it needs this

    is_on = ctypes.c_int(1)
    spi_get_client_area_animation = 0x1042
    # Looked up by name: other systems' ctypes has no such attribute.
    user32 = vars(ctypes)["windll"].user32
    user32.SystemParametersInfoW(spi_get_client_area_animation, 0, ctypes.byref(is_on), 0)
    return not is_on.value
