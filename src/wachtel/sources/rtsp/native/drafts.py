"""Drafts of pictures, written by compiled code while Python sleeps: ``drafts.c``.

A recorded picture costs Python a few dozen calls, and several times as much where it is woken for each. So C waits for
pictures and puts those that are plain into the file as they come. Python takes them a second later, or once something
else has come, places them in time with all its care, and writes them once more. Where there was no compiler it reads
them as they come (docs/adr/0016).
"""

import ctypes
import mmap
from collections.abc import Iterator
from ctypes import CDLL, c_char, c_int32, c_int64, c_uint32, c_uint64, c_void_p
from functools import cache
from pathlib import Path
from typing import NamedTuple

from wachtel.base.compiled import open_compiled
from wachtel.media.draft import Draft
from wachtel.model.stream import Codec
from wachtel.sources.rtsp.native import PICTURE_HEAD, SYNTAX_AT
from wachtel.sources.rtsp.pictures import Picture

_CAPACITY_BYTES = 1 << 19
_MOST_PICTURES = 64
_NS_PER_S, _NS_PER_US = 1_000_000_000, 1_000


class NextPicture(NamedTuple):
    """What the packets of the next picture begin with if it is a plain one.

    ``timestamp`` is that of the picture before; ``unlike`` has a bit for each kind of unit that it must not hold.
    """

    channel: int
    payload_type: int
    sequence: int
    timestamp: int
    ssrc: int
    codec: Codec
    unlike: int


class Kept(NamedTuple):
    """A picture, or other bytes that were received, and how long ago the last one came, in microseconds."""

    what: Picture | bytes
    age_us: int


class _Came(ctypes.Structure):
    _fields_ = [
        *((name, c_int64) for name in ("end", "at_ns", "packets", "fragment_end")),
        ("kinds", c_uint64),
    ]


_NUMBERS_64 = ("wait_ns", "ended_ns", "offset", "capacity", "size", "whole", "written", "count")
_NUMBERS_32 = ("channel", "payload_type", "sequence", "timestamp", "ssrc", "fragment", "step")


class _State(ctypes.Structure):
    _fields_ = [
        *((name, c_int64) for name in _NUMBERS_64),
        *((name, c_uint64) for name in ("decode", "unlike")),
        *((name, c_void_p) for name in ("received", "fragments", "head", "syntax", "urgent")),
        *((name, c_int32) for name in ("socket", "file")),
        *((name, c_uint32) for name in _NUMBERS_32),
        ("came", _Came * _MOST_PICTURES),
    ]


class Drafter:
    """For one connection, whose bytes it keeps until they are taken. Used by one thread."""

    def __init__(self, library: CDLL) -> None:
        self._draft = library.draft_pictures
        # Pages of it that are never needed are never there.
        self._received = mmap.mmap(-1, _CAPACITY_BYTES)
        self._fragments = mmap.mmap(-1, _CAPACITY_BYTES)
        self._state = _State(capacity=_CAPACITY_BYTES)
        self._state.received = ctypes.addressof(c_char.from_buffer(self._received))
        self._state.fragments = ctypes.addressof(c_char.from_buffer(self._fragments))

    def wait(
        self, socket: int, draft: Draft, expected: NextPicture, urgent: bytearray, longest_s: float
    ) -> bool:
        """Writes pictures down as they come, for so long, or until something else comes or the byte ``urgent`` is set.

        False when nothing has come, and nothing but what must be received in another way.
        """
        state, outlook = self._state, draft.outlook
        state.wait_ns = int(longest_s * _NS_PER_S)
        state.file, state.offset = draft.room.descriptor, draft.room.offset
        state.fragment, state.decode, state.step = outlook.sequence, outlook.decode, outlook.step
        self._head = ctypes.create_string_buffer(outlook.head, len(outlook.head))
        state.head = ctypes.addressof(self._head)
        state.channel, state.payload_type, state.sequence, state.timestamp, state.ssrc = expected[:5]
        state.syntax, state.unlike = SYNTAX_AT[expected.codec], expected.unlike
        state.urgent = ctypes.addressof(c_char.from_buffer(urgent))
        state.socket = socket
        state.whole = state.written = state.count = 0
        self._plain = bool(self._draft(ctypes.byref(state)))
        return self._plain or state.size > 0

    def kept(self) -> Iterator[Kept]:
        """What has come, picture by picture; one that has only begun is kept. All of it must be taken before the next
        `wait`."""
        state, start, fragment = self._state, 0, 0
        for came in state.came[: state.count]:
            data = self._received[start : came.end]
            channel, kind, sequence, timestamp, ssrc = PICTURE_HEAD.unpack_from(data)
            picture = Picture(
                channel, kind & 0x7F, sequence, timestamp, ssrc, came.packets, came.kinds,
                self._fragments[fragment + len(self._head) : came.fragment_end], data, 0, len(data),
            )  # fmt: skip
            yield Kept(picture, (state.ended_ns - came.at_ns) // _NS_PER_US)
            start, fragment = came.end, came.fragment_end
        if self._plain:
            self._received.move(0, start, state.size - start)
            state.size -= start
        elif start < state.size:
            yield Kept(self._received[start : state.size], 0)
            state.size = 0

    def take_rest(self) -> bytes:
        """What has come of a picture that has only begun; b"" when none has."""
        size, self._state.size = self._state.size, 0
        return self._received[:size]


@cache
def _opened() -> CDLL | None:
    arguments: dict[str, list[type]] = {"draft_pictures": [c_void_p], "size_of_drafts": []}
    library = open_compiled(Path(__file__).parent, arguments, {"size_of_drafts": c_int64}, waits=True)
    return library if library is not None and library.size_of_drafts() == ctypes.sizeof(_State) else None


def new_drafter() -> Drafter | None:
    """For another connection; None where there was no compiler."""
    library = _opened()
    return None if library is None else Drafter(library)
