"""A little room set aside on the volume: the line that says what is deleted must fit when nothing else does."""

from contextlib import suppress

from wachtel.storage.files.disk import Disk, write_all

RESERVE_FILE = ".reserve"
RESERVE_BYTES = 1 << 20


def keep_reserve(disk: Disk) -> None:
    """Sets the room aside if it is not; on a disk that is full it is tried again later."""
    if disk.exists(RESERVE_FILE):
        return
    try:
        file = disk.create(RESERVE_FILE)
    except OSError:
        return
    try:
        write_all(file, bytes(RESERVE_BYTES))
        file.fsync()
    except OSError:
        give_reserve(disk)
    finally:
        file.close()


def give_reserve(disk: Disk) -> bool:
    """Gives the room free; False when there was none."""
    with suppress(OSError):
        disk.unlink(RESERVE_FILE)
        disk.fsync_folder("")
        return True
    return False
