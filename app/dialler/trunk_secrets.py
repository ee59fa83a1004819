"""The passwords of the trunk's gateways."""

from __future__ import annotations

from app.errors import KnownError
from app.profile import Profile
from app.secrets import open_secrets
from app.trunk import Trunk


def trunk_passwords(profile: Profile, trunk: Trunk) -> dict[str, str]:
    """The passwords of the gateways that want one, from the keyring; KnownError without one."""
    wanted = [place.name for place in trunk.gateways if place.username]
    if not wanted:
        return {}
    secrets = open_secrets(profile.key)
    found = {name: secrets.get(f"trunk/{name}") for name in wanted}
    missing = [name for name, password in found.items() if password is None]
    if missing:
        raise KnownError(
            f"The password of the gateway {missing[0]} is not in the keyring: type it in Settings, "
            f"Trunk of the floor (in the keyring it is trunk/{missing[0]})."
        )
    return {name: password for name, password in found.items() if password is not None}
