import pytest

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.ids import event_id
from wachtel.base.units import WallUs, microseconds
from wachtel.model.event import SignalKind, Why
from wachtel.pipeline.assembler import (
    EventAssembler,
    EventBegan,
    EventChange,
    EventEnded,
    EventTiming,
    EventUpdated,
    clip_range,
)
from wachtel.pipeline.watching import Edge, Signal

BEGIN = 1_000_000_000_000_000
CAMERA = "garden"


def at(s: float) -> WallUs:
    return WallUs(BEGIN + microseconds(s))


def signal(edge: Edge, now: float, since: float, last: float | None = None, score: float = 0.5) -> Signal:
    end = now if last is None else last
    return Signal(SignalKind.MOTION, edge, at(now), at(since), at(end), score, (), Why(travel=score))


@pytest.fixture
def assembler() -> EventAssembler:
    made = EventAssembler()
    made.watch(CAMERA, "home", EventTiming(merge_s=1.5))
    return made


def play(assembler: EventAssembler, *steps: Signal | float) -> list[EventChange]:
    """Signals, and numbers for the passing of time."""
    changes: list[EventChange] = []
    for step in steps:
        changes += assembler.tick(at(step)) if isinstance(step, float) else assembler.take(CAMERA, step)
    return changes


def test_an_event_begins_with_its_first_sighting_and_ends_with_the_last_motion(
    assembler: EventAssembler,
) -> None:
    began, updated, ended = play(
        assembler, signal(Edge.ON, 10.0, 9.7), signal(Edge.OFF, 13.0, 9.7, last=12.4), 13.9, 14.0
    )
    assert isinstance(began, EventBegan)
    assert isinstance(updated, EventUpdated)
    assert isinstance(ended, EventEnded)
    assert (began.event.start, began.event.reported, began.event.end) == (at(9.7), at(10.0), None)
    assert began.event.id == ended.event.id == event_id(CAMERA, at(9.7))
    assert (ended.event.end, ended.event.site, ended.event.camera) == (at(12.4), "home", CAMERA)


def test_a_short_pause_joins_and_a_long_one_parts(assembler: EventAssembler) -> None:
    changes = play(
        assembler,
        signal(Edge.ON, 1.0, 1.0),
        signal(Edge.OFF, 2.6, 1.0, last=2.0),
        3.4,
        signal(Edge.ON, 3.5, 3.4),
        signal(Edge.OFF, 4.6, 3.4, last=4.0),
        9.6,
        signal(Edge.ON, 9.7, 9.6),
    )
    starts = [change.event.start for change in changes if isinstance(change, EventBegan)]
    ends = [change.event.end for change in changes if isinstance(change, EventEnded)]
    assert starts == [at(1.0), at(9.6)]
    assert ends == [at(4.0)]


def test_the_pause_is_kept_even_when_nobody_ticked(assembler: EventAssembler) -> None:
    changes = play(
        assembler,
        signal(Edge.ON, 1.0, 1.0),
        signal(Edge.OFF, 2.6, 1.0, last=2.0),
        signal(Edge.ON, 8.0, 7.8),
    )
    assert [type(change) for change in changes] == [EventBegan, EventUpdated, EventEnded, EventBegan]


def test_a_start_that_reaches_back_into_the_pause_is_moved_behind_it(assembler: EventAssembler) -> None:
    changes = play(
        assembler,
        signal(Edge.ON, 1.0, 1.0),
        signal(Edge.OFF, 2.6, 1.0, last=2.0),
        3.6,
        signal(Edge.ON, 3.7, 2.4),
    )
    last = changes[-1]
    assert isinstance(last, EventBegan)
    assert last.event.start == at(3.5)
    assert last.event.reported == at(3.7)


def test_updates_keep_the_best_score_and_its_reason(assembler: EventAssembler) -> None:
    changes = play(
        assembler,
        signal(Edge.ON, 1.0, 1.0, score=0.5),
        signal(Edge.UPDATE, 2.0, 1.0, score=0.9),
        signal(Edge.UPDATE, 3.0, 1.0, score=0.2),
    )
    assert changes[-1].event.score == 0.9
    assert changes[-1].event.why == Why(travel=0.9)
    assert changes[-1].event.reported == at(1.0)


def test_an_endless_signal_is_cut_into_events_with_the_usual_distance() -> None:
    assembler = EventAssembler()
    assembler.watch(CAMERA, "home", EventTiming(merge_s=1.5, longest_s=10))
    changes = play(
        assembler, signal(Edge.ON, 0.0, 0.0), *(signal(Edge.UPDATE, float(s), 0.0) for s in range(1, 30))
    )
    events = [change.event for change in changes if isinstance(change, EventEnded)]
    assert [(event.start, event.end) for event in events] == [(at(0), at(10)), (at(11.5), at(22))]
    running = assembler.running(CAMERA)
    assert running is not None
    assert running.start == at(23.5)


def test_a_sender_that_fell_silent_does_not_keep_an_event_open(assembler: EventAssembler) -> None:
    changes = play(assembler, signal(Edge.ON, 1.0, 1.0), 20.0, 32.0)
    assert isinstance(changes[-1], EventEnded)
    assert changes[-1].event.end == at(1.0)


def test_stop_ends_what_runs_and_later_signals_begin_anew(assembler: EventAssembler) -> None:
    assembler.watch("gate", "home")
    play(assembler, signal(Edge.ON, 1.0, 1.0))
    assembler.take("gate", signal(Edge.ON, 1.2, 1.1))
    (ended,) = assembler.stop(at(1.5), CAMERA)
    assert isinstance(ended, EventEnded)
    assert assembler.running("gate") is not None
    assert assembler.running(CAMERA) is None
    assert [type(change) for change in assembler.stop(at(2.0))] == [EventEnded]
    assert play(assembler, signal(Edge.UPDATE, 1.6, 1.0)) == []
    assert [type(change) for change in play(assembler, signal(Edge.UPDATE, 2.6, 1.0))] == [EventBegan]


def test_a_clock_set_back_does_not_make_the_camera_deaf(assembler: EventAssembler) -> None:
    play(assembler, signal(Edge.ON, 5000.0, 5000.0), signal(Edge.OFF, 5001.0, 5000.0), 5003.0)
    (began,) = play(assembler, signal(Edge.ON, 1400.0, 1399.0))
    assert began.event.start == at(1399.0)


def test_forgotten_and_unknown_cameras(assembler: EventAssembler) -> None:
    play(assembler, signal(Edge.ON, 1.0, 1.0))
    assert [type(change) for change in assembler.forget(CAMERA, at(2))] == [EventEnded]
    assert assembler.forget(CAMERA, at(2)) == []
    assert assembler.running(CAMERA) is None
    with pytest.raises(WachtelError) as caught:
        assembler.take(CAMERA, signal(Edge.ON, 1.0, 1.0))
    assert caught.value.kind is ErrorKind.NOT_FOUND


def test_the_clip_has_exactly_its_rolls(assembler: EventAssembler) -> None:
    timing = EventTiming(pre_roll_s=8, post_roll_s=4)
    began, _, ended = play(assembler, signal(Edge.ON, 10.0, 9.7), signal(Edge.OFF, 11, 9.7), 13.0)
    assert clip_range(began.event, timing) == (at(1.7), None)
    assert clip_range(ended.event, timing) == (at(1.7), at(15.0))


@pytest.mark.parametrize(
    "wrong", [{"pre_roll_s": -1}, {"post_roll_s": float("nan")}, {"merge_s": -0.1}, {"longest_s": 0}]
)
def test_impossible_numbers_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(WachtelError) as caught:
        EventTiming(**wrong)
    assert caught.value.kind is ErrorKind.INVALID
