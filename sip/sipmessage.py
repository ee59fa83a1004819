"""Reading the few facts that an engine needs out of a SIP message's text."""

from __future__ import annotations

import re

_STATUS = re.compile(r"^SIP/2\.0 (\d{3}) ?([^\r\n]*)")
_Q850 = re.compile(r"q\.850[^,]*?;\s*cause\s*=\s*(\d{1,3})", re.IGNORECASE)
_USER = re.compile(r"sips?:([^@;>\s]+)@", re.IGNORECASE)
COMPACT = {"call-id": "i", "from": "f", "to": "t", "content-type": "c", "contact": "m"}


def header(text: str, name: str) -> str:
    """The value of the first header called `name` (any case, compact form too), else ""."""
    names = re.escape(name)
    if name.lower() in COMPACT:
        names = f"(?:{names}|{COMPACT[name.lower()]})"
    head = text.split("\r\n\r\n", 1)[0]
    found = re.search(rf"^{names}[ \t]*:[ \t]*([^\r\n]*)", head, re.IGNORECASE | re.MULTILINE)
    return found.group(1).strip() if found else ""


def response_status(text: str) -> tuple[int, str] | None:
    """Status and reason phrase if `text` is a response, else None."""
    found = _STATUS.match(text)
    return (int(found.group(1)), found.group(2).strip()) if found else None


def request_method(text: str) -> str:
    """The method if `text` is a request, else ""."""
    if text.startswith("SIP/"):
        return ""
    return text.split(" ", 1)[0]


def request_user(text: str) -> str:
    """The user part of a request's address: the number that was dialled."""
    found = _USER.search(text.split("\r\n", 1)[0])
    return found.group(1) if found else ""


def q850_cause(text: str) -> int | None:
    """The Q.850 cause of the Reason header (RFC 3326), None where there is none."""
    for line in re.findall(r"^Reason[ \t]*:[ \t]*([^\r\n]*)", text, re.IGNORECASE | re.MULTILINE):
        found = _Q850.search(line)
        if found:
            return int(found.group(1))
    return None


def has_sdp(text: str) -> bool:
    """True if the message carries a session description."""
    return header(text, "content-type").lower().startswith("application/sdp")


def redacted(text: str) -> str:
    """`text` without runs of four digits or more and without what follows `sip:`; for logs."""
    return re.sub(r"\+?\d{4,}", "…", re.sub(r"(sips?:)[^\s>;]+", r"\1…", text))
