"""Motion JPEG over HTTP: from the fake camera, and from servers that are broken or mean harm."""

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import pytest
from scripted_camera import Canary, Line, ScriptedCamera

from wachtel.base.clock import SystemClock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.model.stream import Codec, Packet, StreamFormat
from wachtel.protocols.camera_url import parse_camera_url
from wachtel.protocols.http_auth import AuthScheme
from wachtel.sources.api import MediaSource, SourceOptions
from wachtel.sources.mjpeg import driver
from wachtel.testing.fake_camera.options import FakeCameraOptions
from wachtel.testing.fake_camera.threaded import ThreadedFakeCamera
from wachtel.testing.sample_film import SampleFilm, make_film

LOCAL = SourceOptions(connect_timeout_s=1, stall_timeout_s=1, allow_local=True)


@pytest.fixture
def canary() -> Iterator[Canary]:
    bird = Canary()
    yield bird
    touched = bird.touched
    bird.close()
    assert not touched, "the canary was contacted"


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_film(
        tmp_path_factory.mktemp("film") / "film.mp4", SampleFilm(seconds=2, width=160, height=120)
    )


def open_source(url: str, options: SourceOptions = LOCAL) -> MediaSource:
    return driver.open(parse_camera_url(url), options, SystemClock())


def trouble(script: Callable[[Line], None]) -> tuple[WachtelError, ScriptedCamera]:
    with ScriptedCamera(script) as camera, pytest.raises(WachtelError) as caught:
        for _ in open_source(camera.http_url.replace("//", "//u:secret@")).packets():
            pass
    assert "secret" not in str(caught.value)
    assert caught.value.hint
    return caught.value, camera


@pytest.mark.parametrize("scheme", list(AuthScheme))
def test_pictures_with_their_times(film: Path, scheme: AuthScheme) -> None:
    options = FakeCameraOptions(user="admin", password="p@ss:w/rd", auth=scheme, loop=True)
    with ThreadedFakeCamera(film, None, options) as camera:
        source = open_source(camera.url_with_credentials(camera.mjpeg_url), SourceOptions(allow_local=True))
        form, *packets = list(islice(source.packets(), 6))
        source.close()
        with pytest.raises(WachtelError) as caught:
            open_source(camera.mjpeg_url)
    assert caught.value.kind is ErrorKind.WRONG_PASSWORD
    assert isinstance(form, StreamFormat)
    assert (form.video.codec, form.video.width, form.video.height) == (Codec.MJPEG, 160, 120)
    pictures = [packet for packet in packets if isinstance(packet, Packet)]
    assert all(packet.key and packet.data.startswith(b"\xff\xd8") for packet in pictures)
    times = [packet.pts for packet in pictures]
    assert times[0] == 0 and times == sorted(set(times))


def answer(line: Line, head: bytes, body: bytes = b"") -> None:
    line.read()
    line.send(b"HTTP/1.1 " + head.replace(b"\n", b"\r\n") + b"\r\n\r\n" + body)


def page(line: Line) -> None:
    answer(line, b"200 OK\nContent-Type: text/html", b"<html>")


def still(line: Line) -> None:
    answer(line, b"200 OK\nContent-Type: image/jpeg", b"\xff\xd8\xff\xd9")


def missing(line: Line) -> None:
    answer(line, b"404 Not Found")


def locked(line: Line) -> None:
    answer(line, b'401 Unauthorized\nWWW-Authenticate: Basic realm="x"')


def failing(line: Line) -> None:
    answer(line, b"503 Service Unavailable")


def rtsp_camera(line: Line) -> None:
    line.send(b"RTSP/1.0 400 Bad Request\r\n\r\n")
    line.hold()


def silent(line: Line) -> None:
    line.hold()


def endless_head(line: Line) -> None:
    line.send(b"HTTP/1.0 200 OK\r\n")
    while not line.wait(0.001):
        line.send(b"X: " + b"y" * 4000 + b"\r\n")


def silent_stream(line: Line) -> None:
    answer(line, b"200 OK\nContent-Type: multipart/x-mixed-replace; boundary=b")
    line.hold()


def nonsense_stream(line: Line) -> None:
    answer(line, b"200 OK\nContent-Type: multipart/x-mixed-replace; boundary=b", b"?" * 4000)
    line.hold()


def short_stream(line: Line) -> None:
    answer(line, b"200 OK\nContent-Type: multipart/x-mixed-replace", b"--b\r\n\r\n")


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        (page, ErrorKind.NOT_A_CAMERA),
        (still, ErrorKind.UNSUPPORTED_CODEC),
        (missing, ErrorKind.NO_SUCH_STREAM),
        (locked, ErrorKind.WRONG_PASSWORD),
        (failing, ErrorKind.BUSY),
        (rtsp_camera, ErrorKind.NOT_A_CAMERA),
        (silent, ErrorKind.TIMEOUT),
        (endless_head, ErrorKind.NOT_A_CAMERA),
        (silent_stream, ErrorKind.STALLED),
        (nonsense_stream, ErrorKind.BAD_DATA),
        (short_stream, ErrorKind.STREAM_ENDED),
    ],
)
def test_what_is_no_stream_is_named(script: Callable[[Line], None], kind: ErrorKind) -> None:
    assert trouble(script)[0].kind is kind


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_told_and_not_followed(canary: Canary, status: int) -> None:
    def script(line: Line) -> None:
        answer(line, f"{status} Moved\nLocation: http://{canary.host}:{canary.port}/x".encode())

    error, camera = trouble(script)
    assert error.kind is ErrorKind.REDIRECT
    assert f"{canary.host}:{canary.port}" in error.what
    assert camera.connections == 1
