"""For all tests: the garbage collector looks less often, because thousands of tests share one large process."""

import gc

gc.set_threshold(50_000, 50, 100)
