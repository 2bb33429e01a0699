"""A running server with TLS: page, WebSocket, RTSP, a real browser, and a certificate exchanged under way."""

import base64
import hashlib
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from page_rig import chromium
from running_server import RunningServer, wachtel, wait_until
from websockets.sync.client import connect

from wachtel.app.cli import main
from wachtel.app.tls.authority import fingerprint
from wachtel.testing.fake_camera.options import FakeCameraOptions
from wachtel.testing.fake_camera.threaded import ThreadedFakeCamera
from wachtel.testing.sample_film import SampleFilm, make_film


@dataclass(frozen=True)
class House:
    """A server with a camera, on this machine's own address, and who trusts its authority."""

    server: RunningServer
    trusting: ssl.SSLContext

    @property
    def port(self) -> int:
        return urlsplit(self.server.url).port or 0

    @property
    def rtsp_port(self) -> int:
        return urlsplit(self.server.rtsp_url).port or 0

    def shake(self, port: int, context: ssl.SSLContext | None = None) -> ssl.SSLSocket:
        """A connection, after the handshake."""
        plain = socket.create_connection(("127.0.0.1", port), timeout=10)
        return (context or self.trusting).wrap_socket(plain, server_hostname="localhost")

    def served(self, port: int) -> bytes:
        """The certificate that is presented."""
        with self.shake(port) as connection:
            found = connection.getpeercert(binary_form=True)
        assert found is not None
        return found


def trusting(data: Path) -> ssl.SSLContext:
    """A client with the authority of this installation and no other."""
    pem = (data / "keys/tls-authority.pem").read_text()
    return ssl.create_default_context(cadata=pem[pem.index("-----BEGIN CERT") :])


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("tls")
    data = folder / "data"
    wachtel("tls", "create", "--data", data, "--name", "wachtel.test")
    context = trusting(data)
    film = make_film(folder / "film.mp4", SampleFilm(seconds=4, gop=10))
    options = FakeCameraOptions(loop=True)
    with (
        ThreadedFakeCamera(film, options=options) as camera,
        RunningServer(data, options=["--https"], trusts=context) as server,
    ):
        wachtel("camera", "add", camera.main_url, "--name", "Garden", "--data", data)
        yield House(server, context)


def test_it_says_that_it_is_encrypted_and_it_is(house: House) -> None:
    assert house.server.url.startswith("https://127.0.0.1:")
    assert house.server.rtsp_url.startswith("rtsps://127.0.0.1:")
    for port in (house.port, house.rtsp_port):
        with house.shake(port) as connection:
            assert connection.version() in ("TLSv1.2", "TLSv1.3")
    with house.server.client() as client:
        assert client.get("/healthz").json()["status"] == "ok"


def test_strangers_plain_text_and_old_protocols_get_nowhere(house: House) -> None:
    for port in (house.port, house.rtsp_port):
        with pytest.raises(ssl.SSLCertVerificationError):
            house.shake(port, ssl.create_default_context())
        old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
        with pytest.warns(DeprecationWarning):
            old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
        old.set_ciphers("ALL:@SECLEVEL=0")
        with pytest.raises((ssl.SSLError, ConnectionError)):
            house.shake(port, old)
        with socket.create_connection(("127.0.0.1", port), timeout=10) as plain:
            plain.sendall(b"OPTIONS rtsp://x/ RTSP/1.0\r\nCSeq: 1\r\n\r\n")
            assert b"RTSP/1.0" not in plain.recv(100)


def test_a_browsers_cookie_never_leaves_unencrypted(house: House) -> None:
    with house.server.client() as client:
        made = {"name": "Anna", "password": "garden gate 42", "scope": "view"}
        client.post("/api/v1/accounts", json=made).raise_for_status()
    with httpx.Client(base_url=house.server.url, verify=house.trusting, trust_env=False) as browser:
        body = {"name": "Anna", "password": "garden gate 42"}
        answer = browser.post("/api/v1/session", json=body, headers={"origin": house.server.url.rstrip("/")})
        assert answer.status_code == 200
        assert "secure" in answer.headers["set-cookie"].lower()
        assert browser.get("/api/v1/session").json()["account"]["name"] == "Anna"
        downgraded = {"origin": house.server.url.rstrip("/").replace("https", "http")}
        assert browser.delete("/api/v1/session", headers=downgraded).status_code == 403
        assert "strict-transport-security" not in answer.headers


def test_live_pictures_come_by_wss(house: House) -> None:
    address = house.server.url.replace("https", "wss") + "api/v1/cameras/garden/live"
    headers = {"Authorization": f"Bearer {house.server.token('wss')}"}
    with connect(address, ssl=house.trusting, additional_headers=headers, proxy=None) as live:
        for _ in range(100):
            if isinstance(piece := live.recv(30), bytes):
                break
        assert isinstance(piece, bytes)


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="needs ffmpeg as the other program")
def test_another_program_plays_by_rtsps(house: House) -> None:
    """FFmpeg checks no certificate here; that ours is right for RTSP too is seen above."""
    url = house.server.rtsp_url.replace("rtsps://", f"rtsps://tv:{house.server.token('tv')}@") + "garden"
    command = ["ffmpeg", "-v", "error", "-nostdin", "-rtsp_transport", "tcp", "-i", url, "-t", "1"]
    done = subprocess.run([*command, "-f", "null", "-"], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_device_gets_the_authority_there(house: House) -> None:
    with httpx.Client(base_url=house.server.url, verify=house.trusting, trust_env=False) as device:
        assert "Wachtel wachtel.test" in device.get("/ca").text
        found = x509.load_der_x509_certificate(device.get("/ca/ca.crt").content)
    shown = wachtel("tls", "show", "--data", house.server.data, "--port", str(house.port)).stdout
    assert fingerprint(found) in shown
    assert "█" in shown


def test_another_certificate_is_served_without_a_restart(house: House) -> None:
    ports = (house.port, house.rtsp_port)
    before = [house.served(port) for port in ports]
    assert before[0] == before[1]
    wachtel("tls", "create", "--data", house.server.data, "--name", "wachtel.test")
    wait_until(lambda: all(house.served(port) != before[0] for port in ports), 40, "the new one is served")
    assert house.served(ports[0]) == house.served(ports[1])


def _spki(certificate: bytes) -> str:
    key = x509.load_der_x509_certificate(certificate).public_key()
    data = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(data).digest()).decode()


@pytest.mark.skipif(chromium() is None, reason="needs Debian's chromium: apt-get install chromium")
def test_a_real_browser_warns_once_and_then_is_secure(house: House) -> None:
    from playwright.sync_api import Error, sync_playwright

    trusted = f"--ignore-certificate-errors-spki-list={_spki(house.served(house.port))}"
    with sync_playwright() as playwright:
        for options, secure in (([], False), ([trusted], True)):
            browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", *options])
            page = browser.new_page(locale="de-DE")
            if secure:
                page.goto(house.server.url + "ca")
                assert page.evaluate("isSecureContext") and page.title() == "Diesem Wachtel vertrauen"
                assert page.evaluate("getComputedStyle(document.body).maxWidth") != "none"
            else:
                with pytest.raises(Error, match="ERR_CERT_AUTHORITY_INVALID"):
                    page.goto(house.server.url)
            browser.close()


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What a command that fails says."""
    assert main(list(arguments)) == 1
    return capsys.readouterr().err


def test_without_a_certificate_nobody_else_is_served(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = ["--data", str(tmp_path / "data")]
    assert "wachtel tls create" in refused(capsys, "serve", "--host", "0.0.0.0", *data)
    assert "wachtel tls create" in refused(capsys, "serve", "--https", *data)
    assert "exclude" in refused(capsys, "serve", "--https", "--insecure-http", *data)
    assert main(["tls", "show", *data]) == 0
    assert "TLS is off" in capsys.readouterr().out
    assert not (tmp_path / "data").exists()
