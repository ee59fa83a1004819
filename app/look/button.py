"""The button of this house: a label, its key on a cap, a focus ring, nothing else."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from app.look.labels import blend
from app.look.theme import MEDIUM, STRONG, Theme

Kind = Literal["plain", "primary", "quiet", "danger"]
_PAD = 13
_GAP = 10
_CAP_HEIGHT = 18


class KeyButton(QAbstractButton):
    """A push button whose key stands on it as a cap; painted whole, at least 36 pixels high.

    `kind`: primary (filled), plain (hairline), quiet (no edge), danger (plain in trouble's ink).
    `is_cap_first` puts the cap before the label, as on outcomes. The mouse does not move the
    keyboard's focus to it; Tab does, and then Enter and Space press it.
    """

    def __init__(
        self,
        theme: Theme,
        label: str,
        key: str = "",
        *,
        kind: Kind = "plain",
        icon: str = "",
        is_cap_first: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._kind: Kind = kind
        self._key = key
        self._icon_name = icon
        self._is_cap_first = is_cap_first
        self._is_marked = False
        self._hint = ""
        self.setFont(theme.font("body", MEDIUM))
        self._cap_font = theme.font("small", STRONG)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        self.set_label(label)

    @property
    def key(self) -> str:
        """What stands on the cap."""
        return self._key

    @property
    def kind(self) -> Kind:
        return self._kind

    @property
    def is_elided(self) -> bool:
        return self._shown_label() != self.text()

    def set_label(self, label: str, key: str | None = None) -> None:
        """Change the words and, if given, the cap."""
        if label == self.text() and key in (None, self._key):
            return
        # An ampersand is an ampersand: this button has caps instead of mnemonics.
        self.setText(label)
        self.setShortcut("")
        self._key = self._key if key is None else key
        self._refresh_names()
        self.updateGeometry()
        self.update()

    def set_kind(self, kind: Kind, icon: str | None = None) -> None:
        """Change how much it asks for the eye, and the icon if given."""
        if icon is not None and icon != self._icon_name:
            self._icon_name = icon
            self.updateGeometry()
        self._kind = kind
        self.update()

    def set_marked(self, is_marked: bool) -> None:
        """Mark it as chosen (an accent edge), for outcomes on their way and filters."""
        self._is_marked = is_marked
        self.update()

    def set_possible(self, is_possible: bool, why_not: str = "") -> None:
        """Enable it, or show it quietly with the reason as its tooltip."""
        self.setEnabled(is_possible)
        self._hint = "" if is_possible else why_not
        self._refresh_names()

    def set_hint(self, hint: str) -> None:
        """The tooltip while it can be pressed."""
        self._hint = hint
        self._refresh_names()

    def _refresh_names(self) -> None:
        if self.text():  # a button with an icon alone is named by whoever made it
            self.setAccessibleName(self.text())
        key = f"Key {self._key}." if self._key else ""
        self.setAccessibleDescription(" ".join(part for part in (key, self._hint) if part))
        is_cut = self.width() > 0 and self.is_elided
        self.setToolTip("\n".join(p for p in (self.text() if is_cut else "", self._hint) if p))

    def sizeHint(self) -> QSize:
        width = self._natural_width(self.text())
        return QSize(max(width, 36), self._theme.shape.control_height)

    def minimumSizeHint(self) -> QSize:
        # At most what twelve letters take: longer labels may be cut, with a tooltip.
        return QSize(
            max(min(self._natural_width(self.text()), self._natural_width("M" * 8)), 36),
            self._theme.shape.control_height,
        )

    def _natural_width(self, label: str) -> int:
        return self._around() + self.fontMetrics().horizontalAdvance(label) + 2

    def _around(self) -> int:
        """Pixels that are not the label's: padding, cap and icon."""
        has_label = bool(self.text())
        cap = self._cap_width() + (_GAP if has_label else 0) if self._key else 0
        icon = 16 + (8 if has_label else 0) if self._icon_name else 0
        return 2 * (_PAD if has_label or self._key else 10) + cap + icon

    def _cap_width(self) -> int:
        return cap_width(QFontMetrics(self._cap_font), self._key)

    def _shown_label(self) -> str:
        room = self.width() - self._around() + 1
        metrics = self.fontMetrics()
        if metrics.horizontalAdvance(self.text()) <= room:
            return self.text()
        return metrics.elidedText(self.text(), Qt.TextElideMode.ElideRight, max(room, 0))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._refresh_names()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.EnabledChange:
            self.setCursor(
                Qt.CursorShape.PointingHandCursor
                if self.isEnabled()
                else Qt.CursorShape.ArrowCursor
            )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.isAutoRepeat():
            self.click()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_box(painter)
        ink = self._ink()
        label = self._shown_label()
        width = self._around() + self.fontMetrics().horizontalAdvance(label)
        has_words = bool(self.text() or self._key)
        left: float = _PAD if has_words else 10
        if not self._is_cap_first:
            left += max((self.width() - width) / 2, 0)
        if self._key and self._is_cap_first:
            left = self._paint_cap(painter, left, ink) + _GAP
        if self._icon_name:
            ratio = self.devicePixelRatioF()
            picture = self._theme.pixmap(self._icon_name, 16, ink, ratio)
            painter.drawPixmap(round(left), (self.height() - 16) // 2, picture)
            left += 16 + 8
        painter.setFont(self.font())
        painter.setPen(ink)
        box = QRectF(left, 0, self.width() - left, self.height())
        painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter), label)
        if self._key and not self._is_cap_first:
            self._paint_cap(painter, left + self.fontMetrics().horizontalAdvance(label) + _GAP, ink)

    def _ink(self) -> QColor:
        theme = self._theme
        if not self.isEnabled():
            return theme.colour("ink_off")
        return theme.colour(
            {"primary": "accent_ink", "danger": "trouble_ink", "quiet": "ink2", "plain": "ink"}[
                self._kind
            ]
        )

    def _box_colours(self) -> tuple[QColor | None, QColor | None]:
        """Fill and edge; None paints none."""
        theme = self._theme
        is_hot = self.isEnabled() and self.underMouse()
        if not self.isEnabled():
            edge = None if self._kind == "quiet" else theme.colour("line")
            return (theme.colour("soft") if self._kind == "primary" else None), edge
        if self._kind == "primary":
            return theme.colour("accent_hover" if is_hot or self.isDown() else "accent"), None
        fill_name = "line" if self.isDown() else "soft" if is_hot else ""
        fill = theme.colour(fill_name) if fill_name else None
        return fill, None if self._kind == "quiet" else theme.colour("mark" if is_hot else "line")

    def _paint_box(self, painter: QPainter) -> None:
        fill, edge = self._box_colours()
        panel, accent = self._theme.colour("panel"), self._theme.colour("accent")
        radius = self._theme.shape.control_radius
        if self._is_marked:
            fill, edge = blend(panel, accent, 0.1), accent
        if fill is not None or edge is not None:
            painter.setPen(QPen(edge, 1) if edge is not None else Qt.PenStyle.NoPen)
            painter.setBrush(fill if fill is not None else Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(
                QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius
            )
        if self.hasFocus():
            self._paint_focus(painter, radius)

    def _paint_focus(self, painter: QPainter, radius: int) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(self._theme.colour("focus"), 2))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), radius, radius)
        if self._kind == "primary":
            # Blue on blue would not be seen: a second line in the ink of the label.
            painter.setPen(QPen(self._theme.colour("accent_ink"), 1.5))
            inner = QRectF(self.rect()).adjusted(3, 3, -3, -3)
            painter.drawRoundedRect(inner, radius - 2, radius - 2)

    def _paint_cap(self, painter: QPainter, left: float, ink: QColor) -> float:
        """Draw the cap at `left`; return its right end."""
        painter.setFont(self._cap_font)
        top = (self.height() - _CAP_HEIGHT) // 2
        return left + paint_cap(painter, self._key, round(left), top, ink)


def paint_cap(painter: QPainter, key: str, left: int, top: int, ink: QColor) -> int:
    """Draw a key's cap with the painter's font; returns its width in pixels."""
    width = cap_width(painter.fontMetrics(), key)
    box = QRectF(left + 0.5, top + 0.5, width - 1, _CAP_HEIGHT - 1)
    faint = QColor(ink)
    faint.setAlphaF(0.72)
    painter.setPen(QPen(faint, 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(box, 4, 4)
    painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), key)
    return width


def cap_width(metrics: QFontMetrics, key: str) -> int:
    """Pixels that the key's cap takes."""
    return max(metrics.horizontalAdvance(key) + 11, _CAP_HEIGHT)


class KeyCap(QWidget):
    """A cap alone, to stand in a field; lets the mouse through."""

    def __init__(self, theme: Theme, key: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._key = key
        self.setFont(theme.font("small", STRONG))
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFixedSize(cap_width(self.fontMetrics(), key), _CAP_HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self.font())
        ink = self._theme.colour("ink3" if self.isEnabled() else "ink_off")
        paint_cap(painter, self._key, 0, 0, ink)
