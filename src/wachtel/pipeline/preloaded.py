"""What every worker needs, imported once in the forkserver so that the pages are shared."""

import gc

import av
import numpy as np

__all__ = ["av", "np"]

YOUNG_OBJECTS = 20_000
"""Packets come and go by the hundreds, and hardly anything of them is a cycle: looking for some seldom is enough."""

# Collecting writes into every object it looks at, and so makes a page of its own of each shared one.
gc.collect()
gc.freeze()
gc.set_threshold(YOUNG_OBJECTS, *gc.get_threshold()[1:])
