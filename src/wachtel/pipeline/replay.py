"""What other settings would have made of past days: kept candidates, judged and assembled by the very code of live."""

from collections.abc import Iterator
from dataclasses import dataclass

from wachtel.base.units import WallUs, microseconds
from wachtel.detectors.judging import Judge
from wachtel.media.candidates import decode_chunks
from wachtel.model.camera import Camera, MotionSettings
from wachtel.model.candidate import Look
from wachtel.model.event import Event
from wachtel.pipeline.assembler import EventAssembler, EventChange, EventEnded, EventTiming
from wachtel.pipeline.watching import Watching
from wachtel.storage.files.candidates import Candidates

MARGIN_US = microseconds(60)
"""Looks so long before the range are judged too, so that what was on its way then has its way; and a chunk is written
some time after its looks, perhaps to the next day."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Events that overlap ``start`` to ``end``, by these settings."""

    start: WallUs
    end: WallUs
    motion: MotionSettings


@dataclass(frozen=True, slots=True)
class Replayed:
    """``since``: the first day of which anything is kept, None when nothing is."""

    events: tuple[Event, ...]
    looks: int
    since: str | None


def replay(store: Candidates, camera: Camera, wanted: Wanted) -> Replayed:
    """Raises `WachtelError` (invalid for settings that make no sense, disk_error)."""
    begin, end = WallUs(wanted.start - MARGIN_US), wanted.end
    looks = [
        look
        for data in store.read(camera.id, begin, WallUs(end + MARGIN_US))
        for chunk in decode_chunks(data)
        for look in chunk
        if begin <= look.at < end
    ]
    looks.sort(key=lambda look: look.at)
    timing = EventTiming(pre_roll_s=camera.pre_roll_s, post_roll_s=camera.post_roll_s)
    events = [
        event
        for event in events_of(looks, wanted.motion, camera.id, camera.site, timing)
        if (event.end or event.start) >= wanted.start
    ]
    return Replayed(tuple(events), len(looks), store.first_day(camera.id))


def events_of(
    looks: list[Look], motion: MotionSettings, camera: str, site: str, timing: EventTiming
) -> list[Event]:
    """The events of looks in order of time, as they would have come live."""
    return [change.event for change in _changes(looks, motion, camera, site, timing)]


def _changes(
    looks: list[Look], motion: MotionSettings, camera: str, site: str, timing: EventTiming
) -> Iterator[EventEnded]:
    judge, watching, assembler = Judge(motion), Watching(), EventAssembler()
    assembler.watch(camera, site, timing)
    for look in looks:
        yield from _ended(assembler.tick(look.at))
        signal = watching.elapsed(look.at)
        if signal is not None:
            yield from _ended(assembler.take(camera, signal))
            yield from _ended(assembler.tick(look.at))
        signal = watching.answer(look.at, judge.look(look))
        if signal is not None:
            yield from _ended(assembler.take(camera, signal))
    signal = watching.stop()
    if signal is not None:
        yield from _ended(assembler.take(camera, signal))
    if looks:
        yield from _ended(assembler.stop(looks[-1].at))


def _ended(changes: list[EventChange]) -> Iterator[EventEnded]:
    return (change for change in changes if isinstance(change, EventEnded))
