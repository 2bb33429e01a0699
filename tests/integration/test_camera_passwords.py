"""A camera's password works whatever is in it, and stays where it belongs: a canary that nobody may hear outside."""

import base64
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from urllib.parse import quote, quote_plus

import httpx
import pytest
from running_server import RunningServer, wachtel, wait_until

from wachtel.protocols.http_auth import AuthScheme
from wachtel.testing.fake_camera.options import FakeCameraOptions, FaultName
from wachtel.testing.fake_camera.threaded import ThreadedFakeCamera
from wachtel.testing.netcam import Mode, NetCamOptions, VirtualNetCam
from wachtel.testing.netcam.pictures import Reel
from wachtel.testing.sample_film import SampleFilm, make_film

USER, PASSWORD = "ädmin", "canary@:/?#%&ü+7"
WRONG = "other-canary@:/?#%&ü"
ENCODED = f"{quote(USER, safe='')}:{quote(PASSWORD, safe='')}@"
PICTURE = bytes.fromhex("ffd8ffc0000b080090010001011100ffda0008010100003f00") + b"\0" * 99 + b"\xff\xd9"


def shapes(password: str) -> set[bytes]:
    """A password as it could turn up: plain, in a URL, in JSON, in a log-in."""
    texts = {password, quote(password), quote(password, safe=""), quote_plus(password), repr(password)[1:-1]}
    texts |= {
        password.encode("unicode_escape").decode(),
        password.encode("ascii", "backslashreplace").decode(),
    }
    log_in = base64.b64encode(f"{USER}:{password}".encode()).rstrip(b"=")
    return {text.encode() for text in texts} | {log_in, b"canary"}


def holds_secret(data: bytes) -> bool:
    return any(shape in data for password in (PASSWORD, WRONG) for shape in shapes(password))


class House:
    """A server with three cameras that all have the canary for their password."""

    def __init__(self, server: RunningServer, rtsp: ThreadedFakeCamera, netcam: VirtualNetCam) -> None:
        self.server, self.rtsp, self.netcam = server, rtsp, netcam
        self.said: list[bytes] = []

    def ask(self, method: str, path: str, body: object = None) -> httpx.Response:
        """What the server answers is kept for the end."""
        with self.server.client() as client:
            client.timeout = httpx.Timeout(60.0)
            answer = client.request(method, path, json=body)
        self.said.append(answer.content + repr(answer.headers).encode())
        return answer

    def add(self, name: str, url: str) -> str:
        answer = self.ask("POST", "/api/v1/cameras", {"name": name, "url": url, "allow_local": True})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def is_live(self, camera: str) -> bool:
        return self.condition(camera) == "live"

    def condition(self, camera: str) -> str:
        return str(self.ask("GET", f"/api/v1/cameras/{camera}").json()["streams"]["main"]["condition"])


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    film = make_film(folder / "film.mp4", SampleFilm(seconds=4))
    locked = FakeCameraOptions(user=USER, password=PASSWORD, auth=AuthScheme.DIGEST, loop=True)
    doors = NetCamOptions(mode=Mode.BEFORE_LOCK, user=USER, password=PASSWORD)
    with (
        ThreadedFakeCamera(film, None, locked) as rtsp,
        VirtualNetCam(doors, Reel([PICTURE])) as netcam,
        RunningServer(folder / "data") as server,
    ):
        yield House(server, rtsp, netcam)


def test_special_characters_work_everywhere_and_nobody_hears_them(house: House, tmp_path: Path) -> None:
    """One story, so that the server starts once: add, probe, watch, change, fail, and then look everywhere."""
    raw = f"{USER}:{PASSWORD}@"
    added = [
        house.add("raw", house.rtsp.main_url.replace("rtsp://", f"rtsp://{raw}")),
        house.add("encoded", house.rtsp.mjpeg_url.replace("http://", f"http://{ENCODED}")),
        house.add("netcam", f"netcam://{ENCODED}127.0.0.1:{house.netcam.http_port}"),
    ]
    for camera in added:
        wait_until(partial(house.is_live, camera), 60, f"{camera} is live")
    right = house.rtsp.main_url.replace("rtsp://", f"rtsp://{ENCODED}")
    probe = {"url": right, "allow_local": True}
    assert house.ask("POST", "/api/v1/cameras/probe", probe).json()["ok"]
    wrong = right.replace(quote(PASSWORD, safe=""), quote(WRONG, safe=""))
    assert not house.ask("POST", "/api/v1/cameras/probe", {"url": wrong, "allow_local": True}).json()["ok"]
    for bad in ("rtsp://a:canary@host name/x", f"ftp://{ENCODED}h/x", f"rtsp://{ENCODED}127.0.0.1:99999/x"):
        house.ask("POST", "/api/v1/cameras/probe", {"url": bad, "allow_local": True})
        house.ask("POST", "/api/v1/cameras", {"name": "bad", "url": bad, "allow_local": True})
        house.ask("PATCH", f"/api/v1/cameras/{added[0]}", {"url": bad})
    house.rtsp.apply(FaultName.WRONG_PASSWORD)
    wait_until(lambda: house.condition(added[0]) == "refused", 60, "the changed password is noticed")
    for path in ("/api/v1/cameras", "/metrics", "/healthz", "/api/v1/openapi.json", "/api/v1/sites"):
        house.ask("GET", path)
    told = wachtel("camera", "list", "--data", house.server.data)
    failed = wachtel("camera", "probe", wrong, "--data", tmp_path / "none", check=False)
    assert not [said for said in house.said if holds_secret(said)], "an answer of the server"
    for command in (told, failed):
        assert not holds_secret((command.stdout + command.stderr).encode()), "the output of a command"
    _look_at_processes(house.server)
    _look_at_files(house.server.data)


def _look_at_processes(server: RunningServer) -> None:
    members = server.members()
    assert len(members) > 1
    for pid in members:
        for what in ("cmdline", "environ", "comm"):
            assert not holds_secret((Path("/proc") / str(pid) / what).read_bytes()), f"{what} of a process"


def _look_at_files(data: Path) -> None:
    """The database, journals, footage and the log."""
    every = [one for one in (*data.rglob("*"), data.parent / "serve.log") if one.is_file()]
    assert {"state.sqlite", "serve.log"} <= {one.name for one in every}
    assert [one.name for one in every if holds_secret(one.read_bytes())] == []
