"""Certificates of our own and the owner's: real handshakes in memory, and words for whatever is wrong."""

import ssl
from collections.abc import Callable
from datetime import timedelta
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from hypothesis import given
from hypothesis import strategies as st

from wachtel.app.tls.authority import RENEW_BEFORE, Authority, fingerprint, is_due, moment
from wachtel.app.tls.names import Names, names_of_this_machine
from wachtel.app.tls.owned import checked
from wachtel.base.clock import SystemClock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.tls import ServedCertificate
from wachtel.base.units import WallUs

NOW = SystemClock().wall_us()
"""A handshake asks the machine's own clock, so this cannot be a made-up time."""

DAY = WallUs(24 * 3600 * 1_000_000)
NAMES = Names.typed(["wachtel.lan"], ["192.168.1.5"]).with_this_machine()
AUTHORITY = Authority.make(NAMES, NOW)
FOREIGN = Authority.make(NAMES, NOW)
SERVED = AUTHORITY.issue(NAMES, NOW)
LEAF = x509.load_pem_x509_certificate(SERVED)
EC_KEY = ec.generate_private_key(ec.SECP256R1())


def trusting(authority: Authority) -> ssl.SSLContext:
    """A client that trusts this authority and nothing else."""
    pem = authority.certificate.public_bytes(Encoding.PEM).decode()
    return ssl.create_default_context(cadata=pem)


def shake(server: ssl.SSLContext, client: ssl.SSLContext, name: str) -> bytes:
    """The certificate that a client gets for ``name``; raises what a client would."""
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    ours = server.wrap_bio(there, back, server_side=True)
    theirs = client.wrap_bio(back, there, server_hostname=name)
    for _ in range(4):
        for side in (theirs, ours):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    found = theirs.getpeercert(binary_form=True)
    assert found is not None
    return found


@pytest.fixture
def serving(tmp_path_factory: pytest.TempPathFactory) -> Callable[[bytes], ssl.SSLContext]:
    def serve(pem: bytes) -> ssl.SSLContext:
        path = tmp_path_factory.mktemp("pem") / "server.pem"
        path.write_bytes(pem)
        return ServedCertificate(path).context

    return serve


@pytest.mark.parametrize("name", ["wachtel.lan", "localhost", "192.168.1.5", "127.0.0.1", "::1"])
def test_whoever_trusts_the_authority_trusts_the_server(
    name: str, serving: Callable[[bytes], ssl.SSLContext]
) -> None:
    assert shake(serving(SERVED), trusting(AUTHORITY), name) == LEAF.public_bytes(Encoding.DER)


def test_another_authority_another_name_and_an_old_protocol_are_refused(
    serving: Callable[[bytes], ssl.SSLContext],
) -> None:
    server = serving(SERVED)
    with pytest.raises(ssl.SSLCertVerificationError):
        shake(server, trusting(FOREIGN), "wachtel.lan")
    with pytest.raises(ssl.SSLCertVerificationError, match="mismatch"):
        shake(server, trusting(AUTHORITY), "bank.example")
    assert server.minimum_version is ssl.TLSVersion.TLSv1_2


@pytest.mark.parametrize(
    ("names", "addresses", "called"),
    [(["bank.example"], [], "bank.example"), (["wachtel.lan"], ["192.168.1.6"], "192.168.1.6")],
)
def test_even_with_its_key_the_authority_can_vouch_for_nobody_else(
    names: list[str], addresses: list[str], called: str, serving: Callable[[bytes], ssl.SSLContext]
) -> None:
    forged = AUTHORITY.issue(Names.typed(names, addresses), NOW)
    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree"):
        shake(serving(forged), trusting(AUTHORITY), called)


def test_lives_are_as_browsers_want_them() -> None:
    assert LEAF.not_valid_after_utc - LEAF.not_valid_before_utc <= timedelta(days=398)
    life = AUTHORITY.certificate.not_valid_after_utc - AUTHORITY.certificate.not_valid_before_utc
    assert timedelta(days=3650) <= life <= timedelta(days=3660)
    assert isinstance(LEAF.public_key(), ec.EllipticCurvePublicKey)
    assert len(fingerprint(LEAF).split(":")) == 32


def test_renewal_is_due_well_before_the_end_and_after_a_wrong_clock() -> None:
    ends = int((LEAF.not_valid_after_utc - moment(NOW)) / timedelta(microseconds=1))
    early = int(RENEW_BEFORE / timedelta(microseconds=1))
    assert not is_due(LEAF, NOW)
    assert not is_due(LEAF, WallUs(NOW + ends - early - DAY))
    assert is_due(LEAF, WallUs(NOW + ends - early + DAY))
    assert is_due(LEAF, WallUs(NOW - 10 * DAY))


def test_near_its_own_end_the_authority_issues_no_longer_than_it_lives() -> None:
    late = WallUs(NOW + 3600 * DAY)
    issued = x509.load_pem_x509_certificate(AUTHORITY.issue(NAMES, late))
    assert issued.not_valid_after_utc == AUTHORITY.certificate.not_valid_after_utc
    with pytest.raises(WachtelError, match="over"):
        AUTHORITY.issue(NAMES, WallUs(NOW + 3652 * DAY))


def test_names_are_read_as_people_type_them() -> None:
    typed = Names.typed(["Wachtel.LAN.", "küche.lan"], ["[fd00::1]", "10.0.0.1"])
    assert typed.names == ("wachtel.lan", "xn--kche-0ra.lan")
    assert str(typed) == "wachtel.lan, xn--kche-0ra.lan, fd00::1, 10.0.0.1"
    assert AUTHORITY.may_vouch_for(Names.typed(["tv.wachtel.lan"], ["192.168.1.5"]))
    assert not AUTHORITY.may_vouch_for(Names.typed(["evilwachtel.lan"], []))
    assert Names(("*.example.org",)).covers("cam.example.org")
    assert not Names(("*.example.org",)).covers("a.cam.example.org")


@pytest.mark.parametrize("name", ["", "a b", "10.0.0.1", "*.lan", "-x", "a..b", "x" * 64 + ".lan", "a/b"])
def test_what_is_no_name_is_said_so(name: str) -> None:
    with pytest.raises(WachtelError) as caught:
        Names.typed([name], [])
    assert caught.value.kind is ErrorKind.INVALID


@pytest.mark.parametrize("address", ["", "wachtel.lan", "0.0.0.0", "224.0.0.1", "10.0.0.256"])
def test_what_is_no_address_is_said_so(address: str) -> None:
    with pytest.raises(WachtelError):
        Names.typed([], [address])


@given(st.text(max_size=30))
def test_nothing_typed_breaks_it(text: str) -> None:
    for names, addresses in (([text], []), ([], [text])):
        try:
            found = Names.typed(names, addresses)
        except WachtelError:
            continue
        assert Authority.may_vouch_for(AUTHORITY, found) in (True, False)


def test_this_machine_has_names_without_asking_anybody() -> None:
    found = names_of_this_machine()
    assert all(not ip_address(str(address)).is_unspecified for address in found.addresses)


def own(
    *,
    key: object = EC_KEY,
    names: tuple[str, ...] = ("cam.example.org",),
    begins: int = -1,
    ends: int = 90,
    usage: x509.ObjectIdentifier | None = ExtendedKeyUsageOID.SERVER_AUTH,
) -> bytes:
    """An owner's certificate, signed by themselves."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "cam")])
    begin, end = moment(WallUs(NOW + begins * DAY)), moment(WallUs(NOW + ends * DAY))
    builder = x509.CertificateBuilder(
        name, name, key.public_key(), 7, begin.replace(tzinfo=None), end.replace(tzinfo=None)  # type: ignore[attr-defined]
    )  # fmt: skip
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(list(map(x509.DNSName, names))), False)
    if usage is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), False)
    hashed = None if isinstance(key, ed25519.Ed25519PrivateKey) else SHA256()
    return builder.sign(key, hashed).public_bytes(Encoding.PEM)  # type: ignore[arg-type]


def pem(key: object, password: bytes | None = None) -> bytes:
    lock = NoEncryption() if password is None else BestAvailableEncryption(password)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock)  # type: ignore[attr-defined,no-any-return]


KEY = pem(EC_KEY)
OTHER = pem(ec.generate_private_key(ec.SECP256R1()))
WEAK, EDWARDS = rsa.generate_private_key(65537, 1024), ed25519.Ed25519PrivateKey.generate()
ISSUED_KEY = pem(load_pem_private_key(SERVED, None))
CHAIN = SERVED[SERVED.index(b"-----BEGIN CERT") :]
ABOVE = AUTHORITY.certificate.public_bytes(Encoding.PEM)
LEAF_PEM = LEAF.public_bytes(Encoding.PEM)


def test_a_good_one_is_taken_with_its_chain(serving: Callable[[bytes], ssl.SSLContext]) -> None:
    assert checked(own(), KEY, NOW).startswith(b"-----BEGIN PRIVATE KEY")
    assert checked(CHAIN, ISSUED_KEY, NOW) == SERVED
    shake(serving(checked(CHAIN, ISSUED_KEY, NOW)), trusting(AUTHORITY), "wachtel.lan")


@pytest.mark.parametrize(
    ("certificate", "key", "said"),
    [
        (KEY, own(), "holds a key, not a certificate"),
        (b"\x30\x82", KEY, "no certificate in PEM"),
        (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", KEY, "damaged"),
        (own(), own(), "no private key"),
        (own(), b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "damaged"),
        (own(), pem(EC_KEY, b"x"), "passphrase"),
        (own(), OTHER, "does not belong"),
        (ABOVE + LEAF_PEM, ISSUED_KEY, "must come first"),
        (LEAF_PEM + own(), ISSUED_KEY, "not signed by the one behind it"),
        (LEAF_PEM + FOREIGN.certificate.public_bytes(Encoding.PEM), ISSUED_KEY, "not signed by the one"),
        (own(begins=-9, ends=-1), KEY, "was valid until"),
        (own(begins=1), KEY, "not valid before"),
        (own(names=()), KEY, "names no server"),
        (own(usage=ExtendedKeyUsageOID.CLIENT_AUTH), KEY, "not meant for servers"),
        (own(key=WEAK), pem(WEAK), "1024 bits"),
        (own(key=EDWARDS), pem(EDWARDS), "RSA or ECDSA"),
    ],
)
def test_what_is_wrong_with_the_owners_certificate_is_said_in_words(
    certificate: bytes, key: bytes, said: str
) -> None:
    with pytest.raises(WachtelError, match=said) as caught:
        checked(certificate, key, NOW)
    assert caught.value.kind is ErrorKind.INVALID
    assert "PRIVATE" not in str(caught.value)


@given(st.binary(max_size=200), st.sampled_from([b"", b"-----BEGIN CERTIFICATE-----\n", KEY, own()]))
def test_no_file_breaks_the_check(noise: bytes, before: bytes) -> None:
    for certificate, key in ((before + noise, KEY), (own(), before + noise)):
        try:
            checked(certificate, key, NOW)
        except WachtelError as error:
            assert error.kind is ErrorKind.INVALID
