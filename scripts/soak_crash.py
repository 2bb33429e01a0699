"""Kills a media worker, an analysis worker, main or the whole group at random moments, again and again:
scripts/soak crash [KILLS] [--cameras N].

Prints one JSON line per kill and one with the result; ends 1 when anything was lost, stayed away too long, or survived.
"""

import argparse
import json
import os
import platform
import sys
import tempfile
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/rigs"))

from crash_rig import BACK_WITHIN_S, VICTIMS, CrashReport, CrashRig  # noqa: E402


def main() -> int:
    """Runs the soak."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kills", type=int, nargs="?", default=20, help="how many (default: %(default)s)")
    parser.add_argument("--cameras", type=int, default=8, help="how many (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    reports: list[CrashReport] = []
    with (
        tempfile.TemporaryDirectory() as folder,
        CrashRig(Path(folder), options.cameras, options.seed) as rig,
    ):
        for _ in range(options.kills):
            reports.append(rig.kill(rig.random.choice(VICTIMS)))
            print(json.dumps(asdict(reports[-1])), flush=True)
        rig.server.stop()
        segments = sum(len(rig.files(name)) for name in rig.cameras)
        pictures = sum(len(sent.pictures) for sent in rig.park.sent)
        faults = rig.judge_archive()
    return conclude(reports, faults, cameras=options.cameras, segments=segments, pictures_sent=pictures)


def conclude(reports: list[CrashReport], faults: list[str], **more: int) -> int:
    """Prints the result."""
    tails = [tail for report in reports for tail in report.tail]
    lost = [what for report in reports for what in report.lost]
    slow = sum(report.back_after_s > BACK_WITHIN_S for report in reports)
    result: dict[str, Any] = {
        "kills": dict(Counter(report.victim for report in reports)),
        **more,
        "tail_pictures": dict(sorted(Counter(tails).items())),
        "lost_finished": lost,
        "back_s": {victim: back(reports, victim) for victim in VICTIMS},
        "back_later_than_3_s": slow,
        "survivors": sum(len(report.survivors) for report in reports),
        "faults": faults,
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, {platform.release()}",
        "load": [round(load, 1) for load in os.getloadavg()],
    }
    print(json.dumps(result))
    bad = max(tails, default=0) > 1 or lost or slow or result["survivors"] or faults
    return 1 if bad else 0


def back(reports: list[CrashReport], victim: str) -> dict[str, float]:
    """Median and longest time until every camera was recorded again."""
    times = [report.back_after_s for report in reports if report.victim == victim]
    return {"median": round(median(times), 2), "max": round(max(times), 2)} if times else {}


if __name__ == "__main__":
    sys.exit(main())
