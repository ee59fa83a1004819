"""The trunk's file and the choice of a gateway."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.errors import KnownError
from app.trunk import GatewayPlace, Trunk, read_trunk, write_trunk

PLACES = (
    GatewayPlace(name="one", uri="sip:{number}@127.0.0.1:5080", channels=2),
    GatewayPlace(name="two", uri='sip:{number}@127.0.0.1:5081;x="é"', channels=1, username="u"),
)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "trunk.toml"
    trunk = Trunk(gateways=PLACES, lines=3)
    write_trunk(path, trunk)
    assert read_trunk(path) == trunk
    assert "password" not in path.read_text()


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "cannot be read"),
        ("lines = 1\ngateways = []\n", "no gateway"),
        ('[[gateways]]\nname = "a"\nuri = "sip:x@127.0.0.1"\n', "{number}"),
        ('[[gateways]]\nname = "a"\nuri = "sip:{number}@h"\nchannels = 0\n', "channel"),
        ("this is = = no toml", "cannot be read"),
    ],
)
def test_a_trunk_that_cannot_be_used_is_named(tmp_path: Path, text: str, word: str) -> None:
    path = tmp_path / "trunk.toml"
    path.write_text(text)
    with pytest.raises(KnownError) as caught:
        read_trunk(path)
    assert word in caught.value.sentence
    assert str(path) in caught.value.sentence


def test_a_missing_trunk_is_named(tmp_path: Path) -> None:
    with pytest.raises(KnownError, match="No trunk is set up"):
        read_trunk(tmp_path / "trunk.toml")
