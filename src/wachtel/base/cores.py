"""Which cores a process runs on."""

import os
from contextlib import suppress


def core_of(number: int, allowed: set[int]) -> int:
    """The core of the ``number``th process of a kind, of those it may run on: the last first, for devices mostly
    interrupt the first one."""
    cores = sorted(allowed)
    return cores[-1 - number % len(cores)]


def stay_on_one_core(number: int) -> None:
    """This process and the threads it begins run on one core from now on.

    For a process whose many threads do little each and share Python's lock: two cores would only pass it to and fro,
    and find their caches cold (docs/adr/0015). Others give way: they may still run on any core. Does nothing where the
    system has no such setting or forbids it.
    """
    if hasattr(os, "sched_setaffinity"):
        with suppress(OSError):
            os.sched_setaffinity(0, {core_of(number, os.sched_getaffinity(0))})
