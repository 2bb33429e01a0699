"""Cuts the power at random operations of a simulated disk: scripts/soak power [RUNS].

Every run records, restarts, and looks whether anything that was reported as safe is missing. A mutant that writes the
journal before it syncs the footage must be caught, or the test proves nothing. Ends 1 on any violation.
"""

import argparse
import json
import logging
import random
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/unit/storage"))

from test_power_cut import OPERATIONS, live_through  # noqa: E402

from wachtel.storage.files.flusher import Flusher  # noqa: E402

MUTANT_SHARE = 0.5


def main() -> int:
    """Runs the soak."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", type=int, nargs="?", default=10_000)
    runs = parser.parse_args().runs
    logging.disable()
    begun = time.monotonic()
    violations = [found for seed in range(runs) if (found := complaints(seed))]
    seconds = round(time.monotonic() - begun, 1)
    setattr(Flusher, "_sync", _without_sync)  # noqa: B010
    caught = sum(bool(complaints(seed)) for seed in range(runs))
    result = {"runs": runs, "violations": len(violations), "mutant_caught": caught, "seconds": seconds}
    print(json.dumps(result | {"first": violations[:3]}))
    return 1 if violations or caught < runs * MUTANT_SHARE else 0


def _without_sync(*_: object) -> bool:
    return True


def complaints(seed: int) -> list[str]:
    """One run."""
    cut = random.Random(seed).randint(1, OPERATIONS)
    return [f"seed {seed}, cut {cut}: {one}" for one in live_through(seed, cut)]


if __name__ == "__main__":
    sys.exit(main())
