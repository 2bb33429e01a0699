"""Programs of others against the virtual NetCam and the virtual ONVIF camera: curl, ffmpeg and pywemo's search."""

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace

import pytest
from onvif_rig import GUARDED, PASSWORD, USER

from wachtel.protocols.multipart import JpegStream
from wachtel.protocols.onvif.envelope import question
from wachtel.testing.fake_onvif.server import FakeOnvif
from wachtel.testing.netcam import Boundary, Mode, NetCamOptions, VirtualNetCam
from wachtel.testing.netcam.pictures import Reel
from wachtel.testing.tiny_jpeg import TINY_JPEG

GOFORM = {
    "getVideoSettings?action=realtime&resolution=VGA": "resolution:VGA",
    "getAudioSettings?audioCompression=0&audioEnable=YES": "audioEnable:YES",
    "getSystemSettings?systemModel&systemVersion&brandName&longBrandName": "brandName:Belkin",
    "getMyMAC": "MAC:EC1A59000000",
    "syslog": "web server started",
    "getApSitesInfo": "ssid:Küche & Flur",
    "apcamMode": "result:OK",
    "apcamMode?action=clear": "result:OK",
    "clearSetupStatus": "result:OK",
}
FREE = {
    Mode.USTREAMER: ("stream", "snapshot", ""),
    Mode.MJPG_STREAMER: ("?action=stream", "?action=snapshot", ""),
    Mode.HD: ("?action=stream", "?action=snapshot", "openwrt:openwrt"),
}


def program(name: str, *arguments: str) -> "subprocess.CompletedProcess[bytes]":
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed, so it cannot be the client here")
    return subprocess.run([found, *arguments], capture_output=True, timeout=60, check=False)


def curl(*arguments: str) -> str:
    done = program("curl", "-s", "-m", "30", *arguments)
    assert done.returncode == 0, done
    return done.stdout.decode()


@pytest.fixture(scope="module")
def setup_mode() -> Iterator[VirtualNetCam]:
    with VirtualNetCam(NetCamOptions(Mode.SETUP), Reel([TINY_JPEG])) as camera:
        yield camera


@pytest.mark.parametrize("path", GOFORM)
def test_curl_reads_every_page_of_setup_mode(setup_mode: VirtualNetCam, path: str) -> None:
    web = setup_mode.urls()["web"]
    assert GOFORM[path] in curl("-u", "admin:admin", f"{web}goform/{path}")
    assert curl("-o", "/dev/null", "-w", "%{http_code}", f"{web}goform/{path}") == "401"


def test_curl_brings_the_camera_into_a_wifi(setup_mode: VirtualNetCam) -> None:
    def post(page: str, *fields: str) -> str:
        data = [argument for field in fields for argument in ("--data-urlencode", field)]
        return curl("-u", "admin:admin", *data, f"{setup_mode.urls()['web']}goform/{page}")

    chosen = ("apcli_ssid=Küche & Flur", "apcli_bssid=02:00:00:00:00:01", "apcli_channel=6", "apcli_enc=AES")
    secret = ("apcli_mode=WPA2PSK", "apcli_wpapsk=correct horse: 7 & 8")
    assert "result:OK" in post("wirelessAplist", *chosen, *secret)
    assert "result:OK" in curl("-u", "admin:admin", f"{setup_mode.urls()['web']}goform/verifyApcliMode")
    assert setup_mode.state.joined == "Küche & Flur"
    assert "result:OK" in post("login", "owner_name=anna", "owner_password=canary")
    assert "result:OK" in post("createAccount", "owner_name=anna", "owner_password=canary")
    assert "result:OK" in post("camRegister", "cameraname=Porch", "cameradesc=front")
    assert setup_mode.state.registered["cameraname"] == "Porch"


def test_curl_takes_stills_and_the_stream(setup_mode: VirtualNetCam) -> None:
    still = program("curl", "-s", "-u", "admin:admin", f"{setup_mode.snapshot_url}?n=7")
    assert still.stdout == TINY_JPEG
    taken = program("curl", "-s", "-u", "admin:admin", "-m", "1", str(setup_mode.stream_url))
    assert JpegStream().feed(taken.stdout)[:1] == [TINY_JPEG]


@pytest.mark.parametrize("mode", FREE)
def test_curl_takes_the_pictures_of_the_free_images(mode: Mode) -> None:
    stream, still, log_in = FREE[mode]
    who = ["-u", log_in] if log_in else []
    with VirtualNetCam(NetCamOptions(mode), Reel([TINY_JPEG])) as camera:
        web = camera.urls()["web"]
        assert program("curl", "-s", *who, f"{web}{still}").stdout == TINY_JPEG
        taken = program("curl", "-s", *who, "-m", "1", f"{web}{stream}").stdout
    assert JpegStream().feed(taken)[:1] == [TINY_JPEG]


@pytest.mark.parametrize("boundary", [Boundary.PLAIN, Boundary.DASHES, Boundary.NO_LENGTH])
def test_ffmpeg_takes_the_stream_of_setup_mode(boundary: Boundary) -> None:
    """Of the other boundaries it takes none; they are for clients that mean to be better."""
    with VirtualNetCam(NetCamOptions(Mode.SETUP, boundary=boundary), Reel([TINY_JPEG])) as camera:
        url = str(camera.stream_url).replace("://", "://admin:admin@")
        done = program(
            "ffmpeg", "-v", "error", "-f", "mpjpeg", "-i", url, "-frames:v", "3", "-f", "null", "-"
        )
    assert done.returncode == 0, done.stderr


def test_pywemo_finds_the_sensor_by_its_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its search leaves loopback out by itself, and asks port 1900 of the group: both are led to the camera."""
    pywemo = pytest.importorskip("pywemo")
    with VirtualNetCam(NetCamOptions(Mode.LOCKED, ssdp_port=0), Reel([TINY_JPEG])) as camera:
        monkeypatch.setattr(pywemo.ssdp, "interface_addresses", lambda: ["127.0.0.1"])
        monkeypatch.setattr(pywemo.ssdp, "MULTICAST_GROUP", "127.0.0.1")
        monkeypatch.setattr(pywemo.ssdp, "MULTICAST_PORT", camera.ssdp_port)
        [entry] = pywemo.ssdp.scan(timeout=1.0, max_entries=1)
        assert entry.location == camera.urls()["upnp"]
        assert entry.udn == "uuid:NetCamSensor-1_0-221324K1300000"


@pytest.mark.parametrize("https", [False, True])
def test_curl_speaks_with_the_onvif_camera(https: bool) -> None:
    body = question("<tds:GetDeviceInformation/>").decode()
    kind = "Content-Type: application/soap+xml; charset=utf-8"
    with FakeOnvif(replace(GUARDED, https=https, snapshot=TINY_JPEG)) as fake:
        who = ["-k", "--digest", "-u", f"{USER}:{PASSWORD}"]
        told = curl(*who, "-H", kind, "--data", body, fake.device_url)
        assert "<tds:Model>Virtual camera</tds:Model>" in told
        assert program("curl", "-s", *who, fake.snapshot_url).stdout == TINY_JPEG
        wrong = ["-k", "--digest", "-u", "admin:wrong", "-o", "/dev/null", "-w", "%{http_code}"]
        assert curl(*wrong, fake.snapshot_url) == "401"
        if https:
            assert program("curl", "-s", fake.snapshot_url).returncode == 60, "nobody trusts it by itself"
