"""Takes phone numbers and credentials out of text before it is written anywhere.

A number counts as a phone number if it has seven digits or more, with or without the usual
signs between them, unless it has a form that this program writes itself (a date, a time, an
address, an id, a named measure). In doubt it goes: a lost figure costs less than a leaked number.
"""

from __future__ import annotations

import re

NUMBER = "[number]"
HIDDEN = "[hidden]"

# Between the digits of one phone number: spaces of all kinds, dots, hyphens, slashes, brackets.
_BETWEEN = r"[ \t\u00a0\u2007\u2009\u202f./()\-\u2010-\u2015]"
_PHONE = re.compile(rf"(?:\+|%2[Bb])?\(?\d(?:{_BETWEEN}{{0,3}}\d){{6,}}")

# What may stay although it has seven digits. Tried before _PHONE at each place.
_DATE = r"(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
_TIME = r"(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:[.,]\d{1,6})?"
_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_ALLOWED = (
    rf"(?<!\d){_DATE}(?:[T ]{_TIME}(?:Z|[+-]\d\d:\d\d)?)?(?![\w-])",
    rf"(?<![\d.]){_TIME}(?:Z|[+-]\d\d:\d\d)?(?![\w.])",
    r"(?<!\d)(?:19|20)\d{6}T\d{6}Z(?!\d)",  # in the names of log files
    rf"(?<![\w.+]){_OCTET}(?:\.{_OCTET}){{3}}(?::\d{{1,5}})?(?![\w.])",
    r"(?<![\w-])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![\w-])",  # UUID
    r"(?<!\w)(?=[0-9A-Z]{26}(?!\w))(?=(?:[0-9]*[A-Z]){4})[0-9A-HJKMNP-TV-Z]{26}",  # attempt's id
    # Seconds with milliseconds at most, as both clocks are written.
    r"(?<![\w.+(/-])(?:0|[1-9]\d{0,10})\.\d{1,3}(?![\w.(/-]| ?\d)",
    # A measure or an id under its own name, as in "bytes=1048576" or "contact_id=1000001".
    r"(?<!\w)(?:bytes|pid|seq|epoch|port|size|id|\w+_(?:id|s|ms|us|ns|bytes))=\d+(?![\w.]|[- ]\d)",
)
_NUMBERS = re.compile("|".join(f"({allowed})" for allowed in _ALLOWED) + f"|({_PHONE.pattern})")

# Every repeat below is bounded or ends at a plain sign: a line of a megabyte costs milliseconds.
_SECRET_WORD = (
    r"(?:(?:password|passwd|passphrase|secret|token|credential|api_?key)\w{0,40}"
    r"|(?<![^\W_])(?:pwd|pin)(?!\w))"
)
_QUOTED = r""""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'"""
_SECRETS: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(
            r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----.*?"
            r"(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|\Z)",
            re.S,
        ),
        HIDDEN,
    ),
    # name=value, name: value, "name": "value"; a value without quotes ends at space or comma.
    (
        re.compile(
            rf"""({_SECRET_WORD}["']?\s{{0,4}}[:=]\s{{0,4}})(?:b?(?:{_QUOTED})|[^\s,;)}}\]]+)""",
            re.I,
        ),
        rf"\1{HIDDEN}",
    ),
    (re.compile(r"((?:Proxy-)?Authorization\s{0,4}[:=]\s{0,4})[^\r\n]+", re.I), rf"\1{HIDDEN}"),
    (re.compile(r"\b(Bearer|Basic)\s{1,4}[\w.~+/=-]{6,}", re.I), rf"\1 {HIDDEN}"),
    # user:password@host in URLs and SIP addresses, and the keys of SRTP.
    (re.compile(r"(://[^\s/:@]{0,200}:)[^\s@/]{1,200}(?=@)"), rf"\1{HIDDEN}"),
    (re.compile(r"(\bsips?:[^\s:@<>]{0,200}:)[^\s@<>]{1,200}(?=@)", re.I), rf"\1{HIDDEN}"),
    (re.compile(r"(\binline:)[\w+/=|^:]+", re.I), rf"\1{HIDDEN}"),
)
# Short local numbers are phone numbers too where a phone address says so.
_ADDRESS = re.compile(r"(\b(?:sips?|tel):)\+?[\d.()-]{3,}(?=[@;>\s]|$)", re.I)


def redact(text: str) -> str:
    """`text` with each phone number as [number] and each password, token or key as [hidden]."""
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    text = _NUMBERS.sub(_keep_or_hide, text)
    return _ADDRESS.sub(rf"\1{NUMBER}", text)


def _keep_or_hide(match: re.Match[str]) -> str:
    is_phone = match.lastindex == len(_ALLOWED) + 1
    return NUMBER if is_phone else match.group()
