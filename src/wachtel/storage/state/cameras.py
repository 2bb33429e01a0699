"""Cameras in state.sqlite: settings in plain columns, addresses with their credentials sealed.

What stands in plain text is the address as it may be shown. The whole address is sealed beside it when the
two differ.
"""

from typing import Any

import msgspec
from sqlalchemy import Connection, Row, delete, insert, select, update

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.redact import redact
from wachtel.model.camera import Camera, MotionSettings, RecordAs, RecordedStreams, RecordingMode, Transport
from wachtel.model.certificate import PinnedCertificate
from wachtel.protocols.camera_url import CameraUrl, is_device_url, parse_camera_url, parse_device_url
from wachtel.storage.state.database import Database
from wachtel.storage.state.schema import camera as table
from wachtel.storage.state.schema import removed_camera
from wachtel.storage.state.schema import site as sites
from wachtel.storage.state.sealing import Sealer


def shown_url(url: str) -> str:
    """The address without user, password and values of fields named like a secret.

    Raises `WachtelError` (forbidden_url).
    """
    return redact(_parsed(url).public())


def _parsed(url: str) -> CameraUrl:
    return parse_device_url(url) if is_device_url(url) else parse_camera_url(url)


class Cameras:
    """Blocking; usable by any thread.

    Cameras come back with their credentials as far as the key can open them.
    """

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer

    def all(self) -> list[Camera]:
        """Every camera, by site and id."""
        with self._database.read() as connection:
            rows = connection.execute(select(table).order_by(table.c.site, table.c.id)).all()
        return [self._camera(row) for row in rows]

    def get(self, camera: str) -> Camera | None:
        with self._database.read() as connection:
            row = connection.execute(select(table).where(table.c.id == camera)).first()
        return None if row is None else self._camera(row)

    def without_password(self) -> frozenset[str]:
        """Cameras whose stored credentials cannot be opened, because the key is lost or was changed."""
        with self._database.read() as connection:
            rows = connection.execute(select(table)).all()
        return frozenset(row.id for row in rows if self._locked(row))

    def ids_taken(self, site: str) -> frozenset[str]:
        """Ids a new camera of ``site`` cannot have: those in use, and those whose footage lies at another
        site.
        """
        with self._database.read() as connection:
            used = connection.scalars(select(table.c.id)).all()
            elsewhere = connection.scalars(
                select(removed_camera.c.id).where(removed_camera.c.site != site)
            ).all()
        return frozenset(used) | frozenset(elsewhere)

    def add(self, camera: Camera) -> None:
        """Raises `WachtelError` (conflict when the id is taken, not_found when there is no such site)."""
        values = self._values(camera)
        with self._database.write() as connection:
            _require_site(connection, camera.site)
            connection.execute(delete(removed_camera).where(removed_camera.c.id == camera.id))
            connection.execute(insert(table).values(**values))

    def change(self, camera: Camera) -> None:
        """Raises `WachtelError` (not_found).

        Credentials that cannot be opened now stay as they are while the address stays the same: the key may
        only be away for a while. Certificates are changed by `pin` alone.
        """
        values = self._values(camera)
        del values["certificates"]
        with self._database.write() as connection:
            row = connection.execute(select(table).where(table.c.id == camera.id)).first()
            if row is None:
                raise _unknown(camera.id)
            values |= self._locked_secrets(row, values)
            connection.execute(update(table).where(table.c.id == camera.id).values(**values))

    def pin(self, camera: str, pin: PinnedCertificate, *, over: bool = False) -> None:
        """Remembers a certificate; one that is known for its place stays, unless it is to be written ``over``.

        A camera that is gone is no error.
        """
        with self._database.write() as connection:
            row = connection.execute(select(table).where(table.c.id == camera)).first()
            known = () if row is None else self._camera(row).certificates
            if row is None or (not over and any(one.at == pin.at for one in known)):
                return
            pins = (*(one for one in known if one.at != pin.at), pin)
            text = msgspec.json.encode(pins).decode()
            connection.execute(update(table).where(table.c.id == camera).values(certificates=text))

    def remove(self, camera: str) -> None:
        """Forgets the camera's settings. Raises `WachtelError` (not_found)."""
        with self._database.write() as connection:
            site = connection.scalar(select(table.c.site).where(table.c.id == camera))
            if site is None:
                raise _unknown(camera)
            connection.execute(delete(table).where(table.c.id == camera))
            connection.execute(insert(removed_camera).prefix_with("OR REPLACE").values(id=camera, site=site))

    def _values(self, camera: Camera) -> dict[str, Any]:
        return {
            "id": camera.id,
            "site": camera.site,
            "name": camera.name,
            "main_url": shown_url(camera.main_url),
            "main_secret": self._sealed(camera.main_url, camera.id, "main"),
            "sub_url": camera.sub_url and shown_url(camera.sub_url),
            "sub_secret": self._sealed(camera.sub_url, camera.id, "sub"),
            "device_url": camera.device_url and shown_url(camera.device_url),
            "device_secret": self._sealed(camera.device_url, camera.id, "device"),
            "mode": camera.mode.value,
            "record": camera.record.value,
            "record_as": _SENT if camera.record_as is RecordAs.AS_SENT else camera.record_as.value,
            "record_audio": camera.record_audio,
            "transport": camera.transport.value,
            "allow_local": camera.allow_local,
            "pre_roll_s": camera.pre_roll_s,
            "post_roll_s": camera.post_roll_s,
            "gap_limit_s": camera.gap_limit_s,
            "keep_days": camera.keep_days,
            "keep_event_days": camera.keep_event_days,
            "most_gb": camera.most_gb,
            "motion": msgspec.json.encode(camera.motion).decode(),
            "certificates": msgspec.json.encode(camera.certificates).decode(),
        }

    def _sealed(self, url: str | None, camera: str, stream: str) -> bytes | None:
        if url is None:
            return None
        full = _parsed(url).full()
        return None if full == shown_url(url) else self._sealer.seal(full, _place(camera, stream))

    def _opened(self, shown: str | None, sealed: bytes | None, camera: str, stream: str) -> str | None:
        if sealed is None:
            return shown
        return self._sealer.open(sealed, _place(camera, stream)) or shown

    def _locked(self, row: Row[Any]) -> bool:
        pairs = ((row.main_secret, "main"), (row.sub_secret, "sub"), (row.device_secret, "device"))
        return any(self._is_locked(sealed, row.id, stream) for sealed, stream in pairs)

    def _is_locked(self, sealed: bytes | None, camera: str, stream: str) -> bool:
        return sealed is not None and self._sealer.open(sealed, _place(camera, stream)) is None

    def _locked_secrets(self, row: Row[Any], values: dict[str, Any]) -> dict[str, bytes]:
        stored = row._mapping
        return {
            f"{stream}_secret": stored[f"{stream}_secret"]
            for stream in ("main", "sub", "device")
            if values[f"{stream}_secret"] is None
            and values[f"{stream}_url"] == stored[f"{stream}_url"]
            and self._is_locked(stored[f"{stream}_secret"], row.id, stream)
        }

    def _camera(self, row: Row[Any]) -> Camera:
        return Camera(
            id=row.id,
            site=row.site,
            name=row.name,
            main_url=self._opened(row.main_url, row.main_secret, row.id, "main") or "",
            sub_url=self._opened(row.sub_url, row.sub_secret, row.id, "sub"),
            device_url=self._opened(row.device_url, row.device_secret, row.id, "device"),
            mode=RecordingMode(row.mode),
            record=RecordedStreams(row.record),
            record_as=RecordAs.AS_SENT if row.record_as == _SENT else RecordAs(row.record_as),
            record_audio=row.record_audio,
            transport=Transport(row.transport),
            allow_local=row.allow_local,
            pre_roll_s=row.pre_roll_s,
            post_roll_s=row.post_roll_s,
            gap_limit_s=row.gap_limit_s,
            keep_days=row.keep_days,
            keep_event_days=row.keep_event_days,
            most_gb=row.most_gb,
            motion=msgspec.json.decode(row.motion, type=MotionSettings),
            certificates=msgspec.json.decode(row.certificates, type=tuple[PinnedCertificate, ...]),
        )


_SENT = "sent"


def _place(camera: str, stream: str) -> str:
    return f"camera/{camera}/{stream}"


def _unknown(camera: str) -> WachtelError:
    return WachtelError(ErrorKind.NOT_FOUND, f"There is no camera {camera!r}.")


def _require_site(connection: Connection, site: str) -> None:
    if connection.execute(select(sites.c.id).where(sites.c.id == site)).first() is None:
        raise WachtelError(
            ErrorKind.NOT_FOUND, f"There is no site {site!r}.", hint="`wachtel site list` shows the sites."
        )
