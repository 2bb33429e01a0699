"""The files of `wachtel tls`, and what a running server makes of them as time goes by."""

import logging
import os
import ssl
from pathlib import Path

import pytest
from test_tls_certificates import KEY, NOW, own, pem, shake, trusting

from wachtel.app.cli import main
from wachtel.app.readings import certificate_ends
from wachtel.app.tls.authority import Authority
from wachtel.app.tls.care import CertificateCare
from wachtel.app.tls.door import TlsDoor
from wachtel.app.tls.names import Names
from wachtel.app.tls.store import TlsStore
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.tls import ServedCertificate
from wachtel.base.units import WallUs
from wachtel.testing.clock import FakeClock

NAMES = Names.typed(["wachtel.lan"], ["192.168.1.5"]).with_this_machine()
DAY_S = 24 * 3600.0


@pytest.fixture
def store(tmp_path: Path) -> TlsStore:
    return TlsStore(tmp_path / "data/keys")


def authority_of(store: TlsStore) -> Authority:
    found = store.authority()
    assert found is not None
    return found


def served_to(context: ssl.SSLContext, store: TlsStore) -> bytes:
    """What a client with the authority gets; raises when it would not trust it now."""
    return shake(context, trusting(authority_of(store)), "wachtel.lan")


def test_files_are_for_their_owner_alone(store: TlsStore) -> None:
    assert store.create(NAMES, NOW, new_authority=False)
    keys = store.served_path.parent
    assert {path.name: oct(path.stat().st_mode & 0o777) for path in keys.iterdir()} == {
        "tls-authority.pem": "0o600",
        "tls-server.pem": "0o600",
    }
    assert oct(keys.stat().st_mode & 0o777) == "0o700"


def test_the_authority_stays_as_long_as_it_may_vouch(store: TlsStore) -> None:
    store.create(NAMES, NOW, new_authority=False)
    first = authority_of(store).certificate
    assert not store.create(Names.typed(["tv.wachtel.lan"], []), NOW, new_authority=False)
    assert authority_of(store).certificate == first
    with pytest.raises(WachtelError, match="other names") as caught:
        store.create(Names.typed(["elsewhere.lan"], []), NOW, new_authority=False)
    assert caught.value.kind is ErrorKind.CONFLICT
    assert store.create(Names.typed(["elsewhere.lan"], []), NOW, new_authority=True)
    assert authority_of(store).certificate != first


def test_called_again_without_names_it_keeps_them(tmp_path: Path) -> None:
    data = ["--data", str(tmp_path / "data")]
    store = TlsStore(tmp_path / "data/keys")
    assert main(["tls", "create", "--name", "wachtel.test", "--address", "10.9.0.1", *data]) == 0
    first = store.served()
    assert main(["tls", "create", *data]) == 0
    second = store.served()
    assert first is not None and second is not None
    assert first.names == second.names and first.certificate != second.certificate


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to be somebody else")
def test_what_root_makes_belongs_to_the_servers_user(store: TlsStore) -> None:
    keys = store.served_path.parent
    keys.mkdir(mode=0o700, parents=True)
    os.chown(keys, 12345, 12345)
    store.create(NAMES, NOW, new_authority=False)
    assert {path.stat().st_uid for path in keys.iterdir()} == {12345}


def test_off_keeps_the_authority(store: TlsStore) -> None:
    assert not store.switch_off()
    store.create(NAMES, NOW, new_authority=False)
    assert store.switch_off()
    assert store.served() is None and not store.is_set_up
    assert store.authority() is not None


def test_a_running_server_renews_by_itself_and_new_visitors_get_the_new_one(store: TlsStore) -> None:
    clock = FakeClock(NOW)
    store.create(NAMES, clock.wall_us(), new_authority=False)
    care = CertificateCare(store, clock)
    context, first = care.certificate.context, served_to(care.certificate.context, store)
    clock.advance(300 * DAY_S)
    care.look_again()
    assert served_to(context, store) == first
    clock.advance(7 * DAY_S)
    care.look_again()
    second = served_to_later(context)
    assert second != first
    care.look_again()
    assert served_to_later(context) == second
    served = store.served()
    assert served is not None and served.names == NAMES


def served_to_later(context: ssl.SSLContext) -> bytes:
    """Without a look at the time: the machine's clock does not know of the injected one."""
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname = False
    client.verify_mode = ssl.CERT_NONE
    return shake(context, client, "wachtel.lan")


def test_over_ten_years_there_is_a_valid_one_every_day(store: TlsStore) -> None:
    clock = FakeClock(NOW)
    store.create(NAMES, clock.wall_us(), new_authority=False)
    renewed = 0
    for _ in range(3650 // 5):
        clock.advance(5 * DAY_S)
        renewed += store.renew(clock.wall_us())
        served = store.served()
        assert served is not None
        ends = served.certificate.not_valid_after_utc.timestamp()
        assert served.certificate.not_valid_before_utc.timestamp() <= clock.wall_us() / 1e6 < ends
    assert 10 <= renewed <= 13


def test_a_damaged_file_costs_no_connection(store: TlsStore, caplog: pytest.LogCaptureFixture) -> None:
    store.create(NAMES, NOW, new_authority=False)
    care = CertificateCare(store, FakeClock(NOW))
    first = served_to(care.certificate.context, store)
    store.served_path.write_bytes(b"no certificate")
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            care.look_again()
    assert served_to(care.certificate.context, store) == first
    assert len(caplog.records) == 2
    store.create(NAMES, NOW, new_authority=False)
    care.look_again()
    assert served_to(care.certificate.context, store) != first


def owners_files(folder: Path, **changes: int) -> tuple[Path, Path]:
    certificate, key = folder / "cert.pem", folder / "key.pem"
    certificate.write_bytes(own(**changes))  # type: ignore[arg-type]
    key.write_bytes(KEY)
    return certificate, key


def test_the_owners_files_are_taken_again_when_somebody_renews_them(store: TlsStore, tmp_path: Path) -> None:
    clock = FakeClock(NOW)
    certificate, key = owners_files(tmp_path)
    store.use(certificate, key, clock.wall_us())
    care = CertificateCare(store, clock)
    first = served_to_later(care.certificate.context)
    certificate.write_bytes(own(ends=91))
    care.look_again()
    second = served_to_later(care.certificate.context)
    assert second != first
    certificate.write_bytes(b"half written")
    care.look_again()
    assert served_to_later(care.certificate.context) == second
    certificate.unlink()
    care.look_again()
    assert served_to_later(care.certificate.context) == second


def test_an_owners_certificate_is_never_replaced_by_ours_and_its_end_is_said(
    store: TlsStore, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clock = FakeClock(NOW)
    store.create(NAMES, clock.wall_us(), new_authority=False)
    store.use(*owners_files(tmp_path), clock.wall_us())
    care = CertificateCare(store, clock)
    first = served_to_later(care.certificate.context)
    clock.advance(80 * DAY_S)
    with caplog.at_level(logging.WARNING):
        care.look_again()
        care.look_again()
    assert served_to_later(care.certificate.context) == first
    assert ["valid until" in record.message for record in caplog.records] == [True]


def test_a_key_of_another_kind_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    from cryptography.hazmat.primitives.asymmetric import rsa

    path = tmp_path / "server.pem"
    path.write_bytes(KEY + own())
    served = ServedCertificate(path)
    first = served_to_later(served.context)
    key = rsa.generate_private_key(65537, 2048)
    path.write_bytes(pem(key) + own(key=key))
    assert served.look_again()
    assert served_to_later(served.context) != first
    assert not served.look_again()


def test_what_is_missing_is_said(store: TlsStore, tmp_path: Path) -> None:
    with pytest.raises(WachtelError, match="not there"):
        CertificateCare(store, FakeClock(NOW))
    with pytest.raises(WachtelError, match="no file"):
        store.use(tmp_path / "a.pem", tmp_path / "b.pem", NOW)
    store.create(NAMES, NOW, new_authority=False)
    (store.served_path.parent / "tls-authority.pem").unlink()
    with pytest.raises(WachtelError, match="cannot be renewed"):
        store.renew(WallUs(NOW + 390 * int(DAY_S) * 1_000_000))


def test_browsers_are_told_to_insist_on_public_names_only(store: TlsStore, tmp_path: Path) -> None:
    clock, names = FakeClock(NOW), frozenset({"cam.example.org", "elsewhere.example.org"})
    store.create(NAMES, NOW, new_authority=False)
    local = TlsDoor(store, clock, encrypted=True, names=frozenset({"wachtel.lan"})).settings()
    assert local.always_encrypted == frozenset()
    assert local.authority() is not None
    store.use(*owners_files(tmp_path), NOW)
    owned = TlsDoor(store, clock, encrypted=True, names=names).settings()
    assert owned.always_encrypted == {"cam.example.org"}
    assert owned.authority() is None
    assert TlsDoor(store, clock, encrypted=False, names=names).settings().always_encrypted == frozenset()


def test_the_end_of_what_is_served_is_told(store: TlsStore) -> None:
    store.create(NAMES, NOW, new_authority=False)
    door = TlsDoor(store, FakeClock(NOW), encrypted=True, names=frozenset())
    own, authority = door.settings().certificates()
    assert (own.kind, own.owned, authority.kind) == ("server", False, "authority")
    served = store.served()
    assert served is not None and own.ends == served.certificate.not_valid_after_utc
    assert authority.ends == authority_of(store).certificate.not_valid_after_utc
    assert TlsDoor(store, FakeClock(NOW), encrypted=False, names=frozenset()).certificates() == []
    assert certificate_ends([own]).samples == [({"kind": "server"}, own.ends.timestamp())]
