"""What every worker needs, imported once in the forkserver so that the pages are shared."""

import gc

import av
import numpy as np

__all__ = ["av", "np"]

# Collecting writes into every object it looks at, and so makes a page of its own of each shared one.
gc.collect()
gc.freeze()
