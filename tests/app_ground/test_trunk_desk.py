"""The trunk is saved: the file without secrets, the passwords in the keyring, none left over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from app.desk.trunk_desk import TrunkDesk, read_form, save_form, trunk_path
from app.desk.trunk_form import GatewayForm, TrunkForm
from app.errors import KnownError
from app.profile import Profile
from app.secrets import Secrets, open_secrets
from app.trunk import read_trunk

ONE = GatewayForm(name="one", host="sip.one.example", username="acme", password="secret-1")
TWO = GatewayForm(name="two", host="sip.two.example", username="acme", password="secret-2")
OPEN = GatewayForm(name="open", host="sip.three.example", has_account=False)


class Drawer:
    """A keyring in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get(username)

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[username]


@pytest.fixture
def drawer() -> Drawer:
    return Drawer()


@pytest.fixture
def secrets(drawer: Drawer) -> Secrets:
    return open_secrets("p", drawer)


def test_saved_and_read_again(profile: Profile, secrets: Secrets, drawer: Drawer) -> None:
    path = trunk_path(profile)
    assert read_form(path) == TrunkForm()
    saved = save_form(path, secrets, TrunkForm((ONE, OPEN), 5))
    assert drawer.kept == {"trunk/one": "secret-1"}
    assert "secret" not in path.read_text()
    assert saved == read_form(path)
    assert [one.password for one in saved.gateways] == ["", ""]
    assert [one.has_password for one in saved.gateways] == [True, False]
    # Once more without a change: the password stays.
    assert save_form(path, secrets, saved) == saved
    assert drawer.kept == {"trunk/one": "secret-1"}
    assert [place.name for place in read_trunk(path).gateways] == ["one", "open"]


def test_names_that_change_places_take_their_passwords_along(
    profile: Profile, secrets: Secrets, drawer: Drawer
) -> None:
    path = trunk_path(profile)
    saved = save_form(path, secrets, TrunkForm((ONE, TWO)))
    first, second = saved.gateways
    swapped = (replace(first, name="two"), replace(second, name="one"))
    saved = save_form(path, secrets, replace(saved, gateways=swapped))
    assert drawer.kept == {"trunk/two": "secret-1", "trunk/one": "secret-2"}
    renamed = replace(saved.gateways[0], name="three")
    save_form(path, secrets, replace(saved, gateways=(renamed,)))
    assert drawer.kept == {"trunk/three": "secret-1"}


def test_a_password_that_is_not_needed_is_forgotten(
    profile: Profile, secrets: Secrets, drawer: Drawer
) -> None:
    path = trunk_path(profile)
    saved = save_form(path, secrets, TrunkForm((ONE,)))
    off = replace(saved.gateways[0], has_account=False)
    save_form(path, secrets, replace(saved, gateways=(off,)))
    assert drawer.kept == {}


def test_what_cannot_be_used_changes_nothing(
    profile: Profile, secrets: Secrets, drawer: Drawer
) -> None:
    with pytest.raises(KnownError.__bases__[0], match="server"):
        save_form(trunk_path(profile), secrets, TrunkForm((replace(ONE, host=""),)))
    assert not trunk_path(profile).exists()
    assert drawer.kept == {}


@pytest.fixture
def desk(qtbot: QtBot, profile: Profile, secrets: Secrets) -> Iterator[TrunkDesk]:
    made = TrunkDesk(profile, lambda: secrets)
    yield made
    made.stop()


def test_the_desk_saves_in_the_background(desk: TrunkDesk, qtbot: QtBot, drawer: Drawer) -> None:
    assert desk.load() == TrunkForm()
    with qtbot.waitSignal(desk.saved) as told:
        desk.save(TrunkForm((ONE,)))
    assert told.args == [desk.load()]
    assert drawer.kept == {"trunk/one": "secret-1"}
    with qtbot.waitSignal(desk.refused) as refused:
        desk.save(TrunkForm())
    assert refused.args == ["A trunk needs at least one gateway: add one."]


def test_without_a_keyring_a_trunk_by_address_can_still_be_saved(
    qtbot: QtBot, profile: Profile
) -> None:
    def none() -> Secrets:
        raise KnownError("There is no keyring.")

    desk = TrunkDesk(profile, none)
    try:
        with qtbot.waitSignal(desk.saved):
            desk.save(TrunkForm((OPEN,)))
        with qtbot.waitSignal(desk.saved):
            desk.save(TrunkForm((replace(OPEN, channels=9),)))
        with qtbot.waitSignal(desk.refused) as refused:
            desk.save(TrunkForm((ONE,)))
        assert refused.args == ["There is no keyring."]
    finally:
        desk.stop()


def test_a_test_that_cannot_begin_is_answered(desk: TrunkDesk, qtbot: QtBot) -> None:
    with qtbot.waitSignal(desk.tested) as told:
        desk.test(replace(ONE, channels=0))
    assert told.args is not None
    assert "channel" in told.args[0]
    assert told.args[1] is False
