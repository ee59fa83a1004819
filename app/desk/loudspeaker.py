"""A sound file heard on this PC, for whoever wants to know what people are played."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QUrl, Signal

if TYPE_CHECKING:
    from PySide6.QtMultimedia import QSoundEffect

NO_SPEAKER = "This PC has no speaker to listen with; connect one and try again."
CANNOT = "The sound cannot be played on this PC; look at its sound settings."


class Loudspeaker(QObject):
    """Plays one plain WAV at a time on the system's own output; lives on the GUI thread."""

    ended = Signal()
    troubled = Signal(str)  # a sentence

    def __init__(self) -> None:
        super().__init__()
        self._effect: QSoundEffect | None = None

    def play(self, path: Path) -> bool:
        """Play it from its beginning; False, with `troubled`, where nothing can be heard."""
        # Loading the sound system takes a moment that only a listener should wait for.
        from PySide6.QtMultimedia import QMediaDevices, QSoundEffect  # noqa: PLC0415

        self.stop()
        if QMediaDevices.defaultAudioOutput().isNull():
            self.troubled.emit(NO_SPEAKER)
            return False
        effect = QSoundEffect(self)
        effect.playingChanged.connect(self._changed)
        effect.statusChanged.connect(self._looked)
        effect.setSource(QUrl.fromLocalFile(str(path)))
        self._effect = effect
        effect.play()
        return True

    def stop(self) -> None:
        """Silence; `ended` does not follow."""
        effect, self._effect = self._effect, None
        if effect is not None:
            effect.stop()
            effect.deleteLater()

    def _changed(self) -> None:
        if self._effect is not None and not self._effect.isPlaying():
            self.stop()
            self.ended.emit()

    def _looked(self) -> None:
        effect = self._effect
        if effect is not None and effect.status() is type(effect).Status.Error:
            self.stop()
            self.troubled.emit(CANNOT)
            self.ended.emit()
