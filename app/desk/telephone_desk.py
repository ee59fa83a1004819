"""The supervisor's hand on a campaign's telephone: settings, and the sounds that people hear."""

from __future__ import annotations

import getpass
import hashlib
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from app import voice_notices
from app.bridge import Bridge, Worker
from app.desk import telephone_form as form
from app.desk.loudspeaker import Loudspeaker
from app.desk.telephone_form import SoundView, TelephoneSettings, TelephoneView
from app.errors import KnownError, as_known_error
from app.profile import Profile
from dialer_core.clock import Clock
from dialer_core.model.ids import CampaignId
from dialer_core.store.watch import WatchStore
from sip.wav.prepare import prepare

BRIDGE_HZ = 8_000
"""A line's bridge; sounds are kept as it plays them."""
GONE = "There is no such campaign any more; choose another."
_UNSAFE = re.compile(r"[^\w.]+")


@dataclass(frozen=True, slots=True)
class _Prepared:
    setting: str
    sound: SoundView


@dataclass(frozen=True, slots=True)
class _Heard:
    wav: str  # as the dialog named it; "" for a trial of the words
    path: Path


@dataclass(frozen=True, slots=True)
class _Read:
    view: TelephoneView
    is_saved: bool


class TelephoneDesk(QObject):
    """What the telephone's dialog needs; lives on the GUI thread, works on a thread of its own."""

    loaded = Signal(object)  # a TelephoneView
    saved = Signal(object)  # the TelephoneView as it is now
    prepared = Signal(str, object)  # a setting and its new SoundView; not saved yet
    playing = Signal(str)  # what is heard now, as the dialog named it
    silent = Signal()
    refused = Signal(str)  # a sentence
    failed = Signal(object)  # a bug

    def __init__(
        self,
        profile: Profile,
        open_store: Callable[[], WatchStore],
        clock: Clock,
        campaign_id: CampaignId | None,
        speaker: Loudspeaker | None = None,
    ) -> None:
        super().__init__()
        self._profile = profile
        self._open_store = open_store
        self._clock = clock
        self._campaign_id = campaign_id
        self._speaker = speaker or Loudspeaker()
        self._speaker.ended.connect(self.silent)
        self._speaker.troubled.connect(self.refused)
        self._bridge = Bridge(self)
        self._bridge.arrived.connect(self._arrived)
        self._bridge.failed.connect(self._failed)
        self._worker = Worker("telephone", self._bridge)
        # What follows is touched by the worker's thread only.
        self._store: WatchStore | None = None
        self._shown = TelephoneSettings()
        self._worker.start()

    def stop(self) -> None:
        """Silence, finish what is under way and end the thread."""
        self._speaker.stop()
        self._worker.do(self._close)
        self._worker.stop(timeout_s=voice_notices.LIMIT_S)

    def load(self) -> None:
        """`loaded` or `refused` follows."""
        self._worker.do(self._load)

    @Slot(object)
    def save(self, settings: TelephoneSettings) -> None:
        """`saved` or `refused` follows."""
        self._worker.do(self._save, settings)

    @Slot(str, str)
    def choose_file(self, setting: str, path: str) -> None:
        """Check a file and keep it as the lines play it; `prepared` or `refused` follows."""
        self._worker.do(self._choose, setting, Path(path))

    @Slot(str, str, str)
    def speak(self, setting: str, words: str, language: str) -> None:
        """Have the words spoken and keep them; `prepared` or `refused` follows."""
        self._worker.do(self._speak, setting, words, language)

    @Slot(str, str)
    def try_words(self, words: str, language: str) -> None:
        """Hear the words without keeping them."""
        self._worker.do(self._try, words, language)

    @Slot(str)
    def listen(self, wav: str) -> None:
        """Hear a sound of the campaign on this PC."""
        self._worker.do(self._listen, wav)

    @Slot()
    def be_silent(self) -> None:
        """Stop what is heard."""
        self._speaker.stop()
        self.silent.emit()

    # --- on the worker's thread -----------------------------------------------------------

    def _opened(self) -> WatchStore:
        if self._store is None:
            self._store = self._open_store()
        return self._store

    def _close(self) -> None:
        if self._store is not None:
            self._store.close()
            self._store = None

    def _load(self, *, is_saved: bool = False) -> None:
        view = self._view()
        self._shown = view.settings
        self._bridge.post(_Read(view, is_saved))

    def _view(self) -> TelephoneView:
        snapshot = self._opened().snapshot(self._clock.now(), self._campaign_id)
        campaign, rules = snapshot.campaign, snapshot.profile
        if campaign is None or rules is None:
            raise KnownError(GONE)
        self._campaign_id = campaign.id
        settings = form.settings_of(campaign)
        spoken = voice_notices.languages()
        not_allowed = f"The rules for {rules.name} do not allow answers to be judged by a machine."
        return TelephoneView(
            campaign_name=campaign.name,
            client=campaign.client,
            settings=settings,
            sounds={name: form.sound_view(getattr(settings, name)) for name in form.WAVS},
            suggestions=form.suggestions(campaign),
            languages=tuple((one.tag, one.name) for one in spoken),
            speak_why_not="" if spoken else voice_notices.MISSING,
            detection_why_not="" if rules.amd_allowed else not_allowed,
            detection_warning=form.detection_words(
                rules, campaign, snapshot.counts, self._opened().machines_heard(campaign.id)
            ),
        )

    def _save(self, settings: TelephoneSettings) -> None:
        if self._campaign_id is None:
            raise KnownError(GONE)
        wanted = form.changed(self._shown, settings)  # others may have changed the rest
        for name in form.WAVS:
            sound = form.sound_view(str(wanted.get(name, "")))
            if sound.trouble:
                raise KnownError(sound.trouble)
        who = f"supervisor ({getpass.getuser()})"
        self._opened().set_telephone(self._campaign_id, wanted, who, self._clock.now())
        self._load(is_saved=True)

    def _choose(self, setting: str, source: Path) -> None:
        sound = prepare(source, self._cache(), BRIDGE_HZ)
        kept = self._keep(sound.path, _UNSAFE.sub("_", source.stem)[:60] or "sound")
        self._bridge.post(_Prepared(setting, form.sound_view(str(kept))))

    def _speak(self, setting: str, words: str, language: str) -> None:
        sound = voice_notices.speak(words, language, self._cache(), BRIDGE_HZ)
        kept = self._keep(sound.path, "spoken", f"{language}\n{words.strip()}")
        self._bridge.post(_Prepared(setting, form.sound_view(str(kept))))

    def _keep(self, sound: Path, stem: str, note: str = "") -> Path:
        """A copy among the floor's sounds, under a name that tells what it is."""
        digest = hashlib.sha256(sound.read_bytes() + note.encode()).hexdigest()[:10]
        folder = self._profile.root / "sounds"
        kept = folder / f"{stem}-{digest}.wav"
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if note:
                form.spoken_note(kept).write_text(note, "utf-8")
            fresh = kept.with_suffix(".new")
            shutil.copyfile(sound, fresh)
            fresh.replace(kept)
        except OSError as error:
            raise KnownError(
                f"The sound cannot be kept in {folder} ({error.strerror}); make room there."
            ) from error
        return kept

    def _try(self, words: str, language: str) -> None:
        sound = voice_notices.speak(words, language, self._cache(), BRIDGE_HZ)
        self._bridge.post(_Heard("", sound.path))

    def _listen(self, wav: str) -> None:
        sound = prepare(form.sound_path(wav), self._cache(), BRIDGE_HZ)
        self._bridge.post(_Heard(wav, sound.path))

    def _cache(self) -> Path:
        return self._profile.run_dir / "sounds"

    # --- on the GUI thread ----------------------------------------------------------------

    @Slot(object)
    def _arrived(self, value: object) -> None:
        if isinstance(value, _Read):
            (self.saved if value.is_saved else self.loaded).emit(value.view)
        elif isinstance(value, _Prepared):
            self.prepared.emit(value.setting, value.sound)
        elif isinstance(value, _Heard) and self._speaker.play(value.path):
            self.playing.emit(value.wav)

    @Slot(object)
    def _failed(self, error: BaseException) -> None:
        known = as_known_error(error)
        if known is not None:
            self.refused.emit(known.sentence)
        else:
            self.failed.emit(error)
