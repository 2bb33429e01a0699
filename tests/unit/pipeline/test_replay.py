"""What is kept of a day is judged again, and with the same settings gives the very events of the day."""

import asyncio
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from wachtel.base.units import US_PER_S, WallUs
from wachtel.detectors.judging import Judge
from wachtel.media.candidates import decode_chunks, encode_looks
from wachtel.model.camera import Camera, MotionSettings
from wachtel.model.candidate import NEVER, Look, Sighting
from wachtel.model.event import Event
from wachtel.model.schedule import Day, Schedule, Stretch
from wachtel.model.zone import Line, Zone
from wachtel.pipeline.assembler import EventAssembler, EventEnded, EventTiming
from wachtel.pipeline.candidate_desk import CandidateDesk
from wachtel.pipeline.candidate_log import CandidateLog
from wachtel.pipeline.messages import CandidatesSeen
from wachtel.pipeline.replay import Wanted, events_of, replay
from wachtel.pipeline.watching import Watching
from wachtel.storage.files.candidates import LARGEST_DAY_BYTES, Candidates
from wachtel.testing.clock import FakeClock

BEGIN = WallUs(1_763_712_000 * US_PER_S)
STEP_US = 100_000
TIMING = EventTiming()
CAMERA = Camera("yard", "home", "Yard", "rtsp://10.0.0.1/")
ZONE = Zone("left", ((0, 0), (0.5, 0), (0.5, 1), (0, 1)))
SETTINGS = [
    MotionSettings(),
    MotionSettings(sensitivity=10),
    MotionSettings(zones=(ZONE,)),
    MotionSettings(lines=(Line("gate", (0.5, 0), (0.5, 1)),)),
    MotionSettings(schedule=Schedule((Stretch((Day.FRI,), 8 * 60, 8 * 60 + 1),))),
]

octet = st.integers(0, 255)
sighting = st.builds(
    Sighting, st.integers(0, 65535), octet, octet, octet, octet, octet, octet,
    st.integers(0, 100) | st.just(NEVER), st.integers(0, 65535), st.booleans(),
)  # fmt: skip
steps = st.integers(0, 5_000_000)


@examples(deadline=None, max_examples=60)
@given(st.lists(st.tuples(steps, st.lists(sighting, max_size=4)), max_size=20))
def test_looks_come_back_as_they_were(pictures: list[tuple[int, list[Sighting]]]) -> None:
    looks, at = [], BEGIN
    for step, seen in pictures:
        at = WallUs(at + step)
        looks.append(Look(at, tuple(seen)))
    assert [look for chunk in decode_chunks(encode_looks(looks) * 2) for look in chunk] == looks * 2


@examples(deadline=None, max_examples=60)
@given(st.binary(max_size=300), st.integers(0, 200), st.binary(max_size=3))
def test_damage_costs_chunks_and_raises_nothing(noise: bytes, place: int, patch: bytes) -> None:
    list(decode_chunks(noise))
    sound = encode_looks([Look(BEGIN, (Sighting(1, 0, 0, 9, 9, 4, 4, 30, 100),))])
    damaged = bytearray(sound)
    damaged[place : place + len(patch)] = patch
    for chunk in decode_chunks(bytes(damaged) + sound):
        assert all(isinstance(look, Look) for look in chunk)


def walk(number: int, start: int, x: int, step: int, level: int, pictures: int) -> list[Look]:
    looks = []
    for n in range(pictures):
        left = max(0, min(235, x + step * n))
        seen = Sighting(
            number, left, 100, left + 20, 200, left + 10, 150, level if n > 2 else NEVER, 150, n == 0
        )
        looks.append(Look(WallUs(BEGIN + (start + n) * STEP_US), (seen,)))
    return looks


walks = st.tuples(
    st.integers(0, 255), st.integers(-8, 8), st.sampled_from([0, 10, 30, 50, 90, NEVER]), st.integers(1, 60),
    st.integers(1, 60),
)  # fmt: skip


def day(plan: list[tuple[int, int, int, int, int]]) -> list[Look]:
    """Ten pictures a second of things that come one after the other, with pauses."""
    looks: list[Look] = []
    for number, (x, step, level, pictures, pause) in enumerate(plan):
        looks += walk(number, len(looks), x, step, level, pictures)
        looks += [Look(WallUs(BEGIN + (len(looks) + n) * STEP_US)) for n in range(pause)]
    return looks


def live(looks: list[Look], settings: MotionSettings) -> list[Event]:
    judge, watching, assembler = Judge(settings), Watching(), EventAssembler()
    assembler.watch("yard", "home", TIMING)
    changes = []
    for look in looks:
        signal = watching.answer(look.at, judge.look(look))
        changes += assembler.take("yard", signal) if signal else []
        changes += assembler.tick(look.at)
    signal = watching.stop()
    changes += assembler.take("yard", signal) if signal else []
    changes += assembler.stop(looks[-1].at) if looks else []
    return [change.event for change in changes if isinstance(change, EventEnded)]


@examples(deadline=None, max_examples=60)
@given(st.lists(walks, max_size=6), st.sampled_from(SETTINGS))
def test_the_replay_of_what_is_kept_gives_the_events_of_the_day(
    plan: list[tuple[int, int, int, int, int]], settings: MotionSettings
) -> None:
    looks, log = day(plan), CandidateLog()
    for look in looks:
        log.take(look)
    kept = [look for data in log.chunks(all=True) for chunk in decode_chunks(data) for look in chunk]
    assert events_of(kept, settings, "yard", "home", TIMING) == live(looks, settings)


def test_what_never_counts_is_not_kept_and_a_thing_takes_some_hundred_bytes() -> None:
    log = CandidateLog()
    for look in day([(0, 2, NEVER, 50, 20)] * 3):
        log.take(look)
    assert log.chunks(all=True) == []
    for look in day([(0, 2, 40, 60, 20)]):
        log.take(look)
    (chunk,) = log.chunks()
    assert len(chunk) < 700


def test_the_desk_keeps_days_and_replays_them(tmp_path: Path) -> None:
    asyncio.run(keep_and_replay(CandidateDesk(Candidates(tmp_path), FakeClock(BEGIN), lambda: [CAMERA])))


async def keep_and_replay(desk: CandidateDesk) -> None:
    desk.seen(CandidatesSeen("yard", encode_looks(day([(0, 3, 40, 40, 40), (0, 3, 80, 40, 40)]))))
    task = asyncio.create_task(desk.run())
    await desk.finish()
    task.cancel()
    hour = Wanted(WallUs(BEGIN - 1), WallUs(BEGIN + 3600 * US_PER_S), MotionSettings())
    normal = await desk.replay(CAMERA, hour)
    assert (len(normal.events), normal.since) == (1, "2025-11-21")
    sensitive = Wanted(hour.start, hour.end, MotionSettings(sensitivity=90))
    assert len((await desk.replay(CAMERA, sensitive)).events) == 2
    later = Wanted(WallUs(BEGIN + 600 * US_PER_S), hour.end, MotionSettings())
    assert (await desk.replay(CAMERA, later)).events == ()


def test_a_day_is_bounded_and_old_days_go(tmp_path: Path) -> None:
    store = Candidates(tmp_path)
    chunk = bytes(LARGEST_DAY_BYTES // 2)
    assert [store.append("yard", BEGIN, chunk) for _ in range(3)] == [True, True, False]
    next_week = WallUs(BEGIN + 7 * 86_400 * US_PER_S)
    assert store.append("yard", next_week, b"x")
    assert store.first_day("yard") == "2025-11-21"
    assert store.prune("yard", WallUs(next_week - US_PER_S)) == 1
    assert (store.first_day("yard"), store.cameras()) == ("2025-11-28", ["yard"])
    assert replay(store, CAMERA, Wanted(BEGIN, next_week, MotionSettings())).events == ()


@pytest.mark.parametrize("settings", SETTINGS)
def test_nothing_gives_nothing(tmp_path: Path, settings: MotionSettings) -> None:
    found = replay(Candidates(tmp_path), CAMERA, Wanted(BEGIN, WallUs(BEGIN + 1), settings))
    assert (found.events, found.looks, found.since) == ((), 0, None)
