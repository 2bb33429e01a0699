"""`wachtel record` on a camera and `wachtel detect` on its film see the same events, and every clip plays."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from running_server import WACHTEL, wachtel

from wachtel.testing.fake_camera.process import FakeCameraProcess

FILM = Path(__file__).parents[2] / "../shared/footage/intel_car.mp4"
TRUE_STARTS_S = (4.64, 14.24, 25.12)

pytestmark = [
    pytest.mark.skipif(not FILM.exists(), reason="the shared footage is not there"),
    pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="needs ffmpeg to judge the files"),
]


def complaints(path: Path) -> str:
    """What FFmpeg says while it decodes a file; nothing when all is well."""
    done = subprocess.run(
        ["ffmpeg", "-v", "error", "-i", str(path), "-f", "null", "-"], capture_output=True, text=True
    )
    return done.stderr


@pytest.mark.timeout(120)
def test_three_cars_three_events_three_clips(tmp_path: Path) -> None:
    with FakeCameraProcess(FILM) as camera:
        recorded = wachtel("record", camera.main_url, "--out", tmp_path / "data", "--seconds", "36", "--json")
    lines: list[dict[str, Any]] = [json.loads(line) for line in recorded.stdout.splitlines()]
    begins = [line for line in lines if line.get("motion") is True]
    ends = [line for line in lines if line.get("motion") is False]
    clips = [line for line in lines if "clip" in line]
    assert len(begins) == len(ends) == len(clips) == 3
    assert [line["event"] for line in begins] == [line["event"] for line in clips]

    segments = sorted((tmp_path / "data/archive").glob("*/*/main/*/*.mp4"))
    assert segments
    assert "".join(complaints(path) for path in [*segments, *(Path(line["clip"]) for line in clips)]) == ""

    found = json.loads(wachtel("detect", FILM, "--json").stdout)
    assert len(found["events"]) == 3
    starts = [event["start_s"] for event in found["events"]]
    assert all(abs(start - truth) <= 0.5 for start, truth in zip(starts, TRUE_STARTS_S, strict=True))
    lags = [line["start"] - begins[0]["start"] for line in begins]
    assert all(abs(lag - (start - starts[0])) <= 0.5 for lag, start in zip(lags, starts, strict=True)), (
        "live and offline starts drift apart"
    )
    assert wachtel("check", "--deep", "--data", tmp_path / "data").returncode == 0


def test_a_url_that_is_no_camera_url_is_refused_in_one_line(tmp_path: Path) -> None:
    done = subprocess.run(
        [*WACHTEL, "record", "file:///etc/passwd", "--out", str(tmp_path)], capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "rtsp" in done.stderr
