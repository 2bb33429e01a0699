"""Live pictures at every door: a crowd costs the recording nothing, and a withdrawn right ends all views at once."""

import asyncio
import time
from collections.abc import Iterator

import httpx
import pytest
from doors_rig import Crowd, Doors, address_of
from live_viewers import Address, rtsp, webrtc, websocket
from running_server import RunningServer, wachtel, wait_until
from websockets.exceptions import ConnectionClosed

from wachtel.testing.fake_camera.process import FakeCameraProcess
from wachtel.testing.sample_film import SampleFilm, make_film

pytestmark = pytest.mark.timeout(120)

GOAL_S = 1.0
GENEROUS_S = 3.0
"""A busy machine is slow; `scripts/soak doors` has the goals."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    folder = tmp_path_factory.mktemp("doors")
    film = make_film(folder / "film.mp4", SampleFilm(seconds=6, bit_rate=2_000_000, noise=20.0))
    with FakeCameraProcess(film, None, ["--loop"]) as camera, RunningServer(folder / "data") as running:
        wachtel("camera", "add", camera.main_url, "--name", "Garden", "--data", running.data)
        with running.client() as client:

            def is_live() -> bool:
                state = client.get("/api/v1/cameras/garden").json()["streams"]["main"]
                return bool(state["condition"] == "live")

            wait_until(is_live, 30, "the camera is live")
        yield running


def test_views_end_when_the_right_is_withdrawn(server: RunningServer) -> None:
    address = address_of(server, "garden", tokens=1, name="guest")
    ended = asyncio.run(all_doors(server, address))
    assert ended.keys() == {"live", "mjpeg", "rtsp", "whep"}
    assert all(after_s < GOAL_S + GENEROUS_S for after_s in ended.values()), ended
    _, token = address.named_token(0)
    for path in ("hls/index.m3u8", "live", "stream.mjpeg"):
        answer = httpx.get(
            f"{address.http}/api/v1/cameras/garden/{path}",
            headers={"Authorization": f"Bearer {token}"},
            trust_env=False,
        )
        assert answer.status_code in (401, 404), path


async def all_doors(server: RunningServer, address: Address) -> dict[str, float]:
    """Looks through all doors, withdraws the token, and tells after how many seconds each view was over."""
    socket = await websocket(address, 0)
    reader, writer = await rtsp(address, 0)
    connection, _ = await webrtc(address, 0)
    _, token = address.named_token(0)
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=address.http, headers=headers, trust_env=False) as client:
        (await client.get("/api/v1/cameras/garden/hls/index.m3u8", timeout=30)).raise_for_status()
        async with client.stream("GET", "/api/v1/cameras/garden/stream.mjpeg", timeout=30) as pictures:
            parts = pictures.aiter_raw()
            await anext(parts)
            await socket.recv()
            while connection.connectionState != "connected":
                await asyncio.sleep(0.05)
            await asyncio.to_thread(wachtel, "token", "remove", "guest0", "--data", server.data)
            began = time.monotonic()

            async def until_end(reading: object) -> float:
                async for _ in reading:  # type: ignore[attr-defined]
                    pass
                return time.monotonic() - began

            async def closed_socket() -> float:
                try:
                    return await until_end(socket)
                except ConnectionClosed:
                    return time.monotonic() - began

            async def played() -> float:
                while await reader.read(1 << 16):
                    pass
                return time.monotonic() - began

            async def hung_up() -> float:
                while connection.connectionState == "connected":
                    await asyncio.sleep(0.05)
                return time.monotonic() - began

            times = await asyncio.gather(closed_socket(), until_end(parts), played(), hung_up())
    writer.close()
    await connection.close()
    return dict(zip(("live", "mjpeg", "rtsp", "whep"), times, strict=True))


def test_a_crowd_costs_the_recording_nothing(server: RunningServer) -> None:
    """The slow ones stay while the others come and vanish; `scripts/soak doors` does this at full size."""

    async def siege(crowd: Crowd) -> None:
        await crowd.stay_and_read_nothing(1)
        await crowd.stay_and_trickle(1)
        for door, count in (("live", 20), ("rtsp", 10), ("mjpeg", 10), ("hls", 3), ("whep", 2)):
            await crowd.vanish(door, count)

    toll = Doors(server, "garden").stand(siege, calm_s=40.0)
    assert toll.came >= 45
    assert toll.refused == 0
    assert toll.is_well, toll
