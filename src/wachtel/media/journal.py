"""The journal: append-only JSON Lines beside the footage, one chain per camera. Pure: bytes in, values out.

Every line is one JSON object with ``t`` (its kind), ``at`` (when it was written, µs UTC), ``seq`` (1, 2, 3
... over all days) and ``prev``: the SHA-256, in hex, of the line before without its line feed. A day's file
begins with a `DayLine`, whose ``prev`` is the hash of the last line of the day before, and a closed day ends
with a `SignatureLine` (Ed25519, RFC 8032).
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

import msgspec

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import DAY_US, WallUs
from wachtel.media.archive_layout import FORMAT_VERSION
from wachtel.model.event import Why
from wachtel.model.zone import Box

FIRST_PREV = "0" * 64
"""``prev`` of the very first line of a camera."""

_LONG_GAP_US = 3 * DAY_US


class Closed(StrEnum):
    """Why a segment's file was closed."""

    ROTATE = "rotate"
    FORMAT = "format"
    SESSION = "session"
    LOST = "lost"
    STOP = "stop"
    MIDNIGHT = "midnight"
    FULL = "full"
    CLOCK = "clock"
    ABANDONED = "abandoned"
    RECOVERED = "recovered"
    IMPORTED = "imported"


class Entry(msgspec.Struct, frozen=True, tag_field="t", kw_only=True):
    """What all lines have; the journal's writer fills it in."""

    at: int = 0
    seq: int = 0
    prev: str = FIRST_PREV


class SegmentLine(Entry, frozen=True, tag="segment"):
    """A finished file. ``file`` is relative to the archive folder; ``closed`` is a `Closed`. ``imported`` names the
    file of another program it was made from, and is left out of the line where it is empty."""

    file: str
    stream: str
    start: int
    end: int
    bytes: int
    sha256: str
    frames: int
    key_frames: int
    run: str
    closed: str
    recovered: bool = False
    imported: str = ""


class GapLine(Entry, frozen=True, tag="gap"):
    """A stretch without footage, written when its end is known; at most a day long (see `split_gap`)."""

    start: int
    end: int
    reason: str


class SignalLine(Entry, frozen=True, tag="signal"):
    """A signal changed. The one that begins an event carries its id, so that a crash cannot lose the
    event."""

    kind: str
    on: bool
    event: str = ""
    start: int = 0
    reported: int = 0
    score: float = 0.0
    zones: tuple[str, ...] = ()
    why: Why = Why()


class EventLine(Entry, frozen=True, tag="event"):
    """An event that has ended; ``recovered`` when the end was found out after a crash."""

    id: str
    kind: str
    start: int
    end: int
    reported: int
    score: float
    zones: tuple[str, ...] = ()
    why: Why = Why()
    snapshot: bool = False
    recovered: bool = False
    boxes: tuple[Box, ...] = ()


class HoldLine(Entry, frozen=True, tag="hold"):
    """Footage between ``start`` and ``end`` is kept from deletion (``on``) or no longer."""

    start: int
    end: int
    on: bool
    event: str = ""
    why: str = ""


class DeletedLine(Entry, frozen=True, tag="deleted"):
    """A segment's file is about to be removed; written and synced before it is."""

    file: str
    stream: str
    start: int
    end: int
    bytes: int
    why: str


class ShiftLine(Entry, frozen=True, tag="shift"):
    """A camera's timestamps stepped by ``shift_us`` and were straightened."""

    stream: str
    start: int
    shift_us: int


class TornLine(Entry, frozen=True, tag="torn"):
    """``bytes`` bytes with this hash were cut off the journal's end, where a write had been interrupted."""

    bytes: int
    sha256: str


class StartLine(Entry, frozen=True, tag="start"):
    """The recorder of this camera started; a crash is a start without a `StopLine` after it."""

    run: str
    version: str = ""


class StopLine(Entry, frozen=True, tag="stop"):
    """The recorder stopped in good order."""


class DayLine(Entry, frozen=True, tag="day"):
    """The first line of every file: what it is, so that a journal found alone tells where it belongs."""

    day: str
    volume: str
    site: str
    camera: str
    format: int = FORMAT_VERSION


class SignatureLine(Entry, frozen=True, tag="signature"):
    """The last line of a closed day: the volume's key (hex) and its signature (hex) of `signed_text`."""

    key: str
    signature: str


class UnknownLine(Entry, frozen=True, tag="unknown"):
    """A line of a kind this version does not know; it is part of the chain and otherwise left alone."""

    kind: str


KnownLine = (
    SegmentLine
    | GapLine
    | SignalLine
    | EventLine
    | HoldLine
    | DeletedLine
    | ShiftLine
    | TornLine
    | StartLine
    | StopLine
    | DayLine
    | SignatureLine
)


class _Envelope(msgspec.Struct, frozen=True):
    t: str
    at: int
    seq: int
    prev: str


_LEFT_OUT_WHEN_EMPTY = "imported"
_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[KnownLine] = msgspec.json.Decoder(KnownLine)
_envelopes = msgspec.json.Decoder(_Envelope)


def encode(entry: Entry, at: WallUs, seq: int, prev: str) -> bytes:
    """One line without its line feed."""
    envelope = {"t": entry.__struct_config__.tag, "at": at, "seq": seq, "prev": prev}
    own = {name: getattr(entry, name) for name in _own_fields(type(entry))}
    if own.get(_LEFT_OUT_WHEN_EMPTY) == "":
        del own[_LEFT_OUT_WHEN_EMPTY]
    return _encoder.encode(envelope | own)


@cache
def _own_fields(kind: type[Entry]) -> tuple[str, ...]:
    return tuple(name for name in kind.__struct_fields__ if name not in Entry.__struct_fields__)


def decode(line: bytes) -> Entry:
    """One line (with or without line feed). Raises `WachtelError` (bad_data) for what is no journal line."""
    try:
        envelope = _envelopes.decode(line)
        if envelope.t in _KINDS:
            return _decoder.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise WachtelError(ErrorKind.BAD_DATA, f"This is no line of a journal: {error}") from error
    return UnknownLine(at=envelope.at, seq=envelope.seq, prev=envelope.prev, kind=envelope.t)


_KINDS = frozenset(
    str(kind.__struct_config__.tag)
    for kind in (
        SegmentLine,
        GapLine,
        SignalLine,
        EventLine,
        HoldLine,
        DeletedLine,
        ShiftLine,
        TornLine,
        StartLine,
        StopLine,
        DayLine,
        SignatureLine,
    )
)


def line_hash(line: bytes) -> str:
    """What the next line's ``prev`` must be; ``line`` has no line feed."""
    return hashlib.sha256(line).hexdigest()


@dataclass(frozen=True, slots=True)
class Journalled:
    """A line that is safely on disk, and where: bytes ``start`` to ``end`` of ``path``, line feed included.

    This is what crosses from the process that writes journals to the one that keeps the index.
    """

    site: str
    camera: str
    path: str
    start: int
    end: int
    raw: bytes

    @property
    def line(self) -> Entry:
        """The line's content. Raises `WachtelError` (bad_data)."""
        return decode(self.raw)


@dataclass(frozen=True, slots=True)
class ReadLine:
    """One line of a file as found: ``number`` from 1, ``start`` and ``end`` in bytes, no entry if
    unreadable."""

    number: int
    start: int
    end: int
    raw: bytes
    entry: Entry | None


def read_lines(data: bytes, offset: int = 0) -> Iterator[ReadLine]:
    """The whole lines of a journal; a torn last line (no line feed) is left out.

    ``offset`` is where ``data`` begins in the file.
    """
    start, number = 0, 0
    while (end := data.find(b"\n", start)) >= 0:
        number += 1
        raw = data[start:end]
        yield ReadLine(number, offset + start, offset + end + 1, raw, _tolerant(raw))
        start = end + 1


def _tolerant(raw: bytes) -> Entry | None:
    try:
        return decode(raw)
    except WachtelError:
        return None


def signed_text(volume: str, site: str, camera: str, day: str, prev: str) -> bytes:
    """What a day's signature signs.

    ``prev`` is the hash of the line before the signature, and so, through the chain, stands for all lines.
    """
    return f"wachtel journal {FORMAT_VERSION}\n{volume}\n{site}\n{camera}\n{day}\n{prev}\n".encode()
