"""An authority of one's own: vouches for the names of one installation and for nothing else (RFC 5280).

Its key lies on the same machine, so that the server renews its certificate by itself. Who steals the key can
pretend to be this installation, and nobody else, on every device that heeds name constraints.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from wachtel.app.tls.names import Names, Network
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import WallUs

AUTHORITY_LIFE = timedelta(days=3652)
LIFE = timedelta(days=396)
"""With the day of `_CLOCKS_DIFFER` below the 398 days after which browsers refuse a certificate."""

RENEW_BEFORE = timedelta(days=90)
_CLOCKS_DIFFER = timedelta(days=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST_COMMON_NAME = 64


def moment(at: WallUs) -> datetime:
    """A wall time as certificates have it, to the second."""
    return _EPOCH + timedelta(seconds=at // 1_000_000)


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 as devices show it, in pairs."""
    return certificate.fingerprint(SHA256()).hex(":").upper()


@dataclass(frozen=True, slots=True)
class Authority:
    """Its certificate and key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def make(cls, names: Names, now: WallUs) -> "Authority":
        """A new one, that may vouch for ``names`` and what lies below them."""
        key = ec.generate_private_key(ec.SECP256R1())
        serial = x509.random_serial_number()
        subject = _subject(f"Wachtel {names.names[0]}"[:48] + f" {serial & 0xFFFFFF:06x}")
        builder = (
            _builder(subject, subject, key, serial, moment(now), moment(now) + AUTHORITY_LIFE)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs_certificates=True), critical=True)
            .add_extension(x509.NameConstraints(names.subtrees(), None), critical=True)
        )
        return cls(builder.sign(key, SHA256()), key)

    @classmethod
    def read(cls, pem: bytes) -> "Authority":
        """Raises `WachtelError` (bad_data)."""
        try:
            key = load_pem_private_key(pem, None)
            certificate = x509.load_pem_x509_certificate(pem)
        except (ValueError, TypeError) as error:
            raise _damaged() from error
        if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
            raise _damaged()
        return cls(certificate, key)

    def pem(self) -> bytes:
        """Key and certificate."""
        return pem_of(self.key) + self.certificate.public_bytes(Encoding.PEM)

    def may_vouch_for(self, names: Names) -> bool:
        """True when devices that trust this authority would believe it."""
        allowed = self.certificate.extensions.get_extension_for_class(x509.NameConstraints).value
        permitted = allowed.permitted_subtrees or []
        trees = [one.value for one in permitted if isinstance(one, x509.DNSName)]
        networks = [one.value for one in permitted if isinstance(one, x509.IPAddress)]
        return all(
            any(name == tree or name.endswith(f".{tree}") for tree in trees) for name in names.names
        ) and all(
            any(address in network for network in networks if isinstance(network, Network))
            for address in names.addresses
        )

    def issue(self, names: Names, now: WallUs) -> bytes:
        """A key and a certificate for a server, with the authority's behind it, in PEM.

        Raises `WachtelError` (conflict) when the authority's own time is over.
        """
        begins = moment(now) - _CLOCKS_DIFFER
        ends = min(moment(now) + LIFE, self.certificate.not_valid_after_utc)
        if ends - moment(now) < _CLOCKS_DIFFER:
            raise WachtelError(
                ErrorKind.CONFLICT,
                "The time of the local authority is over.",
                hint="Make a new one with `wachtel tls create --new-authority`; devices have to install it.",
            )
        key = ec.generate_private_key(ec.SECP256R1())
        subject = _subject(names.names[0][:_LONGEST_COMMON_NAME])
        builder = (
            _builder(subject, self.certificate.subject, key, x509.random_serial_number(), begins, ends)
            .add_extension(x509.SubjectAlternativeName(names.general_names()), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False
            )
        )
        certificate = builder.sign(self.key, SHA256())
        chain = (certificate, self.certificate)
        return pem_of(key) + b"".join(one.public_bytes(Encoding.PEM) for one in chain)


def is_due(certificate: x509.Certificate, now: WallUs) -> bool:
    """True when a certificate of our own should be made anew: its end is near, or the clock was wrong when
    it was made.
    """
    at = moment(now)
    return at < certificate.not_valid_before_utc or at > certificate.not_valid_after_utc - RENEW_BEFORE


def pem_of(key: ec.EllipticCurvePrivateKey) -> bytes:
    """A key as it lies in a file."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _subject(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    serial: int,
    begins: datetime,
    ends: datetime,
) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder(
        issuer, subject, key.public_key(), serial, begins.replace(tzinfo=None), ends.replace(tzinfo=None)
    )
    return builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _damaged() -> WachtelError:
    return WachtelError(
        ErrorKind.BAD_DATA,
        "The file of the local authority is damaged.",
        hint="Make a new authority with `wachtel tls create --new-authority`; devices have to install it.",
    )
