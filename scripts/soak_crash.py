"""Kills a media worker, an analysis worker, main, and the whole group, again and again: scripts/soak crash [ROUNDS].

Prints one JSON line per kill and one with the result; ends 1 when anything was lost, stayed away too long, or survived.
"""

import argparse
import json
import os
import platform
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/rigs"))

from crash_rig import BACK_WITHIN_S, VICTIMS, CrashReport, CrashRig  # noqa: E402

from wachtel.app.scene_folder import scene_folder  # noqa: E402
from wachtel.testing.scene.render import render_scene  # noqa: E402

FRAME_S = 1 / 15
NOISE_S = 0.05


def main() -> int:
    """Runs the soak."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "rounds", type=int, nargs="?", default=20, help="kills of each kind (default: %(default)s)"
    )
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    main_file, sub_file = render_scene(scene_folder())
    reports: list[CrashReport] = []
    with (
        tempfile.TemporaryDirectory() as folder,
        CrashRig(Path(folder), main_file, sub_file, options.seed) as rig,
    ):
        for _ in range(options.rounds):
            for victim in VICTIMS:
                reports.append(rig.kill(victim))
                print(json.dumps(asdict(reports[-1])), flush=True)
        rig.server.stop()
        faults = rig.judge_archive()
    return conclude(reports, faults)


def conclude(reports: list[CrashReport], faults: list[str]) -> int:
    """Prints the result."""
    missing = [report.missing_s for report in reports if report.victim != "analysis worker"]
    back = [report.back_after_s for report in reports if report.victim.endswith("worker")]
    result = {
        "kills": len(reports),
        "missing_s_max": round(max(missing), 3),
        "missing_s_median": round(sorted(missing)[len(missing) // 2], 3),
        "lost_more_than_a_frame": sum(one > 2 * FRAME_S + NOISE_S for one in missing),
        "worker_back_s_max": round(max(back), 3),
        "survivors": sum(len(report.survivors) for report in reports),
        "faults": faults,
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, {platform.release()}",
    }
    print(json.dumps(result))
    bad = result["lost_more_than_a_frame"] or result["survivors"] or faults or max(back) > BACK_WITHIN_S
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
