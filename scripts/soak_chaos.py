"""Cameras that have lost their mind over time, recorded and decoded: scripts/soak chaos [STREAMS] [--first SEED].

STREAMS (5,000) streams, each from its own seed (`wachtel.testing.chaos`), go as RTP through the receiver, the timeline
and the recorder into files. FFmpeg's libraries decode every file to its end; of every 50th stream the ffmpeg command
does, too. Ends 1 when a decoder has anything to say, a picture is missing, or a decode time does not rise from 0.
"""

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import av.logging

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/rigs"))

from chaos_rig import ChaosRig  # noqa: E402

from wachtel.testing.chaos import chaotic_stream, make_material  # noqa: E402

BY_PROGRAM = 50
REPORT_EVERY = 500
MEMORY = Path("/dev/shm")
"""Files that live for a moment need no disk."""


def main() -> int:
    """Runs the soak."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("streams", type=int, nargs="?", default=5000)
    parser.add_argument("--first", type=int, default=0, help="the first seed (default 0)")
    options = parser.parse_args()
    av.logging.set_level(av.logging.ERROR)
    found, faults, began = Counter[str](), Counter[str](), time.monotonic()
    material = make_material()
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        rig = ChaosRig(Path(folder), material)
        for number in range(options.streams):
            stream = chaotic_stream(options.first + number, material)
            judged = rig.judge(stream, by_program=number % BY_PROGRAM == 0)
            found.update(
                streams=1, files=judged.files, pictures=judged.pictures, sounds=judged.sounds,
                out_of_order=judged.out_of_order, complaints=len(judged.complaints), by_program=judged.by_program,
            )  # fmt: skip
            faults.update(stream.faults)
            for complaint in judged.complaints:
                print(json.dumps({"seed": stream.seed, "complaint": complaint}), flush=True)
            if (number + 1) % REPORT_EVERY == 0 or number + 1 == options.streams:
                took_s = round(time.monotonic() - began)
                print(json.dumps({"soak": "chaos", **found, "faults": faults, "took_s": took_s}), flush=True)
        rig.close()
    return 1 if found["complaints"] else 0


if __name__ == "__main__":
    sys.exit(main())
