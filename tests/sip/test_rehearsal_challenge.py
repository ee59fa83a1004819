"""Who is let in to a practice trunk that asks for a password."""

from __future__ import annotations

import hashlib

import pytest

from sip.rehearsal.challenge import Doorkeeper, fields

URI = "sip:+441614960001@127.0.0.1:5070"


def md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()


def invite(authorization: str = "") -> str:
    lines = [f"INVITE {URI} SIP/2.0", "Call-ID: 1@test", "CSeq: 2 INVITE"]
    if authorization:
        lines.append(f"Authorization: {authorization}")
    return "\r\n".join([*lines, "", "v=0"])


def answer(challenge: str, user: str = "line", password: str = "secret", qop: bool = True) -> str:
    asked = fields(challenge)
    one = md5(f"{user}:{asked['realm']}:{password}")
    two = md5(f"INVITE:{URI}")
    middle = f"{asked['nonce']}:00000001:abc:auth" if qop else asked["nonce"]
    tail = ', qop=auth, nc=00000001, cnonce="abc"' if qop else ""
    return (
        f'Digest username="{user}", realm="{asked["realm"]}", nonce="{asked["nonce"]}", '
        f'uri="{URI}", response="{md5(f"{one}:{middle}:{two}")}", algorithm=MD5{tail}'
    )


@pytest.fixture
def door() -> Doorkeeper:
    return Doorkeeper("line", "secret")


@pytest.mark.parametrize("qop", [True, False])
def test_the_right_password_opens(door: Doorkeeper, qop: bool) -> None:
    assert door.lets_in(invite(answer(door.challenge(), qop=qop)))


def test_a_wrong_one_and_none_do_not(door: Doorkeeper) -> None:
    challenge = door.challenge()
    assert not door.lets_in(invite())
    assert not door.lets_in(invite(answer(challenge, user="other")))
    assert not door.lets_in(invite(answer(challenge, password="wrong")))


def test_an_answer_is_good_once(door: Doorkeeper) -> None:
    given = answer(door.challenge())
    assert door.lets_in(invite(given))
    assert not door.lets_in(invite(given))


def test_a_challenge_of_somebody_else_is_worth_nothing(door: Doorkeeper) -> None:
    assert not door.lets_in(invite(answer(Doorkeeper("line", "secret").challenge())))


@pytest.mark.parametrize(
    "junk", ["Basic abc", "Digest", "Digest username=", 'Digest ,,,="', "\x00"]
)
def test_junk_is_no_key(door: Doorkeeper, junk: str) -> None:
    door.challenge()
    assert door.has_tried(invite(junk))
    assert not door.lets_in(invite(junk))
    assert not door.has_tried(invite())


def test_old_challenges_are_forgotten(door: Doorkeeper) -> None:
    first = answer(door.challenge())
    for _ in range(300):
        door.challenge()
    assert not door.lets_in(invite(first))
