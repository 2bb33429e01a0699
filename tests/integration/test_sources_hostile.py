"""Cameras that mean harm, or are broken: named in time, nothing else contacted, nothing left behind."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from scripted_camera import SDP, Canary, Line, ScriptedCamera

from wachtel.base.clock import SystemClock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.model.camera import Transport
from wachtel.protocols.camera_url import parse_camera_url
from wachtel.protocols.rtsp import Headers, Request
from wachtel.sources.api import SourceOptions
from wachtel.sources.rtsp import driver

METHODS = ["OPTIONS", "DESCRIBE", "SETUP", "PLAY"]


@pytest.fixture
def canary() -> Iterator[Canary]:
    bird = Canary()
    yield bird
    touched = bird.touched
    bird.close()
    assert not touched, "the canary was contacted"


@pytest.fixture(autouse=True)
def nothing_left_behind() -> Iterator[None]:
    def counted() -> tuple[int, int]:
        return threading.active_count(), len(list(Path("/proc/self/fd").iterdir()))

    before = counted()
    yield
    patience = time.monotonic() + 3
    while counted() > before and time.monotonic() < patience:
        time.sleep(0.02)
    assert counted() <= before


def trouble(
    script: Callable[[Line], None], transport: Transport = Transport.TCP, url: str = ""
) -> tuple[WachtelError, float, ScriptedCamera]:
    """Runs a stream to its end against a script; the error and how long it took."""
    options = SourceOptions(transport, connect_timeout_s=1, stall_timeout_s=1, allow_local=True)
    with ScriptedCamera(script) as camera:
        began = time.monotonic()
        with pytest.raises(WachtelError) as caught:
            for _ in driver.open(parse_camera_url(url or camera.url), options, SystemClock()).packets():
                pass
        return caught.value, time.monotonic() - began, camera


@pytest.mark.parametrize("status", [301, 302, 303, 305])
@pytest.mark.parametrize("method", METHODS)
def test_a_redirect_is_told_and_not_followed(canary: Canary, method: str, status: int) -> None:
    def script(line: Line) -> None:
        while (request := line.read()) is not None:
            if request.method == method:
                line.answer(request, status, ("Location", f"rtsp://u:p@{canary.host}:{canary.port}/x"))
            else:
                line.usual(request)

    error, _, camera = trouble(script)
    assert error.kind is ErrorKind.REDIRECT
    assert f"{canary.host}:{canary.port}" in error.what and "u:p" not in str(error)
    assert camera.connections == 1


def test_a_request_to_move_is_told_and_not_followed(canary: Canary) -> None:
    def script(line: Line) -> None:
        line.up_to_play()
        headers = Headers.of(("CSeq", "1"), ("Location", f"rtsp://{canary.host}:{canary.port}/x"))
        line.send(Request("REDIRECT", "rtsp://x/", headers).encode())
        line.hold()

    assert trouble(script)[0].kind is ErrorKind.REDIRECT


@pytest.mark.parametrize("transport", list(Transport))
def test_addresses_in_answers_are_only_words(canary: Canary, transport: Transport) -> None:
    """Content-Base, control, c=, source and destination all name the canary."""
    elsewhere = f"rtsp://{canary.host}:{canary.port}/"
    sdp = SDP.replace(b"a=control:trackID=1", f"a=control:{elsewhere}t".encode())
    sdp = sdp.replace(b"t=0 0", b"c=IN IP4 127.0.0.2\r\nt=0 0").replace(
        b"m=video 0", f"m=video {canary.port}".encode()
    )

    def script(line: Line) -> None:
        while (request := line.read()) is not None:
            if request.method == "DESCRIBE":
                line.answer(request, 200, ("Content-Base", elsewhere), body=sdp)
            elif request.method == "SETUP":
                asked = request.headers.get("Transport") or ""
                more = f";source=127.0.0.2;destination=127.0.0.2;server_port={canary.port}-{canary.port}"
                line.answer(
                    request, 200, ("Session", "1"), ("Transport", asked + more.replace("server", "x"))
                )
            else:
                line.usual(request)

    assert trouble(script, transport)[0].kind is ErrorKind.STALLED


def test_a_multicast_answer_is_refused(canary: Canary) -> None:
    def script(line: Line) -> None:
        while (request := line.read()) is not None:
            if request.method == "SETUP":
                multicast = "RTP/AVP;multicast;destination=239.1.1.1;port=5000-5001"
                line.answer(request, 200, ("Session", "1"), ("Transport", multicast))
            else:
                line.usual(request)

    assert trouble(script, Transport.UDP)[0].kind is ErrorKind.INVALID


def silent(line: Line) -> None:
    line.hold()


def one_byte_at_a_time(line: Line) -> None:
    for char in b"RTSP/1.0 200 OK\r\n" * 100:
        line.send(bytes((char,)))
        if line.wait(0.05):
            return


def endless_header(line: Line) -> None:
    line.read()
    line.send(b"RTSP/1.0 200 OK\r\nCSeq: 1\r\n")
    while not line.wait(0.01):
        line.send(b"X-More: and more\r\n" * 20)


def endless_line(line: Line) -> None:
    line.read()
    line.send(b"RTSP/1.0 200 OK\r\nX: ")
    while not line.wait(0.01):
        line.send(b"x" * 1000)


def greedy_length(line: Line) -> None:
    line.read()
    line.send(b"RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 999999999\r\n\r\n")
    line.hold()


def hangs_up(line: Line) -> None:
    line.read()


def web_page(line: Line) -> None:
    line.read()
    line.send(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")


def secure_shell(line: Line) -> None:
    line.send(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")
    line.hold()


def half_open(line: Line) -> None:
    line.up_to_play()
    line.hold()


def garbage_after_play(line: Line) -> None:
    line.up_to_play()
    line.send(b"$\0\0\4????" * 1000 + b"\x80\x60nonsense\r\n\r\n")
    line.hold()


def noise_packets(line: Line) -> None:
    line.up_to_play()
    while not line.wait(0.01):
        line.send(b"$\0\0\x14" + bytes(range(0x80, 0x94)))


def nonsense_description(line: Line) -> None:
    while (request := line.read()) is not None:
        line.usual(request, sdp=b"\0\1\2 no sdp")


def sound_only(line: Line) -> None:
    while (request := line.read()) is not None:
        line.usual(request, sdp=SDP.replace(b"m=video", b"m=audio"))


def other_codec(line: Line) -> None:
    while (request := line.read()) is not None:
        line.usual(request, sdp=SDP.replace(b"H264", b"VP8"))


def line_break_in_control(line: Line) -> None:
    while (request := line.read()) is not None:
        line.usual(request, sdp=SDP.replace(b"trackID=1", b"a b\x00c"))


def asks_for_ever(line: Line) -> None:
    while (request := line.read()) is not None:
        line.answer(
            request, 401, ("WWW-Authenticate", f'Digest realm="x", nonce="{request.cseq}", stale=true')
        )


def server_error(line: Line) -> None:
    while (request := line.read()) is not None:
        line.answer(request, 503)


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        (silent, ErrorKind.TIMEOUT),
        (one_byte_at_a_time, ErrorKind.TIMEOUT),
        (endless_header, None),
        (endless_line, ErrorKind.NOT_A_CAMERA),
        (greedy_length, ErrorKind.NOT_A_CAMERA),
        (hangs_up, ErrorKind.NOT_A_CAMERA),
        (web_page, ErrorKind.NOT_A_CAMERA),
        (secure_shell, ErrorKind.NOT_A_CAMERA),
        (half_open, ErrorKind.STALLED),
        (garbage_after_play, ErrorKind.BAD_DATA),
        (noise_packets, ErrorKind.STALLED),
        (nonsense_description, ErrorKind.NOT_A_CAMERA),
        (sound_only, ErrorKind.NOT_A_CAMERA),
        (other_codec, ErrorKind.UNSUPPORTED_CODEC),
        (line_break_in_control, ErrorKind.BAD_DATA),
        (server_error, ErrorKind.BUSY),
    ],
)
def test_every_broken_camera_is_named_in_time(script: Callable[[Line], None], kind: ErrorKind | None) -> None:
    error, took, _ = trouble(script)
    assert error.kind is kind if kind else error.kind in (ErrorKind.TIMEOUT, ErrorKind.NOT_A_CAMERA)
    assert error.what.endswith(".") and error.hint.endswith((".", "@."))
    assert took < 3


def test_a_wrong_password_is_tried_once_only() -> None:
    """Cameras lock an account after a few tries."""
    with ScriptedCamera(asks_for_ever) as camera:
        options = SourceOptions(connect_timeout_s=1, allow_local=True)
        url = camera.url.replace("//", "//admin:secret@")
        with pytest.raises(WachtelError) as caught:
            driver.open(parse_camera_url(url), options, SystemClock())
    assert caught.value.kind is ErrorKind.WRONG_PASSWORD
    assert "secret" not in str(caught.value)
    assert camera.methods == ["OPTIONS", "OPTIONS"]


@pytest.mark.parametrize("script", [silent, one_byte_at_a_time, endless_header, half_open])
def test_a_hundred_of_them_leave_nothing_behind(script: Callable[[Line], None]) -> None:
    """What is left is counted by the fixture above."""
    found: list[ErrorKind] = []
    options = SourceOptions(connect_timeout_s=1, stall_timeout_s=1, allow_local=True)

    def look(url: str) -> None:
        try:
            for _ in driver.open(parse_camera_url(url), options, SystemClock()).packets():
                pass
        except WachtelError as error:
            found.append(error.kind)

    with ScriptedCamera(script) as camera:
        threads = [threading.Thread(target=look, args=(camera.url,)) for _ in range(100)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
    assert len(found) == 100
    assert set(found) <= {ErrorKind.TIMEOUT, ErrorKind.STALLED, ErrorKind.NOT_A_CAMERA}
