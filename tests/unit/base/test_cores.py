import os

import pytest

from wachtel.base.cores import core_of, stay_on_one_core


def test_workers_are_spread_from_the_last_core_on() -> None:
    assert [core_of(number, {0, 2, 3}) for number in range(5)] == [3, 2, 0, 3, 2]
    assert core_of(7, {5}) == 5


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="no such setting on this system")
def test_a_process_stays_where_it_was_put() -> None:
    before = os.sched_getaffinity(0)
    try:
        stay_on_one_core(1)
        assert len(os.sched_getaffinity(0)) == 1
        stay_on_one_core(0)
        assert os.sched_getaffinity(0) <= before
    finally:
        os.sched_setaffinity(0, before)
