"""tel: and callto: links: what number they mean, and how the system learns who takes them.

A link is never dialled silently: the window of an agent shows its number, and Enter dials.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from app.errors import KnownError

SCHEMES = ("tel", "callto")
DESKTOP_NAME = "callfloor-links.desktop"
_LONGEST = 200
_TOO_LONG = "The link is too long for a number: copy the number and dial it by hand."
_QUIET_S = 10.0


@dataclass(frozen=True, slots=True)
class LinkedNumber:
    """A number as the network wants it (E.164) and as people write it; perhaps an extension."""

    e164: str
    words: str
    extension: str = ""

    def __repr__(self) -> str:
        return "LinkedNumber(...)"


def link_to_number(text: str, region: str = "") -> LinkedNumber:
    """What `callfloor dial` was given: a link, or a bare number."""
    scheme = text.partition(":")[0].strip().lower()
    return (
        parse_link(text, region) if ":" in text or scheme in SCHEMES else parse_number(text, region)
    )


def parse_link(link: str, region: str = "") -> LinkedNumber:
    """The number of a tel: (RFC 3966) or callto: link.

    `region` ("GB") is where a number without a country's code is at home. KnownError with a
    sentence for everything that is no number: names, addresses, too few figures.
    """
    if len(link) > _LONGEST:
        raise KnownError(_TOO_LONG)
    scheme, colon, rest = link.strip().partition(":")
    if not colon or scheme.lower() not in SCHEMES:
        raise KnownError("This is no link to a number: it begins with neither tel: nor callto:.")
    rest = unquote(rest).removeprefix("//").strip()
    if not rest.isprintable():
        raise KnownError("The link holds signs that no number has: dial the number by hand.")
    if scheme.lower() == "callto":
        rest = rest.partition("?")[0].rstrip("/")
    return parse_number(f"tel:{rest}", region)


def parse_number(text: str, region: str = "") -> LinkedNumber:
    """A number as people type it, or as `tel:` has it; KnownError says what is wrong with it."""
    import phonenumbers  # noqa: PLC0415  its data of the world takes a moment to load

    bare = text.removeprefix("tel:").partition(";")[0]
    if not any(sign.isdigit() for sign in bare):
        raise KnownError("There is no number in it: a number has figures, and may begin with +.")
    if any(sign.isalpha() or sign in "@,*#" for sign in bare):
        raise KnownError("Only figures can be dialled: no names, addresses or codes.")
    try:
        number = phonenumbers.parse(text[:_LONGEST], region or None)
    except phonenumbers.NumberParseException as error:
        if error.error_type == phonenumbers.NumberParseException.INVALID_COUNTRY_CODE:
            raise KnownError("The country is missing: write the number with + in front.") from None
        raise KnownError("This cannot be dialled: write the number with its area code.") from None
    fault = phonenumbers.is_possible_number_with_reason(number)
    reasons = phonenumbers.ValidationResult
    if fault in (reasons.TOO_SHORT, reasons.IS_POSSIBLE_LOCAL_ONLY):
        raise KnownError("The number is too short: write it with its area code.")
    if fault == reasons.TOO_LONG:
        raise KnownError("The number is too long: it has more figures than any of that country.")
    if fault not in (reasons.IS_POSSIBLE,):
        raise KnownError("No number of that country looks like this: look at it again.")
    kind = phonenumbers.PhoneNumberFormat
    is_at_home = region and phonenumbers.region_code_for_number(number) == region
    extension = number.extension or ""
    number.extension = None
    return LinkedNumber(
        phonenumbers.format_number(number, kind.E164),
        phonenumbers.format_number(number, kind.NATIONAL if is_at_home else kind.INTERNATIONAL),
        extension,
    )


def region_of(e164: str) -> str:
    """Where that number is at home ("GB"); empty where it cannot be said."""
    import phonenumbers  # noqa: PLC0415  as above

    try:
        found = phonenumbers.region_code_for_number(phonenumbers.parse(e164))
    except phonenumbers.NumberParseException:
        return ""
    return found or ""


# --- what the system is told ------------------------------------------------------------------


def command_line(profile_root: Path | None) -> list[str]:
    """How this program is started for a link; the link itself follows."""
    program = shutil.which("callfloor")
    words = [program] if program else [sys.executable, "-m", "app"]
    words.append("dial")
    return words if profile_root is None else [*words, "--profile", str(profile_root)]


def desktop_entry(command: list[str]) -> str:
    """The text of the .desktop file (freedesktop.org, Desktop Entry Specification 1.5)."""
    types = "".join(f"x-scheme-handler/{scheme};" for scheme in SCHEMES)
    quoted = " ".join(_quoted(word) for word in command)
    return (
        "[Desktop Entry]\nType=Application\nName=Callfloor\n"
        "Comment=Shows the number of a link in the agent's window\n"
        f"Exec={quoted} %u\nIcon=call-start\nTerminal=false\nNoDisplay=true\n"
        f"MimeType={types}\n"
    )


def _quoted(word: str) -> str:
    """A word of an Exec line: quoted, with a backslash before what is special inside quotes."""
    inside = "".join("\\" + sign if sign in '"`$\\' else sign for sign in word)
    # The file's own escapes come on top, and a percent sign would be a field code.
    return '"' + inside.replace("\\", "\\\\").replace("%", "%%") + '"'


def applications_dir(environ: Mapping[str, str]) -> Path:
    """Where this user's own .desktop files lie."""
    home = environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(home) / "applications"


Runner = Callable[[list[str]], bool]


def install(
    profile_root: Path | None, environ: Mapping[str, str] | None = None, run: Runner | None = None
) -> str:
    """Tell the system that links to numbers come here; returns a sentence on how it went.

    KnownError where this system has no .desktop files, or the file cannot be written.
    """
    _need_desktop_files()
    folder = applications_dir(os.environ if environ is None else environ)
    run = _run if run is None else run
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / DESKTOP_NAME).write_text(
            desktop_entry(command_line(profile_root)), encoding="utf-8"
        )
    except OSError as error:
        raise KnownError(
            f"{folder / DESKTOP_NAME} cannot be written: give yourself the right to write there."
        ) from error
    run(["update-desktop-database", str(folder)])
    done = [run(["xdg-mime", "default", DESKTOP_NAME, f"x-scheme-handler/{s}"]) for s in SCHEMES]
    if all(done):
        return "tel: and callto: links are shown in the agent's window from now on."
    return (
        "Callfloor can take tel: and callto: links now, but the system could not be asked to "
        "prefer it: choose it when a link is opened the first time."
    )


def remove(environ: Mapping[str, str] | None = None, run: Runner | None = None) -> str:
    """Take no links any more; returns a sentence. Twice is as good as once."""
    _need_desktop_files()
    folder = applications_dir(os.environ if environ is None else environ)
    try:
        (folder / DESKTOP_NAME).unlink(missing_ok=True)
    except OSError as error:
        raise KnownError(
            f"{folder / DESKTOP_NAME} cannot be removed: give yourself the right to do so."
        ) from error
    if folder.is_dir():
        (_run if run is None else run)(["update-desktop-database", str(folder)])
    return "Links to numbers no longer come to Callfloor."


def _need_desktop_files() -> None:
    if sys.platform in ("win32", "darwin"):
        raise KnownError(
            "Links to numbers can be taken on Linux desktops only: here, copy the number and "
            "dial it with D in the agent's window."
        )


def _run(words: list[str]) -> bool:
    """Run a small tool of the desktop where it is there; True if it did what it was asked."""
    program = shutil.which(words[0])
    if program is None:
        return False
    try:
        done = subprocess.run(
            [program, *words[1:]], capture_output=True, timeout=_QUIET_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
