"""Certificates that cameras sign themselves: the first one is remembered, another one is told and sent nothing."""

import json
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from onvif_rig import GUARDED, PASSWORD, USER
from running_server import RunningServer, wachtel, wait_until
from tls_front import TlsFront

from wachtel.base.clock import SystemClock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.cameras.api import DeviceOptions
from wachtel.cameras.onvif import driver as onvif_driver
from wachtel.model.certificate import PinnedCertificate
from wachtel.protocols.camera_url import CameraUrl, parse_camera_url
from wachtel.sources.api import SourceOptions
from wachtel.sources.drivers import driver_for
from wachtel.sources.trust import TrustFirst
from wachtel.testing.fake_camera.options import FakeCameraOptions
from wachtel.testing.fake_camera.threaded import ThreadedFakeCamera
from wachtel.testing.fake_onvif.server import FakeOnvif
from wachtel.testing.sample_film import SampleFilm, make_film

CLOCK = SystemClock()


@pytest.fixture(scope="module")
def camera(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ThreadedFakeCamera]:
    film = make_film(tmp_path_factory.mktemp("film") / "main.mp4", SampleFilm(seconds=4, noise=0.0))
    with ThreadedFakeCamera(film, None, FakeCameraOptions(loop=True)) as running:
        yield running


def behind(front: TlsFront, url: str, scheme: str) -> str:
    return f"{scheme}://127.0.0.1:{front.port}{urlsplit(url).path}"


def opens(url: str, trust: TrustFirst) -> None:
    parsed = parse_camera_url(url)
    options = SourceOptions(allow_local=True, trust=trust)
    source = driver_for(parsed.scheme).open(parsed, options, CLOCK)
    try:
        next(iter(source.packets()))
    finally:
        source.close()


def describes(front: TlsFront) -> Callable[[TrustFirst], None]:
    def ask(trust: TrustFirst) -> None:
        url = CameraUrl("onvifs", "127.0.0.1", front.port, "/", USER, PASSWORD)
        onvif_driver.open(url, DeviceOptions(allow_local=True, trust=trust), CLOCK).describe()

    return ask


@pytest.mark.parametrize("scheme", ["rtsps", "https", "onvifs"])
def test_another_certificate_is_sent_nothing(camera: ThreadedFakeCamera, scheme: str) -> None:
    with FakeOnvif(GUARDED) as device:
        ports = {"rtsps": urlsplit(camera.main_url).port, "https": urlsplit(camera.mjpeg_url).port}
        with TlsFront(ports.get(scheme) or device.port) as front:
            learnt: list[PinnedCertificate] = []
            trust = TrustFirst((), CLOCK, learnt.append)
            url = behind(front, camera.mjpeg_url if scheme == "https" else camera.main_url, scheme)
            talk = describes(front) if scheme == "onvifs" else lambda trust: opens(url, trust)
            talk(trust)
            talk(trust)
            assert [pin.at for pin in learnt] == [f"127.0.0.1:{front.port}"]
            front.renew()
            heard = front.heard
            with pytest.raises(WachtelError) as raised:
                talk(trust)
            assert (raised.value.kind, raised.value.code) == (ErrorKind.UNTRUSTED, "certificate_changed")
            assert raised.value.details["before"] != raised.value.details["now"]
            assert front.heard == heard, "not a byte was said to it"
            talk(TrustFirst((), CLOCK))


def test_a_camera_whose_certificate_changes_is_refused_until_the_owner_accepts_it(
    camera: ThreadedFakeCamera, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("house")
    with (
        TlsFront(urlsplit(camera.main_url).port or 0) as front,
        RunningServer(folder / "data") as server,
        server.client() as client,
    ):
        data, url = str(server.data), behind(front, camera.main_url, "rtsps")
        added = wachtel("camera", "add", url, "--name", "Hof", "--data", data)
        assert "is known by the certificate" in added.stdout, added.stdout + added.stderr
        [known] = client.get("/api/v1/cameras/hof").json()["certificates"]
        path = "/api/v1/cameras/hof/certificates"

        def condition() -> str:
            found: str = client.get("/api/v1/cameras/hof").json()["streams"]["main"]["condition"]
            return found

        wait_until(lambda: condition() == "live", 40, "it is recorded")
        front.renew()
        wait_until(lambda: condition() == "refused", 40, "the other certificate is refused")
        state = client.get("/api/v1/cameras/hof").json()["streams"]["main"]
        assert (state["reason"], state["code"]) == ("untrusted", "certificate_changed")
        assert client.patch("/api/v1/cameras/hof", json={"name": "Hof 2"}).status_code == 200
        found = client.get(path).json()
        assert ([one["sha256"] for one in found["known"]], len(found["other"])) == ([known["sha256"]], 1)
        wrong = client.post(path, json={"at": known["at"], "sha256": "0" * 64})
        assert (wrong.status_code, wrong.json()["error"]["code"]) == (409, "certificate_gone")
        assert wachtel("camera", "trust", "hof", "--accept", "--data", data).returncode == 0
        wait_until(lambda: condition() == "live", 40, "it is recorded again")
        told = json.loads(wachtel("camera", "trust", "hof", "--json", "--data", data).stdout)
        assert (len(told["known"]), told["other"]) == (1, [])


def test_a_certificate_is_learnt_later_when_the_camera_was_away(
    camera: ThreadedFakeCamera, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("later")
    with TlsFront(urlsplit(camera.main_url).port or 0) as front:
        url = behind(front, camera.main_url, "rtsps")
        wachtel("site", "add", "Home", "--data", str(folder / "data"))
        wachtel("camera", "add", url, "--name", "Hof", "--site", "home", "--data", str(folder / "data"))
        with RunningServer(folder / "data") as server, server.client() as client:

            def pins() -> int:
                return len(client.get("/api/v1/cameras/hof").json()["certificates"])

            wait_until(lambda: pins() == 1, 40, "it is learnt from the recorder's own connection")
