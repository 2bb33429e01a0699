"""The still kept with an event."""

from contextlib import suppress

from wachtel.media.archive_layout import snapshot_path
from wachtel.storage.files.disk import Disk, parent, trouble, write_all
from wachtel.storage.files.volume import Volume


def write_snapshot(volume: Volume, site: str, camera: str, event: str, jpeg: bytes) -> str:
    """Saves an event's picture and returns its path in the archive; a better picture takes the place of
    the first one in one step.

    Raises `WachtelError` (foreign_volume, disk_full, disk_error).
    """
    volume.verify()
    path = snapshot_path(site, camera, event)
    unfinished = path + ".part"
    try:
        _write(volume.disk, unfinished, jpeg)
        volume.disk.rename(unfinished, path)
        volume.disk.fsync_folder(parent(path))
    except OSError as error:
        raise trouble(error, f"save the picture of the event {event}") from error
    return path


def _write(disk: Disk, path: str, jpeg: bytes) -> None:
    with suppress(FileNotFoundError):
        disk.unlink(path)
    file = disk.create(path)
    try:
        write_all(file, jpeg)
        file.fsync()
    except OSError:
        disk.unlink(path)
        raise
    finally:
        file.close()
