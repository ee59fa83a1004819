"""The certificate that the API shows to programs on other PCs: of the floor's own authority."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from app.addresses import own_addresses
from app.api.place import Listening
from app.certificates import SeatFiles, ensure_seat, is_running_out, keep_files
from app.profile import Profile
from app.secrets import open_secrets
from app.sharing.floor_share import FloorShare


def certificate(profile: Profile, where: Listening, now: datetime) -> SeatFiles | None:
    """The certificate that it shows, of the floor's own authority; None on this PC alone."""
    if where.is_loopback:
        return None
    hosts = [*own_addresses(), *([] if where.is_any else [where.address])]
    share = FloorShare(profile, lambda: open_secrets(profile.key), lambda: now)
    if not share.status().is_shared:
        return ensure_seat(profile.certificates_dir, "api", hosts, now)
    folder = profile.root / "api"
    kept = SeatFiles(folder / "ca.pem", folder / "seat.pem", folder / "seat.key")
    hosts_path = folder / "hosts"
    if _read(hosts_path) == " ".join(hosts) and not is_running_out(kept.certificate, now):
        return kept
    authority = share.authority(open_secrets(profile.key))
    chain, key = authority.server(["127.0.0.1", *hosts], now)
    made = keep_files(folder, authority.pem, chain, key)
    hosts_path.write_text(" ".join(hosts), encoding="ascii")
    return made


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        return ""
