"""Live pictures under a crowd: scripts/soak doors [--clients SECONDS] [--vanish N] [--camera N] [--server N].

Other people's programs look for 60 s, all at once, each told to complain of nothing but errors: FFmpeg and GStreamer by
RTSP over TCP and UDP for H.264 and H.265 and by HLS, VLC by HLS, Chromium by WebSocket and WebRTC, beside the recorder;
each camera is asked for its pictures once.
Viewers that read nothing or 1 KiB a second, and N (200) that come and vanish at each of WebSocket, HLS, Motion JPEG,
RTSP and WebRTC, all beside a camera that is recorded, in two rounds: what the second one leaves in memory is growth.
Then a browser watches, untouched, while the camera is restarted N (100) times and the server N (20) times; each picture
is to be back 3 s after the restarted one is ready. Ends 1 when recording loses anything, memory grows, or a picture
comes back too late.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/rigs"))

from door_clients import Clients, Played, in_browser  # noqa: E402
from doors_rig import DOORS, Crowd, Doors, Toll  # noqa: E402
from page_rig import CameraHouse, House, launch, move_in, open_house, until, until_moving  # noqa: E402
from playwright.sync_api import Page, sync_playwright  # noqa: E402
from running_server import RunningServer, wachtel, wait_until  # noqa: E402

from wachtel.model.stream import Codec, StreamName  # noqa: E402
from wachtel.testing.fake_camera.options import FakeCameraOptions  # noqa: E402
from wachtel.testing.fake_camera.process import FakeCameraProcess  # noqa: E402
from wachtel.testing.fake_camera.threaded import ThreadedFakeCamera  # noqa: E402
from wachtel.testing.sample_film import SampleFilm, make_film  # noqa: E402

FILM = SampleFilm(seconds=10, fps=15, width=1280, height=720, gop=30, bit_rate=4_000_000, noise=6.0)
WATCHED = SampleFilm(seconds=10, fps=10, gop=20)
CLIENTS = SampleFilm(seconds=10, fps=10, width=640, height=360, gop=20, bit_rate=500_000, noise=4.0)
SHARE_DECODED = 0.8
"""The rest of its time a client needs for starting; HLS begins some seconds back."""
BACK_S = 3.0
GOOD_SESSION_MS = 3000
"""A connection that lasted two seconds was a good one for Wachtel; shorter ones are tried again ever more slowly."""

STAYING_S = 40.0
CALM_S = 90.0
MEMORY_GROWTH_MB = 15.0

_SHOWN = """() => {
  const shown = [...document.querySelectorAll("video")].map((one) => one.getVideoPlaybackQuality().totalVideoFrames);
  return shown.reduce((sum, frames) => sum + frames, 0);
}"""


def main() -> int:
    """Runs the soak."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=float, default=60.0)
    parser.add_argument("--vanish", type=int, default=200)
    parser.add_argument("--camera", type=int, default=100)
    parser.add_argument("--server", type=int, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        well = clients(Path(name), options.clients) if options.clients else True
        if options.vanish:
            well &= crowds(Path(name), options.vanish)
        if options.camera or options.server:
            well &= restarts(Path(name), options.camera, options.server)
    return 0 if well else 1


def say(**figures: object) -> None:
    """One line."""
    print(json.dumps({"soak": "doors", **figures}), flush=True)


def clients(folder: Path, seconds: float) -> bool:
    """Everybody at once."""
    film = make_film(folder / "h264.mp4", CLIENTS)
    other = make_film(folder / "h265.mp4", replace(CLIENTS, codec=Codec.H265))
    (folder / "clients").mkdir()
    options = FakeCameraOptions(loop=True)
    with (
        ThreadedFakeCamera(film, options=options) as first,
        ThreadedFakeCamera(other, options=options) as second,
        RunningServer(folder / "clients/data") as server,
    ):
        for name, camera in (("Garden", first), ("Hall", second)):
            wachtel("camera", "add", camera.main_url, "--name", name, "--data", server.data)
        with server.client() as client:
            wait_until(
                lambda: str(client.get("/api/v1/cameras").json()).count("'live'") >= 2, 30, "both live"
            )
        house = move_in(server)
        with ThreadPoolExecutor() as pool:
            others = pool.submit(Clients(server, seconds, CLIENTS.fps).run, "garden", "hall")
            ways = [pool.submit(browsed, house, way, seconds) for way in ("websocket", "webrtc")]
            played = [*others.result(), *(way.result() for way in ways)]
        asked = [
            sum(one.stream is StreamName.MAIN for one in camera.state.sessions) for camera in (first, second)
        ]
    enough = SHARE_DECODED * seconds * CLIENTS.fps
    well = asked == [1, 1]
    for one in played:
        fine = one.status == 0 and not one.complaints and one.pictures >= enough
        well &= fine
        say(what="client", **asdict(one), seconds=seconds, well=fine)
    say(what="clients", sessions_of_each_camera=asked, load=load(), well=well)
    return well


def browsed(house: House, way: str, seconds: float) -> Played:
    """A browser of its own, as its driver lives in one thread."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        played = in_browser(browser, house, "garden", way, seconds)
        browser.close()
    return played


def crowds(folder: Path, vanishing: int) -> bool:
    """Slow ones, then those who vanish, then the same once more: what stays then is growth."""
    film = make_film(folder / "film.mp4", FILM)
    with FakeCameraProcess(film, None, ["--loop"]) as camera, RunningServer(made(folder / "crowd")) as server:
        wachtel("camera", "add", camera.main_url, "--name", "Garden", "--data", server.data)
        with server.client() as client:

            def is_live() -> bool:
                state = client.get("/api/v1/cameras/garden").json()["streams"]["main"]
                return bool(state["condition"] == "live")

            wait_until(is_live, 30, "the camera is live")
        doors, well = Doors(server, "garden"), True
        doors.stand(lambda crowd: everywhere(crowd, 8), calm_s=CALM_S)
        for round_number in (1, 2):
            well &= told("slow", round_number, doors.stand(slow, calm_s=CALM_S))
            for door in DOORS:
                toll = doors.stand(partial(vanish, door, vanishing), calm_s=CALM_S)
                well &= told(f"vanish {door}", round_number, toll)
    return well


async def everywhere(crowd: Crowd, count: int) -> None:
    """A few at each door, so that what is loaded once is loaded."""
    for door in DOORS:
        await crowd.vanish(door, count)


async def vanish(door: str, count: int, crowd: Crowd) -> None:
    """So many at one door."""
    await crowd.vanish(door, count)


async def slow(crowd: Crowd) -> None:
    """Three of each kind at each door."""
    await crowd.stay_and_read_nothing(3)
    await crowd.stay_and_trickle(3)
    await asyncio.sleep(STAYING_S)


def told(what: str, round_number: int, toll: Toll) -> bool:
    """Says what a crowd did; true when all is well."""
    grown = toll.memory_after - toll.memory_before
    well = toll.is_well and (round_number == 1 or grown < MEMORY_GROWTH_MB)
    say(what=what, round=round_number, **asdict(toll), well=well)
    return well


def restarts(folder: Path, cameras: int, servers: int) -> bool:
    """A browser looks at the camera's page all the time and is never touched."""
    film = make_film(folder / "watched.mp4", WATCHED)
    (folder / "watched").mkdir()
    with (
        open_house(folder / "watched", (film, film)) as house,
        sync_playwright() as playwright,
    ):
        browser = launch(playwright)
        page = browser.new_page()
        house.log_in(page.context)
        page.goto(f"{house.origin}/#/camera/garten")
        until_moving(page, 20)
        well = back(page, "camera", cameras, partial(restart_camera, house, page))
        well &= back(page, "server", servers, partial(restart_server, house, page))
        browser.close()
    return well


def restart_camera(house: CameraHouse, page: Page) -> None:
    """Away for two seconds."""
    house.camera_gone()
    page.wait_for_timeout(2000)
    house.camera_back()


def restart_server(house: House, page: Page) -> None:
    """Killed, away for a second."""
    house.server.kill_group()
    house.server.reap()
    page.wait_for_timeout(1000)
    house.server.start()


def back(page: Page, what: str, count: int, restart: Callable[[], None]) -> bool:
    """Seconds until the picture moves on after each restart."""
    took = []
    for _ in range(count):
        restart()
        moves = partial(moved, page, page.evaluate(_SHOWN))
        took.append(until(moves, 60, "the picture moves", page))
        page.wait_for_timeout(GOOD_SESSION_MS)
    took.sort()
    if not took:
        return True
    well = took[-1] <= BACK_S
    median, last = round(took[len(took) // 2], 2), round(took[-1], 2)
    say(what=f"{what} restarted", times=count, back_s_p50=median, back_s_max=last, load=load(), well=well)
    return well


def moved(page: Page, before: int) -> bool:
    """Whether another picture has been shown."""
    now = page.evaluate(_SHOWN)
    return bool(now > 0 and now != before)


def load() -> float:
    """Of the last minute."""
    return round(os.getloadavg()[0], 1)


def made(folder: Path) -> Path:
    """A data folder's place."""
    folder.mkdir()
    return folder / "data"


if __name__ == "__main__":
    sys.exit(main())
