"""The still kept with an event."""

from wachtel.media.archive_layout import snapshot_path
from wachtel.storage.files.disk import parent, trouble, write_all
from wachtel.storage.files.volume import Volume


def write_snapshot(volume: Volume, site: str, camera: str, event: str, jpeg: bytes) -> str:
    """Saves an event's picture and returns its path in the archive; the first picture of an event stays.

    Raises `WachtelError` (foreign_volume, disk_full, disk_error).
    """
    volume.verify()
    path = snapshot_path(site, camera, event)
    try:
        file = volume.disk.create(path)
    except FileExistsError:
        return path
    except OSError as error:
        raise trouble(error, f"save the picture of the event {event}") from error
    try:
        write_all(file, jpeg)
        file.fsync()
        volume.disk.fsync_folder(parent(path))
    except OSError as error:
        volume.disk.unlink(path)
        raise trouble(error, f"save the picture of the event {event}") from error
    finally:
        file.close()
    return path
