"""Which window belongs to which entry of the supervisor's menu."""

from __future__ import annotations

from app.compose import ToolPlace


def open_tool(key: str, place: ToolPlace) -> None:
    """Open the window of this entry over the supervisor's."""
    # Each is loaded when somebody asks for it.
    match key:
        case "import":
            from app.tools.import_list import open_window  # noqa: PLC0415
        case _:
            raise ValueError(f"no window for {key!r}")
    open_window(place)
