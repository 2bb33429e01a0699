"""TLS as cameras have it: a certificate they signed themselves, made anew for each device."""

import ipaddress
import ssl
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_BEGAN = datetime(2020, 1, 1, tzinfo=UTC)
_LASTS = timedelta(days=36_500)


def self_signed_context(host: str) -> ssl.SSLContext:
    """For a server at this IP address; nobody trusts it who was not told to."""
    key = ec.generate_private_key(ec.SECP256R1())
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    certificate = _certificate(host, key).public_bytes(serialization.Encoding.PEM)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory(prefix="wachtel-device-") as folder:
        both = Path(folder) / "device.pem"
        both.touch(0o600)
        both.write_bytes(secret + certificate)
        context.load_cert_chain(both)
    return context


def _certificate(host: str, key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Virtual camera")])
    own = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))])
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_BEGAN)
        .not_valid_after(_BEGAN + _LASTS)
        .add_extension(own, critical=False)
        .sign(key, hashes.SHA256())
    )
