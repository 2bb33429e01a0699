"""Anything may stand in a journal: reading it never fails, and never invents."""

import msgspec
from hypothesis import example, given
from hypothesis import strategies as st

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import WallUs
from wachtel.media.journal import FIRST_PREV, StopLine, decode, encode, line_hash, read_lines
from wachtel.media.journal_chain import ChainHead, JournalIdentity, verify_day

OURS = JournalIdentity("volume", "home", "door")
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
_kinds = st.sampled_from(
    ["segment", "gap", "signal", "event", "hold", "deleted", "day", "signature", "stop", "x"]
)
_names = st.sampled_from(
    ["file", "stream", "start", "end", "bytes", "on", "zones", "why", "kind", "id", "reason"]
)
_objects = st.builds(
    lambda kind, at, seq, prev, rest: {**rest, "t": kind, "at": at, "seq": seq, "prev": prev},
    _kinds,
    _json,
    _json,
    _json,
    st.dictionaries(_names, _json, max_size=6),
)


def _chain(lines: int) -> bytes:
    data, prev = b"", FIRST_PREV
    for number in range(lines):
        line = encode(StopLine(), WallUs(number), number + 1, prev)
        data, prev = data + line + b"\n", line_hash(line)
    return data


@given(st.binary(max_size=300) | _objects.map(msgspec.json.encode))
@example(b"[" * 100_000)
@example(b'{"t":"stop","at":1e400,"seq":1,"prev":""}')
def test_any_line_is_read_or_refused(line: bytes) -> None:
    try:
        found = decode(line)
    except WachtelError as error:
        assert error.kind is ErrorKind.BAD_DATA
    else:
        assert isinstance(found.seq, int)


@given(st.lists(st.binary(max_size=60) | _objects.map(msgspec.json.encode), max_size=6))
def test_any_file_is_read_and_proved(lines: list[bytes]) -> None:
    data = b"\n".join(lines)
    found = list(read_lines(data))
    assert b"".join(line.raw + b"\n" for line in found) == data[: found[-1].end if found else 0]
    assert all(line.end <= len(data) for line in found)
    verify_day(data, ChainHead(), OURS, lambda *_: False)


@given(st.integers(1, 6), st.data())
def test_every_cut_leaves_whole_lines(lines: int, data: st.DataObject) -> None:
    whole = _chain(lines)
    cut = data.draw(st.integers(0, len(whole)))
    end = max((line.end for line in read_lines(whole[:cut]) if line.entry is not None), default=0)
    assert whole[:end] == whole[: whole.rfind(b"\n", 0, cut) + 1]


@given(st.integers(2, 6), st.data())
def test_every_changed_byte_is_noticed(lines: int, data: st.DataObject) -> None:
    whole = bytearray(_chain(lines))
    last = whole.rfind(b"\n", 0, len(whole) - 1)
    place = data.draw(st.integers(0, last))
    whole[place] ^= data.draw(st.integers(1, 255))
    report = verify_day(bytes(whole), ChainHead(), OURS, lambda *_: False)
    kinds = {fault.kind.value for fault in report.faults}
    assert kinds & {"broken_chain", "unreadable_line", "missing_day", "missing_lines"}
