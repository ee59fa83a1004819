"""What a provider's e-mail says about the trunk, read from whatever was pasted.

Such texts are lists of "label: value" in the provider's language, tables whose cells stand apart,
or sentences with an address in them. What is found is handed on as it is written; what is not
found is named, and nothing is guessed that would be wrong in silence.
"""

from __future__ import annotations

import html
import re
import unicodedata
from itertools import pairwise

import msgspec

TEXT_LIMIT = 50_000
"""Characters that are read; a longer paste is no e-mail."""
_VALUE_LIMIT = 200
_HOST = (
    r"(?:\[[0-9A-Fa-f:.]{2,45}\]|(?:\d{1,3}\.){3}\d{1,3}"
    r"|(?:[A-Za-z0-9-]{1,63}\.){1,6}[A-Za-z]{2,24})"
)
_ADDRESS = re.compile(
    r"(?:(?P<scheme>sips?):)?(?:(?P<user>[^\s@:<>;]{1,64})@)?"
    rf"(?P<host>{_HOST})"
    r"(?::(?P<port>\d{1,5}))?(?P<parameters>(?:;[\w-]+(?:=[^\s;>,]+)?)*)",
    re.IGNORECASE,
)
# Label (without accents, in small letters) by field; the first that fits a line's label wins.
_LABELS: tuple[tuple[str, str], ...] = (
    ("outbound_proxy", r"(outbound|ausgehende\w*|sortant|outgoing|saliente|in uscita).{0,8}proxy"),
    ("outbound_proxy", r"proxy.{0,4}(outbound|ausgehend|sortant|saliente|in uscita|de salida)"),
    (
        "auth_username",
        r"(auth\w*|authentifizierungs?\w*|autenticazione|autenticacion|authentification)"
        r"[\s./_-]*(id|user\w*|name|benutzer\w*|nom|utente|usuario|identifiant|kennung)"
        r"|(id|nom|nome|usuario|identifiant|user\w*|utente)[\s-]*(de|d'|di|per l')?\s*(l')?"
        r"(auth\w*|autenti\w*)|authid|authuser",
    ),
    (
        "password",
        r"pass\s*wor[dt]|passwort|kennwort|passwd|pwd|pass|secret|mot de passe|contrasena|clave"
        r"|parola|sip[ -]?pin|passphrase|wachtwoord",
    ),
    ("realm", r"realm"),
    (
        "channels",
        r"(concurrent|simultaneous|max\w*\.?|gleichzeitige?\w*|simultane\w*|contemporane\w*"
        r"|number of|anzahl|nombre de|numero di|numero de)\s+.{0,20}"
        r"(calls?|channels?|kanale?|gesprache?|anrufe?|appels?|canaux|canali|chiamate|canales"
        r"|llamadas|sessions?|kanalen|gesprekken)"
        r"|(sprach)?kanale?n?|channels?|canaux|canali|canales|(call|channel)[ -]limit|sessions"
        r"|(appels|chiamate|llamadas) (simultan|contemporan)\w*",
    ),
    (
        "srtp",
        r"srtp|media encryption|(medien|sprach)?verschlusselung|chiffrement|cifrado|cifratura",
    ),
    ("transport", r"(sip[ -])?(transport|protocol|protokoll|protocole|protocollo|protocolo)\w*"),
    ("port", r"(sip|server|signal\w*|udp|tcp|tls)?[ -]?(port|porta|puerto|poort)\b"),
    (
        "username",
        r"(sip[ -]?)?(user\s*-?\s*(name|id)?|login|benutzer(name|kennung)?|anmeldename|teilnehmer"
        r"|nom d'utilisateur|utilisateur|identifiant|nome utente|utente|nombre de usuario|usuario"
        r"|gebruikers(naam|id)|account(\s*(id|name|number))?|trunk[ -]?(id|number|user\w*)"
        r"|sip[ -]?id|kennung|username)",
    ),
    ("from_domain", r"(sip[ -]?)?(domain|domane|domaine|dominio)\w*"),
    (
        "host",
        r"(sip[ -]?)?(registrar|server|serveur|servidor|host(name)?|gateway|proxy|passerelle"
        r"|adresse|address|indirizzo|direccion|termination|uri|trunk(?!.*pass)|endpoint|ip|sbc)\b.*"
        r"|.*(server|registrar|serveur|servidor|gateway|\bsbc)",
    ),
    ("registers", r"regist(er|ration|rierung|rieren)|enregistrement|registrazione|registro"),
)
_PATTERNS = tuple((name, re.compile(pattern)) for name, pattern in _LABELS)
# "user kst-00418": a word that is a label, and one value after it.
_SHORT = re.compile(
    r"((?:sip )?(?:user(?:name)?|login|pass(?:word)?|host|server|domain|registrar|realm|port))"
    r" +(\S+)$",
    re.IGNORECASE,
)
# What stands in sentences; looked for where no label told it.
_SENTENCES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern, re.IGNORECASE))
    for name, pattern in (
        ("username", r"\b(?:user ?name|user id|login|account) is:? ([^\s,;]{2,64})"),
        ("password", r"\bpassword is:? ([^\s,;]{5,64})"),
        (
            "host",
            r"\b(?:host|server|registrar|domain|proxy|point|send|connect|register)\b"
            rf"[^.:;@/\n]{{0,40}}? ({_HOST}(?::\d{{1,5}})?)(?![\w@])",
        ),
        ("port", r"\bport (\d{2,5})\b"),
        (
            "transport",
            r"(?:\bport \d{2,5} ?\(?|:\d{2,5} ?[/,(] ?|\b(?:use|over|via) )(udp|tcp|tls)\b",
        ),
        ("channels", r"\b(\d{1,3} (?:simultaneous |concurrent |voice )?(?:channels|calls))\b"),
        ("srtp", r"\b(?:with|use|switch) (srtp(?: on)?)\b"),
    )
)
_OTHER = re.compile(
    r"portal|web ?(site|mail|login|interface)|kundencenter|kundenkonto|control panel|voicemail"
    r"|espace client|area clienti|area de cliente|mailbox|webinterface|extranet"
)
_NO = re.compile(r"(no|not|none|nein|keine?|non|aucun\w*|nessun\w*|ninguno|sin|off|disabled)\b")
_YES = re.compile(r"(yes|ja|oui|si|on|required|erforderlich|requis|mandatory|sdes|srtp|enabled)\b")


class ProviderFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What was found; "" and None where nothing was. Never shows the password."""

    host: str = ""
    port: int | None = None
    transport: str = ""
    username: str = ""
    auth_username: str = ""
    password: str = ""
    outbound_proxy: str = ""
    from_domain: str = ""
    realm: str = ""
    channels: int | None = None
    srtp: str = ""
    registers: bool | None = None

    def __repr__(self) -> str:
        return f"ProviderFacts({', '.join(self.found)})"

    @property
    def found(self) -> tuple[str, ...]:
        """Names of the fields that hold something."""
        return tuple(
            name for name in self.__struct_fields__ if getattr(self, name) not in ("", None)
        )

    @property
    def missing(self) -> tuple[str, ...]:
        """What a trunk cannot do without and the text does not say."""
        wanted = ["host"]
        if self.username or self.password or self.registers:
            wanted += ["username", "password"]
        return tuple(name for name in wanted if name not in self.found)


def read_provider_text(text: str) -> ProviderFacts:
    """The facts in a pasted text; an empty `ProviderFacts` for one that holds none."""
    text = _without_markup(text[:TEXT_LIMIT])
    said: dict[str, str] = {}
    for label, value in _pairs(text):
        name = _field_of(label)
        if name and name not in said and _is_plausible(name, value):
            said[name] = value
    _add_sentences(said, text)
    return _facts(said, text)


def _without_markup(text: str) -> str:
    """A pasted page of HTML as lines, its table's cells apart."""
    if not re.search(r"<(td|br|p|div)\b", text, re.IGNORECASE):
        return text
    text = re.sub(r"</t[dh]>\s*<t[dh][^<>]{0,200}>", "\t", text, flags=re.IGNORECASE)
    text = re.sub(r"</?(tr|table|p|br|div|li)\b[^<>]{0,200}>", "\n", text, flags=re.IGNORECASE)
    return html.unescape(re.sub(r"</?[a-z]\w{0,9}\b[^<>]{0,200}>", "", text, flags=re.IGNORECASE))


def _add_sentences(said: dict[str, str], text: str) -> None:
    """What the sentences tell beyond the labels, added to `said`."""
    flat = re.sub(r"\s{1,100}", " ", text)
    for name, pattern in _SENTENCES:
        found = None if name in said else pattern.search(flat)
        if found is None:
            continue
        value = found[1].rstrip(".!?\"')")
        is_word = name in ("username", "password") and re.fullmatch(r"[a-z]+", value)
        if not is_word and _is_plausible(name, value):
            said[name] = value


def _pairs(text: str) -> list[tuple[str, str]]:
    """Label and value of each line, of two columns, or of two lines that follow each other.

    What stands under the heading of something else (the customer's portal) is left out.
    """
    lines = [_plain(line) for line in text.splitlines()]
    pairs: list[tuple[str, str]] = []
    is_elsewhere, has_seen = False, False
    for line, after in pairwise([*lines, ""]):
        if not line.strip():
            is_elsewhere = is_elsewhere and not has_seen
            continue
        label, value = _pair(line) or ("", "")
        heading = line.strip().rstrip(":").strip()
        is_alone = not label and 0 < len(heading) <= 40 and after.strip() and not _pair(after)
        if is_alone and _field_of(heading):
            label, value = heading, after.strip()
        if label and value:
            has_seen = True
            if not is_elsewhere and not _OTHER.search(_folded(label)):
                pairs.append((label, value))
        else:
            is_elsewhere, has_seen = bool(_OTHER.search(_folded(line))), False
    return pairs


def _pair(line: str) -> tuple[str, str] | None:
    found = _SHORT.match(line.strip())
    if found is not None:
        return found[1], found[2]
    found = re.match(r"([^:=|\t]{1,60}?)\s*(?:[:=|]|\t+|\s{3,})\s*(\S.*)$", line)
    if found is None or re.match(r"(sips?|https?)$", found[1].strip(), re.IGNORECASE):
        return None
    return found[1], found[2].strip(" |")


def _plain(line: str) -> str:
    """Without the marks of quoting, lists, tables and bold."""
    line = re.sub(r"\s?\.{3,100}\s?", ": ", line)
    line = re.sub(r"^[\s>*•·|–—-]+(?=\S)", "", line.replace("\u00a0", " "))
    return re.sub(r"\*\*|__|`|</?(b|strong|td|tr|li|br)\s*/?>", "", line, flags=re.IGNORECASE)


def _folded(text: str) -> str:
    """Small letters without accents, for labels."""
    parts = unicodedata.normalize("NFKD", text.lower().replace("’", "'").replace("ß", "ss"))
    return "".join(part for part in parts if not unicodedata.combining(part)).strip()


def _field_of(label: str) -> str:
    folded = re.sub(r"\s*\(.*?\)\s*", " ", _folded(label)).strip(" .-*#\"'")
    folded = re.sub(
        r"^(your|ihre?r?|votre|il (suo|tuo)|su|tu|the|der|die|das|le|la|el)\s+", "", folded
    )
    for name, pattern in _PATTERNS:
        if pattern.fullmatch(folded):
            return name
    for name, pattern in _PATTERNS:
        is_short = len(folded.split()) <= 5
        if is_short and name != "host" and pattern.search(folded):
            return name
    return ""


def _is_plausible(name: str, value: str) -> bool:
    if not value or len(value) > _VALUE_LIMIT:
        return False
    if name in ("host", "outbound_proxy", "from_domain"):
        return _ADDRESS.search(value) is not None
    if name == "port":
        return re.match(r"\d{2,5}\b", value) is not None
    if name == "channels":
        return re.search(r"\d", value) is not None
    if name == "transport":
        return re.search(r"\b(udp|tcp|tls)\b", value, re.IGNORECASE) is not None
    if name in ("username", "auth_username", "realm"):
        return len(value.split()) <= 2 or "@" in value
    return True


def _facts(said: dict[str, str], text: str) -> ProviderFacts:
    host, port, transport, user = _where(said, text)
    names = {name: _first_word(said.get(name, "")) for name in ("username", "auth_username")}
    username = names["username"] or user
    domain = _host_in(said.get("from_domain", ""))
    if "@" in username:
        username, _, at_host = username.removeprefix("sip:").partition("@")
        domain = domain or _host_in(at_host)
    host = host or domain
    auth_username = names["auth_username"].partition("@")[0]
    srtp = _srtp(said.get("srtp", ""))
    channels = re.search(r"\d{1,3}", said.get("channels", ""))
    return ProviderFacts(
        host=host,
        port=port,
        transport=transport,
        username=username or auth_username,
        auth_username=auth_username if auth_username != username and username else "",
        password=_password(said.get("password", "")),
        outbound_proxy=_proxy(said.get("outbound_proxy", "")),
        from_domain=domain if domain != host else "",
        realm=_first_word(said.get("realm", "")),
        channels=int(channels[0]) if channels and 0 < int(channels[0]) <= 500 else None,
        srtp=srtp,
        registers=_truth(said.get("registers", "")),
    )


def _where(said: dict[str, str], text: str) -> tuple[str, int | None, str, str]:
    """Host, port, transport and the user in an address: as labelled, else the first SIP URI."""
    address = _ADDRESS.search(said.get("host", ""))
    if address is None:
        address = next((one for one in _ADDRESS.finditer(text) if one["scheme"]), None)
    transport = re.search(r"\b(tls|tcp|udp)\b", said.get("transport", ""), re.IGNORECASE)
    port = re.match(r"\d{2,5}", said.get("port", ""))
    kind, host, user, number = transport[1].lower() if transport else "", "", "", 0
    if address is not None:
        named = re.search(r";transport=(\w+)", address["parameters"] or "", re.IGNORECASE)
        is_secure = (address["scheme"] or "").lower() == "sips"
        kind = kind or (named[1].lower() if named else "tls" if is_secure else "")
        host, user = address["host"].lower(), address["user"] or ""
        number = int(address["port"] or 0)
    number = number or (int(port[0]) if port else 0)
    if not kind and number == 5061:
        kind = "tls"
    if kind not in ("", "udp", "tcp", "tls"):
        kind = ""
    if "{" in user or "number" in user.lower() or "nummer" in user.lower():
        user = ""
    return host, number if 0 < number < 65536 else None, kind, user


def _host_in(text: str) -> str:
    found = _ADDRESS.search(text)
    return found["host"].lower() if found else ""


def _proxy(text: str) -> str:
    found = _ADDRESS.search(text)
    if found is None:
        return ""
    port = f":{found['port']}" if found["port"] else ""
    named = re.search(r";transport=\w+", found["parameters"] or "", re.IGNORECASE)
    return f"sip:{found['host'].lower()}{port}{named[0].lower() if named else ''}"


def _first_word(text: str) -> str:
    words = text.split()
    return words[0].strip("\"'<>“”„,;") if words else ""


def _password(text: str) -> str:
    """A password has no spaces; a sentence in its place ("sent by letter") is none."""
    quoted = re.match(r"[\"“„'](\S+)[\"”'“]\s*$", text)
    if quoted:
        return quoted[1]
    return text if text and len(text.split()) == 1 else ""


def _srtp(text: str) -> str:
    folded = _folded(text)
    if _NO.match(folded):
        return "off"
    if re.search(r"option|wahlweise|facultati|facoltativ|opcional", folded):
        return "optional"
    return "mandatory" if _YES.search(folded) else ""


def _truth(text: str) -> bool | None:
    folded = _folded(text)
    if _NO.match(folded):
        return False
    return True if _YES.match(folded) else None
