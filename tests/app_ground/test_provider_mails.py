"""Ten mails as ten different providers would word them; all are invented, as is all in them."""

from __future__ import annotations

import pytest

from app.provider_text import ProviderFacts, read_provider_text

WELCOME = """Subject: Your Blue Heron SIP trunk is live!

Hello Jo,

Your trunk is ready. Point your PBX at trunk.blueheron.example on port 5060 (UDP) and register with

Trunk number ........ 7700412
Trunk password ...... mauve-Otter-19
Channel limit ....... 20

Caller ID: send any number on your account in E.164 format.
Support: https://help.blueheron.example, 0161 496 0190
"""
NO_LABELS = """Hi,

as promised: host edge2.kestrel.example:5061 / TLS with SRTP
user kst-00418
pass Fj4_zz!2
12 simultaneous calls

Cheers, Pat
"""
IP_TRUNK = """Dear customer,

we have provisioned your IP-authenticated trunk. Traffic is accepted from 203.0.113.40 only.

Primary SBC: 198.51.100.10
Secondary SBC: 198.51.100.11
Signalling port: 5060
Transport protocol: UDP
Codecs: G.711a, G.711u
DTMF: RFC 2833
Max concurrent sessions: 30
Username / password: not required
"""
GERMAN_LETTER = """Guten Tag Frau Sommer,

anbei Ihre SIP-Zugangsdaten:

Anschlussnummer: +49 30 23125 000
SIP-Benutzername: 4930231250
SIP-Passwort: qT9-vogel
SIP-Server / Registrar: tel.rotkehl.example
STUN-Server: stun.rotkehl.example
Anzahl Sprachkanäle: 6
TLS/SRTP: wird unterstützt (optional)

Freundliche Grüße
"""
FRENCH_TABLE = """Identifiants de votre ligne
Registrar (serveur SIP)\tsip.mesange.example
Proxy sortant\tproxy.mesange.example
Login SIP\t0033199000123
Mot de passe SIP\tHib0u-gris
Port SIP\t5060
Transport\tTCP
Nombre d'appels simultanés\t8
"""
DUTCH = """Beste klant,

Hierbij uw SIP-gegevens:
Server: sip.grutto.example
Gebruikersnaam: 31850001234
Wachtwoord: Kiev1t!
Poort: 5060
Protocol: UDP
Aantal kanalen: 4
"""
HTML_TABLE = """<p>Your credentials</p>
<table><tr><td>Domain</td><td>acme.sip.curlew.example</td></tr>
<tr><td>Username</td><td>acme-out</td></tr>
<tr><td>Password</td><td>9&amp;Plover</td></tr>
<tr><td>Protocol</td><td>TLS</td></tr></table>
"""
FORWARDED = """---------- Forwarded message ---------
From: Support <support@wagtail.example>
To: office@acme.example

> > SIP Domain:        voip.wagtail.example
> > Auth username:     auth-5512
> > Extension / user:  5512
> > Auth password:     sn1pe.Sn1pe
> > Registration interval: 3600
> > Expires:           3600
"""
CONFIG = """[trunk]
type=peer
host=gw.dunlin.example
port=5080
username=dunlin44
secret=Gr3en.shank
fromdomain=dunlin.example
transport=tcp
qualify=yes
dtmfmode=rfc2833
call-limit=10
"""
PROSE = """Good morning. Your SIP username is fulmar-221 and your password is Petrel77. The server
is sip.fulmar.example. You have 5 channels. Please use TLS on port 5061, and switch SRTP on.
"""


def facts(**known: object) -> ProviderFacts:
    return ProviderFacts(**known)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            WELCOME,
            facts(
                host="trunk.blueheron.example",
                port=5060,
                transport="udp",
                username="7700412",
                password="mauve-Otter-19",
                channels=20,
            ),
            id="dots",
        ),
        pytest.param(
            NO_LABELS,
            facts(
                host="edge2.kestrel.example",
                port=5061,
                transport="tls",
                username="kst-00418",
                password="Fj4_zz!2",
                channels=12,
                srtp="mandatory",
            ),
            id="no labels",
        ),
        pytest.param(
            IP_TRUNK,
            facts(host="198.51.100.10", port=5060, transport="udp", channels=30),
            id="by address",
        ),
        pytest.param(
            GERMAN_LETTER,
            facts(
                host="tel.rotkehl.example",
                username="4930231250",
                password="qT9-vogel",
                channels=6,
                srtp="optional",
            ),
            id="german",
        ),
        pytest.param(
            FRENCH_TABLE,
            facts(
                host="sip.mesange.example",
                outbound_proxy="sip:proxy.mesange.example",
                username="0033199000123",
                password="Hib0u-gris",
                port=5060,
                transport="tcp",
                channels=8,
            ),
            id="french",
        ),
        pytest.param(
            DUTCH,
            facts(
                host="sip.grutto.example",
                username="31850001234",
                password="Kiev1t!",
                port=5060,
                transport="udp",
                channels=4,
            ),
            id="dutch",
        ),
        pytest.param(
            HTML_TABLE,
            facts(
                host="acme.sip.curlew.example",
                username="acme-out",
                password="9&Plover",
                transport="tls",
            ),
            id="html",
        ),
        pytest.param(
            FORWARDED,
            facts(
                host="voip.wagtail.example",
                username="5512",
                auth_username="auth-5512",
                password="sn1pe.Sn1pe",
            ),
            id="forwarded",
        ),
        pytest.param(
            CONFIG,
            facts(
                host="gw.dunlin.example",
                port=5080,
                transport="tcp",
                username="dunlin44",
                password="Gr3en.shank",
                from_domain="dunlin.example",
                channels=10,
            ),
            id="asterisk",
        ),
        pytest.param(
            PROSE,
            facts(
                host="sip.fulmar.example",
                port=5061,
                transport="tls",
                username="fulmar-221",
                password="Petrel77",
                channels=5,
                srtp="mandatory",
            ),
            id="prose",
        ),
    ],
)
def test_a_mail_is_read(text: str, expected: ProviderFacts) -> None:
    found = read_provider_text(text)
    assert {name: getattr(found, name) for name in found.found} == {
        name: getattr(expected, name) for name in expected.found
    }
