"""Where the certificates of an installation lie: files in ``DATA/keys`` that only their owner can read."""

import os
from dataclasses import dataclass
from pathlib import Path

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from wachtel.app.tls.authority import Authority, is_due, moment
from wachtel.app.tls.names import Names
from wachtel.app.tls.owned import checked
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import WallUs
from wachtel.storage.files.disk import trouble

AUTHORITY_FILE, SERVED_FILE, SOURCE_FILE = "tls-authority.pem", "tls-server.pem", "tls-source.json"


class Source(msgspec.Struct, frozen=True):
    """The owner's files, looked at again when they change: whoever renews them need not tell us."""

    certificate: str
    key: str


@dataclass(frozen=True, slots=True)
class Served:
    """What visitors are shown. ``source`` is None where our own authority made it."""

    certificate: x509.Certificate
    names: Names
    source: Source | None


class TlsStore:
    """Blocking. Every method may raise `WachtelError` (disk_full, disk_error)."""

    def __init__(self, keys: Path) -> None:
        self._keys = keys
        self.served_path = keys / SERVED_FILE

    @property
    def is_set_up(self) -> bool:
        """True when there is something to serve with."""
        return self.served_path.exists()

    def authority(self) -> Authority | None:
        """Ours, None without one. Raises `WachtelError` (bad_data)."""
        pem = self._read(AUTHORITY_FILE)
        return None if pem is None else Authority.read(pem)

    def served(self) -> Served | None:
        """What is served, None when nothing is. Raises `WachtelError` (bad_data)."""
        pem = self._read(SERVED_FILE)
        if pem is None:
            return None
        try:
            certificate = x509.load_pem_x509_certificate(pem)
        except ValueError as error:
            raise WachtelError(
                ErrorKind.BAD_DATA,
                "The certificate of this server is damaged.",
                hint="Make it anew with `wachtel tls create` or `wachtel tls use`.",
            ) from error
        return Served(certificate, Names.of_certificate(certificate), self._source())

    def create(self, names: Names, now: WallUs, *, new_authority: bool) -> bool:
        """Makes a certificate for ``names``; True when devices have to trust a new authority for it.

        Raises `WachtelError` (conflict) when the authority that devices trust already may not vouch for them.
        """
        authority = None if new_authority else self.authority()
        is_new = authority is None
        if authority is None:
            authority = Authority.make(names, now)
        elif not authority.may_vouch_for(names):
            raise WachtelError(
                ErrorKind.CONFLICT,
                f"The local authority was made for other names; it may not vouch for all of {names}.",
                hint="Say --new-authority to make another one; every device has to install that one then.",
            )
        served = authority.issue(names, now)
        if is_new:
            self._write(AUTHORITY_FILE, authority.pem())
        self._serve(served, None)
        return is_new

    def use(self, certificate: Path, key: Path, now: WallUs) -> None:
        """Serves with the owner's certificate. Raises `WachtelError` (not_found, invalid) with what is wrong."""
        source = Source(str(certificate.absolute()), str(key.absolute()))
        self._serve(self._checked(source, now), source)

    def renew(self, now: WallUs) -> bool:
        """Makes our own certificate anew when it is time; True when it did. Raises `WachtelError` (conflict) when the
        authority's own time is over.
        """
        served = self.served()
        if served is None or served.source is not None or not is_due(served.certificate, now):
            return False
        authority = self.authority()
        if authority is None:
            raise WachtelError(
                ErrorKind.NOT_FOUND,
                "The certificate cannot be renewed: the file of the local authority is gone.",
                hint="Make a new one with `wachtel tls create`; devices have to install it.",
            )
        if served.certificate.not_valid_after_utc >= authority.certificate.not_valid_after_utc > moment(now):
            return False  # It lives as long as the authority; nothing longer can be had.
        self._write(SERVED_FILE, authority.issue(served.names, now))
        return True

    def take_again(self, source: Source, now: WallUs) -> None:
        """Takes the owner's files as they are now. Raises `WachtelError` (not_found, invalid)."""
        self._write(SERVED_FILE, self._checked(source, now))

    def switch_off(self) -> bool:
        """Serves no longer with TLS; the authority stays, as devices trust it. False when it was off."""
        was_on = self.is_set_up
        try:
            for name in (SERVED_FILE, SOURCE_FILE):
                (self._keys / name).unlink(missing_ok=True)
        except OSError as error:
            raise trouble(error, "remove the certificate") from error
        return was_on

    def _serve(self, pem: bytes, source: Source | None) -> None:
        if source is None:
            (self._keys / SOURCE_FILE).unlink(missing_ok=True)
        self._write(SERVED_FILE, pem)
        if source is not None:
            self._write(SOURCE_FILE, msgspec.json.encode(source))

    def _source(self) -> Source | None:
        text = self._read(SOURCE_FILE)
        try:
            return None if text is None else msgspec.json.decode(text, type=Source)
        except msgspec.MsgspecError:
            return None

    def _checked(self, source: Source, now: WallUs) -> bytes:
        return checked(_read_owned(source.certificate), _read_owned(source.key), now)

    def _read(self, name: str) -> bytes | None:
        try:
            return (self._keys / name).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise trouble(error, f"read {self._keys / name}") from error

    def _write(self, name: str, data: bytes) -> None:
        """Whole or not at all, and from its first byte on for its owner alone."""
        draft = self._keys / f"{name}.new"
        try:
            self._keys.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
            self._keys.mkdir(mode=0o700, exist_ok=True)
            draft.unlink(missing_ok=True)
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                _give_to_owner_of(self._keys, file.fileno())
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self._keys / name)
        except OSError as error:
            raise trouble(error, f"write {self._keys / name}") from error


def _give_to_owner_of(folder: Path, descriptor: int) -> None:
    """A command typed by root must not leave files that the server's own user cannot read."""
    owner = folder.stat()
    if os.geteuid() == 0 and owner.st_uid != 0:
        os.fchown(descriptor, owner.st_uid, owner.st_gid)


def certificate_bytes(authority: Authority) -> bytes:
    """The authority's certificate in DER: the file whose SHA-256 is its fingerprint."""
    return authority.certificate.public_bytes(Encoding.DER)


def _read_owned(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except FileNotFoundError as error:
        raise WachtelError(ErrorKind.NOT_FOUND, f"There is no file {path}.") from error
    except OSError as error:
        raise WachtelError(
            ErrorKind.DENIED,
            f"{path} cannot be read: {error.strerror or error}.",
            hint="The user under whom Wachtel runs must be able to read it.",
        ) from error
