"""The rehearsal itself, in a process of its own that has no way out: a server on a copy of the state, with a camera on
this machine, records, shows, plays back, and lets somebody log in. The last line on standard output is JSON.

``python -m wachtel.app.drill.rehearsal FOLDER``
"""

import asyncio
import json
import socket
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from wachtel.accounts.passwords import hash_password
from wachtel.accounts.tokens import AccessTokens
from wachtel.app.drill.network import loopback_up, without_route
from wachtel.app.edge import Edge, EdgeOptions
from wachtel.base.clock import SystemClock
from wachtel.base.errors import WachtelError
from wachtel.base.ids import secret
from wachtel.base.plugins import GROUPS, available, load
from wachtel.model.access import Scope
from wachtel.model.camera import Camera
from wachtel.model.homekit import HomeKit
from wachtel.storage.state import State, open_state
from wachtel.storage.state.accounts import Account
from wachtel.testing.fake_camera.process import FakeCameraProcess
from wachtel.testing.sample_film import SampleFilm, make_film

CAMERA = "wachtel-drill"
NAME = "Wachtel drill"
PATIENCE_S = 60.0
ENOUGH_BYTES = 20_000
_PASSWORD = secret(96)

Check = Callable[[httpx.AsyncClient, Edge], Awaitable[bool]]


def main() -> int:
    """Runs the rehearsal in the folder that is named."""
    folder = Path(sys.argv[1])
    with suppress(OSError):
        loopback_up()
    before = without_route()
    results = asyncio.run(_rehearse(folder))
    sys.stdout.write(json.dumps({"checks": results, "without_route": without_route() - before}) + "\n")
    return 0


async def _rehearse(folder: Path) -> dict[str, str]:
    """What was tried, each with "" when it went well, else with what went wrong."""
    results = {"drivers": _load_drivers()}
    film = await asyncio.to_thread(make_film, folder / "film.mp4", SampleFilm(seconds=4))
    with FakeCameraProcess(film, arguments=["--loop"]) as camera:
        token = _prepare(folder / "data", camera.main_url)
        edge = await Edge.open(EdgeOptions(folder / "data", port=0))
        try:
            headers = {"authorization": f"Bearer {token}"}
            async with httpx.AsyncClient(
                base_url=edge.url, headers=headers, timeout=20.0, trust_env=False
            ) as client:
                for name, check in CHECKS.items():
                    results[name] = await _tried(check, client, edge)
        finally:
            await edge.close()
    return results


def _load_drivers() -> str:
    """Imports every driver that is installed, ours and strangers'; says which could not be."""
    drivers = [(group, name) for group in GROUPS for name in available(group)]
    return " ".join(filter(None, (_load(group, name) for group, name in drivers)))


def _load(group: str, name: str) -> str:
    try:
        load(group, name)
    except (WachtelError, ImportError, AttributeError, OSError) as error:
        return f"{name} of {group}: {error}."[:200]
    return ""


def _prepare(data: Path, url: str) -> str:
    """The copy without the owner's cameras, channels and broker, which lie elsewhere, and with one of ours.

    Gives a token.
    """
    state = open_state(data)
    try:
        _without_addresses(state)
        site = state.sites.all()[0]
        state.cameras.add(Camera(CAMERA, site.id, NAME, url, allow_local=True))
        now = SystemClock().wall_us()
        state.accounts.add(Account(secret(64), NAME, Scope.VIEW, hash_password(_PASSWORD), now))
        return AccessTokens(state, SystemClock()).issue(NAME, Scope.VIEW).secret
    finally:
        state.close()


def _without_addresses(state: State) -> None:
    for camera in state.cameras.all():
        state.cameras.remove(camera.id)
    for channel in state.channels.all():
        state.channels.remove(channel.id)
    state.broker.remove()
    state.homekit.put(HomeKit("127.0.0.1", enabled=False))


async def _tried(check: Check, client: httpx.AsyncClient, edge: Edge) -> str:
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not await check(client, edge):
                await asyncio.sleep(0.1)
    except TimeoutError:
        return f"It did not happen within {PATIENCE_S:.0f} s."
    except (httpx.HTTPError, OSError, WachtelError, LookupError, ValueError) as error:
        return f"{type(error).__name__}: {error}"[:200]
    return ""


async def _records(_: httpx.AsyncClient, edge: Edge) -> bool:
    files = (edge.data.archive).glob(f"*/{CAMERA}/main/*/*.mp4")
    return sum(path.stat().st_size for path in files) > ENOUGH_BYTES


async def _shows(client: httpx.AsyncClient, _: Edge) -> bool:
    answer = await client.get(f"/api/v1/cameras/{CAMERA}/snapshot.jpg")
    return answer.status_code == 200 and answer.content[:2] == b"\xff\xd8"


async def _plays(client: httpx.AsyncClient, _: Edge) -> bool:
    at = SystemClock().wall_us() / 1_000_000
    bounds = {"start": _iso(at - 600), "end": _iso(at)}
    answer = await client.get(f"/api/v1/cameras/{CAMERA}/recording.mp4", params=bounds)
    return answer.status_code == 200 and answer.content[4:8] == b"ftyp" and b"moof" in answer.content


async def _logs_in(client: httpx.AsyncClient, edge: Edge) -> bool:
    page = await client.get("/healthz")
    body = {"name": NAME, "password": _PASSWORD}
    origin = {"origin": edge.url.rstrip("/")}
    answer = await client.post("/api/v1/session", json=body, headers=origin)
    return page.status_code == 200 and answer.status_code == 200


async def _accounts_for_every_moment(client: httpx.AsyncClient, _: Edge) -> bool:
    answer = await client.get(f"/api/v1/cameras/{CAMERA}/ledger")
    states = {stretch["state"] for stretch in answer.json()["stretches"]}
    return answer.status_code == 200 and "recorded" in states and "unknown" not in states


async def _opens_doors(client: httpx.AsyncClient, edge: Edge) -> bool:
    playlist = await client.get(f"/api/v1/cameras/{CAMERA}/hls/index.m3u8")
    return playlist.status_code == 200 and await asyncio.to_thread(_rtsp_answers, edge.rtsp_url)


def _rtsp_answers(url: str) -> bool:
    where = urlsplit(url)
    with socket.create_connection((where.hostname, where.port), timeout=10) as connection:
        connection.sendall(f"OPTIONS {url}{CAMERA} RTSP/1.0\r\nCSeq: 1\r\n\r\n".encode())
        return connection.recv(100).startswith(b"RTSP/1.0 ")


def _iso(at: float) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(at, UTC).isoformat()


CHECKS: dict[str, Check] = {
    "record": _records,
    "live": _shows,
    "play": _plays,
    "log_in": _logs_in,
    "account": _accounts_for_every_moment,
    "doors": _opens_doors,
}

if __name__ == "__main__":
    sys.exit(main())
