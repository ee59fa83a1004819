"""Which address a seat may give as that of its telephone: the floor's lines call what it says.

One that is not this seat's own is kept as none: nobody is called there, and the windows say why.
"""

from __future__ import annotations

from typing import Final

from dialer_core.store.rights_who_sql import MOMENT, does, finds

# As sip.endpoint says it, without TLS on one PC alone; ports below are no telephone's.
_FORM: Final = (
    "^sip:seat@(?:([0-9.]{7,15})|[[]([0-9a-fA-F:.]{2,45})[]]):([0-9]{4,5});transport=(tls|tcp)$"
)
_PRIVATE: Final = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
_IS_PRIVATE: Final = " OR ".join(f"place <<= '{one}'" for one in _PRIVATE)

# The seat's own is where its connection comes from; loopback, where that is this very PC; else what
# the floor has signed for it, as a PC with two networks or behind a router is known by several. Of
# those a public one has to be of the same network as one end of the connection: the floor signs
# what a seat asks for, and nobody far away is to be knocked at.
_OWN_PHONE: Final = f"""
DECLARE
    parts text[] := regexp_match(told, '{_FORM}');
    client inet := inet_client_addr(); server inet := inet_server_addr();
    near integer := CASE family(inet_client_addr()) WHEN 4 THEN 16 ELSE 48 END;
    place inet; is_loopback boolean;
BEGIN
    IF parts IS NULL OR NOT pg_input_is_valid(coalesce(parts[1], parts[2]), 'inet')
        OR parts[3]::integer NOT BETWEEN 1024 AND 65535 THEN RETURN ''; END IF;
    place := coalesce(parts[1], parts[2])::inet;
    is_loopback := place <<= '127.0.0.0/8' OR place = '::1';
    IF parts[4] = 'tcp' AND NOT is_loopback THEN RETURN ''; END IF;
    IF place = client THEN RETURN told; END IF;
    IF is_loopback THEN
        RETURN CASE WHEN coalesce(client = server OR client <<= '127.0.0.0/8' OR client = '::1',
            true) THEN told ELSE '' END;
    END IF;
    IF NOT ({_IS_PRIVATE} OR coalesce(set_masklen(client, near) >>= place
        OR set_masklen(server, near) >>= place, false)) THEN RETURN ''; END IF;
    RETURN CASE WHEN EXISTS (SELECT FROM joining.seat_roles r, unnest(r.addresses) a
        WHERE r.role = session_user::text AND r.removed_at IS NULL
        AND CASE WHEN pg_input_is_valid(a, 'inet') THEN a::inet = place ELSE false END)
        THEN told ELSE '' END;
END
"""

# What stands already may be said again: the PC may have gone to another network since.
_CHANGE_PHONE: Final = f"""
DECLARE moment timestamptz := {MOMENT};
BEGIN
    UPDATE public.sessions s SET token = secret, seen_at = moment, phone_uri =
        CASE WHEN s.phone_uri = phone THEN phone ELSE rights.own_phone(phone) END
        WHERE s.id = of AND s.id = rights.session();
    IF FOUND THEN
        INSERT INTO public.agent_events (session_id, kind, payload, at)
            VALUES (of, 'opened', '{{}}', moment);
    END IF;
END
"""

PHONES: Final = "".join(
    (
        finds("own_phone(told text)", "text", _OWN_PHONE),
        does(
            "change_phone(of integer, phone text, secret text, at timestamptz)",
            "void",
            _CHANGE_PHONE,
        ),
    )
)
