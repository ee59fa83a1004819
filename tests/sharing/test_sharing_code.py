"""The join code: what it carries comes back, and what was mistyped is told before the network."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.addresses import order_addresses
from app.errors import KnownError
from app.sharing.join_code import (
    JoinCode,
    code_addresses,
    make_secret,
    qr_picture,
    read_code,
    write_code,
)

CODE = JoinCode(("192.168.178.20",), 54170, bytes(range(8)), "00ff00ff00")
_ADDRESSES = st.one_of(
    st.ip_addresses(v=4).map(str),
    st.ip_addresses(v=6).map(str),
    st.ip_addresses(v=4, network="192.168.0.0/16").map(str),
    st.ip_addresses(v=4, network="10.0.0.0/8").map(str),
)


@given(
    st.lists(_ADDRESSES, min_size=1, max_size=4),
    st.integers(1, 65535),
    st.binary(min_size=8, max_size=8),
    st.binary(min_size=5, max_size=5).map(bytes.hex),
)
def test_what_it_carries_comes_back(
    addresses: list[str], port: int, fingerprint: bytes, secret: str
) -> None:
    code = JoinCode(tuple(addresses), port, fingerprint, secret)
    assert read_code(write_code(code)) == code


def test_it_is_short_and_read_however_it_is_typed() -> None:
    text = write_code(CODE)
    assert len(text.replace("-", "")) == 32
    assert read_code(text.lower().replace("-", " ")) == CODE
    assert read_code(text.replace("0", "o").replace("1", "l")) == CODE
    assert read_code(f"CALLFLOOR:{text}") == CODE


def test_every_single_wrong_letter_is_noticed() -> None:
    text = write_code(CODE).replace("-", "")
    for at, letter in enumerate(text):
        wrong = text[:at] + ("7" if letter != "7" else "8") + text[at + 1 :]
        with pytest.raises(KnownError, match="no join code"):
            read_code(wrong)


@pytest.mark.parametrize("text", ["", "hello", "U" * 30, "1234", write_code(CODE)[:-5], "ü" * 8])
def test_what_is_no_code_is_told(text: str) -> None:
    with pytest.raises(KnownError, match="no join code"):
        read_code(text)


def test_the_secret_shows_in_no_repr() -> None:
    assert CODE.secret not in repr(CODE)
    assert len({make_secret() for _ in range(50)}) == 50


def test_private_addresses_come_first_and_useless_ones_not_at_all() -> None:
    found = order_addresses(
        ["fd00::1", "127.0.0.1", "8.8.8.8", "169.254.3.4", "192.168.1.5", "fe80::1", "10.0.0.1"]
    )
    assert found == ("192.168.1.5", "10.0.0.1", "8.8.8.8", "fd00::1")
    assert code_addresses(found) == ("192.168.1.5", "10.0.0.1", "8.8.8.8")
    assert code_addresses(["fd00::1", "fd00::2"]) == ("fd00::1",)
    assert order_addresses(["127.0.0.1"]) == ("127.0.0.1",)


def test_the_picture_is_a_png() -> None:
    assert qr_picture(write_code(CODE)).startswith(b"\x89PNG")
