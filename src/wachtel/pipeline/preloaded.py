"""What every worker needs, imported once in the forkserver so that the pages are shared.

Not the decoder and NumPy: a worker writes into half of the pages it shares, if only to count references, so those that
never decode would have copies of what they do not use. Who decodes loads them in 0.3 s.
"""

import gc
import os

from wachtel.base import plugins
from wachtel.base.heap import give_back_freed, keep_heap_small
from wachtel.pipeline import messages, worker_process

__all__ = ["messages", "plugins", "worker_process"]

YOUNG_OBJECTS = 20_000
"""Packets come and go by the hundreds, and hardly anything of them is a cycle: looking for some seldom is enough."""

keep_heap_small()
# NumPy starts a thread for each core, for sums that nobody here does.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# Collecting writes into every object it looks at, and so makes a page of its own of each shared one.
gc.collect()
give_back_freed()
gc.freeze()
gc.set_threshold(YOUNG_OBJECTS, *gc.get_threshold()[1:])
