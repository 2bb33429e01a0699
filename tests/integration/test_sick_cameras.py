"""Cameras that are silent in every way a camera can be: named in time, with the reason, and nothing left behind.

All times are the product's own: when it had the last picture or began to connect, and when it knew better.
"""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from running_server import RunningServer, wait_until
from scripted_camera import Line, ScriptedCamera

from wachtel.testing.fake_camera.options import FakeCameraOptions, FaultName
from wachtel.testing.fake_camera.threaded import ThreadedFakeCamera
from wachtel.testing.sample_film import SampleFilm, make_film

pytestmark = pytest.mark.timeout(180)

NAMED_WITHIN_S = 10.0
PATIENCE_S = 30.0
"""How long the test itself waits; what is judged is `NAMED_WITHIN_S`."""

FAULTS = (FaultName.SILENT, FaultName.STALL, FaultName.HALF_OPEN, FaultName.TRICKLE, FaultName.ENDLESS_HEADER)
AWAY = {"offline", "stalled", "refused"}
SICK_CAMERAS = 100

State = dict[str, Any]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with RunningServer(tmp_path_factory.mktemp("sick") / "data") as running:
        yield running


@pytest.fixture(scope="module")
def client(server: RunningServer) -> Iterator[httpx.Client]:
    with server.client() as opened:
        yield opened


class Page:
    """What an open page is told, camera by camera, with the time each piece arrived."""

    def __init__(self, server: RunningServer) -> None:
        self.told: list[tuple[float, dict[str, Any]]] = []
        self._client = server.client()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._ended = False

    def __enter__(self) -> "Page":
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._ended = True
        self._thread.join(PATIENCE_S)
        self._client.close()

    def _listen(self) -> None:
        with self._client.stream("GET", "/api/v1/stream", timeout=20.0) as answer:
            for line in answer.iter_lines():
                self._ready.set()
                if self._ended:
                    return
                if line.startswith("data: ") and '"streams"' in line:
                    self.told.append((time.time(), json.loads(line.removeprefix("data: "))))

    def first_told_away(self) -> dict[str, tuple[float, State]]:
        """When the page first heard that a camera is away and what, by the camera's name."""
        found: dict[str, tuple[float, State]] = {}
        for at, camera in self.told:
            state = camera["streams"]["main"]
            if state["condition"] in AWAY:
                found.setdefault(camera["name"], (at, state))
        return found


def moment(text: str) -> float:
    return datetime.fromisoformat(text).astimezone(UTC).timestamp()


def states(client: httpx.Client) -> dict[str, State]:
    """The main stream's state by the camera's name."""
    return {camera["name"]: camera["streams"]["main"] for camera in client.get("/api/v1/cameras").json()}


HANDLES_PER_WORKER = 5
"""What main needs to talk to one more worker: pipes and a socket."""

POOL_THREADS = 8
"""Main's pool of threads may have grown; it is bounded."""


def conditions(client: httpx.Client) -> set[str]:
    return {state["condition"] for state in states(client).values()}


def remove_all(client: httpx.Client) -> None:
    for camera in client.get("/api/v1/cameras").json():
        client.delete(f"/api/v1/cameras/{camera['id']}").raise_for_status()


def test_cameras_that_fall_sick_are_named(
    server: RunningServer, client: httpx.Client, tmp_path: Path
) -> None:
    film = make_film(tmp_path / "film.mp4", SampleFilm(seconds=4, fps=10, gop=10))
    with ExitStack() as stack:
        page = stack.enter_context(Page(server))
        cameras = {
            fault.value: stack.enter_context(ThreadedFakeCamera(film, options=FakeCameraOptions(loop=True)))
            for fault in FAULTS
        }
        for name, camera in cameras.items():
            body = {"url": camera.main_url, "name": name, "allow_local": True}
            client.post("/api/v1/cameras", json=body).raise_for_status()
        wait_until(lambda: conditions(client) == {"live"}, PATIENCE_S, "all cameras live")
        page.told.clear()
        for fault in FAULTS:
            cameras[fault.value].apply(fault)
        wait_until(lambda: page.first_told_away().keys() == cameras.keys(), PATIENCE_S, "the page knows")
    for name, (arrived, state) in page.first_told_away().items():
        last_picture = moment(state["last_frame"])
        assert moment(state["since"]) - last_picture <= NAMED_WITHIN_S, (name, state)
        assert arrived - last_picture <= NAMED_WITHIN_S, (name, state)
        assert state["reason"] and state["what"] and state["hint"], (name, state)
    remove_all(client)


def silent(line: Line) -> None:
    line.hold()


def one_byte_a_second(line: Line) -> None:
    for char in b"RTSP/1.0 200 OK\r\n":
        line.send(bytes((char,)))
        if line.wait(1.0):
            return


def half_open(line: Line) -> None:
    """Plays, so it says, and then nothing comes."""
    line.up_to_play()
    line.hold()


def endless_header(line: Line) -> None:
    line.read()
    line.send(b"RTSP/1.0 200 OK\r\nCSeq: 1\r\n")
    while not line.wait(0.5):
        line.send(b"X-More: and more\r\n" * 20)


SCRIPTS: tuple[Callable[[Line], None], ...] = (silent, one_byte_a_second, half_open, endless_header)


Counted = tuple[int, int]
"""Handles and threads of a process."""


def counted(pid: int) -> Counted:
    handles, threads = (len(list(Path(f"/proc/{pid}/{what}").iterdir())) for what in ("fd", "task"))
    return handles, threads


def workers(client: httpx.Client) -> dict[str, Counted]:
    """Of every worker, by its name."""
    text = client.get("/metrics").text
    pids = re.findall(r'^wachtel_worker_pid\{worker="([^"]+)"\} (\S+)', text, re.M)
    return {name: counted(int(float(pid))) for name, pid in pids if float(pid) > 0}


def too_much(client: httpx.Client, server: RunningServer, idle: dict[str, Counted], main: Counted) -> str:
    """Who has more than it had when there was no camera.

    New workers may have what the idle ones have. Analysis workers are connected to media workers: that is a handle for
    each side, and two threads for the media worker.
    """
    now = workers(client)
    new = {
        kind: sum(name.startswith(kind) for name in now.keys() - idle.keys())
        for kind in ("media", "analysis")
    }
    for name, (handles, threads) in now.items():
        kind = name.partition("-")[0]
        most = idle[f"{kind}-0"]
        others = new["analysis" if kind == "media" else "media"]
        if handles > most[0] + others or threads > most[1] + (2 * others if kind == "media" else 0):
            return f"{name} has {handles} handles and {threads} threads, idle it has {most}, new are {new}"
    handles, threads = counted(server.pid)
    if handles > main[0] + HANDLES_PER_WORKER * sum(new.values()) or threads > main[1] + POOL_THREADS:
        return f"main has {handles} handles and {threads} threads, before it had {main}, new are {new}"
    return ""


def test_a_hundred_sick_cameras_are_named_and_leave_nothing_behind(
    server: RunningServer, client: httpx.Client
) -> None:
    wait_until(lambda: not client.get("/api/v1/cameras").json(), PATIENCE_S, "no camera")
    time.sleep(1.0)
    idle, main = workers(client), counted(server.pid)
    asked: dict[str, float] = {}
    with ExitStack() as stack:
        scripted = [stack.enter_context(ScriptedCamera(script)) for script in SCRIPTS]
        for number in range(SICK_CAMERAS):
            name = f"{SCRIPTS[number % 4].__name__} {number}"
            asked[name] = time.time()
            body = {"url": scripted[number % 4].url, "name": name, "allow_local": True}
            client.post("/api/v1/cameras", json=body).raise_for_status()
        wait_until(lambda: conditions(client) <= AWAY, PATIENCE_S, "all cameras are said to be away")
        named = states(client)
        assert len(named) == SICK_CAMERAS
        took = {name: moment(state["since"]) - asked[name] for name, state in named.items()}
        assert max(took.values()) <= NAMED_WITHIN_S, took
        assert all(state["reason"] and state["what"] for state in named.values())
        assert too_much(client, server, idle, main), "a hundred connections are seen by this count"
        remove_all(client)
        until = time.monotonic() + PATIENCE_S
        while (left := too_much(client, server, idle, main)) and time.monotonic() < until:
            time.sleep(0.2)
        assert not left
