"""The lines of the journal, and the proof that a day is whole."""

import hashlib
from itertools import pairwise

import pytest

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import US_PER_S, WallUs
from wachtel.media.journal import (
    FIRST_PREV,
    DayLine,
    Entry,
    EventLine,
    GapLine,
    SegmentLine,
    SignatureLine,
    StopLine,
    UnknownLine,
    decode,
    encode,
    line_hash,
    read_lines,
    signed_text,
)
from wachtel.media.journal_chain import ChainHead, FaultKind, JournalIdentity, verify_day
from wachtel.media.journal_values import (
    completed,
    event_line,
    event_of,
    gap_of,
    segment_of,
    signal_line,
    split_gap,
)
from wachtel.model.event import Event, EventKind, Why
from wachtel.model.footage import GapReason
from wachtel.model.stream import StreamName

AT = WallUs(1_795_000_000_000_000)
NOTHING = ChainHead()
OURS = JournalIdentity("volume", "home", "door")
EVENT = Event(
    "e1", "home", "door", EventKind.MOTION, AT, AT, WallUs(AT + 9), 0.5, ("gate",), Why(0.1, 2.0, 0.03)
)
SEGMENT = SegmentLine(
    file="home/door/main/x.mp4",
    stream="main",
    start=1,
    end=2,
    bytes=3,
    sha256="ab",
    frames=4,
    key_frames=1,
    run="r",
    closed="rotate",
)


def _day(*entries: Entry, before: ChainHead = NOTHING) -> tuple[bytes, ChainHead]:
    """A chain of lines as the writer makes it."""
    seq, prev, data = before.seq, before.hash, b""
    for entry in entries:
        line = encode(entry, AT, seq + 1, prev)
        seq, prev, data = seq + 1, line_hash(line), data + line + b"\n"
    return data, ChainHead(seq, prev)


FIRST = DayLine(day="2026-11-18", volume="volume", site="home", camera="door")


def _trust(key: str, signature: str, text: bytes) -> bool:
    return key == "us" and signature == hashlib.sha256(text).hexdigest()


def _kinds(data: bytes, before: ChainHead = NOTHING) -> list[FaultKind]:
    return [fault.kind for fault in verify_day(data, before, OURS, _trust).faults]


def test_a_line_begins_with_its_envelope() -> None:
    line = encode(StopLine(), AT, 7, "ff")
    assert line == b'{"t":"stop","at":1795000000000000,"seq":7,"prev":"ff"}'
    assert decode(line + b"\n") == StopLine(at=AT, seq=7, prev="ff")


@pytest.mark.parametrize(
    "entry", [SEGMENT, event_line(EVENT), signal_line(EVENT), *split_gap(AT, WallUs(AT + 1), GapReason.CRASH)]
)
def test_lines_come_back_as_they_were(entry: Entry) -> None:
    found = decode(encode(entry, AT, 1, FIRST_PREV))
    assert type(found) is type(entry) and encode(found, AT, 1, FIRST_PREV) == encode(entry, AT, 1, FIRST_PREV)


def test_the_model_comes_back() -> None:
    assert event_of("home", "door", event_line(EVENT)) == EVENT
    running = event_of("home", "door", signal_line(EVENT))
    assert running.end is None and running.why == EVENT.why and running.id == EVENT.id
    segment = segment_of("home", "door", SEGMENT)
    assert (segment.stream, segment.size_bytes) == (StreamName.MAIN, 3)
    assert (
        gap_of("home", "door", GapLine(start=1, end=2, reason="from the future")).reason is GapReason.UNKNOWN
    )


def test_a_recovered_event_never_ends_before_it_was_reported() -> None:
    line = completed(signal_line(EVENT), WallUs(5), snapshot=True)
    assert (line.end, line.recovered, line.snapshot) == (EVENT.reported, True, True)


def test_a_running_event_has_no_event_line() -> None:
    with pytest.raises(ValueError, match="still runs"):
        event_line(Event("e", "s", "c", EventKind.MOTION, AT, AT, None, 0.1))


@pytest.mark.parametrize(
    "line", [b"", b"{}", b"[]", b"\xff", b'{"t":"gap"}', b'{"t":"gap","at":1,"seq":1,"prev":""}']
)
def test_nonsense_is_refused(line: bytes) -> None:
    with pytest.raises(WachtelError) as caught:
        decode(line)
    assert caught.value.kind is ErrorKind.BAD_DATA


def test_a_later_version_is_left_alone() -> None:
    found = decode(b'{"t":"hologram","at":1,"seq":2,"prev":"x","depth":3}')
    assert isinstance(found, UnknownLine) and (found.kind, found.seq) == ("hologram", 2)
    more = encode(SEGMENT, AT, 1, "p")[:-1] + b',"colour":"blue"}'
    assert isinstance(decode(more), SegmentLine)


def test_gaps_are_cut_at_full_hours() -> None:
    hour = 3600 * US_PER_S
    start, end = WallUs(AT // hour * hour + 10), WallUs(AT // hour * hour + 2 * hour + 5)
    lines = split_gap(start, end, GapReason.CAMERA_OFFLINE)
    assert len(lines) == 3 and lines[0].start == start and lines[-1].end == end
    assert all(a.end == b.start and a.end % hour == 0 for a, b in pairwise(lines))
    assert split_gap(end, start, GapReason.CRASH) == []


def test_a_torn_end_is_left_out() -> None:
    data, _ = _day(FIRST, StopLine())
    for torn in (b'{"t":"st', b"\0\0\n\0"):
        assert [line.end for line in read_lines(data + torn) if line.entry is not None][-1] == len(data)
    assert [line.end for line in read_lines(data + b"{")][-1] == len(data)


def test_a_whole_chain_has_no_faults() -> None:
    data, head = _day(FIRST, SEGMENT, StopLine())
    report = verify_day(data, ChainHead(), OURS, _trust)
    assert (report.head, report.signed, report.faults) == (head, False, ())
    text = signed_text("volume", "home", "door", "2026-11-18", head.hash)
    signature = SignatureLine(key="us", signature=hashlib.sha256(text).hexdigest())
    closed, end = _day(FIRST, SEGMENT, StopLine(), signature)
    report = verify_day(closed, ChainHead(), OURS, _trust)
    assert (report.head, report.signed, report.faults) == (end, True, ())
    following, _ = _day(FIRST, StopLine(), before=end)
    assert _kinds(following, end) == []


def test_every_kind_of_damage_is_told() -> None:
    data, head = _day(FIRST, SEGMENT, StopLine(), StopLine())
    lines = data.splitlines(keepends=True)
    assert _kinds(data.replace(b'"bytes":3', b'"bytes":4')) == [FaultKind.BROKEN_CHAIN]
    assert _kinds(lines[0] + lines[1] + lines[3]) == [FaultKind.MISSING_LINES]
    assert _kinds(lines[0] + b"nonsense\n" + lines[2] + lines[3]) == [FaultKind.UNREADABLE]
    assert _kinds(data[:-1]) == [FaultKind.TORN]
    assert _kinds(data, ChainHead(9, "ab")) == [FaultKind.MISSING_DAY]
    assert _kinds(_day(StopLine())[0]) == [FaultKind.FOREIGN]
    assert _kinds(_day(DayLine(day="d", volume="v", site="home", camera="door"))[0]) == [FaultKind.FOREIGN]
    forged, _ = _day(FIRST, SignatureLine(key="them", signature="00"))
    assert _kinds(forged) == [FaultKind.BAD_SIGNATURE]
    assert head.seq == 4


def test_an_event_line_knows_its_numbers() -> None:
    line = event_line(EVENT)
    assert isinstance(line, EventLine) and (line.start, line.end, line.zones) == (AT, AT + 9, ("gate",))
