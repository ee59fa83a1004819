"""How a connection to PostgreSQL is kept secret, and who the server must prove to be."""

from __future__ import annotations

import hashlib
import ssl

from dialer_core.model.errors import KnownError
from dialer_core.store.address import FloorAddress

_BEGIN, _END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"


def tls_options(address: FloorAddress) -> dict[str, str]:
    """libpq's words for it.

    With the floor's own root: the server's certificate must be signed by it, and show
    `server_name` where there is one; the address does not count, as the supervisor's computer may
    change it. Without a root: the certificates of this computer,
    and the server's name must be in its certificate; a server on this computer goes without.
    Raises KnownError where the root cannot be read or is not the one of the fingerprint.
    """
    # Else libpq would look for files of the user's own.
    own = {"sslcert": "/nonexistent", "sslkey": "/nonexistent"}
    if address.certificate is not None and address.key is not None:
        own = {"sslcert": str(address.certificate), "sslkey": str(address.key)}
    if address.ca is not None:
        _refuse_another(address)
        how = "verify-full" if address.server_name else "verify-ca"
        return {"sslmode": how, "sslrootcert": str(address.ca), **own}
    if address.is_local:
        return {"sslmode": "prefer", **own}
    return {"sslmode": "verify-full", "sslrootcert": "system", **own}


def _refuse_another(address: FloorAddress) -> None:
    assert address.ca is not None
    try:
        text = address.ca.read_text(encoding="ascii")
        first = text[text.index(_BEGIN) : text.index(_END) + len(_END)]
        found = hashlib.sha256(ssl.PEM_cert_to_DER_cert(first)).hexdigest()
    except (OSError, ValueError):
        raise KnownError(
            f"The certificate {address.ca} of the floor's database is missing or damaged; join "
            "the floor again."
        ) from None
    if address.fingerprint and found != address.fingerprint:
        raise KnownError(
            f"The certificate {address.ca} is not the one of this floor; join the floor again "
            "with a code from its supervisor."
        )
