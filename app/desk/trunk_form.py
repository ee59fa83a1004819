"""The trunk as a supervisor fills it in: gateways in order, presets, and what an e-mail says.

Pure: a window shows these values and hands changed ones back. A password is in a form only while
it is typed; it goes to the keyring and is never read back.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import msgspec

import resources
from app.provider_text import ProviderFacts, read_provider_text
from app.trunk import CHANNEL_LIMIT, GatewayPlace, Trunk, objection, transport_of
from dialer_core.model.errors import KnownError
from dialer_core.rules.dial_format import NUMBER_FORMATS, NumberFormat, digits_to_dial
from sip.messages.trunk import Dtmf, Identity, SessionTimers, Srtp

Choice = tuple[str, str]
TRANSPORTS: tuple[Choice, ...] = (("udp", "UDP"), ("tcp", "TCP"), ("tls", "TLS, encrypted"))
SRTPS: tuple[Choice, ...] = (
    ("off", "Not encrypted"),
    ("optional", "Encrypted if they can"),
    ("mandatory", "Always encrypted"),
)
IDENTITIES: tuple[Choice, ...] = (
    ("from_and_pai", "From and P-Asserted-Identity"),
    ("from", "From"),
    ("pai", "P-Asserted-Identity"),
    ("ppi", "P-Preferred-Identity"),
    ("rpid", "Remote-Party-ID"),
)
DTMFS: tuple[Choice, ...] = (
    ("rfc4733", "As events (RFC 4733)"),
    ("info", "As messages (SIP INFO)"),
    ("inband", "As tones in the sound"),
)
TIMERS: tuple[Choice, ...] = (
    ("optional", "If they want them"),
    ("off", "Never"),
    ("required", "Always"),
)
CODEC_ORDERS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("PCMA/8000", "PCMU/8000"), "A-law, then µ-law"),
    (("PCMU/8000", "PCMA/8000"), "µ-law, then A-law"),
    (("G722/16000", "PCMA/8000", "PCMU/8000"), "G.722, then A-law and µ-law"),
    (("G722/16000", "PCMU/8000", "PCMA/8000"), "G.722, then µ-law and A-law"),
)
REGIONS = ("GB", "IE", "DE", "AT", "CH", "FR", "BE", "NL", "IT", "ES", "PT", "US", "CA", "AU", "NZ")
_EXAMPLE = "+441614960001"
_FIELD_WORDS: Mapping[str, str] = {
    "host": "server",
    "port": "port",
    "transport": "transport",
    "username": "user name",
    "auth_username": "name for the password",
    "password": "password",
    "outbound_proxy": "outbound proxy",
    "from_domain": "domain",
    "realm": "realm",
    "channels": "channels",
    "srtp": "encryption of the sound",
    "registers": "registration",
}


@dataclass(frozen=True, slots=True)
class GatewayForm:
    """One gateway as it is filled in.

    `host` may have a port. `password` "" leaves the one in the keyring, if `has_password` says
    there is one. `user_part` and `parameters`: what else the address has, kept as it is.
    `saved_name`: what it is called in the trunk's file, "" for a new one.
    """

    name: str = ""
    host: str = ""
    transport: str = "udp"
    has_account: bool = True
    username: str = ""
    auth_username: str = ""
    password: str = field(default="", repr=False)
    has_password: bool = False
    registers: bool = False
    accepts_calls: bool = False
    channels: int = 4
    calls_a_second: float = 0.0
    number_format: NumberFormat = "e164"
    home_region: str = "GB"
    prefix: str = ""
    identity: Identity = "from_and_pai"
    outbound_proxy: str = ""
    from_domain: str = ""
    realm: str = "*"
    srtp: Srtp = "off"
    ca_file: str = ""
    codecs: tuple[str, ...] = CODEC_ORDERS[0][0]
    dtmf: Dtmf = "rfc4733"
    session_timers: SessionTimers = "optional"
    plays_early_media: bool = True
    send_attempt_id: bool = False
    user_part: str = "{number}"
    parameters: str = ""
    saved_name: str = ""


@dataclass(frozen=True, slots=True)
class TrunkForm:
    """All gateways in the order in which they are tried, and the number of lines."""

    gateways: tuple[GatewayForm, ...] = ()
    lines: int = 8
    callers_port: int = 0  # kept as it stands in the file


class Preset(msgspec.Struct, frozen=True, kw_only=True):
    """What one provider wants; see resources/providers.toml."""

    id: str
    name: str
    hint: str
    host: str
    has_account: bool
    registers: bool = False
    transport: str = "udp"
    srtp: Srtp = "off"
    identity: Identity = "from_and_pai"
    number_format: NumberFormat = "e164"
    home_region: str = ""
    has_auth_username: bool = False
    codecs: tuple[str, ...] = CODEC_ORDERS[0][0]
    channels: int = 0
    calls_a_second: float = 0.0

    @property
    def has_own_host(self) -> bool:
        """Whether `host` is the provider's name, and not a form with CAPITALS to fill in."""
        return re.search(r"[A-Z]", self.host) is None


class _Presets(msgspec.Struct, frozen=True):
    providers: tuple[Preset, ...]


@dataclass(frozen=True, slots=True)
class Filled:
    """A form that a text was read into, and what to say about it."""

    form: GatewayForm
    sentence: str
    is_useful: bool


def presets() -> tuple[Preset, ...]:
    """The shipped presets, in the order to offer them."""
    data = resources.path("providers.toml").read_bytes()
    return msgspec.toml.decode(data, type=_Presets).providers


def with_preset(form: GatewayForm, preset: Preset) -> GatewayForm:
    """The form with all that the preset knows; what only this office knows stays."""
    is_new = not form.name or any(form.name == one.name for one in presets())
    return replace(
        form,
        name=preset.name if is_new else form.name,
        host=preset.host if preset.has_own_host else "",
        transport=preset.transport,
        has_account=preset.has_account,
        username=form.username if preset.has_account else "",
        auth_username=form.auth_username if preset.has_auth_username else "",
        password=form.password if preset.has_account else "",
        registers=preset.registers,
        srtp=preset.srtp,
        identity=preset.identity,
        number_format=preset.number_format,
        home_region=preset.home_region or form.home_region,
        prefix="" if preset.number_format == "e164" else form.prefix,
        codecs=preset.codecs,
        channels=preset.channels or form.channels,
        calls_a_second=preset.calls_a_second,
    )


def filled_from(form: GatewayForm, text: str) -> Filled:
    """The form with what a pasted text says, and a sentence on what was found and what was not."""
    facts = read_provider_text(text)
    if not facts.found:
        return Filled(
            form,
            "Nothing of a trunk was found in this text: fill in the server and the user name.",
            False,
        )
    found = _words(tuple(name for name in facts.found if name != "port" or not facts.host))
    sentence = f"Found: {found}."
    missing = tuple(name for name in facts.missing if not _is_filled(form, name))
    if missing:
        sentence += f" Not found: {_words(missing)}; fill that in."
    return Filled(_with_facts(form, facts), sentence, True)


def _words(names: tuple[str, ...]) -> str:
    words = [_FIELD_WORDS[name] for name in names]
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def _is_filled(form: GatewayForm, name: str) -> bool:
    return bool(getattr(form, name)) or (name == "password" and form.has_password)


def _with_facts(form: GatewayForm, facts: ProviderFacts) -> GatewayForm:
    host = facts.host or form.host
    if facts.host and facts.port and facts.port != (5061 if facts.transport == "tls" else 5060):
        host = f"{facts.host}:{facts.port}"
    has_account = bool(facts.username or facts.password) or form.has_account
    if facts.host and not facts.username and not facts.password and facts.registers is not True:
        has_account = bool(form.username)
    registers = facts.registers
    if registers is None:
        registers = form.registers or bool(facts.username and facts.password)
    srtp = facts.srtp or form.srtp
    return replace(
        form,
        name=form.name or facts.host,
        host=host,
        transport=facts.transport or form.transport,
        has_account=has_account,
        username=facts.username or form.username,
        auth_username=facts.auth_username or form.auth_username,
        password=facts.password or form.password,
        registers=registers and has_account,
        outbound_proxy=facts.outbound_proxy or form.outbound_proxy,
        from_domain=facts.from_domain or form.from_domain,
        realm=facts.realm or form.realm,
        channels=facts.channels or form.channels,
        srtp=msgspec.convert(srtp, Srtp),
    )


def form_of(place: GatewayPlace, has_password: bool) -> GatewayForm:
    """The form that shows a gateway of the trunk's file."""
    found = re.fullmatch(r"sips?:([^@]*)@([^;>]+)(.*)", place.uri)
    user_part, host, parameters = found.groups() if found else ("{number}", "", "")
    rest = re.sub(r";transport=[^;]*", "", parameters, flags=re.IGNORECASE)
    same = {name: getattr(place, name) for name in _SAME}
    return GatewayForm(
        host=host,
        transport=transport_of(place.uri) or "udp",
        has_account=bool(place.username),
        has_password=has_password,
        user_part=user_part,
        parameters=rest,
        saved_name=place.name,
        **same,
    )


_SAME = tuple(
    name
    for name in GatewayPlace.__struct_fields__
    if name not in ("uri",) and name in GatewayForm.__dataclass_fields__
)


def place_of(form: GatewayForm) -> GatewayPlace:
    """The gateway for the trunk's file; its password goes to the keyring, not there."""
    same = {name: getattr(form, name) for name in _SAME}
    if not form.has_account:
        same |= {"username": "", "auth_username": "", "registers": False}
    uri = f"sip:{form.user_part}@{form.host};transport={form.transport}{form.parameters}"
    return GatewayPlace(uri=uri, **same)


def form_objection(form: GatewayForm) -> str:
    """Why this gateway cannot be used yet, as a sentence; "" where it can."""
    if not form.name.strip():
        return "Give the gateway a name."
    if not form.host.strip():
        return f"The gateway {form.name} needs the provider's server, like sip.example.com."
    if form.has_account and not form.username:
        return f"The gateway {form.name} needs the user name that the provider gave you."
    if form.has_account and not form.password and not form.has_password:
        return f"The gateway {form.name} needs the password that the provider gave you."
    return objection(place_of(form))


def trunk_objection(form: TrunkForm) -> tuple[str, int]:
    """Why this trunk cannot be saved and which gateway is to blame; ("", -1) where it can."""
    if not form.gateways:
        return "A trunk needs at least one gateway: add one.", -1
    for index, gateway in enumerate(form.gateways):
        sentence = form_objection(gateway)
        if not sentence and any(gateway.name == one.name for one in form.gateways[:index]):
            sentence = f"Two gateways are called {gateway.name}: rename one."
        if sentence:
            return sentence, index
    if not 1 <= form.lines <= CHANNEL_LIMIT:
        return f"A floor needs between one and {CHANNEL_LIMIT} lines.", -1
    return "", -1


def trunk_form(trunk: Trunk | None, has_password: Mapping[str, bool]) -> TrunkForm:
    """The form of a trunk; None for a floor that has none yet."""
    if trunk is None:
        return TrunkForm()
    return TrunkForm(
        tuple(form_of(place, has_password.get(place.name, False)) for place in trunk.gateways),
        trunk.lines,
        trunk.callers_port,
    )


def trunk_of(form: TrunkForm) -> Trunk:
    """The trunk for its file. Raises KnownError where it cannot be used yet."""
    sentence, _index = trunk_objection(form)
    if sentence:
        raise KnownError(sentence)
    return Trunk(
        gateways=tuple(place_of(one) for one in form.gateways),
        lines=form.lines,
        callers_port=form.callers_port,
    )


def moved(form: TrunkForm, index: int, by: int) -> TrunkForm:
    """The gateway at `index` one place up (-1) or down (1); unchanged at the ends."""
    to = index + by
    if not (0 <= index < len(form.gateways) and 0 <= to < len(form.gateways)):
        return form
    gateways = list(form.gateways)
    gateways.insert(to, gateways.pop(index))
    return replace(form, gateways=tuple(gateways))


def number_examples(home_region: str, prefix: str) -> tuple[Choice, ...]:
    """Each number format with what would be dialled for one British number."""
    words = {
        "e164": "International with +",
        "e164_no_plus": "International",
        "international_00": "International with 00",
        "national": "National",
    }
    choices = []
    for number_format in NUMBER_FORMATS:
        try:
            example = digits_to_dial(
                _EXAMPLE,
                number_format,
                home_region=home_region,
                prefix="" if number_format == "e164" else prefix,
            )
        except KnownError:
            example = ""
        choices.append((number_format, f"{words[number_format]}: {example}".rstrip(": ")))
    return tuple(choices)


def codec_choices(current: tuple[str, ...]) -> tuple[tuple[tuple[str, ...], str], ...]:
    """The usual orders of codecs, and the current one where it is another."""
    if any(current == order for order, _words in CODEC_ORDERS):
        return CODEC_ORDERS
    words = ", ".join(codec.partition("/")[0] for codec in current)
    return (*CODEC_ORDERS, (current, words))
