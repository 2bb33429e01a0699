"""site.json and camera.json: what a person who opens the archive folder should know, and no credentials."""

from collections.abc import Mapping

import msgspec

from wachtel.media.archive_layout import CAMERA_FILE, SITE_FILE
from wachtel.model.camera import Camera, Site
from wachtel.model.stream import StreamFormat, StreamName
from wachtel.storage.files.disk import read_all, replace_file, trouble
from wachtel.storage.files.volume import Volume


class StreamCard(msgspec.Struct, frozen=True):
    """A stream as last seen; sizes in pixels."""

    video: str
    width: int
    height: int
    audio: str | None = None


class SiteCard(msgspec.Struct, frozen=True):
    """The content of site.json."""

    id: str
    name: str
    time_zone: str


class CameraCard(msgspec.Struct, frozen=True):
    """The content of camera.json."""

    id: str
    name: str
    site: str
    streams: dict[str, StreamCard]


def write_site(volume: Volume, site: Site) -> None:
    """Writes site.json. Raises `WachtelError` (foreign_volume, disk_full, disk_error)."""
    _write(volume, f"{site.id}/{SITE_FILE}", SiteCard(site.id, site.name, site.time_zone))


def write_camera(
    volume: Volume, camera: Camera, formats: Mapping[StreamName, StreamFormat] | None = None
) -> None:
    """Writes camera.json; a stream that was not seen this time keeps what is known of it.

    Raises `WachtelError` (foreign_volume, disk_full, disk_error).
    """
    path = f"{camera.site}/{camera.id}/{CAMERA_FILE}"
    known = _known_streams(volume, path)
    seen = {name.value: _card(format) for name, format in (formats or {}).items()}
    _write(volume, path, CameraCard(camera.id, camera.name, camera.site, known | seen))


def _card(format: StreamFormat) -> StreamCard:
    audio = None if format.audio is None else format.audio.codec.value
    return StreamCard(format.video.codec.value, format.video.width, format.video.height, audio)


def _known_streams(volume: Volume, path: str) -> dict[str, StreamCard]:
    try:
        return msgspec.json.decode(read_all(volume.disk, path), type=CameraCard).streams
    except (FileNotFoundError, msgspec.MsgspecError):
        return {}
    except OSError as error:
        raise trouble(error, f"read {path}") from error


def _write(volume: Volume, path: str, card: SiteCard | CameraCard) -> None:
    volume.verify()
    data = msgspec.json.format(msgspec.json.encode(card)) + b"\n"
    try:
        if not (volume.disk.exists(path) and read_all(volume.disk, path) == data):
            replace_file(volume.disk, path, data)
    except OSError as error:
        raise trouble(error, f"write {path}") from error
