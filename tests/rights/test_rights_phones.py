"""A seat gives its own telephone's address and no other: the lines call what it says."""

from __future__ import annotations

import pytest

from app.dialler.reaching import checked
from dialer_core.model.errors import KnownError
from tests.rights.scene import Plain, Scene, rows

pytestmark = pytest.mark.postgres
CHANGE = "SELECT rights.change_phone(rights.session(), %s, 'another token', now())"
CRIMES = [
    "", "sip:", "tel:+441614960123", "sip:+441614960123@127.0.0.1:5061;transport=tls",
    "sip:127.0.0.1:5061;transport=tls", "sip:0900@127.0.0.1:5061;transport=tls",
    "sip:seat@127.0.0.1:5061", "sip:seat@127.0.0.1:5061;transport=udp",
    "sip:seat@127.0.0.1:5061;transport=TLS", "sips:seat@127.0.0.1:5061;transport=tls",
    "sip:seat@127.0.0.1;transport=tls", "sip:seat@127.0.0.1:0;transport=tls",
    "sip:seat@127.0.0.1:99999;transport=tls", "sip:seat@trunk.example.com:5061;transport=tls",
    "sip:seat@127.0.0.1:5061;transport=tls;maddr=192.0.2.7",
    "sip:seat@127.0.0.1:5061;transport=tls?Route=%3Csip:192.0.2.7%3E",
    "sip:seat:secret@127.0.0.1:5061;transport=tls", "<sip:seat@127.0.0.1:5061;transport=tls>",
    "sip:seat@127.0.0.1:5061;transport=tls\r\nX-Callfloor-Token: mine",
    "sip:seat@127.0.0.1:5061;transport=tls\n", "sip:seat@999.0.0.1:5061;transport=tls",
    "sip:seat@0.0.0.0:5061;transport=tls", "sip:seat@224.0.0.1:5061;transport=tls",
    "sip:seat@[fe80::1]:5061;transport=tls", "sip:seat@[::]:5061;transport=tls",
    "sip:seat@192.168.7.20:5061;transport=tcp",
]  # fmt: skip


def kept(plain: Plain, told: str) -> str:
    """What stands after the seat has said this of its telephone."""
    with plain.transaction(force_rollback=True):
        plain.execute(CHANGE.encode(), [told])
        ((found, token),) = rows(
            plain, "SELECT phone_uri, token FROM sessions WHERE id = rights.session()"
        )
    assert token == "another token", "the telephone that answers has it"
    return str(found)


@pytest.mark.parametrize("crime", CRIMES)
def test_what_is_no_telephone_is_neither_kept_nor_called(still: Scene, crime: str) -> None:
    assert kept(still.plain, crime) == ""
    with pytest.raises(KnownError, match="no address at which this floor calls"):
        checked(crime)


def test_ones_own_is_kept_and_another_pcs_is_not(still: Scene) -> None:
    for own in ("sip:seat@127.0.0.1:40001;transport=tls", "sip:seat@[::1]:40001;transport=tls",
                "sip:seat@127.0.0.1:40001;transport=tcp"):  # fmt: skip
        assert kept(still.plain, own) == own
        assert checked(own) == own
    # By its form it could be a telephone: whose it is, only the floor's database knows.
    for others in ("192.168.7.21", "10.0.0.5", "203.0.113.9", "[2001:db8::9]"):
        uri = f"sip:seat@{others}:5061;transport=tls"
        assert checked(uri) == uri
        assert kept(still.plain, uri) == ""
    assert kept(still.plain, "sip:seat@127.0.0.1:80;transport=tls") == "", "the system's ports"
