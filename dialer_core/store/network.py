"""Whether a file lies on another machine's disk, where SQLite's locks do not hold."""

from __future__ import annotations

import re
from pathlib import Path

MOUNTS = Path("/proc/mounts")
NETWORK_KINDS = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "afs", "9p", "ceph", "glusterfs", "davfs"}
    | {"fuse.sshfs", "fuse.glusterfs", "fuse.davfs", "fuse.rclone", "fuse.gvfsd-fuse"}
)
_OCTAL = re.compile(r"\\([0-7]{3})")


def is_on_network(path: Path, mounts: str | None = None) -> bool:
    """True for a UNC path, or where the mount that holds `path` is a network one.

    `mounts`: the text of /proc/mounts; read from the system where it is not given. A system
    without that file (macOS, Windows drive letters) is not looked into.
    """
    if str(path).startswith(("\\\\", "//")):
        return True
    if mounts is None:
        mounts = _mounts()
    whole = path.absolute()
    held_by = (-1, "")
    for line in mounts.splitlines():
        fields = line.split()
        if len(fields) < 3:
            continue
        point = Path(_OCTAL.sub(lambda found: chr(int(found.group(1), 8)), fields[1]))
        # Of two mounts on one point the later one covers the earlier.
        if (whole == point or point in whole.parents) and len(point.parts) >= held_by[0]:
            held_by = (len(point.parts), fields[2])
    return held_by[1] in NETWORK_KINDS


def _mounts() -> str:
    try:
        return MOUNTS.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
