"""Nine cameras in one page: scripts/soak grid [MINUTES] [--cameras N].

Chromium shows the overview of nine (N) small cameras for MINUTES (60). Every half minute each tile must have shown
new pictures; at the end the heap of the page and the memory of browser and server are compared with those after the
first tenth of the time. Ends 1 when a tile froze or memory grew.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/rigs"))

from camera_park import FPS, CameraPark  # noqa: E402
from page_rig import launch, move_in, until  # noqa: E402
from playwright.sync_api import Page, sync_playwright  # noqa: E402
from process_costs import own_mb, pss_mb  # noqa: E402
from running_server import RunningServer, all_pids  # noqa: E402

EVERY_S = 30.0
HEAP_GROWTH_MB = 8.0
BROWSER_GROWTH_MB = 120.0
SERVER_GROWTH_MB = 20.0

_TILES = """() => [...document.querySelectorAll("video")].map((video) => {
  const { totalVideoFrames, droppedVideoFrames } = video.getVideoPlaybackQuality();
  const end = video.buffered.length ? video.buffered.end(video.buffered.length - 1) : 0;
  return { frames: totalVideoFrames, dropped: droppedVideoFrames, at: video.currentTime, buffered: end };
})"""


def main() -> int:
    """Runs the soak."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("minutes", type=float, nargs="?", default=60.0)
    parser.add_argument("--cameras", type=int, default=9)
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as name,
        CameraPark(Path(name), options.cameras) as park,
        RunningServer(Path(name) / "data") as server,
        sync_playwright() as playwright,
    ):
        house = move_in(server)
        add(server, park.urls)
        browser = launch(playwright)
        page = browser.new_context(viewport={"width": 1920, "height": 1800}).new_page()
        house.log_in(page.context)
        page.goto(f"{house.origin}/#/")
        until(lambda: moving(page) == options.cameras, 60, "all tiles move", page)
        well = watch(page, server, options.cameras, options.minutes * 60)
        browser.close()
    return 0 if well else 1


def add(server: RunningServer, urls: list[str]) -> None:
    """The cameras."""
    with server.client() as client:
        for number, url in enumerate(urls):
            new = {"url": url, "name": f"Kamera {number}", "allow_local": True}
            made = client.post("/api/v1/cameras", json=new).raise_for_status().json()
            off = {"motion": {"enabled": False}}
            client.patch(f"/api/v1/cameras/{made['id']}", json=off).raise_for_status()


def tiles(page: Page) -> list[dict[str, float]]:
    """What each tile has shown."""
    found: list[dict[str, float]] = page.evaluate(_TILES)
    return found


def moving(page: Page) -> int:
    """How many have shown a second of pictures."""
    return sum(tile["frames"] >= FPS for tile in tiles(page))


def watch(page: Page, server: RunningServer, cameras: int, seconds: float) -> bool:
    """Looks on; true when nothing froze and nothing grew."""
    session = page.context.new_cdp_session(page)
    began, frozen, behind_s, shown = time.monotonic(), 0, 0.0, [0.0] * cameras
    first: dict[str, float] = {}
    told = 0
    while (passed := time.monotonic() - began) < seconds:
        before = tiles(page)
        page.wait_for_timeout(1000 * min(EVERY_S, max(1.0, seconds - passed)))
        after = tiles(page)
        if len(after) != cameras:
            frozen += abs(cameras - len(after))
            continue
        new = [now["frames"] - then["frames"] for now, then in zip(after, before, strict=True)]
        frozen += sum(count < FPS for count in new)
        behind_s = max([behind_s, *(tile["buffered"] - tile["at"] for tile in after)])
        shown = [total + count for total, count in zip(shown, new, strict=True)]
        if not first and passed + EVERY_S >= seconds / 10:
            first = costs(session, server)
        if passed >= (told + 1) * seconds / 12:
            told += 1
            print(
                json.dumps({"soak": "grid", "minute": round(passed / 60), **costs(session, server)}),
                flush=True,
            )
    last, took = costs(session, server), time.monotonic() - began
    growth = {name: round(last[name] - first.get(name, last[name]), 1) for name in last}
    limits = (("heap_mb", HEAP_GROWTH_MB), ("browser_mb", BROWSER_GROWTH_MB), ("server_mb", SERVER_GROWTH_MB))
    well = not frozen and all(growth[name] < limit for name, limit in limits)
    figures: dict[str, Any] = {
        "soak": "grid",
        "minutes": round(took / 60, 1),
        "cameras": cameras,
        "frozen": frozen,
        "pictures_per_s_least": round(min(shown) / took, 2),
        "pictures_per_s_most": round(max(shown) / took, 2),
        "sent_per_s": FPS,
        "dropped": sum(tile["dropped"] for tile in tiles(page)),
        "buffered_ahead_s_most": round(behind_s, 2),
        "after_a_tenth": first,
        "at_the_end": last,
        "load": round(os.getloadavg()[0], 1),
        "well": well,
    }
    print(json.dumps(figures), flush=True)
    return well


def costs(session: Any, server: RunningServer) -> dict[str, float]:
    """Megabytes: of the page's heap after a collection, what the browser's processes have of
    their own, all and each kind of them, and the server's.
    """
    session.send("HeapProfiler.collectGarbage")
    heap = session.send("Runtime.getHeapUsage")["usedSize"] / 1e6
    browser: dict[str, float] = {}
    for pid in descendants(os.getpid()):
        if is_chromium(pid):
            browser[kind_of(pid)] = browser.get(kind_of(pid), 0.0) + own_mb(pid)
    return {
        "heap_mb": round(heap, 1),
        "browser_mb": round(sum(browser.values()), 1),
        **{f"{kind}_mb": round(amount, 1) for kind, amount in browser.items()},
        "server_mb": round(sum(pss_mb(pid) for pid in server.members()), 1),
    }


def descendants(root: int) -> set[int]:
    """All processes that this one started, and theirs."""
    parents = {pid: parent_of(pid) for pid in all_pids()}
    found = {root}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def parent_of(pid: int) -> int:
    """0 when it is gone."""
    try:
        return int((Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return 0


def is_chromium(pid: int) -> bool:
    """By the name of the program."""
    try:
        return "chrom" in (Path("/proc") / str(pid) / "comm").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def kind_of(pid: int) -> str:
    """Renderer, GPU process and so on; the browser itself has no kind."""
    try:
        said = (Path("/proc") / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode()
    except (FileNotFoundError, ProcessLookupError):
        return "gone"
    return next((word[7:] for word in said.split() if word.startswith("--type=")), "main")


if __name__ == "__main__":
    sys.exit(main())
