"""Questions to the index: pages of events, ranges, days, many threads."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from archive_samples import START, Camera, event, volume_in
from stories import PLACE

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import US_PER_S, WallUs
from wachtel.media.journal import Journalled, encode
from wachtel.media.journal_values import event_line, signal_line
from wachtel.model.event import Event
from wachtel.model.stream import StreamName
from wachtel.storage.api import EventQuery
from wachtel.storage.files.reading import journals
from wachtel.storage.index import Index, catch_up, open_or_rebuild


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    volume_in(tmp_path)
    opened = open_or_rebuild(tmp_path / "index.sqlite", tmp_path / "archive")
    yield opened
    opened.close()


def _put(index: Index, *events: Event) -> None:
    """Lines as if they came from a journal that nobody has read yet."""
    lines, at = [], sum(index.marks().values())
    for number, one in enumerate(events):
        entry = signal_line(one) if one.end is None else event_line(one)
        raw = encode(entry, START, number + 1, "")
        lines.append(Journalled(one.site, one.camera, "j", at, at + len(raw) + 1, raw))
        at += len(raw) + 1
    index.apply(lines)


def test_events_come_in_pages_newest_first(index: Index) -> None:
    _put(index, *(event(number) for number in range(7)))
    seen: list[str] = []
    page = index.events(EventQuery(limit=3))
    while True:
        seen += [one.id for one in page.events]
        if page.next is None:
            break
        page = index.events(EventQuery(limit=3, before=page.next))
    assert seen == [event(number).id for number in range(6, -1, -1)]


def test_events_of_the_same_moment_are_not_skipped(index: Index) -> None:
    _put(index, *(replace(event(), id=f"e{number}") for number in range(5)))
    first = index.events(EventQuery(limit=2))
    rest = index.events(EventQuery(limit=9, before=first.next))
    assert [one.id for one in (*first.events, *rest.events)] == ["e4", "e3", "e2", "e1", "e0"]


def test_events_can_be_asked_for(index: Index) -> None:
    there = replace(event(1), id="x", site="office", camera="hall")
    running = event(2, length_s=None)
    _put(index, event(0), there, running)

    def ids(query: EventQuery) -> list[str]:
        return [one.id for one in index.events(query).events]

    assert ids(EventQuery(camera="hall")) == ["x"] == ids(EventQuery(sites=frozenset({"office"})))
    assert ids(EventQuery(sites=frozenset())) == [] == ids(EventQuery(kind="fire"))
    assert ids(EventQuery(start=WallUs(START + 300 * US_PER_S))) == [running.id]
    assert ids(EventQuery(end=WallUs(START + US_PER_S))) == [event(0).id]
    assert ids(EventQuery(start=WallUs(START + 4 * US_PER_S), end=WallUs(START + 61 * US_PER_S))) == [
        "x",
        event(0).id,
    ]
    with pytest.raises(WachtelError) as caught:
        index.events(EventQuery(before="nothing"))
    assert caught.value.kind is ErrorKind.NOT_FOUND


def test_a_late_signal_does_not_reopen_an_event(index: Index) -> None:
    _put(index, event(1))
    _put(index, event(1, length_s=None))
    assert index.event(event(1).id) == event(1) and index.open_events() == []


def test_a_day_shows_where_footage_and_events_are(tmp_path: Path, index: Index) -> None:
    camera = Camera(volume_in(tmp_path))
    camera.record(0, pictures=100)
    camera.record(0, pictures=10, stream=StreamName.SUB)
    camera.write(event_line(event(0, length_s=25)))
    index.apply(camera.lines)
    (hour,) = index.timeline(["door", "hall"], START, WallUs(START + 1))
    assert hour.hour == START // (3600 * US_PER_S) * 3600 * US_PER_S
    presence, events = (int.from_bytes(bits, "big").bit_count() for bits in (hour.presence, hour.events))
    assert (presence, events) == (2, 3)
    assert hour.size_bytes == sum(
        path.stat().st_size for path in tmp_path.glob("archive/home/door/*/*/*.mp4")
    )
    assert (
        index.last_footage("door") == index.segments("door", StreamName.MAIN, START, WallUs(START + 1))[0].end
    )
    assert index.last_footage("hall") is None


def test_many_threads_may_ask_while_one_writes(tmp_path: Path, index: Index) -> None:
    camera = Camera(volume_in(tmp_path))
    for number in range(30):
        camera.record(number * 20)
    failures: list[BaseException] = []

    def ask() -> None:
        try:
            for _ in range(30):
                index.events(EventQuery())
                index.ledger("door", START, WallUs(START + 60 * US_PER_S))
        except WachtelError as error:
            failures.append(error)

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for line in camera.lines:
        index.apply([line])
    for thread in threads:
        thread.join()
    assert failures == [] and index.counts()[0] == 30


def test_catching_up_reads_only_what_is_new(tmp_path: Path, index: Index) -> None:
    camera = Camera(volume_in(tmp_path))
    camera.record(0)
    index.apply(camera.lines)
    assert catch_up(index, tmp_path / "archive").lines == 0
    camera.record(100)
    assert catch_up(index, tmp_path / "archive").lines == 1
    path = journals(camera.volume.disk, PLACE)[0]
    (tmp_path / "archive" / path).write_bytes(b"")
    assert catch_up(index, tmp_path / "archive").shrunk == [path]
