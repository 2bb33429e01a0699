"""The owner's certificate, looked at before it is served; whatever is wrong with it is said in words."""

import itertools

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID

from wachtel.app.tls.authority import moment
from wachtel.app.tls.names import Names
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import WallUs

LEAST_RSA_BITS = 2048
_WEAK_HASHES = frozenset({"md5", "sha1"})


def checked(chain_pem: bytes, key_pem: bytes, now: WallUs) -> bytes:
    """Key and chain in one PEM file, as they are served.

    Raises `WachtelError` (invalid) with what is wrong: no PEM, swapped files, a locked key, a key of another
    certificate, a wrong order, a time that is over or to come, no names, not for servers, too weak.
    """
    chain = _chain(chain_pem)
    key = _key(key_pem)
    _check_match(chain, key)
    _check_order(chain)
    for certificate in chain:
        _check_time(certificate, now)
    _check_purpose(chain[0])
    _check_strength(chain)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return private + b"".join(one.public_bytes(Encoding.PEM) for one in chain)


def _wrong(what: str, hint: str = "") -> WachtelError:
    return WachtelError(ErrorKind.INVALID, what, hint=hint)


def _chain(pem: bytes) -> list[x509.Certificate]:
    if b"-----BEGIN CERTIFICATE-----" not in pem:
        if b"PRIVATE KEY-----" in pem:
            raise _wrong(
                "The first file holds a key, not a certificate.", "Type the certificate first, then its key."
            )
        raise _wrong(
            "The first file holds no certificate in PEM form.",
            "openssl x509 -inform der -in FILE -out cert.pem makes one of DER.",
        )
    try:
        return x509.load_pem_x509_certificates(pem)
    except ValueError as error:
        raise _wrong("A certificate in the first file is damaged.") from error


def _key(pem: bytes) -> PrivateKeyTypes:
    if b"PRIVATE KEY-----" not in pem:
        raise _wrong("The second file holds no private key in PEM form.")
    try:
        return load_pem_private_key(pem, None)
    except TypeError as error:
        raise _wrong(
            "The key is locked with a passphrase, and the server has to start without somebody typing it.",
            "openssl pkey -in KEY -out unlocked.pem unlocks it; Wachtel keeps its copy readable for you alone.",
        ) from error
    except ValueError as error:
        raise _wrong("The key in the second file is damaged.") from error


def _check_match(chain: list[x509.Certificate], key: PrivateKeyTypes) -> None:
    own = [number for number, one in enumerate(chain) if one.public_key() == key.public_key()]
    if not own:
        raise _wrong(f"The key does not belong to the certificate of {_name(chain[0])}.")
    if own[0] != 0:
        raise _wrong(
            f"The certificate of {_name(chain[own[0]])}, to which the key belongs, must come first in its file.",
            "Behind it comes the one that signed it, and so on.",
        )


def _check_order(chain: list[x509.Certificate]) -> None:
    for one, above in itertools.pairwise(chain):
        try:
            one.verify_directly_issued_by(above)
        except (ValueError, TypeError, InvalidSignature) as error:
            raise _wrong(
                f"The certificate of {_name(one)} was not signed by the one behind it, {_name(above)}.",
                "A chain goes from the server's certificate upwards.",
            ) from error


def _check_time(certificate: x509.Certificate, now: WallUs) -> None:
    at, begins, ends = moment(now), certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if at > ends:
        raise _wrong(f"The certificate of {_name(certificate)} was valid until {ends:%Y-%m-%d %H:%M} UTC.")
    if at < begins:
        raise _wrong(
            f"The certificate of {_name(certificate)} is not valid before {begins:%Y-%m-%d %H:%M} UTC.",
            "Is this machine's clock right?",
        )


def _check_purpose(certificate: x509.Certificate) -> None:
    names = Names.of_certificate(certificate)
    if not names.names and not names.addresses:
        raise _wrong(
            "The certificate names no server in its subjectAltName; browsers heed nothing else.",
            "Ask for one with the name under which you open the page.",
        )
    try:
        allowed = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return
    if not {ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE} & set(allowed):
        raise _wrong("The certificate is not meant for servers.")


def _check_strength(chain: list[x509.Certificate]) -> None:
    key = chain[0].public_key()
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < LEAST_RSA_BITS:
        raise _wrong(f"Its RSA key has {key.key_size} bits; browsers ask for {LEAST_RSA_BITS} or more.")
    if not isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
        raise _wrong("Browsers take certificates with RSA or ECDSA keys only.")
    for one in chain:
        hashed = one.signature_hash_algorithm
        if one.issuer != one.subject and hashed is not None and hashed.name in _WEAK_HASHES:
            raise _wrong(
                f"The certificate of {_name(one)} is signed with {hashed.name.upper()}, which is broken."
            )


def _name(certificate: x509.Certificate) -> str:
    names = Names.of_certificate(certificate)
    return str(names) or certificate.subject.rfc4514_string() or "an unnamed server"
