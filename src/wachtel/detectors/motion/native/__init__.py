"""The passes over pixels, blocks and tracks, compiled: the same answers as their twins, in a fraction of the time.

The C files here are compiled when Wachtel is built (``hatch_build.py``), by any C compiler, and need no header but the
C library's; a wheel brings the result. Where there was no compiler, `COMPILED` is None and NumPy does the work.
"""

from wachtel.detectors.motion.native.blocks import (
    NativeCalm,
    NativeGlance,
    count_changing,
    count_in_blocks,
    find_things,
)
from wachtel.detectors.motion.native.following import NativeCompany, NativeRestlessness, NativeSurroundings
from wachtel.detectors.motion.native.library import passes
from wachtel.detectors.motion.native.matching import NativeMatcher
from wachtel.detectors.motion.native.scene import NativeBackground
from wachtel.detectors.motion.passes import Passes

COMPILED = (
    None
    if passes is None
    else Passes(
        NativeBackground,
        NativeGlance,
        NativeCalm,
        count_in_blocks,
        count_changing,
        find_things,
        NativeRestlessness,
        NativeCompany,
        NativeMatcher,
        NativeSurroundings,
    )
)
