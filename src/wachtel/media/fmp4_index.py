"""Reads the index at the end of a closed file (ISO 14496-12 section 8.8.9)."""

from wachtel.base.errors import WachtelError
from wachtel.media.boxes import Fields, boxes
from wachtel.media.fmp4 import KeyFrame
from wachtel.media.fmp4_head import RandomAccess

_LARGEST_INDEX = 1 << 24
_INDEX_ENTRY_BYTES = 19


def read_key_frames(source: RandomAccess) -> tuple[KeyFrame, ...]:
    """The index at the end of a closed file; empty if there is none or it is damaged."""
    try:
        return _read_index(source)
    except WachtelError:
        return ()


def _read_index(source: RandomAccess) -> tuple[KeyFrame, ...]:
    last = source.read_at(source.size - 16, 16)
    size = int.from_bytes(last[12:16], "big")
    if last[4:8] != b"mfro" or not 24 < size <= min(_LARGEST_INDEX, source.size):
        return ()
    top = next(boxes(source.read_at(source.size - size, size)))
    table = Fields(next(boxes(top.data, top.start, top.end)))
    version, _ = table.version_and_flags()
    table.raw(4)
    sizes, count = table.number(4), table.number(4)
    if top.kind != b"mfra" or version != 1 or sizes:
        return ()
    entries = table.raw(_INDEX_ENTRY_BYTES * count)
    return tuple(
        KeyFrame(
            int.from_bytes(entries[at : at + 8], "big"), int.from_bytes(entries[at + 8 : at + 16], "big")
        )
        for at in range(0, len(entries), _INDEX_ENTRY_BYTES)
    )
