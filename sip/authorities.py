"""Who is trusted to sign a provider's certificate: a file that was given, else the system's."""

from __future__ import annotations

import os
import ssl
from pathlib import Path

from sip.errors import KnownError
from sip.stack import Authorities

SYSTEM_FILES = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Ubuntu, Arch
    "/etc/pki/tls/certs/ca-bundle.crt",  # Fedora, RHEL
    "/etc/ssl/ca-bundle.pem",  # openSUSE
    "/etc/ssl/cert.pem",  # macOS, Alpine
)
"""The SIP library brings an OpenSSL of its own, which knows no system's folder."""


def authorities(ca_file: str = "") -> Authorities:
    """The PEM file that was named, else the system's authorities.

    Raises KnownError where the file cannot be read, or the system has none.
    """
    if ca_file:
        if not os.access(ca_file, os.R_OK):
            raise KnownError(f"The certificate file {ca_file} cannot be read; check its rights.")
        return Authorities(Path(ca_file))
    for name in (ssl.get_default_verify_paths().cafile or "", *SYSTEM_FILES):
        if name and os.access(name, os.R_OK):
            return Authorities(Path(name))
    # Windows keeps them in its store, from where Python reads them.
    signers = ssl.create_default_context().get_ca_certs(binary_form=True)
    if not signers:
        raise KnownError(
            "This system names no authorities for certificates: give the gateway the file (PEM) "
            "of those who sign your provider's."
        )
    return Authorities(pem="".join(ssl.DER_cert_to_PEM_cert(one) for one in signers))
