"""``wachtel detect`` on real clips and on one that is drawn here."""

import argparse
import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from wachtel.app.cli import detect as command
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import WallUs, microseconds
from wachtel.detectors.api import Picture
from wachtel.detectors.motion import driver
from wachtel.model.camera import MotionSettings
from wachtel.pipeline.decoding import GrayScaler
from wachtel.pipeline.detect import Detection, VideoFile, detect_file

FOOTAGE = Path(__file__).parents[2].parent / "shared" / "footage"
FPS = 10

Canvas = NDArray[np.float32]
Draw = Callable[[Canvas, float], None]


def clip(name: str) -> Path:
    path = FOOTAGE / name
    if not path.exists():
        pytest.skip(f"the clip {name} is not on this machine ({FOOTAGE})")
    return path


def truth(name: str) -> list[tuple[float, float]]:
    events = json.loads(clip(f"{name}.gt.json").read_text())["events"]
    return [(event["start_s"], event["end_s"]) for event in events]


def detected(path: Path) -> Detection:
    return detect_file(path, MotionSettings(), driver)


def write_video(path: Path, seconds: float, draw: Draw) -> Path:
    """A gray garden with noise in which something is drawn."""
    dice = np.random.default_rng(3)
    ground = np.linspace(70, 150, 640, dtype=np.float32) * np.ones((360, 1), np.float32)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FPS, options={"crf": "18", "tune": "zerolatency"})
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        for number in range(int(seconds * FPS)):
            canvas = ground + dice.normal(0, 2, ground.shape).astype(np.float32)
            draw(canvas, number / FPS)
            frame = av.VideoFrame.from_ndarray(np.clip(canvas, 0, 255).astype(np.uint8), format="gray")
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            container.mux(stream.encode(frame.reformat(format="yuv420p")))
        container.mux(stream.encode(None))
    return path


def two_visitors(canvas: Canvas, now: float) -> None:
    for start in (4.0, 12.0):
        if start <= now < start + 3:
            x = int((now - start) * 150)
            canvas[150:270, x : x + 40] *= 0.5


def cut(source: Path, target: Path, seconds: float) -> Path:
    """The packets of the file up to a moment, untouched."""
    with av.open(str(source)) as before, av.open(str(target), "w") as after:
        stream = before.streams.video[0]
        copy = after.add_stream_from_template(stream)
        for packet in before.demux(stream):
            if packet.pts is not None and float(packet.pts * packet.time_base) <= seconds:
                packet.stream = copy
                after.mux(packet)
    return target


def test_a_drawn_visit_is_an_event(drawn: Path) -> None:
    found = detected(drawn)
    assert [round(event.start_s) for event in found.events] == [4, 12]
    for event, begin in zip(found.events, (4.0, 12.0), strict=True):
        assert begin <= event.start_s <= event.reported_s <= begin + 0.6
        assert begin + 2.5 <= event.end_s <= begin + 3.3
    assert (found.frames, found.fps) == (180, FPS)
    assert found.cpu_s > 0


@pytest.mark.parametrize("name", ["intel_car.mp4", "intel_car_h265.mp4", "intel_car_simnight.mp4"])
def test_three_cars_are_three_events(name: str) -> None:
    found = detected(clip(name))
    starts = [start for start, _ in truth("intel_car")]
    assert [event.start_s for event in found.events] == pytest.approx(starts, abs=0.5)
    delays = [event.reported_s - start for event, start in zip(found.events, starts, strict=True)]
    assert max(delays) <= 0.6


def test_waving_trees_are_none_but_the_person_before_them_is_found() -> None:
    found = detected(clip("wallflower_wavingtrees.mp4"))
    ((begin, end),) = truth("wallflower_wavingtrees")
    assert 1 <= len(found.events) <= 2
    assert all(begin - 0.5 <= event.start_s <= end for event in found.events)


def test_every_hand_in_the_bottles_is_found() -> None:
    found = detected(clip("intel_bottle.mp4"))
    for begin, end in truth("intel_bottle"):
        assert any(event.start_s <= end and event.end_s >= begin for event in found.events)


def test_the_sun_coming_out_after_a_still_half_minute_is_no_event() -> None:
    video = VideoFile(clip("dvrscan_brightness_change.avi"))
    detector = driver.create(MotionSettings(), video.width, video.height)
    scaler = GrayScaler(detector.picture_size)
    grays = [scaler.scale(frame) for _, frame in video.frames()]
    video.close()
    pictures = [grays[0]] * round(30 * video.fps) + grays
    words = [
        detector.look(Picture(WallUs(microseconds(number / video.fps)), gray))
        for number, gray in enumerate(pictures)
    ]
    assert [word for word in words if word is not None] == []


@pytest.mark.parametrize("name", ["intel_car.mp4", "intel_bottle.mp4"])
def test_a_file_cut_when_an_event_was_reported_still_gives_it(name: str, tmp_path: Path) -> None:
    source = clip(name)
    whole = detected(source)
    for number, event in list(enumerate(whole.events))[:4]:
        shorter = detected(cut(source, tmp_path / f"{number}.mp4", event.reported_s))
        assert len(shorter.events) == number + 1
        last = shorter.events[-1]
        assert (last.start_s, last.reported_s) == (event.start_s, event.reported_s)


def test_frames_out_of_order_do_not_confuse_the_times() -> None:
    found = detected(clip("pets2009_view1_480x360.avi"))
    assert found.frames == 795
    times = [moment for event in found.events for moment in (event.start_s, event.end_s)]
    assert times == sorted(times)


def test_what_is_no_video_is_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(WachtelError) as caught:
        detected(tmp_path / "missing.mp4")
    assert caught.value.kind is ErrorKind.NOT_FOUND
    (tmp_path / "text.mp4").write_text("hello")
    with pytest.raises(WachtelError) as caught:
        detected(tmp_path / "text.mp4")
    assert caught.value.kind is ErrorKind.BAD_DATA


def test_a_playlist_cannot_make_it_open_other_files(tmp_path: Path) -> None:
    write_video(tmp_path / "real.mp4", 0.5, two_visitors)
    playlist = tmp_path / "list.m3u8"
    playlist.write_text(f"#EXTM3U\n#EXTINF:1,\nfile://{tmp_path}/real.mp4\n#EXT-X-ENDLIST\n")
    concat = tmp_path / "list.ffconcat"
    concat.write_text("ffconcat version 1.0\nfile real.mp4\n")
    for path in (playlist, concat):
        with pytest.raises(WachtelError) as caught:
            detected(path)
        assert caught.value.kind is ErrorKind.BAD_DATA


def run(*words: str) -> int:
    parser = argparse.ArgumentParser()
    command.add_parser(parser.add_subparsers())
    args = parser.parse_args(["detect", *words])
    code: int = args.run(args)
    return code


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_video(tmp_path_factory.mktemp("drawn") / "visits.mp4", 18, two_visitors)


@pytest.fixture
def visits(drawn: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("wachtel.base.plugins.load", lambda group, name: driver)
    return drawn


def test_the_command_prints_json(visits: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(str(visits), "--json", "--zone", "0,100 640,100 640,360 0,360") == 0
    answer = json.loads(capsys.readouterr().out)
    assert set(answer) == {"events", "fps", "frames", "cpu_s"}
    assert [set(event) for event in answer["events"]] == [
        {"start_s", "end_s", "reported_s", "score", "zones"}
    ] * 2
    assert answer["events"][0]["zones"] == ["zone"]


def test_the_command_prints_a_table(visits: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(str(visits)) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split()[0] == "start"
    assert lines[-1].startswith("2 events in 180 frames (18.0 s)")
    assert run(str(visits), "--zone", "0,0 640,0 640,100 0,100") == 0
    assert capsys.readouterr().out.startswith("0 events")


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--zone", "0,0 100,0"], "2 points"),
        (["--zone", "0,0 100,0 100,x"], "'100,x'"),
        (["--zone", "0,0 100,0 100"], "'100'"),
        (["--zone", "0,0 100,0 100,nan"], "not a number"),
        (["--zone", "0,0 1000,0 100,100"], "outside the picture"),
        (["--zone", ""], "0 points"),
        (["--zone", "0,0 640,360 640,0 0,360"], "cross"),
        (["--sensitivity", "101"], "sensitivity"),
    ],
)
def test_wrong_words_are_refused_with_the_reason(
    visits: Path, words: list[str], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(str(visits), *words) == 2
    answer = capsys.readouterr()
    assert reason in answer.err
    assert answer.out == ""
    assert len(answer.err.strip().splitlines()) == 1


def test_a_missing_file_is_no_wrong_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(str(tmp_path / "none.mp4")) == 1
    assert "There is no file" in capsys.readouterr().err
