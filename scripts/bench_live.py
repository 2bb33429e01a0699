"""Live pictures: scripts/bench live [--seconds N] [--opens N] [--viewers 1,10,50].

From camera to screen in Chromium, by the number in the picture (1280x720, 15 fps, 2 Mbit/s, a key frame every 4 s); how
soon after a click there is a picture and the live edge; and the server's CPU for each viewer of a 640x360 stream beside
FFmpeg copying the same stream to as many outputs. One JSON line each.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/rigs"))

from doors_rig import address_of  # noqa: E402
from live_viewers import Address, LiveViewers  # noqa: E402
from page_rig import House, launch, move_in, until  # noqa: E402
from playwright.sync_api import Browser, Page, sync_playwright  # noqa: E402
from process_costs import cpu_s  # noqa: E402
from running_server import RunningServer, wachtel, wait_until  # noqa: E402
from screen_clock import SendTimes, Shown, forget, shown, watch_pictures  # noqa: E402

from wachtel.model.stream import StreamName  # noqa: E402
from wachtel.testing.fake_camera.options import FakeCameraOptions  # noqa: E402
from wachtel.testing.fake_camera.process import FakeCameraProcess  # noqa: E402
from wachtel.testing.fake_camera.threaded import ThreadedFakeCamera  # noqa: E402
from wachtel.testing.sample_film import SampleFilm, make_film  # noqa: E402

LARGE = SampleFilm(seconds=20, fps=15, width=1280, height=720, gop=60, bit_rate=2_000_000, noise=3.0)
SMALL = SampleFilm(seconds=20, fps=10, width=640, height=360, gop=20, bit_rate=500_000, noise=4.0)
SETTLE_S = 5.0
EDGE_S = 1.5
KINDS = ("websocket", "webrtc", "rtsp")


def main() -> int:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--opens", type=int, default=20)
    parser.add_argument("--viewers", default="1,10,50")
    options = parser.parse_args()
    counts = [int(count) for count in options.viewers.split(",") if count]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        delays(folder, options.seconds, options.opens)
        if counts:
            viewers(folder, counts, options.seconds)
    return 0


def say(**figures: Any) -> None:
    """One line."""
    machine = f"{platform.machine()}, {os.cpu_count()} cores, {platform.release()}"
    load = round(os.getloadavg()[0], 1)
    print(json.dumps({"bench": "live", **figures, "load": load, "machine": machine}), flush=True)


@contextmanager
def numbered_camera(folder: Path) -> Iterator[tuple[ThreadedFakeCamera, SendTimes]]:
    """A camera whose send times are known."""
    film = make_film(folder / "large.mp4", LARGE)
    times = SendTimes(round(LARGE.seconds * LARGE.fps))
    with ThreadedFakeCamera(film, None, FakeCameraOptions(loop=True)) as camera:
        camera._call(lambda: camera._camera.feeds[StreamName.MAIN].join(times))
        yield camera, times


def delays(folder: Path, seconds: float, opens: int) -> None:
    """Camera to screen, and click to picture."""
    with (
        numbered_camera(folder) as (camera, times),
        RunningServer(made(folder / "delays")) as server,
        sync_playwright() as playwright,
    ):
        house = move_in(server)
        with server.client() as client:
            new = {"url": camera.main_url, "name": "Garten", "allow_local": True}
            client.post("/api/v1/cameras", json=new).raise_for_status()
        browser = launch(playwright)
        for way in ("webrtc", "mse"):
            say(what="camera to screen", way=way, **delay(browser, house, times, way, seconds))
        for way in ("page", "mse"):
            say(what="click to picture", way=way, **clicks(browser, house, times, way, opens))
        browser.close()


def opened(browser: Browser, house: House, way: str) -> Page:
    """A page in which pictures are noted; ``mse`` refuses WebRTC."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    watch_pictures(context)
    page = context.new_page()
    if way == "mse":
        page.route("**/whep*", lambda route: route.abort())
    house.log_in(context)
    page.goto(f"{house.origin}/#/")
    return page


def delay(browser: Browser, house: House, times: SendTimes, way: str, seconds: float) -> dict[str, Any]:
    """Milliseconds from camera to screen, after the view has settled."""
    page = opened(browser, house, way)
    page.goto(f"{house.origin}/#/camera/garten")
    until(lambda: page.evaluate(f"pictures.filter((one) => one[2] === '{way}').length") > 2, 30, way, page)
    page.wait_for_timeout(1000 * SETTLE_S)
    forget(page)
    page.wait_for_timeout(1000 * seconds)
    pictures = shown(page)
    page.context.close()
    found = sorted(1000 * (one.at_s - times.sent_at(one)) for one in pictures)
    distinct = len({one.number for one in pictures})
    return {
        "pictures": len(found),
        "of_sent": round(distinct / min(times.film_pictures, seconds * LARGE.fps), 2),
        "ways": sorted({one.way for one in pictures}),
        **spread(found, "ms"),
    }


def clicks(browser: Browser, house: House, times: SendTimes, way: str, opens: int) -> dict[str, Any]:
    """From the click on the camera in the overview to its first picture, and to one that is near the live edge."""
    page = opened(browser, house, way)
    first, edge = [], []
    for number in range(opens):
        page.goto(f"{house.origin}/#/events")
        page.wait_for_timeout(700 + 370 * (number % 11))
        forget(page)
        began = page.evaluate("location.hash = '#/camera/garten', performance.timeOrigin + performance.now()")
        page.wait_for_timeout(1000 * EDGE_S + 1500)
        pictures = shown(page)
        first.append(pictures[0].at_s * 1000 - began if pictures else 9999.0)
        edge.append(next((one.at_s * 1000 - began for one in pictures if is_live(one, times)), 9999.0))
    page.context.close()
    return {"opens": opens, **spread(sorted(first), "first_ms"), **spread(sorted(edge), "edge_ms")}


def is_live(one: Shown, times: SendTimes) -> bool:
    """Not older than half a second."""
    return one.at_s - times.sent_at(one) < 0.5


def spread(values: list[float], name: str) -> dict[str, float]:
    """Median, 95th percentile and largest."""
    last = len(values) - 1
    return {
        f"{name}_p50": round(statistics.median(values), 1),
        f"{name}_p95": round(values[round(0.95 * last)], 1),
        f"{name}_max": round(values[last], 1),
    }


def made(folder: Path) -> Path:
    """A data folder's place."""
    folder.mkdir()
    return folder / "data"


def viewers(folder: Path, counts: list[int], seconds: float) -> None:
    """The server's CPU with so many viewers less that without any, for each viewer."""
    film = make_film(folder / "small.mp4", SMALL)
    with (
        FakeCameraProcess(film, None, ["--loop"]) as camera,
        RunningServer(made(folder / "viewers")) as server,
    ):
        wachtel("camera", "add", camera.main_url, "--name", "Garten", "--data", server.data)
        address = address_of(server, "garten", tokens=4)
        with server.client() as client:
            client.patch("/api/v1/cameras/garten", json={"motion": {"enabled": False}}).raise_for_status()
            wait_until(lambda: is_on(client.get("/api/v1/cameras/garten").json()), 30, "the camera is live")
        time.sleep(SETTLE_S)
        idle = group_cpu(server, seconds)
        for count in counts:
            floor = ffmpeg_floor(address, camera.main_url, count, seconds)
            for kind in KINDS:
                with LiveViewers(kind, count, address) as watching:
                    watching.ready()
                    time.sleep(SETTLE_S)
                    used = group_cpu(server, seconds)
                each = 1000 * (used - idle) / count
                say(
                    what="cpu for each viewer", way=kind, viewers=count, cpu_ms_per_viewer_s=round(each, 2),
                    ffmpeg_copy_ms_per_output_s=round(floor, 2), ratio_to_copy=round(each / floor, 1),
                )  # fmt: skip


def is_on(camera: dict[str, Any]) -> bool:
    """Whether its pictures come."""
    return bool(camera["streams"]["main"]["condition"] == "live")


def group_cpu(server: RunningServer, seconds: float) -> float:
    """CPU seconds of all its processes for each second."""
    before, began = {pid: cpu_s(pid) for pid in server.members()}, time.monotonic()
    time.sleep(seconds)
    took = time.monotonic() - began
    return sum(cpu_s(pid) - before.get(pid, 0.0) for pid in server.members()) / took


def ffmpeg_floor(address: Address, url: str, count: int, seconds: float) -> float:
    """CPU milliseconds that one FFmpeg needs for a second of each of ``count`` outputs over TCP."""
    with LiveViewers("tcp", count, address) as sink:
        command = ["ffmpeg", "-v", "quiet", "-nostdin", "-rtsp_transport", "tcp", "-i", url]
        for _ in range(count):
            command += ["-c", "copy", "-f", "mpegts", f"tcp://127.0.0.1:{sink.port}"]
        copying = subprocess.Popen(command)
        try:
            sink.ready()
            time.sleep(SETTLE_S)
            before = cpu_s(copying.pid)
            time.sleep(seconds)
            used = cpu_s(copying.pid) - before
        finally:
            copying.kill()
            copying.wait()
    return 1000 * used / seconds / count


if __name__ == "__main__":
    sys.exit(main())
