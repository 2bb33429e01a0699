"""Promise 7: a kill -9 costs at most the last frame, wherever it strikes."""

import json
import shutil
from itertools import pairwise
from pathlib import Path

import pytest
from crash_rig import BACK_WITHIN_S, VICTIMS, CrashRig

KILLS_OF_EACH = 2
CAMERAS = 2


@pytest.mark.timeout(300)
@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="needs ffmpeg to judge the files")
def test_kills_at_random_moments_lose_at_most_the_last_frame(tmp_path: Path) -> None:
    with CrashRig(tmp_path, CAMERAS, seed=7) as rig:
        reports = [rig.kill(victim) for _ in range(KILLS_OF_EACH) for victim in VICTIMS]
    for report in reports:
        assert not report.survivors and not report.lost, report
        # The goals are 3 s and one picture on a quiet machine; the soak measures them, here it must merely come back,
        # and what is on its way through a busy machine may be a little more.
        assert report.back_after_s <= 5 * BACK_WITHIN_S, report
        assert max(report.tail, default=0) <= 5, report
    assert rig.judge_archive() == []
    for name in rig.cameras:
        assert_gaps_named(rig, name)


def assert_gaps_named(rig: CrashRig, camera: str) -> None:
    """Between two files of different runs stands a gap with its reason, or there is no hole."""
    lines = [
        json.loads(line) for journal in rig.journals(camera) for line in journal.read_text().splitlines()
    ]
    segments = sorted(
        (line["start"], line["end"]) for line in lines if line["t"] == "segment" and line["stream"] == "main"
    )
    gaps = [(line["start"], line["end"], line["reason"]) for line in lines if line["t"] == "gap"]
    assert all(reason in ("crash", "restart", "camera_offline", "no_packets") for _, _, reason in gaps), gaps
    assert any(reason == "crash" for _, _, reason in gaps)
    for (_, end), (start, _) in pairwise(segments):
        assert start >= end
        hole = start - end
        named = sum(
            min(g_end, start) - max(g_start, end)
            for g_start, g_end, _ in gaps
            if g_start < start and g_end > end
        )
        assert hole - named < 100_000, (end, start, hole, named)
