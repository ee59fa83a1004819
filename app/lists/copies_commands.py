"""`callfloor gdpr copies`: whole copies of the floor on this PC, and who is still in them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.backup.copies import Done, FloorCopy, copies_of, erase_in, remove
from app.clock import WallClock
from app.lists.asked import JsonOption, made, print_json
from app.options import ProfileOption
from app.profile import Profile, open_profile


def own_copies(profile: Profile) -> list[FloorCopy]:
    """All of this PC's, its server's folders among them."""
    from app.sharing.places import server_place  # noqa: PLC0415  only where copies are asked for

    return copies_of(profile, server_place(profile).data.parent)


def copy_names(profile: Profile) -> list[str]:
    """Their names, for a receipt."""
    return [one.path.name for one in own_copies(profile)]


def copies_command(
    erase: Annotated[
        bool, typer.Option("--erase", help="Erase in them who was erased in the floor.")
    ] = False,
    remove_all: Annotated[
        bool, typer.Option("--remove", help="Take them away; it cannot be undone.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json: JsonOption = False,
    profile: ProfileOption = None,
) -> int:
    """Copies that moving, restoring and upgrading left here; they hold who was erased since."""
    home = open_profile(profile)
    found = own_copies(home)
    done = [Done(one) for one in found]
    if erase and found:
        done = erase_in(found, made(home), WallClock().now())
    if remove_all and found:
        if not yes:
            names = ", ".join(one.path.name for one in found)
            typer.confirm(f"Remove {names}? It cannot be undone.", abort=True, err=True)
        remove(found)
    if json:
        print_json([_row(one, is_removed=remove_all) for one in done])
    else:
        for one in done:
            print(_line(one, is_removed=remove_all))  # noqa: T201
        if not done:
            print("There is no copy of the floor on this PC.")  # noqa: T201
    return 1 if erase and not remove_all and any(one.trouble for one in done) else 0


def _row(done: Done, *, is_removed: bool) -> dict[str, object]:
    return {
        "path": str(done.copy.path), "why": done.copy.why, "erased": done.erased,
        "trouble": done.trouble, "is_removed": is_removed,
    }  # fmt: skip


def _line(done: Done, *, is_removed: bool) -> str:
    name = Path(done.copy.path).name
    if is_removed:
        return f"{name}: removed."
    told = done.trouble or (f"{done.erased} erased." if done.erased else "")
    return f"{name}: {done.copy.why}. {told}".strip()
