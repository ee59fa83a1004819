"""The floor's own certificate authority, and the certificate that each seat shows for SIP.

P-256 throughout: the SIP library's OpenSSL takes no Ed25519. Keys are readable by their owner only.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from app.whole_file import write_whole
from dialer_core.model.errors import KnownError

AUTHORITY_DAYS = 3650
SEAT_DAYS = 397
RENEW_DAYS = 30
"""A certificate with fewer days left is made again."""


@dataclass(frozen=True, slots=True)
class SeatFiles:
    """PEM files that an engine is started with."""

    ca: Path
    certificate: Path
    key: Path


def ensure_authority(folder: Path, now: datetime) -> Path:
    """Make the floor's authority in `folder` unless a good one is there; returns its certificate.

    `now` is aware UTC. Raises KnownError if the folder cannot be used.
    """
    certificate, key = folder / "ca.pem", folder / "ca.key"
    if _is_good(certificate, key, now):
        return certificate
    signed, private = _make_authority(now)
    _write(folder, certificate, key, signed, private)
    return certificate


def ensure_seat(folder: Path, seat: str, hosts: Sequence[str], now: datetime) -> SeatFiles:
    """Make the certificate of `seat` unless a good one for all `hosts` is there.

    `hosts` are names and IP addresses that others reach it by; 127.0.0.1 is always among them.
    Raises KnownError if the folder cannot be used or the authority's files are damaged.
    """
    if not seat or not all(c.isalnum() or c in "-_" for c in seat):
        raise KnownError(f"{seat!r} is no name for a seat: use letters, digits, - and _.")
    ca = ensure_authority(folder, now)
    certificate, key = folder / f"{seat}.pem", folder / f"{seat}.key"
    wanted = list(dict.fromkeys(["127.0.0.1", *hosts]))
    if _is_good(certificate, key, now) and _is_seat_of(certificate, ca, wanted):
        return SeatFiles(ca, certificate, key)
    authority = _load(ca)
    issuer_key = serialization.load_pem_private_key((folder / "ca.key").read_bytes(), None)
    assert isinstance(issuer_key, ec.EllipticCurvePrivateKey)
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, seat)])
    signed = (
        _builder(name, authority.subject, private.public_key(), now, SEAT_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(is_authority=False), critical=True)
        .add_extension(
            x509.ExtendedKeyUsage(
                [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
            ),
            critical=False,
        )
        .add_extension(x509.SubjectAlternativeName([_name(h) for h in wanted]), critical=False)
        .sign(issuer_key, hashes.SHA256())
    )
    _write(folder, certificate, key, signed, private)
    return SeatFiles(ca, certificate, key)


FLOOR_HOST = "floor.callfloor.internal"
"""The name in the server's certificate: the same wherever the floor's PC stands on the network."""


class Authority:
    """The floor's authority at work on the supervisor's PC; its key never leaves this object."""

    def __init__(self, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
        self.certificate = certificate
        self._key = key

    @property
    def pem(self) -> bytes:
        """The authority's own certificate, which every seat is given."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def sign(self, request: bytes, name: str, hosts: Sequence[str], now: datetime) -> bytes:
        """A seat's certificate (PEM) for the key in a signing request (PEM).

        Only the key is taken from the request: who it is for and where it may stand is said here.
        Raises KnownError for a request that is none, or whose sender does not hold its key.
        """
        try:
            asked = x509.load_pem_x509_csr(request)
            is_sound = asked.is_signature_valid
            public = asked.public_key()
        except (ValueError, UnsupportedAlgorithm):
            is_sound, public = False, None
        if not is_sound or not isinstance(public, ec.EllipticCurvePublicKey):
            raise KnownError("The seat's signing request is damaged: let it join again.")
        return self._issue(public, name, hosts, now)

    def server(self, hosts: Sequence[str], now: datetime) -> tuple[bytes, bytes]:
        """Certificate chain and key (PEM) of the floor's database server."""
        private = ec.generate_private_key(ec.SECP256R1())
        leaf = self._issue(private.public_key(), FLOOR_HOST, [FLOOR_HOST, *hosts], now)
        return leaf + self.pem, _key_pem(private, None)

    def _issue(
        self, public: ec.EllipticCurvePublicKey, name: str, hosts: Sequence[str], now: datetime
    ) -> bytes:
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        purposes = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
        builder = (
            _builder(subject, self.certificate.subject, public, now, SEAT_DAYS)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(is_authority=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
        )
        if hosts:
            names = x509.SubjectAlternativeName([_name(host) for host in dict.fromkeys(hosts)])
            builder = builder.add_extension(names, critical=False)
        signed = builder.sign(self._key, hashes.SHA256())
        return signed.public_bytes(serialization.Encoding.PEM)


def open_authority(folder: Path, passphrase: str, now: datetime) -> Authority:
    """The floor's authority kept in `folder`, made where there is none; its key is encrypted.

    Raises KnownError where the passphrase is another one or the files are damaged: a new
    authority would shut every seat out, so none is made over an old one.
    """
    certificate, key = folder / "ca.pem", folder / "ca.key"
    if not certificate.exists() and not key.exists():
        signed, private = _make_authority(now)
        _write(folder, certificate, key, signed, private, passphrase)
        return Authority(signed, private)
    try:
        loaded = serialization.load_pem_private_key(key.read_bytes(), passphrase.encode())
    except (OSError, ValueError, TypeError):
        loaded = None
    if not isinstance(loaded, ec.EllipticCurvePrivateKey):
        raise KnownError(
            f"The key of the floor's certificates in {folder} does not open with what the "
            "keyring holds; bring back the keyring or the folder from a backup."
        )
    return Authority(_load(certificate), loaded)


def new_authority(now: datetime) -> tuple[bytes, bytes]:
    """Certificate and key (PEM, not encrypted) of an authority that nobody has yet."""
    signed, private = _make_authority(now)
    return signed.public_bytes(serialization.Encoding.PEM), _key_pem(private, None)


def read_authority(certificate: bytes, key: bytes) -> Authority:
    """The authority of these PEMs. Raises KnownError where they are damaged."""
    try:
        loaded = serialization.load_pem_private_key(key, None)
        found = x509.load_pem_x509_certificate(certificate)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        loaded = None
    if not isinstance(loaded, ec.EllipticCurvePrivateKey):
        raise KnownError("The floor's authority is damaged in its database: restore a backup.")
    return Authority(found, loaded)


def _make_authority(now: datetime) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Callfloor floor authority")])
    signed = (
        _builder(name, name, private.public_key(), now, AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(is_authority=True), critical=True)
        .sign(private, hashes.SHA256())
    )
    return signed, private


def ensure_own_seat(
    folder: Path, seat: str, hosts: Sequence[str], now: datetime, open_it: Callable[[], Authority]
) -> SeatFiles:
    """The certificate of a seat on the PC that shares the floor, signed by the floor's authority.

    `open_it` is called only where there is no good one for all `hosts`. Raises KnownError.
    """
    if not seat or not all(c.isalnum() or c in "-_" for c in seat):
        raise KnownError(f"{seat!r} is no name for a seat: use letters, digits, - and _.")
    ca, certificate, key = folder / "ca.pem", folder / f"own-{seat}.pem", folder / f"own-{seat}.key"
    wanted = list(dict.fromkeys(hosts))
    if _is_good(certificate, key, now) and _is_seat_of(certificate, ca, wanted):
        return SeatFiles(ca, certificate, key)
    request, private = make_request(seat)
    signed = open_it().sign(request, seat, wanted, now)
    try:
        write_whole(key, private)
        write_whole(certificate, signed)
    except OSError as error:
        raise not_kept(folder, error) from error
    return SeatFiles(ca, certificate, key)


def shows(certificate: Path, host: str) -> bool:
    """Whether this certificate (PEM) names the host; KnownError where it cannot be read."""
    try:
        names = _load(certificate).extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return False
    return _name(host) in list(names.value)


def fingerprint(certificate: x509.Certificate) -> bytes:
    """SHA-256 of the whole certificate (32 bytes)."""
    return certificate.fingerprint(hashes.SHA256())


def read_fingerprint(path: Path) -> bytes:
    """SHA-256 of a certificate in a file; KnownError where it cannot be read."""
    return fingerprint(_load(path))


def is_running_out(path: Path, now: datetime) -> bool:
    """Whether a certificate is missing or has fewer than RENEW_DAYS left."""
    try:
        found = _load(path)
    except KnownError:
        return True
    return found.not_valid_after_utc < now + timedelta(days=RENEW_DAYS)


def read_end(path: Path) -> datetime:
    """The moment (aware UTC) after which a certificate holds no more; KnownError if unreadable."""
    return _load(path).not_valid_after_utc


def make_request(name: str) -> tuple[bytes, bytes]:
    """A seat's signing request and its key, both PEM."""
    private = ec.generate_private_key(ec.SECP256R1())
    request = (
        x509.CertificateSigningRequestBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .sign(private, hashes.SHA256())
    )
    return request.public_bytes(serialization.Encoding.PEM), _key_pem(private, None)


def keep_files(folder: Path, authority: bytes, certificate: bytes, key: bytes) -> SeatFiles:
    """Write what a seat was given (PEM); readable by the owner only."""
    files = SeatFiles(folder / "ca.pem", folder / "seat.pem", folder / "seat.key")
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for path, data in zip(
            (files.key, files.certificate, files.ca), (key, certificate, authority), strict=True
        ):
            write_whole(path, data)
    except OSError as error:
        raise not_kept(folder, error) from error
    return files


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    public: ec.EllipticCurvePublicKey,
    now: datetime,
    days: int,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=days))
    )


def _usage(*, is_authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_authority,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _load(path: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError) as error:
        raise KnownError(
            f"The certificate {path} cannot be read; remove the file to have it made again."
        ) from error


def _is_good(certificate: Path, key: Path, now: datetime) -> bool:
    """Both files are there, belong together, and stay valid for a while."""
    if not certificate.exists() or not key.exists():
        return False
    try:
        found = _load(certificate)
        private = serialization.load_pem_private_key(key.read_bytes(), None)
    except (KnownError, ValueError, TypeError, OSError):
        return False
    return (
        found.not_valid_before_utc <= now
        and found.not_valid_after_utc >= now + timedelta(days=RENEW_DAYS)
        and private.public_key() == found.public_key()
    )


def _is_seat_of(certificate: Path, ca: Path, hosts: Sequence[str]) -> bool:
    found, authority = _load(certificate), _load(ca)
    try:
        found.verify_directly_issued_by(authority)
        names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        return False
    return all(_name(host) in list(names) for host in hosts)


def _write(
    folder: Path,
    certificate: Path,
    key: Path,
    signed: x509.Certificate,
    private: ec.EllipticCurvePrivateKey,
    passphrase: str | None = None,
) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_whole(key, _key_pem(private, passphrase))
        write_whole(certificate, signed.public_bytes(serialization.Encoding.PEM))
    except OSError as error:
        raise not_kept(folder, error) from error


def not_kept(folder: Path, error: OSError) -> KnownError:
    """The disk refuses certificates."""
    return KnownError(
        f"The certificates cannot be kept in {folder} ({error.strerror}); "
        "check the folder and its rights."
    )


def _key_pem(private: ec.EllipticCurvePrivateKey, passphrase: str | None) -> bytes:
    return private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(passphrase.encode())
        if passphrase
        else serialization.NoEncryption(),
    )
