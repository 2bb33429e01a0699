"""Motion (Debian's package) as a yardstick: it watches the sub streams and records the main streams all the time, as
Wachtel does."""

import shutil
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from process_costs import cpu_s, pss_mb

_ALL = """daemon off
webcontrol_port 0
log_level 3
"""
# Left alone it would write nothing while nothing moves; names of files differ by the second only.
_ONE = """camera_id {number}
target_dir {folder}/{number}
emulate_motion on
netcam_url {sub}
netcam_high_url {main}
netcam_params rtsp_transport=tcp
netcam_high_params rtsp_transport=tcp
width 640
height 360
framerate 10
stream_port 0
picture_output off
movie_output on
movie_passthrough on
threshold 1500
"""


def motion_cost(
    folder: Path, addresses: Sequence[tuple[str, str]], warm_up_s: float, seconds: float
) -> tuple[float, float] | None:
    """CPU milliseconds that Motion needs for a second of one camera, and MB (PSS) of memory; None when it is not
    installed.
    """
    program = shutil.which("motion")
    if program is None:
        return None
    folder.mkdir()
    parts = []
    for number, (main, sub) in enumerate(addresses, 1):
        part = folder / f"camera-{number}.conf"
        part.write_text(_ONE.format(number=number, folder=folder, main=main, sub=sub))
        parts.append(f"camera {part}")
    whole = folder / "motion.conf"
    whole.write_text(_ALL + "\n".join(parts) + "\n")
    rival = subprocess.Popen(
        [program, "-n", "-c", str(whole)], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        time.sleep(warm_up_s)
        before = cpu_s(rival.pid)
        time.sleep(seconds)
        used, memory = cpu_s(rival.pid) - before, pss_mb(rival.pid)
    finally:
        rival.terminate()
        rival.wait(30)
    return round(1000 * used / seconds / len(addresses), 2), round(memory / len(addresses), 1)
