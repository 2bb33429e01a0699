"""What the probe says of real streams, and of cameras with which something is wrong."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from meddler import Meddler
from scripted_camera import Canary, Line, ScriptedCamera

from wachtel.base.clock import SystemClock
from wachtel.media.jpeg import jpeg_size
from wachtel.model.probe import ProbeReport
from wachtel.model.stream import VIDEO_TICKS_PER_S, Codec
from wachtel.protocols.http_auth import AuthScheme
from wachtel.sources.probe import trial
from wachtel.testing.fake_camera.options import FakeCameraOptions, Fault, FaultName
from wachtel.testing.fake_camera.threaded import ThreadedFakeCamera
from wachtel.testing.sample_film import SampleFilm, make_film

PASSWORD = "p@ss:w/rd"


def probe(url: str) -> ProbeReport:
    return trial.probe(url, allow_local=True, clock=SystemClock())


def kinds(report: ProbeReport) -> list[tuple[str, str]]:
    return [(finding.level, finding.kind) for finding in report.findings]


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("films")
    return {
        "h264": make_film(folder / "h264.mov", SampleFilm(audio=Codec.PCMA)),
        "h265": make_film(folder / "h265.mp4", SampleFilm(codec=Codec.H265)),
        "busy": make_film(
            folder / "busy.mp4", SampleFilm(seconds=8, fps=20, gop=80, noise=40.0, bit_rate=3_000_000)
        ),
        "slow_keys": make_film(folder / "slow.mp4", SampleFilm(seconds=8, gop=40)),
        "uneven": make_film(
            folder / "uneven.mp4", SampleFilm(seconds=8, gop=40, uneven=VIDEO_TICKS_PER_S // 11)
        ),
        "large": make_film(
            folder / "large.mp4", SampleFilm(seconds=12, fps=5, width=1280, height=720, gop=60)
        ),
    }


def test_a_good_stream(films: dict[str, Path]) -> None:
    options = FakeCameraOptions(user="admin", password=PASSWORD, auth=AuthScheme.DIGEST, loop=True)
    with ThreadedFakeCamera(films["h264"], None, options) as camera:
        report = probe(camera.url_with_credentials(camera.main_url))
    assert report.ok and report.url == camera.main_url
    assert (report.codec, report.width, report.height, report.audio) == ("h264", 320, 180, "pcma")
    assert report.fps == pytest.approx(10, abs=0.5)
    assert kinds(report) == [("ok", "video"), ("ok", "audio")]
    assert "a key frame every 1 s" in report.findings[0].what
    assert report.picture is not None and jpeg_size(report.picture) == (320, 180)
    assert "p@ss" not in repr(report.findings) + report.url


def test_h265_is_explained(films: dict[str, Path]) -> None:
    with ThreadedFakeCamera(films["h265"], None, FakeCameraOptions(loop=True)) as camera:
        report = probe(camera.main_url)
    assert report.ok and report.picture is not None
    assert kinds(report) == [("ok", "video"), ("warning", "h265")]


def test_rare_key_frames_and_a_large_picture(films: dict[str, Path]) -> None:
    with ThreadedFakeCamera(films["large"], None, FakeCameraOptions(loop=True)) as camera:
        report = probe(camera.main_url)
    assert report.ok
    assert kinds(report) == [("ok", "video"), ("warning", "long_gop"), ("ok", "sub_stream")]


def test_motion_jpeg_and_a_still(films: dict[str, Path]) -> None:
    with ThreadedFakeCamera(films["h264"], None, FakeCameraOptions(loop=True)) as camera:
        stream, still = probe(camera.mjpeg_url), probe(camera.snapshot_url)
    assert stream.ok and stream.codec == "mjpeg" and stream.picture is not None
    assert kinds(stream) == [("ok", "video"), ("warning", "mjpeg")]
    assert kinds(still) == [("error", "unsupported_codec")]


def through(between: Meddler, camera: ThreadedFakeCamera) -> ProbeReport:
    return probe(f"rtsp://127.0.0.1:{between.port}{urlsplit(camera.main_url).path}")


def port_of(camera: ThreadedFakeCamera) -> int:
    return urlsplit(camera.main_url).port or 0


def test_lost_packets(films: dict[str, Path]) -> None:
    loss = FakeCameraOptions(loop=True, faults=(Fault(FaultName.PACKET_LOSS, 0.2),))
    with ThreadedFakeCamera(films["busy"], None, loss) as camera:
        report = probe(camera.main_url)
    found = [one for one in report.findings if one.code == "packet_loss"]
    assert found, kinds(report)  # with or without a picture
    finding = found[0]
    assert finding.level == "warning" and int(finding.details["lost"]) >= 3
    assert "cable" in finding.hint


def test_pictures_in_bursts_as_over_weak_wifi(films: dict[str, Path]) -> None:
    with (
        ThreadedFakeCamera(films["slow_keys"], None, FakeCameraOptions(loop=True)) as camera,
        Meddler(port_of(camera), bursts_s=0.9) as between,
    ):
        report = through(between, camera)
    assert ("warning", "jitter") in kinds(report)
    assert ("warning", "packet_loss") not in kinds(report)


def test_a_frame_rate_that_varies(films: dict[str, Path]) -> None:
    with ThreadedFakeCamera(films["uneven"], None, FakeCameraOptions(loop=True)) as camera:
        report = probe(camera.main_url)
    assert ("warning", "variable_rate") in kinds(report)


def test_sound_that_cannot_be_kept(films: dict[str, Path]) -> None:
    with (
        ThreadedFakeCamera(films["h264"], None, FakeCameraOptions(loop=True)) as camera,
        Meddler(port_of(camera), lambda data: data.replace(b"PCMA/8000", b"G723/8000")) as between,
    ):
        report = through(between, camera)
    assert report.ok and report.audio is None
    [finding] = [one for one in report.findings if one.code == "sound_unknown"]
    assert finding.details == {"codec": "G723"}


def test_a_second_viewer_is_refused(films: dict[str, Path]) -> None:
    with (
        ThreadedFakeCamera(films["h264"], None, FakeCameraOptions(loop=True)) as camera,
        Meddler(port_of(camera), alone=True) as between,
    ):
        report = through(between, camera)
    assert report.ok and ("warning", "one_client") in kinds(report)


def test_wrong_password_and_missing_path(films: dict[str, Path]) -> None:
    options = FakeCameraOptions(user="admin", password=PASSWORD)
    with ThreadedFakeCamera(films["h264"], None, options) as camera:
        right = camera.url_with_credentials(camera.main_url)
        wrong, none, path = probe(right.replace("admin", "root")), probe(camera.main_url), probe(right + "x")
    assert kinds(wrong) == kinds(none) == [("error", "wrong_password")]
    assert wrong.findings[0].what != none.findings[0].what
    assert kinds(path) == [("error", "no_such_stream")]


@pytest.mark.parametrize("status", [423, 429])
@pytest.mark.parametrize("scheme", ["rtsp", "http"])
def test_a_locked_account_is_told_from_a_wrong_password(scheme: str, status: int) -> None:
    def script(line: Line) -> None:
        if (request := line.read()) is not None:
            protocol = "RTSP/1.0" if scheme == "rtsp" else "HTTP/1.1"
            line.send(f"{protocol} {status} No\r\nCSeq: {request.cseq}\r\nContent-Length: 0\r\n\r\n".encode())

    with ScriptedCamera(script) as camera:
        report = probe(camera.url.replace("rtsp", scheme))
    assert [(one.kind, one.code) for one in report.findings] == [("wrong_password", "account_locked")]
    assert camera.connections == 1, "no further try"


def test_a_silent_server() -> None:
    with ScriptedCamera(Line.hold) as camera:
        assert kinds(probe(camera.url)) == [("error", "timeout")]


def test_a_camera_without_a_picture() -> None:
    def script(line: Line) -> None:
        line.up_to_play()
        line.hold()

    with ScriptedCamera(script) as camera:
        assert kinds(probe(camera.url)) == [("error", "stalled")]


@pytest.mark.parametrize("scheme", ["rtsp", "http"])
def test_an_html_page(scheme: str) -> None:
    def script(line: Line) -> None:
        line.read()
        line.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>")

    with ScriptedCamera(script) as camera:
        assert kinds(probe(camera.url.replace("rtsp", scheme))) == [("error", "not_a_camera")]


@pytest.mark.parametrize("scheme", ["rtsp", "http"])
def test_a_redirect_to_another_host(canary: Canary, scheme: str) -> None:
    def script(line: Line) -> None:
        if (request := line.read()) is not None:
            protocol = b"RTSP/1.0" if scheme == "rtsp" else b"HTTP/1.1"
            target = f"Location: {scheme}://{canary.host}:{canary.port}/x\r\nCSeq: {request.cseq}\r\n\r\n"
            line.send(protocol + b" 302 Found\r\n" + target.encode())

    with ScriptedCamera(script) as camera:
        report = probe(camera.url.replace("rtsp", scheme))
    assert kinds(report) == [("error", "redirect")]
    assert f"{canary.host}:{canary.port}" in report.findings[0].what


@pytest.fixture
def canary() -> Iterator[Canary]:
    bird = Canary()
    yield bird
    touched = bird.touched
    bird.close()
    assert not touched, "the canary was contacted"
