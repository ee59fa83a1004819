"""E-mails of providers as they are pasted: several languages, tables, sentences, and nonsense.

All providers, numbers and passwords here are fictitious.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.provider_text import ProviderFacts, read_provider_text

ENGLISH = """Hi there,

Thanks for choosing Northwind Voice! Here are the details of your new SIP trunk:

  SIP Server:            sip.northwind.example:5060
  Username:              441614960100
  Password:              tR4in-Set!9
  Transport:             UDP
  Concurrent calls:      10 channels

Please don't share these with anyone.
--
Northwind Voice, 1 High Street. Tel: 0161 496 0000 | www.northwind.example
"""
GERMAN = """> Sehr geehrte Damen und Herren,
>
> Ihre Zugangsdaten für den SIP-Trunk:
>
> * Registrar: sip.beispielnetz.example
> * Ausgehender Proxy (Outbound-Proxy): proxy.beispielnetz.example:5061
> * Benutzername: 4930231250t0
> * Auth-Benutzername: auth-77
> * Kennwort: „Xy7#kLm2“
> * Protokoll: TLS
> * Port: 5061
> * Gleichzeitige Gespräche: 8
> * Verschlüsselung (SRTP): erforderlich
> * Registrierung: ja
>
> Kundencenter
> Benutzername: max.mustermann
> Passwort: portal-geheim
"""
FRENCH = """Bonjour,
Voici les paramètres de votre trunk SIP :

Serveur SIP : sip.exemple-telecom.example
Nom d’utilisateur : acme-trunk
Identifiant d'authentification : acme-auth
Mot de passe : Ch0co!at
Port : 5060
Transport : TCP
Appels simultanés : 4 canaux
Domaine SIP : exemple-telecom.example
"""
ITALIAN = """Gentile cliente, ecco i dati del Suo trunk.
Indirizzo del server\tsip.esempio.example
Nome utente\t390655512345
Parola chiave\tninna-nanna
Password\tninna-nanna
Canali\t6
Registrazione\tsì
"""
SPANISH = """Estimado cliente:

Servidor: voz.ejemplo.example
Puerto: 5070
Usuario: ejemplo01
Contraseña: s3creta.x
Canales: 12
Protocolo: UDP
Cifrado: no
"""
TABLE = """| Setting | Value |
|---|---|
| **Registrar** | `trunk7.carrier.example` |
| **SIP User ID** | `acme7` |
| **Authentication ID** | `acme7-auth` |
| **SIP password** | `Pa|pipe` |
| **Max. simultaneous channels** | 30 |
"""
TWO_LINES = """Trunk details

Server
gw1.telco.example

Username
acme

Password
hunter-22

Number of channels
5
"""
SENTENCE = """Please send your calls to sips:{number}@secure.telco.example:5061;transport=tls - no
registration, we know your address 203.0.113.7 already."""
ADDRESS_ONLY = """Termination URI: acme-42.pstn.carrier.example
Authentication: by your public address, no username or password is needed.
"""
PORTAL_FIRST = """Customer portal
Username: jane@acme.example
Password: portal-word

SIP account
Username: 20055
Password: sip-word
Domain: pbx.acme.example
"""
URI_USER = (
    "Your SIP address is sip:acme9@voice.example;transport=tcp\nPassword = Zz.9!\nrealm=voice"
)
NONSENSE = """Dear friend: buy now!! 50% off: everything
Password: will be sent by letter
Server: soon
"""


def facts(**known: object) -> ProviderFacts:
    return ProviderFacts(**known)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            ENGLISH,
            facts(
                host="sip.northwind.example",
                port=5060,
                username="441614960100",
                password="tR4in-Set!9",
                transport="udp",
                channels=10,
            ),
        ),
        (
            GERMAN,
            facts(
                host="sip.beispielnetz.example",
                port=5061,
                outbound_proxy="sip:proxy.beispielnetz.example:5061",
                username="4930231250t0",
                auth_username="auth-77",
                password="Xy7#kLm2",
                transport="tls",
                channels=8,
                srtp="mandatory",
                registers=True,
            ),
        ),
        (
            FRENCH,
            facts(
                host="sip.exemple-telecom.example",
                port=5060,
                from_domain="exemple-telecom.example",
                username="acme-trunk",
                auth_username="acme-auth",
                password="Ch0co!at",
                transport="tcp",
                channels=4,
            ),
        ),
        (
            ITALIAN,
            facts(
                host="sip.esempio.example",
                username="390655512345",
                password="ninna-nanna",
                channels=6,
                registers=True,
            ),
        ),
        (
            SPANISH,
            facts(
                host="voz.ejemplo.example",
                port=5070,
                username="ejemplo01",
                password="s3creta.x",
                channels=12,
                transport="udp",
                srtp="off",
            ),
        ),
        (
            TABLE,
            facts(
                host="trunk7.carrier.example",
                username="acme7",
                auth_username="acme7-auth",
                password="Pa|pipe",
                channels=30,
            ),
        ),
        (
            TWO_LINES,
            facts(host="gw1.telco.example", username="acme", password="hunter-22", channels=5),
        ),
        (SENTENCE, facts(host="secure.telco.example", port=5061, transport="tls")),
        (ADDRESS_ONLY, facts(host="acme-42.pstn.carrier.example")),
        (PORTAL_FIRST, facts(host="pbx.acme.example", username="20055", password="sip-word")),
        (
            URI_USER,
            facts(
                host="voice.example",
                username="acme9",
                transport="tcp",
                realm="voice",
                password="Zz.9!",
            ),
        ),
        (NONSENSE, facts()),
        ("", facts()),
        ("Lorem ipsum dolor sit amet, www.example.com: 42", facts()),
    ],
    ids=[
        *("english", "german", "french", "italian", "spanish", "table", "two_lines"),
        *("sentence", "address", "portal", "uri", "nonsense", "empty", "lorem"),
    ],
)
def test_what_is_said_is_found_and_nothing_else(text: str, expected: ProviderFacts) -> None:
    found = read_provider_text(text)
    assert {name: getattr(found, name) for name in found.found} == {
        name: getattr(expected, name) for name in expected.found
    }


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        (ENGLISH, ()),
        (SENTENCE, ()),
        (NONSENSE, ("host",)),
        ("Server: sip.a.example\nUsername: acme", ("password",)),
        ("Password: x1\nUsername: acme", ("host",)),
        ("Registrar: sip.a.example\nRegistration: required", ("username", "password")),
    ],
)
def test_what_is_missing_is_named(text: str, missing: tuple[str, ...]) -> None:
    assert read_provider_text(text).missing == missing


@pytest.mark.parametrize(
    ("line", "name", "value"),
    [
        ("Outbound proxy: 192.0.2.10:5080", "outbound_proxy", "sip:192.0.2.10:5080"),
        ("SIP Server : [2001:db8::7]:5062", "host", "[2001:db8::7]"),
        ("Server = 198.51.100.4", "host", "198.51.100.4"),
        ("SIP Benutzer: abc", "username", "abc"),
        ("Sprachkanäle: 4", "channels", 4),
        ("Maximum number of concurrent calls: 25", "channels", 25),
        ("Chiamate contemporanee: 3", "channels", 3),
        ("Media encryption: SRTP (optional)", "srtp", "optional"),
        ("SIP port: 5061 (TLS)", "port", 5061),
        ("Hostname: pbx.acme.example", "host", "pbx.acme.example"),
        ("Clave: abc", "password", "abc"),
        ("SIP-Passwort: a:b=c", "password", "a:b=c"),
    ],
)
def test_single_lines(line: str, name: str, value: object) -> None:
    assert getattr(read_provider_text(line), name) == value


def test_the_password_is_never_shown() -> None:
    found = read_provider_text(ENGLISH)
    assert "tR4in" not in repr(found)
    assert "tR4in" not in str(found)
    assert "441614960100" not in repr(found)


@given(st.text(max_size=400))
def test_any_text_is_read_without_a_fault(text: str) -> None:
    found = read_provider_text(text)
    assert found.port is None or 0 < found.port < 65536
    assert found.channels is None or 0 < found.channels <= 500
    assert found.transport in ("", "udp", "tcp", "tls")


def test_a_huge_paste_is_read_in_a_moment() -> None:
    assert read_provider_text("a" * 40_000 + ": b\n" + "x:" * 30_000).found == ()
    assert read_provider_text((" " * 300 + "\n" + "=" * 300 + "\n") * 100).found == ()
