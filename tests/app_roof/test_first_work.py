"""The first run's answers: kept at once, and changed by going back."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import keyring
import pytest

from app.desk.first_run_view import Company, Role, Step
from app.desk.trunk_form import GatewayForm
from app.errors import KnownError
from app.profile import open_profile
from app.settings import FIRST_DONE, FIRST_STEP, load_settings
from app.tools.first_work import FirstWork, is_over
from tests.sharing.folder_ring import FolderRing
from tests.sip.kamailio_kit import PASSWORD, USER, Kamailio

ROSEWOOD = Company("Rosewood", "GB", "0161 496 0000")


@pytest.fixture
def work(tmp_path: Path) -> FirstWork:
    made = FirstWork(open_profile(tmp_path / "home"))
    made.choose(Role.EVERYTHING)
    return made


def test_who_goes_back_may_give_another_company_and_number(work: FirstWork) -> None:
    assert work.keep_company(ROSEWOOD).step is Step.TRUNK
    assert work.go_back(Step.COMPANY).company == Company("Rosewood", "GB", "+441614960000")
    view = work.keep_company(Company("Elm", "GB", "020 7946 0001"))
    assert view.step is Step.TRUNK
    assert view.company == Company("Elm", "GB", "+442079460001")


@pytest.mark.parametrize(
    "number", ["0161 496", "0161", "496 0000", "no number", "+44 161 496 00001"]
)
def test_a_number_at_which_nobody_could_call_back(work: FirstWork, number: str) -> None:
    with pytest.raises(KnownError, match="call back at your number") as refused:
        work.keep_company(Company("Rosewood", "GB", number))
    assert "area code" in refused.value.sentence
    assert work.look().step is Step.COMPANY
    assert work.look().company.name == ""


def test_an_agents_pc_that_has_left_its_floor_joins_one_again(
    work: FirstWork, tmp_path: Path
) -> None:
    work.choose(Role.AGENT)
    home = open_profile(tmp_path / "home")
    settings = load_settings(home.settings_path)
    settings.set(FIRST_STEP, "")  # as after its first run
    settings.set(FIRST_DONE, ("role", "join", "sound"))
    settings.save()
    (home.root / "floor").mkdir()
    pointer = home.root / "floor" / "floor.json"
    pointer.write_text('{"addresses":["127.0.0.1"],"port":1,"role":"seat_1","seat":"front-1"}')
    assert is_over(home)
    pointer.unlink()  # callfloor leave
    assert not is_over(home), "it would be taken for the floor's own PC"
    view = work.look()
    assert (view.step, set(view.done)) == (Step.JOIN, {Step.ROLE, Step.SOUND})
    assert work.go_back(Step.ROLE).step is Step.ROLE


@pytest.mark.sip
def test_an_account_typed_by_hand_learns_at_once_whether_its_password_is_right(
    work: FirstWork, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALLFLOOR_TEST_RING", str(tmp_path / "ring"))
    monkeypatch.setattr(keyring, "get_keyring", FolderRing)
    (tmp_path / "provider").mkdir()
    with Kamailio(tmp_path / "provider") as kamailio:
        form = GatewayForm(name="way", host=kamailio.address, username=USER, password="wrong-horse")
        trial = work.try_trunk(form)
        assert not trial.is_good
        assert "password" in trial.sentence
        trial = work.try_trunk(replace(form, password=PASSWORD))
        assert trial.is_good
        assert "are right" in trial.sentence
    view = work.keep_trunk(replace(form, password=PASSWORD))
    assert view.gateway.registers
    assert view.gateway.password == ""


@pytest.mark.sip
def test_a_provider_without_a_registrar_is_asked_whether_it_is_there(
    work: FirstWork, tmp_path: Path
) -> None:
    with provider_without_registrar() as address:
        form = GatewayForm(name="way", host=address, username=USER, password=PASSWORD)
        trial = work.try_trunk(form)
    assert trial.is_good
    assert "tried with the first call" in trial.sentence
    assert form.registers is False


@contextlib.contextmanager
def provider_without_registrar() -> Iterator[str]:
    """Answers OPTIONS with 200 and anything else with 405."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))
    server.settimeout(0.1)
    over = threading.Event()

    def serve() -> None:
        while not over.is_set():
            try:
                data, sender = server.recvfrom(65535)
            except TimeoutError:
                continue
            head, *lines = data.decode(errors="replace").split("\r\n")
            status = "200 OK" if head.startswith("OPTIONS") else "405 Method Not Allowed"
            kept = [
                one
                for one in lines
                if one.lower().startswith(("via:", "from:", "call-id:", "cseq:", "to:"))
            ]
            answer = [f"SIP/2.0 {status}", *kept, "Allow: OPTIONS, INVITE", "Content-Length: 0"]
            server.sendto(("\r\n".join(answer) + "\r\n\r\n").encode(), sender)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"127.0.0.1:{server.getsockname()[1]}"
    finally:
        over.set()
        thread.join(5.0)
        server.close()
