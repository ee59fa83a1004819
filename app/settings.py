"""What a person may set on this PC, declared once: name, type, default and a sentence.

Kept as TOML in the user's folder or below `--profile DIR`. Secrets never stand here (app.secrets),
and what belongs to a campaign or the floor stands in the database.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from app.errors import KnownError
from app.profile import Profile as Profile  # settings and profile are one door to the rest
from app.profile import open_profile as open_profile
from app.whole_file import write_whole

T = TypeVar("T", bool, int, float, str, tuple[str, ...])


@dataclass(frozen=True, slots=True)
class Setting(Generic[T]):
    """One thing that can be set; `name` is "table.key" in the file, `sentence` says what it does.

    `choices` (if any) are all that is allowed; `at_least` and `at_most` bound numbers.
    """

    name: str
    default: T
    sentence: str
    choices: tuple[str, ...] = ()
    at_least: float | None = None
    at_most: float | None = None

    def checked(self, value: object) -> T:
        """`value` as this setting's type; raises ValueError with what would be right."""
        plain = tuple(value) if isinstance(value, list) else value
        if isinstance(self.default, float) and type(plain) is int:
            plain = float(plain)
        if type(plain) is not type(self.default):
            raise ValueError(f"must be {_KINDS[type(self.default)]}")
        if isinstance(plain, tuple) and not all(isinstance(item, str) for item in plain):
            raise ValueError(f"must be {_KINDS[tuple]}")
        self._check_range(plain)
        return plain

    def _check_range(self, value: object) -> None:
        if self.choices:
            given = value if isinstance(value, tuple) else (value,)
            if not set(given) <= set(self.choices):
                raise ValueError("must be one of " + ", ".join(self.choices))
        if isinstance(value, int | float):
            # Written so that "not a number" fails as well.
            if self.at_least is not None and not value >= self.at_least:
                raise ValueError(f"must be at least {self.at_least:g}")
            if self.at_most is not None and not value <= self.at_most:
                raise ValueError(f"must be at most {self.at_most:g}")


_KINDS: dict[type, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a text in quotes",
    tuple: "a list of texts in quotes",
}

THEME = Setting(
    "look.theme",
    "system",
    "Colours of the windows: as the system has them, light or dark.",
    choices=("system", "light", "dark"),
)
OUTPUT_DEVICE = Setting(
    "sound.output_device", "", "Name of the headset's speaker; empty takes the system's own."
)
INPUT_DEVICE = Setting(
    "sound.input_device", "", "Name of the headset's microphone; empty takes the system's own."
)
CUE_VOLUME_PERCENT = Setting(
    "sound.cue_volume_percent",
    60,
    "How loud the three notes are that announce a person on the line.",
    at_least=0,
    at_most=100,
)
MICROPHONES: Setting[tuple[str, ...]] = Setting(
    "sound.microphones", (), "Names of microphones, best first; empty takes the system's own."
)
SPEAKERS: Setting[tuple[str, ...]] = Setting(
    "sound.speakers", (), "Names of loudspeakers, best first; empty takes the system's own."
)
RINGERS: Setting[tuple[str, ...]] = Setting(
    "sound.ringers", (), "Names of what a preview rings on, best first; empty: as the speakers."
)
RINGS_ON_OFFER = Setting(
    "sound.rings_on_offer",
    True,
    "Whether it rings for a person who is offered while another program is in front.",
)
HOT_KEYS_ON = Setting(
    "keys.everywhere", False, "Keys that act while another program is in front of the window."
)
HOT_KEY_ANSWER = Setting("keys.answer", "Ctrl+Alt+A", "Dials the person of a preview.")
HOT_KEY_HANG_UP = Setting("keys.hang_up", "Ctrl+Alt+H", "Hangs up, in every program.")
HOT_KEY_MUTE = Setting("keys.mute", "Ctrl+Alt+M", "Mutes and unmutes, in every program.")
HEADSET_KEYS_ON = Setting(
    "keys.headset", True, "Buttons of the headset for mute and hang up, where they can be read."
)
LINK_REGION = Setting(
    "links.region", "GB", "Country of numbers in links that do not begin with + (two letters)."
)
API_ON = Setting(
    "api.on", False, "Whether other programs may ask this floor by HTTP (docs/api.md)."
)
API_LISTEN = Setting(
    "api.listen",
    "127.0.0.1",
    "Address of this PC at which they ask; another one than 127.0.0.1 goes over TLS.",
)
API_PORT = Setting("api.port", 8710, "Port at which they ask.", at_least=1024, at_most=65535)
PC_ROLE = Setting(
    "pc.role",
    "",
    "What this PC is: everything (floor and seat), supervisor, or agent; empty: not asked yet.",
    choices=("", "everything", "supervisor", "agent"),
)
FIRST_STEP = Setting("pc.first_step", "role", "Where the first run goes on; empty: it is over.")
FIRST_DONE: Setting[tuple[str, ...]] = Setting(
    "pc.first_done", (), "The steps of the first run that are done."
)
LOG_DEBUG: Setting[tuple[str, ...]] = Setting(
    "log.debug",
    (),
    "Parts of the program that write every detail to the log.",
    choices=("sip", "pacing", "campaign", "store", "ui", "app"),
)
LOG_FILES = Setting(
    "log.files",
    200,
    "How many log files are kept; older ones go first.",
    at_least=1,
    at_most=10_000,
)
LOG_FILE_MB = Setting(
    "log.file_mb", 5, "How large one log file may grow, in megabytes.", at_least=1, at_most=1_000
)

AnySetting = Setting[bool] | Setting[int] | Setting[float] | Setting[str] | Setting[tuple[str, ...]]
SETTINGS: Mapping[str, AnySetting] = {
    setting.name: setting
    for setting in (
        THEME,
        OUTPUT_DEVICE,
        INPUT_DEVICE,
        CUE_VOLUME_PERCENT,
        MICROPHONES,
        SPEAKERS,
        RINGERS,
        RINGS_ON_OFFER,
        HOT_KEYS_ON,
        HOT_KEY_ANSWER,
        HOT_KEY_HANG_UP,
        HOT_KEY_MUTE,
        HEADSET_KEYS_ON,
        LINK_REGION,
        PC_ROLE,
        FIRST_STEP,
        FIRST_DONE,
        API_ON,
        API_LISTEN,
        API_PORT,
        LOG_DEBUG,
        LOG_FILES,
        LOG_FILE_MB,
    )
}


class Settings:
    """The settings of one profile: read once, changed in memory, written when asked to.

    `unknown` names the keys in the file that this version does not know; they stay in the file.
    """

    def __init__(
        self, path: Path, values: Mapping[str, object], unknown: tuple[str, ...] = ()
    ) -> None:
        self.path = path
        self.unknown = unknown
        self._values = dict(values)
        self._changed: dict[str, object] = {}

    def get(self, setting: Setting[T]) -> T:
        """What the file says, else the setting's default."""
        if setting.name in self._values:
            return setting.checked(self._values[setting.name])
        return setting.default

    def set(self, setting: Setting[T], value: T) -> None:
        """Change one setting in memory; raises KnownError if the value is not allowed."""
        try:
            self._values[setting.name] = self._changed[setting.name] = setting.checked(value)
        except ValueError as error:
            raise KnownError(f"{setting.name} {error}.") from None

    def save(self) -> None:
        """Write what was changed, whole or not at all; keeps comments and what others wrote.

        Raises KnownError where the file is damaged or cannot be written; it is then as before.
        """
        if not self._changed:
            return
        text = _merged(_read_text(self.path), self._changed, self.path)
        _write(self.path, text)
        self._changed.clear()


def load_settings(path: Path) -> Settings:
    """Read the settings file (none: the defaults); raises KnownError if it is damaged.

    A damaged file is never touched: the sentence names the line or the key to mend.
    """
    text = _read_text(path)
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _damaged(path, str(error)) from None
    known: dict[str, object] = {}
    unknown: list[str] = []
    for name, value in _leaves(document):
        if name not in SETTINGS:
            unknown.append(name)
            continue
        try:
            known[name] = SETTINGS[name].checked(value)
        except ValueError as error:
            raise _damaged(path, f"{name} {error}") from None
    return Settings(path, known, tuple(unknown))


def load_seat_settings(profile: Profile, seat: str) -> Settings:
    """What is set for one seat alone (its devices): a file of its own beside the common one."""
    return load_settings(profile.settings_path.parent / "seats" / f"{seat}.toml")


def _leaves(table: Mapping[str, Any], prefix: str = "") -> list[tuple[str, object]]:
    found: list[tuple[str, object]] = []
    for key, value in table.items():
        name = prefix + key
        if isinstance(value, dict) and name not in SETTINGS:
            found += _leaves(value, name + ".") if value else [(name, value)]
        else:
            found.append((name, value))
    return found


def _damaged(path: Path, why: str) -> KnownError:
    return KnownError(
        f"The settings in {path} cannot be used ({why}): mend the file or move it away, "
        "then start again."
    )


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError:
        raise _damaged(path, "it is not UTF-8 text") from None
    except OSError as error:
        raise KnownError(
            f"The settings in {path} cannot be read ({(error.strerror or 'unknown').lower()}): "
            "give yourself the right to read the file."
        ) from error


def _merged(text: str, changed: Mapping[str, object], path: Path) -> str:
    """The file's text with `changed` in it; everything else, comments too, stays as it was."""
    import tomlkit  # noqa: PLC0415  reading needs no more than tomllib; a start seldom writes
    from tomlkit.exceptions import TOMLKitError  # noqa: PLC0415  as above
    from tomlkit.items import Table  # noqa: PLC0415  as above

    try:
        document = tomlkit.parse(text)
        for name, value in changed.items():
            table_name, key = name.split(".")
            if table_name not in document:
                document.add(table_name, tomlkit.table())
            table = document[table_name]
            if not isinstance(table, Table):
                raise _damaged(path, f"{table_name} must be a table")
            if key not in table:
                table.add(tomlkit.comment(SETTINGS[name].sentence))
            table[key] = list(value) if isinstance(value, tuple) else value
        return tomlkit.dumps(document)
    except TOMLKitError as error:
        raise _damaged(path, str(error)) from None


def _write(path: Path, text: str) -> None:
    try:
        write_whole(path, text.encode())
    except OSError as error:
        raise KnownError(
            f"The settings in {path} cannot be written ({(error.strerror or 'unknown').lower()}): "
            "make room or give yourself the right to write there; nothing was changed."
        ) from error
