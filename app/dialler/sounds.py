"""A campaign's sound files as a line can play them, wherever they come from."""

from __future__ import annotations

import logging
from pathlib import Path

from resources import path as resource
from sip.errors import KnownError as SipError
from sip.wav.header import read_header

log = logging.getLogger("app.dialler.sounds")

BRIDGE_HZ = 8_000
"""A line's bridge; a plain file of another rate is changed by the bridge itself, others here."""
MESSAGE = "messages/abandoned.wav"


class CampaignSounds:
    """Paths to play. A file that is none is told once, and left out."""

    def __init__(self, cache_dir: Path) -> None:
        self._cache_dir = cache_dir
        self._known: dict[tuple[str, int], str] = {}

    def message(self, wav: str) -> str:
        """The message to whom nobody could take: the campaign's, else the program's own."""
        return self.path(wav) or str(resource(MESSAGE))

    def path(self, wav: str) -> str:
        """The file to play for a campaign's setting; "" where there is none that can be heard."""
        if not wav:
            return ""
        own = Path(wav)
        if not own.is_absolute():
            return str(resource(f"messages/{wav}"))
        try:
            key = (wav, own.stat().st_mtime_ns)
        except OSError:
            key = (wav, 0)
        if key not in self._known:
            self._known[key] = self._prepared(own)
        return self._known[key]

    def _prepared(self, source: Path) -> str:
        try:
            header = read_header(source)
            if header.is_plain(header.rate_hz):
                return str(source)
            # Decoder and resampler are loaded only where a file needs them.
            from sip.wav.prepare import prepare  # noqa: PLC0415

            self._cache_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            return str(prepare(source, self._cache_dir, BRIDGE_HZ).path)
        except SipError as error:
            log.warning("a notice cannot be played: %s", error.sentence)
            return ""
