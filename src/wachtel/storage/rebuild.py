"""Makes a whole new index from the files alone and puts it in the place of the old one."""

from pathlib import Path

from wachtel.storage.files.disk import RealDisk
from wachtel.storage.files.volume import read_marker
from wachtel.storage.index.filling import FillReport, Progress, catch_up
from wachtel.storage.index.index import Index, replace_index


def rebuild(archive: Path, new: Path, progress: Progress | None = None) -> FillReport:
    """Builds a whole new index file at ``new``. The archive is only read, and may be recorded to meanwhile.

    Raises `WachtelError`, and whatever ``progress`` raises to end it; nothing is left at ``new`` then.
    """
    _remove(new)
    index = Index.open(new, archive)
    try:
        report = catch_up(index, archive, progress)
    except BaseException:
        index.close()
        _remove(new)
        raise
    index.close()
    return report


def _remove(index_path: Path) -> None:
    for end in ("", "-wal", "-shm"):
        index_path.with_name(index_path.name + end).unlink(missing_ok=True)


def swap_in(index_path: Path, new: Path) -> None:
    """Puts a finished index file in the place of one that no server has open."""
    replace_index(index_path, new)


def rebuild_open(index: Index, progress: Progress | None = None) -> FillReport:
    """Rebuilds the index of a running server: builds beside it, swaps it in, and adds what was written
    meanwhile. Raises `WachtelError`, foreign_volume when the archive is not the one it was."""
    index.belong_to(read_marker(RealDisk(index.archive)).volume)
    new = index.path.with_name(index.path.name + ".new")
    report = rebuild(index.archive, new, progress)
    index.swap_in(new)
    report.lines += catch_up(index, index.archive).lines
    return report
