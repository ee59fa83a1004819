"""The 49 messages of RFC 4475 ("SIP Torture Test Messages", 2006), each by the RFC's own name.

Each has all that the RFC lists as special in it, written here rather than copied: values that do
not matter differ. All addresses are the RFC's (documentation ranges). What a good element does with
each stands there; an engine of ours must only live on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

SDP = (
    "v=0\r\no=mhandley 29739 7272939 IN IP4 192.0.2.3\r\ns=-\r\nc=IN IP4 192.0.2.4\r\nt=0 0\r\n"
    "m=audio 49217 RTP/AVP 0 12\r\nm=video 3227 RTP/AVP 31\r\na=rtpmap:31 LPC\r\n"
)
_USER = "sip:user@example.com"
_VIA = "SIP/2.0/UDP host5.example.net;branch=z9hG4bKkdjuw"


Changes = Mapping[str, str | None]


def _message(
    start: str, name: str, cseq: str, *more: str, body: str = "", **changes: str | None
) -> bytes:
    return _built(start, name, cseq, more, body, changes)


def _invite(
    name: str, *more: str, uri: str = _USER, body: str = SDP, **changes: str | None
) -> bytes:
    return _built(f"INVITE {uri} SIP/2.0", name, "8 INVITE", more, body, changes)


def _other(method: str, name: str, *more: str, uri: str = _USER, **changes: str | None) -> bytes:
    return _built(f"{method} {uri} SIP/2.0", name, f"8 {method}", more, "", changes)


def _built(
    start: str, name: str, cseq: str, more: Sequence[str], body: str, changes: Changes
) -> bytes:
    """A plain message whose fields are replaced by `changes` (None: left out) and added to.

    Underscores in a field's name stand for hyphens. A body brings its length and type along.
    """
    fields: dict[str, str | None] = {
        "Via": _VIA,
        "Max_Forwards": "70",
        "From": "<sip:caller@example.net>;tag=323",
        "To": _USER,
        "Call_ID": f"{name}.0ha0isndaksdj99sdfafnl3lk233412",
        "CSeq": cseq,
        "Contact": "<sip:caller@host5.example.net>",
        "Content_Type": "application/sdp" if body else None,
        "Content_Length": str(len(body)),
        **changes,
    }
    lines = [start]
    lines += [f"{key.replace('_', '-')}: {value}" for key, value in fields.items() if value]
    lines += more
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode("utf-8", "surrogateescape")


def _valid() -> dict[str, bytes]:
    """Section 3.1.1: strange, and right."""
    folded = (
        "INVITE sip:vivekg@chair-dnrc.example.com;unknownparam SIP/2.0\r\nTO :\r\n"
        " sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n\r\n"
        'from   : "J Rosenberg \\\\\\""       <sip:jdrosen@example.com>\r\n'
        "  ;\r\n  tag = 98asjd8\r\n"
        "MaX-fOrWaRdS: 0068\r\nCall-ID: wsinv.ndaksdj@192.0.2.1\r\n"
        f"Content-Length   : {len(SDP)}\r\ncseq: 0009\r\n  INVITE\r\n"
        "Via  : SIP  /   2.0\r\n /UDP\r\n    192.0.2.2;branch=390skdjuw\r\ns :\r\n"
        "NewFangledHeader:   newfangled value\r\n continued newfangled value\r\n"
        "UnknownHeaderWithUnusualValue: ;;,,;;,;\r\nContent-Type: application/sdp\r\n"
        "Route:\r\n <sip:services.example.com;lr;unknownwith=value;unknown-no-value>\r\n"
        "v:  SIP  / 2.0  / TCP     spindle.example.com   ;\r\n  branch  =   z9hG4bK9ikj8  ,\r\n"
        " SIP  /    2.0   / UDP  192.168.255.111   ; branch=\r\n z9hG4bK30239\r\n"
        'm:"Quoted string \\"\\"" <sip:jdrosen@example.com> ; newparam =\r\n'
        f"      newvalue ;\r\n  secondparam ; q = 0.33\r\n\r\n{SDP}"
    ).encode()
    odd_method = "!interesting-Method0123456789_*+`.%indeed'~"
    odd_uri = (
        "sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too."
        "(doesn't-it)@example.com"
    )
    odd_token = "-.!%66*_+`'~"
    long_name = "a" * 250
    second = _invite("dblreq", uri="sip:joe@example.com")
    parts = (
        "--7a9cbec02ceef655\r\nContent-Type: text/plain\r\n"
        "Content-Transfer-Encoding: binary\r\n\r\nHello\r\n--7a9cbec02ceef655\r\n"
        "Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\n\r\n"
        "0R\x06\t*\udc86H\udc86\udcf7\r\x01\x07\x02\udca0\udc82\x00\x00\r\n--7a9cbec02ceef655--\r\n"
    )
    return {
        "wsinv": folded,
        "intmeth": _other(
            odd_method,
            "intmeth",
            f"extensionHeader-{odd_token}:\ufeff\u5927\u505c\u96fb",
            uri=odd_uri,
            Via=f"SIP/2.0/UDP host1.example.com;branch=z9hG4bK{odd_token}",
            To='"BEL:\\\x07 NUL:\\\x00 DEL:\\\x7f" <sip:1_unusual.URI~(to-be!sure)@example.com>',
            From=f"one~` two'+_ three*%!.- <sip:mundane@example.com>;p{odd_token}"
            f'="\u0440\u0430\u0431\u043e\u0442\u0430";tag=_token{odd_token}',
            Call_ID="intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{",
            Max_Forwards="255",
        ),
        "esc01": _invite(
            "esc01",
            uri="sip:sips%3Auser%40example.com@example.net",
            To="sip:%75se%72@example.com",
            From="<sip:I%20have%20spaces@example.net>;tag=938",
            Contact="<sip:cal%6Cer@host5.example.net;%6C%72;n%61me=v%61lue%25%34%31>",
            Call_ID=None,
            i="esc01.239409asdfakjkn23onasd0-3234",
            Max_Forwards="87",
        ),
        "escnull": _other(
            "REGISTER",
            "escnull",
            "Contact: <sip:%00%00@host5.example.com>",
            To="sip:null-%00-null@example.com",
            From="sip:null-%00-null@example.com;tag=839923423",
            Contact="<sip:%00@host5.example.com>",
        ),
        "esc02": _other(
            "RE%47IST%45R",
            "esc02",
            uri="sip:registrar.example.com",
            To='"%Z%45" <sip:resource@example.com>',
            From='"%Z%45" <sip:resource@example.com>;tag=f232jadfj23',
        ),
        "lwsdisp": _other("OPTIONS", "lwsdisp", From="caller<sip:caller@example.com>;tag=323"),
        "longreq": _invite(
            "longreq",
            *(f"Unknown-{'Long' * 20}: {'long' * 80}" for _ in range(3)),
            *(f"Via: SIP/2.0/UDP sip{n}.example.com" for n in range(30, 0, -1)),
            f"Contact: <sip:{long_name}@{long_name}.example.com>",
            From=f"sip:{'amazinglylong' * 10}callername@example.net;tag=1{'2982' * 40}424",
            Call_ID=f"longreq.one{'really' * 20}longcallid",
            Via=f"SIP/2.0/TCP sip33.example.com;branch=z9hG4bK{'verylong' * 30}branchvalue",
            To=f'"I have a user name of {"extreme" * 10} proportion" <sip:user@e.com'
            f":6000;unknownparam1={'very' * 30}long;longparam{'name' * 25}=short>",
        ),
        "dblreq": _other("REGISTER", "dblreq", "l: 0") + second,
        "semiuri": _other("OPTIONS", "semiuri", uri="sip:user;par=u%40example.net@example.com"),
        "transports": _other(
            "OPTIONS",
            "transports",
            *(
                f"Via: SIP/2.0/{name} t{n}.example.com;branch=z9hG4bKb{n}"
                for n, name in enumerate(("SCTP", "TLS", "UNKNOWN", "TCP"))
            ),
        ),
        "mpart01": _message(
            "MESSAGE sip:kumiko@example.org SIP/2.0",
            "mpart01",
            "1 MESSAGE",
            body=parts,
            Content_Length=None,
            Content_Type='multipart/mixed;boundary="7a9cbec02ceef655"',
        ),
        "unreason": "SIP/2.0 200 = 2**3 * 5**2 но сто девяносто девять - простое\r\n".encode()
        + _invite("unreason").split(b"\r\n", 1)[1],
        "noreason": b"SIP/2.0 100 \r\n" + _other("INVITE", "noreason").split(b"\r\n", 1)[1],
    }


def _invalid() -> dict[str, bytes]:
    """Section 3.1.2: wrong in its syntax."""
    huge = "9" * 40
    return {
        "badinv01": _invite(
            "badinv01",
            'Contact: "Joe" <sip:joe@example.org>;;;;',
            To="sip:j.user@example.com;;,;,,",
            Via="SIP/2.0/UDP 192.0.2.15;;,;,,",
        ),
        "clerr": _invite("clerr", Content_Length="9999"),
        "ncl": _invite("ncl", Content_Length="-999"),
        "scalar02": _other(
            "REGISTER",
            "scalar02",
            f"Expires: 1{'0' * 50}",
            CSeq="36893488147419103232 REGISTER",
            Max_Forwards="300",
            Contact=f"<sip:user@host.example.com>;expires=28{huge}",
        ),
        "scalarlg": _message(
            "SIP/2.0 503 Service Unavailable",
            "scalarlg",
            "9292394834772304023312 OPTIONS",
            f"Retry-After: {huge}",
            'Warning: 1812 overture "In"',
        ),
        "quotbal": _invite("quotbal", To='"Mr. J. User <sip:j.user@example.com>'),
        "ltgtruri": _invite("ltgtruri", uri="<sip:user@example.com>"),
        "lwsruri": _invite("lwsruri", uri="sip:user@example.com; lr"),
        "lwsstart": _invite("lwsstart", uri=" sip:user@example.com "),
        "trws": _other("OPTIONS", "trws").replace(b"SIP/2.0\r\n", b"SIP/2.0  \r\n", 1),
        "escruri": _invite("escruri", uri="sip:user@example.com?Route=%3Csip:example.com%3E"),
        "baddate": _invite("baddate", "Date: Fri, 01 Jan 2010 16:00:00 EST"),
        "regbadct": _other(
            "REGISTER", "regbadct", Contact="sip:user@example.com?Route=%3Csip:sip.example.com%3E"
        ),
        "badaspec": _other(
            "OPTIONS", "badaspec", To='"Watson, Thomas" < sip:t.watson@example.org >'
        ),
        "baddn": _other(
            "OPTIONS", "baddn", From="Bell, Alexander <sip:a.g.bell@example.com>;tag=4"
        ),
        "badvers": _other(
            "OPTIONS", "badvers", Via="SIP/7.0/UDP c.example.com;branch=z9hG4bKkdj"
        ).replace(b" SIP/2.0\r\n", b" SIP/7.0\r\n", 1),
        "mismatch01": _other("OPTIONS", "mismatch01", CSeq="8 INVITE"),
        "mismatch02": _message(
            f"NEWMETHOD {_USER} SIP/2.0", "mismatch02", "8 INVITE", body=SDP, Max_Forwards="6"
        ),
        "bigcode": _message(
            "SIP/2.0 4294967301 better not break the receiver", "bigcode", "353494 INVITE"
        ),
    }


def _unusual() -> dict[str, bytes]:
    """Sections 3.2 to 3.4: right in syntax, wrong or old in meaning."""
    foreign = "Authorization: NoOneKnowsThisScheme opaque-data=here"
    return {
        "badbranch": _other("OPTIONS", "badbranch", Via="SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK"),
        "insuf": _message(
            "INVITE sip:user@example.com SIP/2.0",
            "insuf",
            "193942 INVITE",
            body=SDP,
            From=None,
            To=None,
            Call_ID=None,
        ),
        "unkscm": _other("OPTIONS", "unkscm", uri="nobodyKnowsThisScheme:totallyopaquecontent"),
        "novelsc": _other("OPTIONS", "novelsc", uri="soap.beep://192.0.2.103:3002"),
        "unksm2": _other(
            "REGISTER",
            "unksm2",
            To="isbn:2983792873",
            From="<http://www.example.com>;tag=3234233",
            Contact="<name:John_Smith>",
        ),
        "bext01": _other(
            "OPTIONS",
            "bext01",
            "Require: nothingSupportsThis, nothingSupportsThisEither",
            "Proxy-Require: noProxiesSupportThis, norDoAnyProxiesSupportThis",
        ),
        "invut": _invite(
            "invut",
            body='<audio>\r\n <pcmu port="443"/>\r\n</audio>\r\n',
            Content_Type="application/unknownformat",
        ),
        "regaut01": _other("REGISTER", "regaut01", foreign, uri="sip:example.com"),
        "multi01": _invite(
            "multi01",
            "CSeq: 59 INVITE",
            "Call-ID: multi01.another",
            "To: sip:other@example.com",
            "From: sip:other@example.net;tag=3413415",
            "Max-Forwards: 5",
        ),
        "mcl01": _other("OPTIONS", "mcl01", "Content-Length: 13", Content_Length="5")
        + b"There is no telling how many octets of this belong to it.",
        "bcast": _message(
            "SIP/2.0 200 OK",
            "bcast",
            "1 INVITE",
            body=SDP,
            Via="SIP/2.0/UDP 192.0.2.198;branch=z9hG4bK1324923\r\n"
            "Via: SIP/2.0/UDP 255.255.255.255;branch=z9hG4bK1saber23",
        ),
        "zeromf": _other("OPTIONS", "zeromf", Max_Forwards="0"),
        "cparam01": _other(
            "REGISTER", "cparam01", Contact="sip:+19725552222@gw1.example.net;unknownparam"
        ),
        "cparam02": _other(
            "REGISTER", "cparam02", Contact="<sip:+19725552222@gw1.example.net;unknownparam>"
        ),
        "regescrt": _other(
            "REGISTER", "regescrt", Contact="<sip:user@example.com?Route=%3Csip:sip.example.com%3E>"
        ),
        "sdp01": _invite("sdp01", "Accept: text/nobodyKnowsThis"),
        "inv2543": _message(
            "INVITE sip:UserB@example.com SIP/2.0",
            "inv2543",
            "1 INVITE",
            body=SDP,
            Via="SIP/2.0/UDP iftgw.example.com",
            Max_Forwards=None,
            From="<sip:+13035551111@ift.client.example.net;user=phone>",
            Content_Length=None,
            Record_Route="<sip:UserB@example.com;maddr=ss1.example.com>",
        ),
    }


def messages() -> dict[str, bytes]:
    """All of them, by name, in the order of the RFC."""
    return {**_valid(), **_invalid(), **_unusual()}
