"""Encrypted sound on the trunk: a line and baresip over TLS, each as willing as it was told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.certificates import SeatFiles, ensure_seat
from sip.messages import Gateway
from sip.messages.trunk import Srtp
from tests.sip.control_kit import Stage, make_stage
from tests.sip.soft_phones import Baresip, Encryption

pytestmark = [pytest.mark.sip, pytest.mark.timeout(120)]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    yield from make_stage(tmp_path_factory.mktemp("s"))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> SeatFiles:
    return ensure_seat(tmp_path_factory.mktemp("tls"), "provider", [], datetime.now(UTC))


def gateway(files: SeatFiles, phone: Baresip, srtp: Srtp) -> Gateway:
    return Gateway(
        name="provider",
        uri_template=f"sip:{{number}}@{phone.tls_address};transport=tls",
        ca_file=str(files.ca),
        codecs=("PCMA/8000",),
        srtp=srtp,
    )


@pytest.mark.parametrize(
    ("srtp", "encryption", "is_encrypted"),
    [
        ("off", "", False),
        ("off", "srtp", False),
        ("optional", "", False),
        ("optional", "srtp", True),
        ("mandatory", "srtp", True),
        ("mandatory", "srtp-mand", True),
    ],
)
def test_both_hear_each_other(
    stage: Stage,
    files: SeatFiles,
    tmp_path: Path,
    srtp: Srtp,
    encryption: Encryption,
    is_encrypted: bool,
) -> None:
    with Baresip(tmp_path / "p", encryption=encryption, tls=files) as phone:
        stage.talk(gateway=gateway(files, phone, srtp))
        assert stage.listen(1.5)["agent"] == {"person"}
        ended = stage.end()
        assert (ended.status, ended.ended_by) == (200, "dialler")
        assert phone.is_encrypted == is_encrypted
        assert phone.heard()["agent"] > 0.9


def test_a_person_who_must_have_it_refuses_a_trunk_without_it(
    stage: Stage, files: SeatFiles, tmp_path: Path
) -> None:
    with Baresip(tmp_path / "p", encryption="srtp-mand", tls=files) as phone:
        stage.line.send(stage.order(gateway=gateway(files, phone, "off")))
        ended = stage.ended()
        assert (ended.status, ended.answered_at) == (488, None)
        assert "Call established" not in phone.output


def test_a_trunk_that_must_have_it_says_nothing_in_clear(
    stage: Stage, files: SeatFiles, tmp_path: Path
) -> None:
    with Baresip(tmp_path / "p", tls=files) as phone:
        stage.line.send(stage.order(gateway=gateway(files, phone, "mandatory")))
        ended = stage.ended()
        assert (ended.bridged_at, ended.message_played) == (None, False)
        assert not phone.is_encrypted
