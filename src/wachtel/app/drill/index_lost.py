"""Rehearses that the index is lost: makes a second one from the files alone and compares every row."""

from collections.abc import Iterator
from pathlib import Path

from wachtel.app.drill.report import Finding, Verdict
from wachtel.base.errors import WachtelError
from wachtel.base.units import WallUs
from wachtel.service.words import Words
from wachtel.storage.copies import copy_database
from wachtel.storage.data_folder import Places
from wachtel.storage.index import Index
from wachtel.storage.index.filling import catch_up
from wachtel.storage.rebuild import rebuild

TRIES = 3
"""A camera may record a line while two indexes are brought up to date one after the other."""

_EVER = WallUs(1 << 62)


def rehearse(places: Places, work: Path) -> Finding:
    """Promise 4. Footage and journals are only read; both indexes lie in ``work``."""
    if not (places.archive / "VOLUME.json").exists() or not places.index_path.exists():
        return Finding(4, Verdict.NOT_APPLICABLE, _NOTHING)
    old, new = work / "index-as-it-is.sqlite", work / "index-from-files.sqlite"
    try:
        copy_database(places.index_path, old)
        rebuild(places.archive, new)
        return _compared(places.archive, old, new)
    except WachtelError as error:
        return Finding(4, Verdict.FAIL, _broken(error.what))


def _compared(archive: Path, old: Path, new: Path) -> Finding:
    for _ in range(TRIES):
        before, after = _rows(old, archive), _rows(new, archive)
        if before == after:
            return Finding(4, Verdict.PASS, _same(len(before)))
    return Finding(4, Verdict.FAIL, _different(len(before - after), len(after - before)))


def _rows(path: Path, archive: Path) -> set[tuple[str, str]]:
    """Everything an index says of footage, once it has read all journals to their end."""
    index = Index.open(path, archive)
    try:
        report = catch_up(index, archive)
        rows = set(_told(index))
        rows |= {("shrunk", each) for each in report.shrunk}
    finally:
        index.close()
    return rows


def _told(index: Index) -> Iterator[tuple[str, str]]:
    for _, camera in index.places():
        yield from (("file", repr(each)) for each in index.all_segments(camera))
        yield from (("event", repr(each)) for each in index.all_events(camera))
        yield from (("gap", repr(each)) for each in index.gaps(camera, WallUs(0), _EVER))
        yield from (("hold", repr(each)) for each in index.holds(camera))


_NOTHING = Words("Hier wurde noch nichts aufgezeichnet.", "Nothing was recorded here yet.")


def _same(rows: int) -> Words:
    return Words(
        f"Der Index wurde allein aus den Dateien neu gemacht und gleicht dem alten in allen {rows} Zeilen.",
        f"The index was made anew from the files alone and equals the old one in all {rows} rows.",
    )


def _different(lost: int, added: int) -> Words:
    return Words(
        f"Der neue Index gleicht dem alten nicht: {lost} Zeilen fehlen, {added} sind neu. Mehr sagt `wachtel check`.",
        f"The new index differs from the old one: {lost} rows are missing, {added} are new. See `wachtel check`.",
    )


def _broken(what: str) -> Words:
    return Words(
        f"Der Index lässt sich nicht aus den Dateien neu machen. {what}",
        f"The index cannot be made anew from the files. {what}",
    )
