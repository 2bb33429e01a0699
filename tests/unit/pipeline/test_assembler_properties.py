"""What is true of the events of any pictures whatever, through watching and assembler."""

import itertools
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from wachtel.base.units import WallUs, microseconds
from wachtel.model.event import Event, Motion
from wachtel.pipeline.assembler import (
    EventAssembler,
    EventBegan,
    EventChange,
    EventEnded,
    EventTiming,
    clip_range,
)
from wachtel.pipeline.watching import Watching

BEGIN = 1_000_000_000_000_000


@dataclass(frozen=True)
class Look:
    """One picture: how long after the one before, whether something moves, and since when it was seen."""

    step_s: float
    moves: bool
    back_s: float


LOOKS = st.lists(
    st.builds(Look, st.floats(0.03, 4.0), st.booleans(), st.floats(0.0, 3.0)), min_size=1, max_size=120
)
TIMINGS = st.builds(
    EventTiming,
    pre_roll_s=st.floats(0, 60),
    post_roll_s=st.floats(0, 60),
    merge_s=st.floats(0, 5),
    longest_s=st.floats(5, 60),
)


def play(looks: list[Look], timing: EventTiming) -> tuple[list[EventChange], list[int]]:
    """The changes, and at what moment of the play each was made."""
    assembler, watching = EventAssembler(), Watching()
    assembler.watch("c", "s", timing)
    changes: list[EventChange] = []
    moments: list[int] = []
    now = BEGIN
    for look in looks:
        now += microseconds(look.step_s)
        motion = Motion(WallUs(now), WallUs(now - microseconds(look.back_s)), 0.5) if look.moves else None
        signal = watching.answer(WallUs(now), motion)
        changes += assembler.take("c", signal) if signal else []
        changes += assembler.tick(WallUs(now))
        moments += [now] * (len(changes) - len(moments))
    last = watching.stop()
    changes += assembler.take("c", last) if last else []
    changes += assembler.stop(WallUs(now))
    moments += [now] * (len(changes) - len(moments))
    return changes, moments


def ended(changes: list[EventChange]) -> list[Event]:
    return [change.event for change in changes if isinstance(change, EventEnded)]


@given(LOOKS, TIMINGS)
def test_events_keep_their_distance_and_order(looks: list[Look], timing: EventTiming) -> None:
    events = ended(play(looks, timing)[0])
    for before, after in itertools.pairwise(events):
        assert before.end is not None
        assert after.start - before.end >= microseconds(timing.merge_s)


@given(LOOKS, TIMINGS)
def test_nothing_is_reported_before_the_pictures_that_prove_it(
    looks: list[Look], timing: EventTiming
) -> None:
    changes, moments = play(looks, timing)
    for change, moment in zip(changes, moments, strict=True):
        assert change.event.start <= change.event.reported <= moment
        if isinstance(change, EventBegan):
            assert change.event.reported == moment


@given(LOOKS, TIMINGS)
def test_every_event_begins_once_ends_once_and_keeps_its_name(looks: list[Look], timing: EventTiming) -> None:
    changes = play(looks, timing)[0]
    begun = [change.event.id for change in changes if isinstance(change, EventBegan)]
    assert begun == [event.id for event in ended(changes)]
    assert len(set(begun)) == len(begun)
    fixed = {(change.event.id, change.event.start, change.event.reported) for change in changes}
    assert len(fixed) == len(begun)


@given(LOOKS, TIMINGS)
def test_rolls_are_exact(looks: list[Look], timing: EventTiming) -> None:
    for event in ended(play(looks, timing)[0]):
        assert event.end is not None
        assert event.start <= event.end
        start, end = clip_range(event, timing)
        assert event.start - start == microseconds(timing.pre_roll_s)
        assert end is not None
        assert end - event.end == microseconds(timing.post_roll_s)


@given(LOOKS, TIMINGS)
def test_all_motion_lies_in_an_event_or_in_the_distance_between_two(
    looks: list[Look], timing: EventTiming
) -> None:
    events = ended(play(looks, timing)[0])
    now = BEGIN
    for look in looks:
        now += microseconds(look.step_s)
        covered = any(event.start <= now <= (event.end or 0) for event in events)
        between = any(0 <= now - (event.end or 0) <= microseconds(timing.merge_s + 1.1) for event in events)
        assert covered or between or not look.moves


@given(st.lists(LOOKS, min_size=2, max_size=3))
def test_cameras_do_not_influence_each_other(plays: list[list[Look]]) -> None:
    alone = [ended(play(looks, EventTiming())[0]) for looks in plays]
    assert _together(plays) == [[(event.start, event.reported) for event in events] for events in alone]


def _together(plays: list[list[Look]]) -> list[list[tuple[int, int]]]:
    assembler = EventAssembler()
    watchings = [Watching() for _ in plays]
    for number in range(len(plays)):
        assembler.watch(str(number), "s")
    looks = []
    for number, play_ in enumerate(plays):
        now = BEGIN
        for look in play_:
            now += microseconds(look.step_s)
            looks.append((now, number, look))
    changes: list[EventChange] = []
    for now, number, look in sorted(looks, key=lambda item: item[:2]):
        motion = Motion(WallUs(now), WallUs(now - microseconds(look.back_s)), 0.5) if look.moves else None
        signal = watchings[number].answer(WallUs(now), motion)
        changes += assembler.take(str(number), signal) if signal else []
        changes += assembler.tick(WallUs(now))
    began = [change.event for change in changes if isinstance(change, EventBegan)]
    return [[(e.start, e.reported) for e in began if e.camera == str(number)] for number in range(len(plays))]
