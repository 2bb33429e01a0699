"""Other programs watch by RTSP: a real server, a fake camera and FFmpeg."""

import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from running_server import RunningServer, wachtel, wait_until

from wachtel.model.stream import Codec, StreamName
from wachtel.testing.fake_camera.options import FakeCameraOptions
from wachtel.testing.fake_camera.threaded import ThreadedFakeCamera
from wachtel.testing.sample_film import SampleFilm, make_film

pytestmark = [
    pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="needs ffmpeg as the other program"),
    pytest.mark.timeout(120),
]
LOOP = FakeCameraOptions(loop=True)


class House:
    """A running server with a camera of H.264 and sound, and one of H.265."""

    def __init__(self, server: RunningServer, main: ThreadedFakeCamera, other: ThreadedFakeCamera) -> None:
        self.server = server
        self.main = main
        self.other = other

    def token(self, name: str) -> str:
        return self.server.token(name)

    def url(self, path: str, user: str, token: str) -> str:
        return self.server.rtsp_url.replace("rtsp://", f"rtsp://{user}:{token}@") + path

    def metric(self, name: str) -> float:
        with self.server.client() as client:
            lines = client.get("/metrics").text.splitlines()
        return float(next(line.split()[-1] for line in lines if line.startswith(f"wachtel_{name} ")))


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("rtsp-out")
    film = SampleFilm(seconds=4, audio=Codec.AAC, audio_rate=16_000, gop=20)
    main = make_film(folder / "main.mp4", film)
    sub = make_film(folder / "sub.mp4", SampleFilm(seconds=4, width=160, height=96))
    other = make_film(folder / "other.mp4", SampleFilm(seconds=4, codec=Codec.H265, b_frames=2))
    with (
        ThreadedFakeCamera(main, sub, LOOP) as first,
        ThreadedFakeCamera(other, options=LOOP) as second,
        RunningServer(folder / "data") as server,
    ):
        data = server.data
        wachtel(
            "camera", "add", first.main_url, "--sub", str(first.sub_url), "--name", "Garden", "--data", data
        )
        wachtel("camera", "add", second.main_url, "--name", "Hall", "--data", data)
        with server.client() as client:
            client.patch("/api/v1/cameras/garden", json={"record_audio": True})
        wait_until(lambda: _live(server) == 2, 30, "both cameras are live")
        yield House(server, first, second)


def _live(server: RunningServer) -> int:
    with server.client() as client:
        cameras = client.get("/api/v1/cameras").json()
    return sum("live" in str(camera) for camera in cameras)


def watch(url: str, transport: str = "tcp", seconds: float = 3.0) -> "subprocess.CompletedProcess[str]":
    """FFmpeg decodes for some seconds; what it complains of is on its standard error."""
    command = ["ffmpeg", "-hide_banner", "-v", "error", "-nostdin", "-rtsp_transport", transport, "-i", url]
    return subprocess.run(
        [*command, "-t", str(seconds), "-f", "null", "-"],
        capture_output=True, text=True, timeout=40, check=False,
    )  # fmt: skip


def test_nobody_serves_before_somebody_asks(house: House) -> None:
    assert house.server.worker("gateway-0") == 0
    done = watch(house.url("garden", "first", house.token("first")))
    assert (done.returncode, done.stderr) == (0, "")
    assert house.server.worker("gateway-0") != 0


@pytest.mark.parametrize("transport", ["tcp", "udp"])
@pytest.mark.parametrize("path", ["garden", "garden/sub", "hall"])
def test_ffmpeg_plays_without_a_word(house: House, path: str, transport: str) -> None:
    name = f"{path.replace('/', '-')}-{transport}"
    done = watch(house.url(path, name, house.token(name)), transport)
    assert (done.returncode, done.stderr) == (0, "")


def test_many_clients_and_the_recorder_share_one_connection_to_the_camera(house: House) -> None:
    token = house.token("many")
    before = len([one for one in house.main.state.sessions if one.stream is StreamName.MAIN])
    urls = [house.url("garden", "many", token)] * 3
    with ThreadPoolExecutor() as pool:
        played = list(pool.map(watch, urls, ["tcp", "udp", "tcp"]))
    assert [(one.returncode, one.stderr) for one in played] == [(0, "")] * 3
    after = [one for one in house.main.state.sessions if one.stream is StreamName.MAIN]
    assert len(after) == before
    assert sum(one.playing for one in after) == 1


def test_a_wrong_token_is_refused(house: House) -> None:
    before = house.metric("rtsp_refused_total")
    done = watch(house.url("garden", "nobody", "wrong"))
    assert done.returncode != 0
    assert "401" in done.stderr
    wait_until(lambda: house.metric("rtsp_refused_total") > before, 5, "the wrong token is counted")


def test_a_camera_that_is_not_there_is_not_found(house: House) -> None:
    done = watch(house.url("cellar", "finder", house.token("finder")))
    assert "404" in done.stderr


def test_a_session_ends_within_a_second_when_its_token_is_withdrawn(house: House) -> None:
    token = house.token("guest")
    url = house.url("garden", "guest", token)
    command = ["ffmpeg", "-v", "error", "-nostdin", "-rtsp_transport", "tcp", "-i", url, "-f", "null", "-"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as player:
        wait_until(lambda: house.metric("rtsp_sessions") >= 1, 15, "the guest watches")
        wachtel("token", "remove", "guest", "--data", house.server.data)
        took_s = wait_until(lambda: player.poll() is not None, 5, "the guest is sent away")
        assert took_s < 1.5
    assert watch(url).returncode != 0


def test_a_client_that_reads_nothing_slows_nobody(house: House) -> None:
    host, port = house.server.rtsp_url.removeprefix("rtsp://").strip("/").split(":")
    token = house.token("asleep")
    with subprocess.Popen(
        ["ffmpeg", "-v", "quiet", "-nostdin", "-rtsp_transport", "tcp", "-i",
         house.url("garden", "asleep", token), "-f", "null", "-"],
    ) as sleeper:  # fmt: skip
        wait_until(lambda: house.metric("rtsp_sessions") >= 1, 15, "the sleeper watches")
        sleeper.send_signal(signal.SIGSTOP)
        with socket.create_connection((host, int(port))) as silent:
            silent.sendall(b"DESCRIBE rtsp://x/garden RTS")
            began = time.monotonic()
            done = watch(house.url("garden", "asleep", token))
            assert (done.returncode, done.stderr) == (0, "")
            assert time.monotonic() - began < 10
        sleeper.kill()


def test_our_own_client_logs_in_by_the_stronger_digest(house: House) -> None:
    found = wachtel("camera", "probe", house.url("garden", "own", house.token("own")), "--json")
    assert json.loads(found.stdout)["ok"] is True


def test_wrong_tokens_do_not_keep_others_out(house: House) -> None:
    for _ in range(5):
        assert "401" in watch(house.url("garden", "guessed", "wrong")).stderr
    done = watch(house.url("garden", "beside", house.token("beside")))
    assert (done.returncode, done.stderr) == (0, "")


def test_a_restarted_gateway_goes_on_at_the_same_port(house: House) -> None:
    pid = house.server.worker("gateway-0")
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: house.server.worker("gateway-0") not in (0, pid), 10, "a new gateway worker")
    done = watch(house.url("hall", "again", house.token("again")))
    assert (done.returncode, done.stderr) == (0, "")


def test_sessions_end_when_the_camera_is_removed(house: House) -> None:
    url = house.url("hall", "last", house.token("last"))
    command = ["ffmpeg", "-v", "error", "-nostdin", "-rtsp_transport", "tcp", "-i", url, "-f", "null", "-"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as player:
        wait_until(lambda: house.metric("rtsp_sessions") >= 1, 15, "somebody watches")
        wachtel("camera", "remove", "hall", "--data", house.server.data)
        assert wait_until(lambda: player.poll() is not None, 5, "the player is sent away") < 1.5
