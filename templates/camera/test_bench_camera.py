"""The contract of camera drivers, run on the template against a camera of twenty lines."""

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from wachtel_bench import driver

from wachtel.cameras.api import CameraDriver
from wachtel.testing.contracts.camera import CameraContract, DeviceUnderTest
from wachtel.testing.tiny_jpeg import TINY_JPEG

ABOUT = {
    "name": "Workshop",
    "model": "made at home",
    "stream": "/live",
    "still": "/still.jpg",
    "motion": "/motion",
}
LOG_IN = "Basic " + base64.b64encode(b"anna:workshop").decode()


class HomeMade(ThreadingHTTPServer):
    """The camera."""

    daemon_threads = True
    moves = False
    wrong_tries = 0


class _Handler(BaseHTTPRequestHandler):
    server: HomeMade

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""

    def do_GET(self) -> None:
        given = self.headers.get("Authorization")
        if given != LOG_IN:
            self.server.wrong_tries += given is not None
            self._answer(401, b"")
            return
        pages = {
            "/camera.json": json.dumps(ABOUT).encode(),
            "/motion": json.dumps({"moves": self.server.moves}).encode(),
            "/still.jpg": TINY_JPEG,
        }
        found = pages.get(self.path)
        self._answer(404 if found is None else 200, found or b"")

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        if status == 401:
            self.send_header("WWW-Authenticate", 'Basic realm="workshop"')
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class TestBench(CameraContract):
    @pytest.fixture
    def driver(self) -> CameraDriver:
        return driver

    @pytest.fixture
    def device(self) -> Iterator[DeviceUnderTest]:
        camera = HomeMade(("127.0.0.1", 0), _Handler)
        thread = threading.Thread(target=camera.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        address = f"camera+bench://anna:workshop@127.0.0.1:{camera.server_address[1]}"

        def set_motion(seen: bool) -> None:
            camera.moves = seen

        yield DeviceUnderTest(address, lambda: camera.wrong_tries, set_motion)
        camera.shutdown()
        camera.server_close()
        thread.join()
