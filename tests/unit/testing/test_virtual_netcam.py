"""The virtual NetCam: each state and quirk with the public report it comes from."""

import subprocess
import threading
from collections.abc import Callable, Iterator
from time import monotonic

import av
import httpx
import numpy as np
import pytest
from numpy.typing import NDArray
from quirks import quirk

from wachtel.protocols.multipart import JpegStream
from wachtel.testing.clock import FakeClock
from wachtel.testing.netcam import Boundary, LogIn, Mode, NetCamOptions, VirtualNetCam
from wachtel.testing.netcam.pictures import Garden, Reel
from wachtel.testing.netcam.ssdp import notice, search_answers

PICTURES = tuple(b"\xff\xd8" + bytes((number,)) * 900 + b"\xff\xd9" for number in range(5))
ADMIN = ("admin", "admin")


def netcam(**options: object) -> VirtualNetCam:
    return VirtualNetCam(NetCamOptions(**options), Reel(PICTURES))  # type: ignore[arg-type]


def wait_for(condition: Callable[[], bool]) -> None:
    end = monotonic() + 20
    tick = threading.Event()
    while not condition():
        assert monotonic() < end, "it did not come about"
        tick.wait(0.01)


@pytest.fixture(scope="module")
def setup_mode() -> Iterator[VirtualNetCam]:
    with netcam() as camera:
        yield camera


@pytest.fixture(scope="module")
def locked() -> Iterator[VirtualNetCam]:
    with netcam(mode=Mode.LOCKED, ssdp_port=0) as camera:
        yield camera


def test_setup_mode_asks_for_admin_admin_with_its_own_realm(setup_mode: VirtualNetCam) -> None:
    """Server and realm as reported for the setup mode of the NetCam."""
    answer = httpx.get(f"{setup_mode.urls()['web']}goform/getMyMAC")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Basic realm="Camera Web Server"'
    assert answer.headers["server"] == "Camera Web Server"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("getVideoSettings?action=realtime&resolution=720P", "resolution:720P\r"),
        ("getAudioSettings?audioCompression=1&audioEnable=YES", "audioEnable:YES\r"),
        ("getSystemSettings?systemModel&systemVersion&brandName&longBrandName", "systemModel:NetCamHDv1\r"),
        ("getMyMAC", "MAC:EC1A59000000\r"),
        ("syslog", "web server"),
        ("getApSitesInfo", "ssid:Küche & Flur\r"),
        ("apcamMode?action=clear", "OK"),
        ("clearSetupStatus", "OK"),
    ],
)
def test_setup_mode_has_the_reported_paths(setup_mode: VirtualNetCam, path: str, expected: str) -> None:
    answer = httpx.get(f"{setup_mode.urls()['web']}goform/{path}", auth=ADMIN)
    assert answer.status_code == 200
    assert expected in answer.content.decode()


def test_a_snapshot_is_new_for_a_new_number_only(setup_mode: VirtualNetCam) -> None:
    url = f"{setup_mode.snapshot_url}?n="
    first = httpx.get(f"{url}1", auth=ADMIN).content
    wait_for(lambda: setup_mode.state.picture() != first)
    assert httpx.get(f"{url}1", auth=ADMIN).content == first
    assert httpx.get(f"{url}2", auth=ADMIN).content in PICTURES


@pytest.mark.parametrize("boundary", Boundary)
def test_every_kind_of_boundary_is_a_stream_our_reader_takes(boundary: Boundary) -> None:
    """What the firmware announces is not documented, so that every kind must do."""
    pictures = JpegStream()
    found: list[bytes] = []
    with (
        netcam(boundary=boundary) as camera,
        httpx.stream("GET", str(camera.stream_url), auth=ADMIN) as answer,
    ):
        assert answer.headers["content-type"].startswith("multipart/x-mixed-replace;boundary=")
        for data in answer.iter_raw():
            found += pictures.feed(data)
            if len(found) > 2:
                break
    assert set(found) <= set(PICTURES)


@quirk(
    "netcam: in setup mode it lets somebody in, until the stream breaks off",
    "cssev.net, 2024-07-19",
    "homebridge-camera-ffmpeg issue 138",
)
def test_a_log_in_holds_until_the_stream_breaks_off() -> None:
    """After a drop of the network only a power cycle helps: cssev.net 2024-07-19, homebridge-camera-ffmpeg 138."""
    with netcam(log_in=LogIn.SESSION) as camera:
        with httpx.stream("GET", str(camera.stream_url), auth=ADMIN) as answer:
            assert answer.status_code == 200
            wait_for(lambda: bool(camera.state.streams))
            camera.drop_network()
            for _ in answer.iter_raw():
                pass
        wait_for(lambda: not camera.state.streams)
        assert httpx.get(str(camera.snapshot_url), auth=ADMIN).status_code == 401
        camera.power_cycle()
        assert httpx.get(str(camera.snapshot_url), auth=ADMIN).status_code == 200


def test_a_camera_may_let_in_a_single_request() -> None:
    with netcam(log_in=LogIn.ONCE) as camera:
        codes = [httpx.get(str(camera.snapshot_url), auth=ADMIN).status_code for _ in range(2)]
    assert codes == [200, 401]


@quirk("netcam: some never deliver a picture in setup mode", "homebridge-camera-ffmpeg issue 138")
def test_a_camera_may_deliver_nothing() -> None:
    """homebridge-camera-ffmpeg issue 138: an HD camera that never delivered in setup mode."""
    with (
        netcam(delivers=False) as camera,
        httpx.Client(timeout=0.3) as client,
        client.stream("GET", str(camera.stream_url), auth=ADMIN) as answer,
        pytest.raises(httpx.ReadTimeout),
    ):
        next(answer.iter_raw())


def test_joining_a_network_takes_its_passphrase() -> None:
    form = {"apcli_ssid": "Küche & Flur", "apcli_bssid": "02:00:00:00:00:01", "apcli_channel": "6"}
    with netcam() as camera:
        base = f"{camera.urls()['web']}goform/"
        for passphrase, said in (("wrong", "FAIL"), ("correct horse: 7 & 8", "OK")):
            httpx.post(f"{base}wirelessAplist", data=form | {"apcli_wpapsk": passphrase}, auth=ADMIN)
            assert said in httpx.get(f"{base}verifyApcliMode", auth=ADMIN).text
        assert camera.state.joined == "Küche & Flur"


@pytest.mark.parametrize("path", ["", "goform/video", "goform/snapshot?n=1", "apcam/for-android/index.html"])
def test_locked_there_is_nothing_at_port_80(locked: VirtualNetCam, path: str) -> None:
    """The state all NetCams were left in; the last one to find pictures did so before September 2016
    (homebridge-platform-wemo issue 58)."""
    answer = httpx.get(f"{locked.urls()['web']}{path}", auth=ADMIN)
    assert (answer.status_code, answer.headers["server"]) == (404, "Camera Web Server")
    assert "Site or Page Not Found" in answer.text


def test_before_the_lock_the_pictures_are_where_the_clones_have_them() -> None:
    with (
        netcam(mode=Mode.BEFORE_LOCK) as camera,
        httpx.stream("GET", str(camera.stream_url), auth=ADMIN) as answer,
    ):
        assert answer.status_code == 200
        assert camera.sensor is not None
        assert httpx.get(f"{camera.urls()['web']}goform/wirelessAplist", auth=ADMIN).status_code == 404


@pytest.mark.parametrize(
    ("mode", "path", "auth"),
    [
        (Mode.USTREAMER, "/stream", None),
        (Mode.MJPG_STREAMER, "/?action=stream", None),
        (Mode.HD, "/?action=stream", ("openwrt", "openwrt")),
    ],
)
def test_the_free_images(mode: Mode, path: str, auth: tuple[str, str] | None) -> None:
    """Addresses of csev1755/openwrt-ncs601W-config and csev1755/openwrt-f7d7602v2."""
    with netcam(mode=mode) as camera:
        assert str(camera.stream_url).endswith(path)
        assert camera.sensor is None
        if auth is not None:
            assert httpx.get(str(camera.snapshot_url)).status_code == 401
        assert httpx.get(str(camera.snapshot_url), auth=auth).content in PICTURES
        with httpx.stream("GET", str(camera.stream_url), auth=auth) as answer:
            assert answer.headers["content-type"].startswith("multipart/x-mixed-replace")


class Slope:
    """A film of one picture: dark above on the left, light below on the right."""

    def frame(self, at_s: float) -> NDArray[np.uint8]:
        picture = np.full((270, 320), 128, np.uint8)
        picture[:180] = (np.arange(180)[:, None] / 2 + np.arange(320)[None, :] / 4 + 16).astype(np.uint8)
        return picture


def light(jpeg: bytes) -> NDArray[np.int16]:
    (frame,) = av.VideoCodecContext.create("mjpeg", "r").decode(av.Packet(jpeg))
    return frame.to_ndarray(format="gray8").astype(np.int16)


def test_the_garden_can_be_upside_down() -> None:
    """The module of the first model sits the wrong way round: the preset of go2rtc turns it by 180 degrees."""
    right, turned = (
        light(Garden((160, 90), 5, upside_down=flip, film=Slope()).at(1.0)) for flip in (False, True)
    )
    assert np.abs(right - turned[::-1, ::-1]).mean() < 4 < np.abs(right - turned).mean()


def test_searches_are_answered_within_what_old_parsers_take(locked: VirtualNetCam) -> None:
    """A whole answer has at most 1024 bytes, lines ``Key: value``, and a max-age in digits (pywemo's parser)."""
    for target in ("ssdp:all", "upnp:rootdevice", "urn:Belkin:service:basicevent:1"):
        question = f'M-SEARCH * HTTP/1.1\r\nST: {target}\r\nMX: 1\r\nMAN: "ssdp:discover"\r\nHOST: x\r\n\r\n'
        answers = search_answers(question.encode(), locked.options, "http://192.0.2.1:49153/setup.xml")
        assert answers and all(len(one) <= 1024 for one in answers)
        assert all(b"CACHE-CONTROL: max-age=86400\r\n" in one for one in answers)
    assert not search_answers(b"M-SEARCH * HTTP/1.1\r\nST: ssdp:all\r\n\r\n", locked.options, "x")
    assert not search_answers(b"NOTIFY * HTTP/1.1\r\n\r\n", locked.options, "x")
    assert b"NTS: ssdp:byebye" in notice(locked.options, "x", "upnp:rootdevice", alive=False)


def test_a_search_over_the_socket(locked: VirtualNetCam) -> None:
    import socket

    question = b'M-SEARCH * HTTP/1.1\r\nMAN: "ssdp:discover"\r\nST: urn:Belkin:device:NetCamSensor:1\r\n\r\n'
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(20)
        asking.sendto(question, ("127.0.0.1", int(locked.ssdp_port or 0)))
        answer = asking.recv(2048)
    assert f"LOCATION: {locked.urls()['upnp']}\r\n".encode() in answer


def test_events_of_the_sensor() -> None:
    """UPnP Device Architecture 1.1 section 4: first event at once, renewal, 412 after a restart."""
    clock = FakeClock()
    with VirtualNetCam(NetCamOptions(mode=Mode.LOCKED), Reel(PICTURES), clock) as camera:
        events = camera.urls()["upnp"].replace("setup.xml", "upnp/event/basicevent1")
        headers = {"CALLBACK": "<http://127.0.0.1:9/x>", "NT": "upnp:event", "TIMEOUT": "Second-300"}
        answer = httpx.request("SUBSCRIBE", events, headers=headers)
        assert (answer.status_code, answer.headers["timeout"]) == (200, "Second-300")
        sid = answer.headers["sid"]
        assert httpx.request("SUBSCRIBE", events, headers={"SID": sid}).status_code == 200
        elsewhere = headers | {"CALLBACK": "<http://192.0.2.9/x>"}
        assert httpx.request("SUBSCRIBE", events, headers=elsewhere).status_code == 412
        camera.power_cycle()
        assert httpx.request("SUBSCRIBE", events, headers={"SID": sid}).status_code == 412
        assert httpx.request("UNSUBSCRIBE", events, headers={"SID": sid}).status_code == 412


def test_curl_takes_stream_and_description(locked: VirtualNetCam) -> None:
    told = subprocess.run(
        ["curl", "-s", "-m", "20", locked.urls()["upnp"]], capture_output=True, check=True, timeout=60
    )
    assert b"<deviceType>urn:Belkin:device:NetCamSensor:1</deviceType>" in told.stdout
    with netcam() as camera:
        taken = subprocess.run(
            ["curl", "-s", "-u", "admin:admin", "--max-filesize", "9000", "-m", "1", str(camera.stream_url)],
            capture_output=True,
            check=False,
            timeout=60,
        )
    assert JpegStream().feed(taken.stdout)[0] in PICTURES


def test_ffmpeg_takes_the_stream() -> None:
    view = Reel([Garden((160, 90), 5, film=Slope()).at(0.0)])
    with VirtualNetCam(NetCamOptions(mode=Mode.HD), view) as camera:
        url = str(camera.stream_url).replace("http://", "http://openwrt:openwrt@")
        with av.open(url, format="mpjpeg", timeout=20) as stream:
            frames = stream.decode(video=0)
            assert [(one.width, one.height) for one in (next(frames), next(frames))] == [(160, 90)] * 2


def test_pywemo_takes_the_sensor(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client most homes use. It knows no NetCam by itself, but reads one as a motion sensor."""
    pywemo = pytest.importorskip("pywemo")
    from pywemo.subscribe import SubscriptionRegistry

    monkeypatch.setenv("PYWEMO_CALLBACK_ADDRESS", "127.0.0.1:0")
    seen: list[str] = []
    with netcam(mode=Mode.LOCKED) as camera:
        device = pywemo.Motion(camera.urls()["upnp"])
        assert (device.name, device.model_name, device.get_state(True)) == ("Porch", "NetCamHDv1", 0)
        registry = SubscriptionRegistry(requested_port=0)
        registry.start()
        try:
            monkeypatch.setenv("PYWEMO_CALLBACK_ADDRESS", f"127.0.0.1:{registry.port}")
            registry.register(device)
            registry.on(device, "BinaryState", lambda _, __, value: seen.append(value))
            wait_for(lambda: registry.is_subscribed(device))
            camera.set_motion(True)
            wait_for(lambda: "1" in seen)
            camera.set_motion(False)
            wait_for(lambda: seen[-1] == "0")
        finally:
            registry.stop()
