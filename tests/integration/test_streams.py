"""Every kind of stream a camera sends is recorded by a real media worker, and FFmpeg plays every file of it."""

import asyncio
import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
import pytest
from engine_rig import files_of, record
from running_server import wachtel

from wachtel.base.clock import SystemClock
from wachtel.base.units import US_PER_S, WallUs
from wachtel.model.camera import (
    Camera,
    CameraCondition,
    MotionSettings,
    RecordedStreams,
    RecordingMode,
    Transport,
)
from wachtel.model.stream import Codec
from wachtel.pipeline.engine import Engine
from wachtel.pipeline.messages import KeepFootage
from wachtel.testing.fake_camera.options import FakeCameraOptions, Fault
from wachtel.testing.fake_camera.threaded import ThreadedFakeCamera
from wachtel.testing.sample_film import SampleFilm, make_film

FOOTAGE = Path(__file__).parents[2] / "../shared/footage"
LOOP = FakeCameraOptions(loop=True)
RECORDED_S = 8.0
FPS = 10
COUNT_IN_TICKS = ("-enc_time_base", "-1")
"""Makes FFmpeg's null output count as the file does, not in pictures of a rate that it guesses."""

pytestmark = [
    pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="needs ffmpeg to judge the files"),
    pytest.mark.timeout(120),
]


@dataclass(frozen=True)
class Kind:
    """A camera, and what must be in its files. ``film`` is the name of a file of the shared footage, or a film."""

    film: SampleFilm | str
    codec: str = "h264"
    size: tuple[int, int] = (320, 180)
    sound: str = ""
    options: FakeCameraOptions = LOOP
    settings: dict[str, Any] = field(default_factory=dict)
    mjpeg: bool = False
    sub: bool = False
    most_files: int = 1


def _film(**settings: Any) -> SampleFilm:
    return SampleFilm(seconds=6.0, fps=FPS, **settings)


def _faulty(fault: str) -> FakeCameraOptions:
    return FakeCameraOptions(loop=True, faults=(Fault.parse(fault),))


UDP = {"transport": Transport.UDP, "record_audio": True}
SOUND = {"record_audio": True}
KINDS = {
    "h264": Kind(_film()),
    "h264-real": Kind("intel_car.mp4", size=(768, 432)),
    "h265": Kind(_film(codec=Codec.H265), codec="hevc"),
    "h265-b": Kind(_film(codec=Codec.H265, b_frames=2), codec="hevc"),
    "h265-real": Kind("intel_car_h265.mp4", codec="hevc", size=(768, 432)),
    "b-frames": Kind(_film(b_frames=2)),
    "variable-rate": Kind("dvrscan_traffic_vfr.mp4", size=(1280, 720)),
    "uneven": Kind(_film(uneven=7000)),
    "b-frames-step-back": Kind(_film(b_frames=2), options=_faulty("dts-step-back:3")),
    "no-rtcp-aac": Kind(
        _film(audio=Codec.AAC, audio_rate=16_000), sound="aac",
        options=FakeCameraOptions(loop=True, rtcp=False), settings=SOUND,
    ),
    "udp-aac": Kind(_film(audio=Codec.AAC, audio_rate=16_000), sound="aac", settings=UDP),
    "udp-pcma": Kind(_film(audio=Codec.PCMA), sound="aac", settings=UDP),
    "tcp-pcmu": Kind(_film(audio=Codec.PCMU), sound="aac", settings=SOUND),
    "sound-off": Kind(_film(audio=Codec.AAC, audio_rate=16_000)),
    "sps-change": Kind(_film(), options=_faulty("sps-change:3"), most_files=2),
    "clock-jump": Kind(_film(audio=Codec.PCMA), sound="aac", options=_faulty("clock-jump:3"), settings=SOUND),
    "dts-step-back": Kind(_film(), options=_faulty("dts-step-back:3")),
    "lossy-udp": Kind(_film(), options=_faulty("packet-loss:2"), settings=UDP),
    "flapping": Kind(_film(), options=_faulty("flap:3"), most_files=6),
    "mjpeg": Kind(_film(), codec="mjpeg", mjpeg=True),
    "both": Kind(_film(), sub=True, settings={"record": RecordedStreams.BOTH}),
    "events": Kind(_film(), settings={"mode": RecordingMode.EVENTS, "pre_roll_s": 2.0}),
    "off": Kind(_film(), sub=True, settings={"mode": RecordingMode.OFF, "record": RecordedStreams.BOTH}),
}  # fmt: skip


@dataclass
class Outcome:
    """What the engine left behind."""

    data: Path
    missing: set[str]
    event: tuple[WallUs, WallUs] = (WallUs(0), WallUs(0))

    def journal(self, camera: str) -> list[dict[str, Any]]:
        days = sorted((self.data / "archive" / "home" / camera / "journal").glob("*.jsonl"))
        return [json.loads(line) for day in days for line in day.read_text().splitlines()]

    def segments(self, camera: str, stream: str = "main") -> list[dict[str, Any]]:
        return [line for line in self.journal(camera) if line["t"] == "segment" and line["stream"] == stream]


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outcome]:
    """All cameras at once, in one engine."""
    root = tmp_path_factory.mktemp("streams")
    outcome = Outcome(root / "data", set())
    with ExitStack() as stack:
        cameras = [
            camera for name, kind in KINDS.items() if (camera := _camera(name, kind, root, outcome, stack))
        ]

        async def script(engine: Engine) -> None:
            await _until_live(engine, [camera.id for camera in cameras])
            await asyncio.sleep(RECORDED_S - 3.0)
            begin = WallUs(SystemClock().wall_us() - US_PER_S)
            outcome.event = (begin, WallUs(begin + 2 * US_PER_S))
            for name in ("events", "off"):
                engine.media.send(name, KeepFootage(name, *outcome.event))
            await asyncio.sleep(4.0)

        record(outcome.data, cameras, script)
    yield outcome


async def _until_live(engine: Engine, cameras: list[str]) -> None:
    for _ in range(400):
        await asyncio.sleep(0.05)
        states = [state.condition for camera in cameras for state in engine.states.of(camera).values()]
        if all(condition is not CameraCondition.CONNECTING for condition in states):
            return
    raise AssertionError("not all cameras have answered within 20 s")


def _camera(name: str, kind: Kind, root: Path, outcome: Outcome, stack: ExitStack) -> Camera | None:
    if isinstance(kind.film, str):
        film = FOOTAGE / kind.film
        if not film.exists():
            outcome.missing.add(name)
            return None
    else:
        suffix = ".mov" if kind.film.audio in (Codec.PCMA, Codec.PCMU) else ".mp4"
        film = root / f"{abs(hash(kind.film))}{suffix}"
        if not film.exists():
            make_film(film, kind.film)
    sub = _sub_film(root) if kind.sub else None
    fake = stack.enter_context(ThreadedFakeCamera(film, sub, kind.options))
    return Camera(
        id=name,
        site="home",
        name=name,
        main_url=fake.mjpeg_url if kind.mjpeg else fake.main_url,
        sub_url=fake.sub_url,
        allow_local=True,
        motion=MotionSettings(enabled=False),
        **kind.settings,
    )


def _sub_film(root: Path) -> Path:
    path = root / "sub.mp4"
    return path if path.exists() else make_film(path, _film(width=160, height=90))


def complaints(path: Path, *options: str) -> str:
    """What FFmpeg says while it decodes a file; nothing when all is well."""
    command = ["ffmpeg", "-v", "error", "-xerror", "-i", str(path), *options, "-f", "null", "-"]
    return subprocess.run(command, capture_output=True, text=True).stderr


@dataclass(frozen=True)
class Content:
    codec: str
    size: tuple[int, int]
    pictures: int
    video_s: float
    sound: str
    sound_s: float


def content(path: Path) -> Content:
    """What a player finds: the times are from the first picture or sound to the end of the last."""
    with av.open(str(path)) as container:
        video = container.streams.video[0]
        shown = sorted(
            float(packet.pts * packet.time_base)
            for packet in container.demux(video)
            if packet.size and packet.pts is not None
        )
        name, size = video.codec_context.name, (video.width, video.height)
    with av.open(str(path)) as container:
        if not container.streams.audio:
            return Content(name, size, len(shown), shown[-1] - shown[0], "", 0.0)
        audio = container.streams.audio[0]
        frames = [(frame.time or 0.0, frame.samples / frame.sample_rate) for frame in container.decode(audio)]
        heard_s = sum(length for _, length in frames)
        return Content(name, size, len(shown), shown[-1] - shown[0], audio.codec_context.name, heard_s)


@pytest.mark.parametrize("name", [name for name in KINDS if name != "off"])
def test_every_file_plays_and_is_what_the_camera_sent(name: str, outcome: Outcome) -> None:
    if name in outcome.missing:
        pytest.skip("the shared footage is not there")
    kind, files = KINDS[name], files_of(outcome.data, name)
    assert 1 <= len(files) <= kind.most_files
    assert "".join(complaints(file, *(COUNT_IN_TICKS if name in UNEVEN else ())) for file in files) == ""
    for file in files:
        found = content(file)
        assert (found.codec, found.sound) == (kind.codec, kind.sound)
        assert found.size == kind.size or (name == "sps-change" and found.size == (240, 134))


def test_ffmpegs_own_copy_of_uneven_pictures_draws_the_same_complaint(outcome: Outcome) -> None:
    """FFmpeg's null output counts pictures by a guessed rate and gives two that are close together the same number."""
    (file,) = files_of(outcome.data, "uneven")
    copy = outcome.data / "copy.mp4"
    subprocess.run(["ffmpeg", "-v", "error", "-i", str(file), "-c", "copy", str(copy)], check=True)
    for path in (file, copy):
        lines = complaints(path).splitlines()
        assert lines
        assert all(
            "non monotonically increasing dts" in line or "last message repeated" in line.lower()
            for line in lines
        )
        assert complaints(path, *COUNT_IN_TICKS) == ""


UNEVEN = ("uneven", "b-frames-step-back")
"""Whose own stamps are uneven, all along or at one place."""

STEADY = ["h264", "h264-real", "h265", "h265-b", "b-frames", "uneven", "no-rtcp-aac", "udp-aac", "udp-pcma",
          "tcp-pcmu", "sound-off", "clock-jump", "dts-step-back", "mjpeg", "both"]  # fmt: skip


@pytest.mark.parametrize("name", STEADY)
def test_nothing_is_missing_in_the_middle(name: str, outcome: Outcome) -> None:
    if name in outcome.missing:
        pytest.skip("the shared footage is not there")
    (segment,) = outcome.segments(name)
    found = content(files_of(outcome.data, name)[0])
    rate = 12.5 if name == "h264-real" else FPS
    lasted_s = (segment["end"] - segment["start"]) / US_PER_S
    assert segment["frames"] == found.pictures
    assert lasted_s > RECORDED_S - 1.0
    tolerance = 8 if name == "mjpeg" else 1.5
    assert found.pictures == pytest.approx(lasted_s * rate, abs=tolerance)
    assert found.video_s == pytest.approx(lasted_s, abs=0.4)
    if KINDS[name].sound:
        assert found.sound_s == pytest.approx(found.video_s, abs=0.5)


def test_a_change_of_the_picture_begins_a_file_at_once(outcome: Outcome) -> None:
    before, after = (content(file) for file in files_of(outcome.data, "sps-change"))
    assert (before.size, after.size) == ((320, 180), (240, 134))
    first, second = outcome.segments("sps-change")
    assert second["start"] - first["end"] < 0.15 * US_PER_S
    assert first["closed"] == "format"


def test_both_streams_are_recorded_when_wanted_and_only_then(outcome: Outcome) -> None:
    (file,) = files_of(outcome.data, "both", "sub")
    assert complaints(file) == ""
    assert content(file).size == (160, 90)
    assert all(files_of(outcome.data, name, "sub") == [] for name in KINDS if name != "both")


def test_around_an_event_the_pre_roll_is_there_and_the_rest_is_not(outcome: Outcome) -> None:
    (segment,) = outcome.segments("events")
    start, end = outcome.event
    assert start - 1.2 * US_PER_S <= segment["start"] <= start
    assert end - 0.2 * US_PER_S <= segment["end"] <= end + 1.2 * US_PER_S
    gaps = [line for line in outcome.journal("events") if line["t"] == "gap"]
    assert "schedule" in {gap["reason"] for gap in gaps}


def test_who_is_off_is_not_recorded_and_the_ledger_says_why(outcome: Outcome) -> None:
    assert files_of(outcome.data, "off") == []
    gaps = [line for line in outcome.journal("off") if line["t"] == "gap"]
    assert sum(gap["end"] - gap["start"] for gap in gaps if gap["reason"] == "schedule") > 5 * US_PER_S


def test_a_jump_of_the_cameras_clock_is_noted_and_leaves_no_hole(outcome: Outcome) -> None:
    shifts = [line for line in outcome.journal("clock-jump") if line["t"] == "shift"]
    assert shifts
    assert all(abs(shift["shift_us"] + 3600 * US_PER_S) < US_PER_S for shift in shifts)


def test_the_archive_is_in_order(outcome: Outcome) -> None:
    checked = wachtel("check", "--deep", "--data", outcome.data, check=False)
    assert checked.returncode == 0, checked.stdout
