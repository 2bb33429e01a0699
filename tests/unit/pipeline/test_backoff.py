import random
from itertools import islice

from wachtel.pipeline.backoff import STEPS_S, Backoff


def test_waits_grow_with_jitter() -> None:
    waits = list(islice(Backoff(random.Random(1)), 8))
    for wait, step in zip(waits, [*STEPS_S, 10.0, 10.0], strict=True):
        assert 0.8 * step <= wait <= 1.2 * step


def test_who_ran_long_begins_anew() -> None:
    backoff = Backoff(random.Random(1), jitter=0.0)
    assert [backoff.failed(0.0) for _ in range(3)] == [0.2, 0.5, 1.0]
    assert backoff.failed(60.0) == 0.2


def test_nobody_waits_longer_than_the_longest_asked_for() -> None:
    backoff = Backoff(random.Random(1), jitter=0.0)
    assert [backoff.failed(0.0, 2.0) for _ in range(6)] == [0.2, 0.5, 1.0, 2.0, 2.0, 2.0]
    assert backoff.failed(0.0) == 10.0
