"""The trunk of a floor: where its lines send their calls. A file without secrets in it."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from app.errors import KnownError
from sip.messages import Gateway


class GatewayPlace(msgspec.Struct, frozen=True, kw_only=True):
    """One gateway: `uri` with `{number}` in it, how many calls it carries at a time, and who
    we are there. The password is in the keyring under `trunk/<name>`."""

    name: str
    uri: str
    channels: int = 4
    username: str = ""
    realm: str = "*"
    send_attempt_id: bool = False


class Trunk(msgspec.Struct, frozen=True, kw_only=True):
    """All gateways of the floor, in the order of preference, and how many lines it runs."""

    gateways: tuple[GatewayPlace, ...]
    lines: int = 8


def read_trunk(path: Path) -> Trunk:
    """The trunk in `path` (TOML); raises KnownError where it is missing, damaged or empty."""
    try:
        trunk = msgspec.toml.decode(path.read_bytes(), type=Trunk)
    except FileNotFoundError:
        raise KnownError(
            f"No trunk is set up: write {path} with the gateway that your provider gave you."
        ) from None
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise KnownError(f"The trunk in {path} cannot be read ({error}): mend the file.") from None
    if not trunk.gateways:
        raise KnownError(f"The trunk in {path} names no gateway: add one.")
    for gateway in trunk.gateways:
        if "{number}" not in gateway.uri:
            raise KnownError(
                f"The gateway {gateway.name} in {path} has no {{number}} in its uri: add it."
            )
        if gateway.channels < 1:
            raise KnownError(f"The gateway {gateway.name} in {path} needs at least one channel.")
    return trunk


def write_trunk(path: Path, trunk: Trunk) -> None:
    """Replace the file in one step."""
    temporary = path.with_suffix(".new")
    temporary.write_bytes(_toml(trunk))
    os.replace(temporary, path)


def _toml(trunk: Trunk) -> bytes:
    lines = [f"lines = {trunk.lines}"]
    for gateway in trunk.gateways:
        lines.append("[[gateways]]")
        for key, value in msgspec.to_builtins(gateway).items():
            # JSON's texts, numbers and truth values are TOML's as well.
            lines.append(f"{key} = {msgspec.json.encode(value).decode()}")
    return ("\n".join(lines) + "\n").encode()


class Exchange:
    """Which gateway the next call takes: the one with the most room among those in order."""

    def __init__(self, trunk: Trunk, password_of: dict[str, str]) -> None:
        self._places = trunk.gateways
        self._password_of = password_of
        self._gateway_of: dict[str, str] = {}

    def take(self, attempt_id: str) -> Gateway | None:
        """The gateway for this attempt, or None where every channel is in use."""
        in_use = {place.name: 0 for place in self._places}
        for name in self._gateway_of.values():
            in_use[name] = in_use.get(name, 0) + 1
        free = [place for place in self._places if in_use[place.name] < place.channels]
        if not free:
            return None
        place = max(free, key=lambda p: p.channels - in_use[p.name])
        self._gateway_of[attempt_id] = place.name
        return Gateway(
            name=place.name,
            uri_template=place.uri,
            username=place.username,
            password=self._password_of.get(place.name, ""),
            realm=place.realm,
            send_attempt_id=place.send_attempt_id,
        )

    def give_back(self, attempt_id: str) -> None:
        """The attempt's channel is free again."""
        self._gateway_of.pop(attempt_id, None)
