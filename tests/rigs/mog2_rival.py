"""A plain MOG2 chain (`mog2_chain`) as a yardstick, in an environment of its own that is made when it is asked for."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from process_costs import cpu_s, pss_mb

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = ROOT / ".venv-rivals"
PYTHON = ENVIRONMENT / "bin/python"
CHAIN = Path(__file__).with_name("mog2_chain.py")
_ONE_THREAD = {"OPENCV_FFMPEG_CAPTURE_OPTIONS": "rtsp_transport;tcp|threads;1"}


def make_environment() -> None:
    """Installs OpenCV beside Wachtel's own environment, once."""
    if PYTHON.exists():
        return
    sys.stderr.write("installing OpenCV for the comparison ...\n")
    subprocess.run([sys.executable, "-m", "venv", ENVIRONMENT], check=True)
    lock = ROOT / "requirements/rivals.lock"
    install = [
        "-m",
        "pip",
        "install",
        "-q",
        "--disable-pip-version-check",
        "--require-hashes",
        "-r",
        str(lock),
    ]
    subprocess.run([str(PYTHON), *install], check=True, stdout=sys.stderr)


def mog2_events(clip: Path) -> dict[str, Any]:
    """What the chain finds in a file, and the CPU seconds it took with decoding."""
    make_environment()
    before = os.times()
    answer = subprocess.run([PYTHON, CHAIN, "clip", clip], check=True, capture_output=True, text=True)
    after = os.times()
    took = after.children_user + after.children_system - before.children_user - before.children_system
    return {**json.loads(answer.stdout), "cpu_s": took}


def mog2_cost(subs: Sequence[str], warm_up_s: float, seconds: float) -> tuple[float, float]:
    """CPU milliseconds for a second of one watched camera, and MB (PSS) of memory for each; nothing is recorded."""
    make_environment()
    rival = subprocess.Popen(
        [PYTHON, CHAIN, "live", *subs],
        stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | _ONE_THREAD,
    )
    try:
        time.sleep(warm_up_s)
        before = cpu_s(rival.pid)
        time.sleep(seconds)
        return round(1000 * (cpu_s(rival.pid) - before) / seconds / len(subs), 2), round(
            pss_mb(rival.pid) / len(subs), 1
        )
    finally:
        rival.kill()
        rival.wait()
