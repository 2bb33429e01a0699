"""A camera that drops its connection again and again beside a steady one: scripts/soak flap [FLAPS].

First a minute with a drop every 3 s in real time, then FLAPS (2,000) drops with shortened waits. Ends 1 when the steady
camera lost a packet or its connection, or when threads, handles or memory grow.
"""

import argparse
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/rigs"))

from flap_rig import FlapReport, FlapRig  # noqa: E402

from wachtel.testing.sample_film import SampleFilm, make_film  # noqa: E402

MEMORY_GROWTH_MB = 8.0


def main() -> int:
    """Runs the soak."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("flaps", type=int, nargs="?", default=2000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        film = make_film(Path(folder) / "film.mp4", SampleFilm(seconds=4, fps=10, gop=10))
        reports = [
            FlapRig(film, period_s=3.0, hasty=False).run(flaps=20, warm_up=3),
            FlapRig(film, period_s=0.15, hasty=True).run(flaps=options.flaps, warm_up=100),
        ]
    for report in reports:
        print(json.dumps({"soak": "flap", **asdict(report), "well": is_well(report)}), flush=True)
    return 0 if all(map(is_well, reports)) else 1


def is_well(report: FlapReport) -> bool:
    """Nothing lost, nothing left behind."""
    before, after = report.before, report.after
    flat = after.threads <= before.threads + 1 and after.handles <= before.handles + 2
    steady = report.steady_sessions == 1 and report.steady_lost == 0
    return flat and steady and after.memory_mb - before.memory_mb <= MEMORY_GROWTH_MB


if __name__ == "__main__":
    sys.exit(main())
