"""A Motion JPEG camera recorded as H.264 by real workers, one of which is killed on the way."""

import json
import os
import shutil
import signal
import subprocess
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
import pytest
from engine_rig import files_of, record
from running_server import wachtel

from wachtel.base.clock import SystemClock
from wachtel.base.units import US_PER_S
from wachtel.model.camera import Camera, MotionSettings, RecordAs
from wachtel.model.conversion import ConversionPrice
from wachtel.model.stream import StreamName
from wachtel.pipeline.engine import Engine
from wachtel.pipeline.messages import FromTap, TapPacket
from wachtel.testing.fake_camera.options import FakeCameraOptions
from wachtel.testing.fake_camera.threaded import ThreadedFakeCamera
from wachtel.testing.sample_film import SampleFilm, make_film

WITHIN_S = 30.0

pytestmark = [
    pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="needs ffmpeg to judge the files"),
    pytest.mark.timeout(120),
]


@dataclass
class Outcome:
    """What was left, and what the camera sent: the times of its pictures in microseconds of the wall clock."""

    data: Path
    sent: list[int] = field(default_factory=list)
    killed_at: int = 0
    troubles: list[str] = field(default_factory=list)
    price: ConversionPrice | None = None

    def segments(self) -> list[dict[str, Any]]:
        days = sorted((self.data / "archive" / "home" / "yard" / "journal").glob("*.jsonl"))
        lines = [json.loads(line) for day in days for line in day.read_text().splitlines()]
        return [line for line in lines if line["t"] == "segment"]

    def file_of(self, segment: dict[str, Any]) -> Path:
        return self.data / "archive" / str(segment["file"])


async def _until(condition: Callable[[], bool]) -> None:
    clock = SystemClock()
    until = clock.monotonic_s() + WITHIN_S
    while not condition():
        assert clock.monotonic_s() < until, "it did not come about"
        await clock.sleep(0.05)


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outcome]:
    """Recorded until H.264 comes, then the worker is killed, then recorded until Motion JPEG is on the disk."""
    root = tmp_path_factory.mktemp("record-as")
    outcome = Outcome(root / "data")
    film = make_film(root / "film.mp4", SampleFilm(seconds=4.0, fps=10))

    async def script(engine: Engine) -> None:
        def note(message: FromTap) -> None:
            if isinstance(message, TapPacket):
                outcome.sent.append(message.at)

        engine.taps.want("yard", StreamName.MAIN, note)
        await _until(lambda: _recorded_as(engine) == "h264")
        outcome.price = await engine.pricing.price("yard")
        # A machine that stood still meanwhile may have fallen back, and is back by now.
        await _until(lambda: _recorded_as(engine) == "h264")
        (worker,) = engine.converters.workers
        assert worker.pid is not None
        os.kill(worker.pid, signal.SIGKILL)
        outcome.killed_at = SystemClock().wall_us()
        await _until(lambda: _recorded_as(engine) == "mjpeg")
        await _until(lambda: worker.restarts > 0 and worker.pid is not None)
        outcome.troubles = [trouble.what for trouble in engine.troubles]

    with ThreadedFakeCamera(film, None, FakeCameraOptions(loop=True)) as fake:
        camera = Camera(
            id="yard",
            site="home",
            name="Yard",
            main_url=fake.mjpeg_url,
            allow_local=True,
            motion=MotionSettings(enabled=False),
            record_as=RecordAs.H264,
        )
        record(outcome.data, [camera], script)
    yield outcome


def _recorded_as(engine: Engine) -> str:
    state = engine.states.of("yard").get(StreamName.MAIN)
    return "" if state is None else state.recorded_as


def _codec(path: Path) -> str:
    with av.open(str(path)) as container:
        return container.streams.video[0].codec_context.name


def _times(path: Path) -> list[int]:
    """Of its pictures, from the beginning of the file, in microseconds."""
    with av.open(str(path)) as container:
        video = container.streams.video[0]
        return [
            int(one.pts * one.time_base * US_PER_S) for one in container.demux(video) if one.pts is not None
        ]


def test_h264_is_written_and_plays_without_a_word(outcome: Outcome) -> None:
    codecs = [_codec(outcome.file_of(segment)) for segment in outcome.segments()]
    assert "h264" in codecs
    for path in files_of(outcome.data, "yard"):
        command = [
            "ffmpeg",
            "-v",
            "error",
            "-xerror",
            "-i",
            str(path),
            "-enc_time_base",
            "-1",
            "-f",
            "null",
            "-",
        ]
        assert subprocess.run(command, capture_output=True, text=True).stderr == ""
    made = next(one for one in outcome.segments() if _codec(outcome.file_of(one)) == "h264")
    assert made["key_frames"] >= (made["end"] - made["start"]) // (2.5 * US_PER_S)


def test_every_picture_keeps_the_time_at_which_the_camera_sent_it(outcome: Outcome) -> None:
    sent = sorted(outcome.sent)
    for segment in outcome.segments():
        times = [segment["start"] + time for time in _times(outcome.file_of(segment))]
        for time in times[2:]:
            place = bisect_left(sent, time)
            assert min(abs(time - one) for one in sent[max(0, place - 1) : place + 1]) <= 0.05 * US_PER_S


def test_a_killed_worker_leaves_no_hole_and_the_journal_says_what_followed(outcome: Outcome) -> None:
    segments = outcome.segments()
    begun = [one for one in segments if one["start"] < outcome.killed_at]
    before = [one for one in begun if _codec(outcome.file_of(one)) == "h264"][-1]
    after = segments[segments.index(before) + 1]
    assert _codec(outcome.file_of(after)) == "mjpeg"
    assert before["closed"] == "format"
    assert after["start"] - before["end"] < 0.15 * US_PER_S
    assert any("H.264" in what for what in outcome.troubles)


def test_the_price_was_measured_with_the_cameras_own_pictures(outcome: Outcome) -> None:
    price = outcome.price
    assert price is not None
    assert price.seconds >= 2.0 and price.pictures >= 5
    assert price.core > 0.0
    assert price.made_bytes_per_s < price.sent_bytes_per_s


def test_the_archive_is_in_order(outcome: Outcome) -> None:
    checked = wachtel("check", "--deep", "--data", outcome.data, check=False)
    assert checked.returncode == 0, checked.stdout
