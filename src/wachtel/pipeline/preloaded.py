"""What every worker needs, imported once in the forkserver so that the pages are shared."""

import av
import numpy as np

__all__ = ["av", "np"]
