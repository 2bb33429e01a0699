from hypothesis import given
from hypothesis import strategies as st

from wachtel.base.units import WallUs, microseconds
from wachtel.model.event import Motion, Why
from wachtel.pipeline.watching import Edge, Signal, Watching

BEGIN = 1_000_000_000_000_000


def at(s: float) -> WallUs:
    return WallUs(BEGIN + microseconds(s))


def motion(s: float, since: float | None = None, score: float = 0.5, zones: tuple[str, ...] = ()) -> Motion:
    return Motion(at(s), at(s if since is None else since), score, zones, Why(travel=score))


def test_on_carries_the_first_sighting_and_the_picture_that_proved_it() -> None:
    signal = Watching().answer(at(10.0), motion(10.0, since=9.7, zones=("b", "a")))
    assert signal is not None
    assert (signal.edge, signal.since, signal.at, signal.last) == (Edge.ON, at(9.7), at(10.0), at(10.0))
    assert signal.zones == ("a", "b")


def test_updates_come_at_most_once_a_second_with_the_best_of_all() -> None:
    watching = Watching(update_every_s=1.0)
    watching.answer(at(0), motion(0, score=0.5, zones=("b",)))
    assert watching.answer(at(0.5), motion(0.5, score=0.9, zones=("a",))) is None
    update = watching.answer(at(1.0), motion(1.0, score=0.3))
    assert update is not None
    assert (update.edge, update.score, update.zones, update.why) == (
        Edge.UPDATE,
        0.9,
        ("a", "b"),
        Why(travel=0.9),
    )
    assert update.since == at(0)


def test_whoever_moves_longer_is_told_of_again_at_the_same_moments() -> None:
    told: list[list[WallUs]] = []
    for begun in (0.0, 0.3, 0.9):
        watching = Watching(update_every_s=1.0)
        times = [begun + number / 10 for number in range(40)]
        answers = [watching.answer(at(s), motion(s)) for s in times]
        told.append([one.at for one in answers if one is not None and one.edge is Edge.UPDATE])
    assert told[0][:3] == told[1][:3] == told[2][:3] == [at(1.0), at(2.0), at(3.0)]


def test_off_comes_after_the_quiet_time_and_knows_the_last_motion() -> None:
    watching = Watching(quiet_s=0.6)
    watching.answer(at(0), motion(0))
    assert watching.answer(at(0.5), None) is None
    off = watching.answer(at(0.6), None)
    assert off is not None
    assert (off.edge, off.at, off.last) == (Edge.OFF, at(0.6), at(0))
    assert watching.answer(at(0.7), None) is None


def test_pictures_far_apart_do_not_end_a_signal_by_themselves() -> None:
    watching = Watching(quiet_s=0.6)
    watching.answer(at(0), motion(0))
    still = watching.answer(at(4), motion(4))
    assert still is not None
    assert still.edge is Edge.UPDATE


def test_a_silent_stream_ends_the_signal_at_its_last_picture() -> None:
    watching = Watching()
    watching.answer(at(0), motion(0))
    assert watching.elapsed(at(9)) is None
    off = watching.elapsed(at(11))
    assert off is not None
    assert (off.edge, off.at) == (Edge.OFF, at(0))


def test_stop_ends_only_what_runs() -> None:
    watching = Watching()
    assert watching.stop() is None
    watching.answer(at(0), motion(0))
    off = watching.stop()
    assert off is not None
    assert off.edge is Edge.OFF
    assert watching.stop() is None


def test_a_clock_set_back_ends_the_signal_and_the_next_one_begins_anew() -> None:
    watching = Watching()
    watching.answer(at(100), motion(100))
    off = watching.answer(at(40), motion(40))
    assert off is not None
    assert (off.edge, off.at) == (Edge.OFF, at(100))
    on = watching.answer(at(40.1), motion(40.1))
    assert on is not None
    assert on.edge is Edge.ON


@given(st.lists(st.tuples(st.floats(0.03, 5), st.booleans(), st.floats(0, 1)), max_size=60))
def test_edges_alternate_and_times_are_in_order(pictures: list[tuple[float, bool, float]]) -> None:
    watching, now, running = Watching(), 0.0, False
    signals: list[Signal] = []
    for step, moves, back in pictures:
        now += step
        signal = watching.answer(at(now), motion(now, since=now - back) if moves else None)
        signals += [signal] if signal else []
    signals += [last] if (last := watching.stop()) else []
    for signal in signals:
        assert (signal.edge is Edge.ON) is not running
        running = signal.edge is not Edge.OFF
        assert signal.since <= signal.last <= signal.at
    assert not running
