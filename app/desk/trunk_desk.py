"""The supervisor's hand on the trunk: its file, the passwords in the keyring, and a trial."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from app.bridge import Bridge, Worker
from app.desk.trunk_form import GatewayForm, TrunkForm, place_of, trunk_form, trunk_of
from app.desk.trunk_trial import Trial, password_name, try_gateway
from app.errors import as_known_error
from app.profile import Profile
from app.secrets import Secrets
from app.trunk import read_trunk, write_trunk


@dataclass(frozen=True, slots=True)
class _Saved:
    form: TrunkForm


def trunk_path(profile: Profile) -> Path:
    """Where the floor's trunk is written down."""
    return profile.root / "trunk.toml"


def read_form(path: Path) -> TrunkForm:
    """The trunk as a form; empty where there is none yet. Raises KnownError for a damaged file.

    A gateway with a user name is taken to have its password; the keyring is not asked, as it may
    want to be unlocked first.
    """
    if not path.exists():
        return TrunkForm()
    trunk = read_trunk(path)
    return trunk_form(trunk, {place.name: bool(place.username) for place in trunk.gateways})


def save_form(path: Path, secrets: Secrets, form: TrunkForm) -> TrunkForm:
    """Write passwords to the keyring and the rest to the file; returns the form without them.

    Passwords that nobody needs any more are forgotten last, so that a crash in between loses
    none. Raises KnownError where the trunk cannot be used, or the keyring or file refuses.
    """
    trunk = trunk_of(form)
    before = {one.saved_name for one in read_form(path).gateways if one.has_account}
    wanted: dict[str, str] = {}
    for one in form.gateways:
        if one.has_account:
            wanted[one.name] = one.password or _kept(secrets, one)
    for name, password in wanted.items():
        if password:
            secrets.set(password_name(name), password)
    write_trunk(path, trunk)
    for name in before - wanted.keys():
        secrets.delete(password_name(name))
    return read_form(path)


def _kept(secrets: Secrets, form: GatewayForm) -> str:
    """The password under the gateway's old name, where it was renamed; "" where it stays put."""
    if form.saved_name in ("", form.name):
        return ""
    return secrets.get(password_name(form.saved_name)) or ""


class TrunkDesk(QObject):
    """What the trunk's dialog needs; lives on the GUI thread, works on a thread of its own.

    `open_secrets()` raises KnownError where there is no keyring.
    """

    tested = Signal(str, bool)
    saved = Signal(object)
    refused = Signal(str)  # a sentence: why it could not be saved or tested
    failed = Signal(object)  # a bug

    def __init__(self, profile: Profile, open_secrets: Callable[[], Secrets]) -> None:
        super().__init__()
        self._profile = profile
        self._open_secrets = open_secrets
        self._bridge = Bridge(self)
        self._bridge.arrived.connect(self._arrived)
        self._bridge.failed.connect(self._failed)
        self._worker = Worker("trunk", self._bridge)
        self._worker.start()

    def stop(self) -> None:
        """Finish what is under way and end the thread."""
        self._worker.stop(timeout_s=20.0)

    def load(self) -> TrunkForm:
        """The trunk as it is saved. Raises KnownError for a damaged file."""
        return read_form(trunk_path(self._profile))

    @Slot(object)
    def save(self, form: TrunkForm) -> None:
        """`saved` or `refused` follows."""
        self._worker.do(self._save, form)

    @Slot(object)
    def test(self, form: GatewayForm) -> None:
        """`tested` follows, or `refused` where the password cannot be read."""
        self._worker.do(self._test, form)

    def _save(self, form: TrunkForm) -> None:
        path = trunk_path(self._profile)
        both = (*form.gateways, *read_form(path).gateways)
        if any(one.has_account for one in both):
            saved = save_form(path, self._open_secrets(), form)
        else:
            write_trunk(path, trunk_of(form))
            saved = read_form(path)
        self._bridge.post(_Saved(saved))

    def _test(self, form: GatewayForm) -> None:
        password = form.password
        if form.has_account and not password:
            name = password_name(form.saved_name or form.name)
            password = self._open_secrets().get(name) or ""
        place = place_of(replace(form, password=""))
        self._bridge.post(try_gateway(place, password, self._profile.run_dir))

    @Slot(object)
    def _arrived(self, value: object) -> None:
        if isinstance(value, _Saved):
            self.saved.emit(value.form)
        elif isinstance(value, Trial):
            self.tested.emit(value.sentence, value.is_good)

    @Slot(object)
    def _failed(self, error: BaseException) -> None:
        known = as_known_error(error)
        if known is not None:
            self.refused.emit(known.sentence)
        else:
            self.failed.emit(error)
