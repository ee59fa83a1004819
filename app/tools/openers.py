"""Which window belongs to which entry of the supervisor's menu."""

from __future__ import annotations

from collections.abc import Callable

from app.compose import ToolPlace
from app.profile import Profile


def open_tool(key: str, place: ToolPlace) -> None:
    """Open the window of this entry over the supervisor's."""
    # Each is loaded when somebody asks for it.
    match key:
        case "import":
            from app.tools.import_list import open_window  # noqa: PLC0415
        case "backups":
            from app.tools.backups import open_window  # noqa: PLC0415
        case "sharing":
            from app.tools.sharing import open_window  # noqa: PLC0415
        case "api":
            from app.tools.api import open_window  # noqa: PLC0415
        case "registers":
            from app.tools.registers import open_window  # noqa: PLC0415
        case "person":
            from app.tools.person import open_window  # noqa: PLC0415
        case "retention":
            from app.tools.person import open_retention as open_window  # noqa: PLC0415
        case "rules":
            from app.tools.rules import open_window  # noqa: PLC0415
        case "segments":
            from app.tools.segments import open_window  # noqa: PLC0415
        case "mix":
            from app.tools.mix import open_window  # noqa: PLC0415
        case "recycling":
            from app.tools.recycling import open_window  # noqa: PLC0415
        case "why":
            from app.tools.why import open_window  # noqa: PLC0415
        case "penetration":
            from app.tools.penetration import open_window  # noqa: PLC0415
        case "experiments":
            from app.tools.experiments import open_window  # noqa: PLC0415
        case "callbacks":
            from app.tools.callbacks import open_window  # noqa: PLC0415
        case "checkup":
            from app.tools.checkup import open_window  # noqa: PLC0415
        case "reviews":
            from app.tools.reviews import open_window  # noqa: PLC0415
        case _:
            raise ValueError(f"no window for {key!r}")
    open_window(place)


def bring_up(profile: Profile, tell: Callable[[str, float], bool]) -> None:
    """Start the database of the floor that this PC shares; `tell(step, share)` as it goes."""
    from app.tools.sharing import bring_up as start  # noqa: PLC0415  as above

    start(profile, tell)
