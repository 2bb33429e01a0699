"""The whole path under load: scripts/bench path [--seconds N] [--cameras 1,4,8] [--streams 50] [--films busy,quiet]
[--turns N].

Fake cameras send 1080p15 H.264 of about 4 Mbit/s and a 640x360 sub stream at 10 fps, in which something moves all the
time, or nothing but noise ever does; the real server records, watches and reports. Beside it, in the same run, Motion
does the same, once at the same time and once alone, a plain MOG2 chain of OpenCV watches, and FFmpeg copies as many
main streams to files and decodes as many sub streams or their key frames: the floors. One JSON line each.
``scripts/bench eyes --live`` prints the first part. With ``--turns`` Wachtel and Motion take turns, so many times, and
nothing else runs: of a machine whose speed changes within minutes this is the better measure of both.
"""

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from statistics import mean
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/rigs"))

from mog2_rival import mog2_cost  # noqa: E402
from motion_rival import motion_cost  # noqa: E402
from process_costs import cpu_s, pss_mb  # noqa: E402
from running_server import RunningServer, wait_until  # noqa: E402

from wachtel.testing.fake_camera.process import FakeCameraProcess  # noqa: E402
from wachtel.testing.sample_film import SampleFilm, make_film  # noqa: E402

WARM_UP_S = 8.0
WORKERS = ("media-0", "analysis-0", "gateway-0")
MAIN = SampleFilm(seconds=20, fps=15, width=1920, height=1080, gop=30, bit_rate=4_000_000, noise=6.0)
SUB = SampleFilm(seconds=20, fps=10, width=640, height=360, gop=20, bit_rate=500_000, noise=4.0)
Address = tuple[str, str]
"""Of the main and of the sub stream."""
FILMS = {"busy": (MAIN, SUB), "quiet": (replace(MAIN, still=True), replace(SUB, still=True))}


def main() -> int:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--cameras", default="1,4,8")
    parser.add_argument("--streams", type=int, default=50)
    parser.add_argument("--films", default="busy,quiet")
    parser.add_argument("--turns", type=int, default=0)
    options = parser.parse_args()
    counts = [int(count) for count in options.cameras.split(",") if count]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        watch(folder, counts, options.seconds, options.films.split(","), options.turns)
        if options.streams and not options.turns:
            films = made_films(folder, "busy")
            say(**recorded(folder / "many", films, options.streams, options.seconds))
    return 0


def watch(folder: Path, counts: Sequence[int], seconds: float, kinds: Sequence[str], turns: int = 0) -> None:
    """A line for each kind of film and number of cameras; with ``turns`` beside Motion alone."""
    for kind in kinds:
        films = made_films(folder, kind)
        for count in counts:
            place = folder / f"{kind}-{count}"
            figures = (
                by_turns(
                    [place.with_name(f"{place.name}-{turn}") for turn in range(turns)], films, count, seconds
                )
                if turns
                else watched(place, films, count, seconds)
            )
            say(film=kind, **figures)


def made_films(folder: Path, kind: str) -> tuple[Path, Path]:
    """Main and sub stream of a kind of film."""
    paths = folder / f"{kind}-main.mp4", folder / f"{kind}-sub.mp4"
    for path, film in zip(paths, FILMS[kind], strict=True):
        if not path.exists():
            make_film(path, film)
    return paths


def say(**figures: Any) -> None:
    """One line."""
    machine = f"{platform.machine()}, {os.cpu_count()} cores, {platform.release()}"
    print(json.dumps({"bench": "path", **figures, "machine": machine}), flush=True)


def watched(folder: Path, films: tuple[Path, Path], count: int, seconds: float) -> dict[str, Any]:
    """``count`` cameras recorded and watched for motion, beside FFmpeg copying as many."""
    with ExitStack() as stack:
        addresses = [fake_camera(stack, films) for _ in range(count)]
        mains, subs = zip(*addresses, strict=True)
        server = stack.enter_context(RunningServer(made(folder)))
        add(server, addresses, motion={"analysis": "every"})
        figures = measure(server, count, seconds)
        beside = beside_motion(server, folder / "motion-beside", addresses, seconds)
        economy = in_economy(server, count, seconds)
        server.stop()
        floor = ffmpegs(folder, mains, seconds)
        decoded = ffmpegs(folder, subs, seconds, decode=True)
        keys = ffmpegs(folder, subs, seconds, "-skip_frame", "nokey", decode=True)
        mog2, mog2_mb = mog2_cost(subs, WARM_UP_S, seconds)
        rival = motion_cost(folder / "motion", addresses, 2 * WARM_UP_S, seconds)
        motion, motion_mb = rival or (None, None)
    return {
        "what": "recorded and watched",
        "cameras": count,
        **figures,
        **beside,
        "economy_cpu_ms_per_camera_s": economy,
        "motion_cpu_ms_per_camera_s": motion,
        "motion_pss_mb_per_camera": motion_mb,
        "mog2_and_copy_cpu_ms_per_camera_s": round(mog2 + floor, 2),
        "mog2_pss_mb_per_camera": mog2_mb,
        "ratio_to_motion": motion and round(figures["cpu_ms_per_camera_s"] / motion, 2),
        "economy_ratio_to_motion": motion and round(economy / motion, 2),
        "ffmpeg_copy_cpu_ms_per_camera_s": floor,
        "ffmpeg_decode_sub_cpu_ms_per_camera_s": decoded,
        "ffmpeg_key_frames_cpu_ms_per_camera_s": keys,
        "load": round(os.getloadavg()[0], 1),
        "ratio_to_copy": round(figures["cpu_ms_per_camera_s"] / floor, 2),
    }


def by_turns(folders: Sequence[Path], films: tuple[Path, Path], count: int, seconds: float) -> dict[str, Any]:
    """Wachtel and Motion one after the other, a turn in each folder."""
    ours: list[float] = []
    theirs: list[float] = []
    with ExitStack() as stack:
        addresses = [fake_camera(stack, films) for _ in range(count)]
        for folder in folders:
            with RunningServer(made(folder)) as server:
                add(server, addresses, motion={"analysis": "every"})
                ours.append(measure(server, count, seconds)["cpu_ms_per_camera_s"])
            if (cost := motion_cost(folder / "motion", addresses, 2 * WARM_UP_S, seconds)) is not None:
                theirs.append(cost[0])
    return {
        "what": "recorded and watched, Wachtel and Motion by turns",
        "cameras": count,
        "cpu_ms_per_camera_s": ours,
        "motion_cpu_ms_per_camera_s": theirs,
        "ratio_to_motion": round(mean(ours) / mean(theirs), 2) if theirs else None,
        "load": round(os.getloadavg()[0], 1),
    }


def beside_motion(
    server: RunningServer, folder: Path, addresses: Sequence[Address], seconds: float
) -> dict[str, float]:
    """Both at the same time, so that a machine whose speed changes changes it for both."""
    with ThreadPoolExecutor(1) as pool:
        rival = pool.submit(motion_cost, folder, addresses, 2 * WARM_UP_S, seconds)
        time.sleep(WARM_UP_S)
        ours = measure(server, len(addresses), seconds)["cpu_ms_per_camera_s"]
        cost = rival.result()
    if cost is None:
        return {}
    return {
        "beside_motion_cpu_ms_per_camera_s": ours,
        "motion_beside_cpu_ms_per_camera_s": cost[0],
        "ratio_to_motion_beside": round(ours / cost[0], 2),
    }


def fake_camera(stack: ExitStack, films: tuple[Path, Path]) -> Address:
    """One of its own for each: of a single one's, all pictures would come at the same moments."""
    camera = stack.enter_context(FakeCameraProcess(*films, arguments=["--loop"]))
    assert camera.sub_url is not None
    return camera.main_url, camera.sub_url


def in_economy(server: RunningServer, count: int, seconds: float) -> float:
    """CPU milliseconds for a second of one camera when only key frames are looked at as long as nothing stirs."""
    with server.client() as client:
        for camera in client.get("/api/v1/cameras").json():
            change = {"motion": {"analysis": "economy"}}
            client.patch(f"/api/v1/cameras/{camera['id']}", json=change).raise_for_status()
    return float(measure(server, count, seconds)["cpu_ms_per_camera_s"])


def recorded(folder: Path, films: tuple[Path, Path], streams: int, seconds: float) -> dict[str, Any]:
    """Many streams of 4 Mbit/s in one media worker, recorded and not watched."""
    with ExitStack() as stack:
        address = fake_camera(stack, (films[0], films[0]))
        server = stack.enter_context(RunningServer(made(folder)))
        add(server, [address] * (streams // 2), record="both", motion={"enabled": False})
        figures = measure(server, streams // 2, seconds, both=True)
    return {"what": "recorded only", "streams": streams, **figures}


def made(folder: Path) -> Path:
    """A data folder's place."""
    folder.mkdir()
    return folder / "data"


def add(server: RunningServer, addresses: Sequence[Address], **settings: Any) -> None:
    """Adds cameras and waits until all are live."""
    with server.client() as client:
        for number, (main_url, sub_url) in enumerate(addresses):
            body = {"url": main_url, "sub_url": sub_url, "name": f"Camera {number}", "allow_local": True}
            made_camera = client.post("/api/v1/cameras", json=body).raise_for_status().json()
            if settings:
                client.patch(f"/api/v1/cameras/{made_camera['id']}", json=settings).raise_for_status()

        def all_live() -> bool:
            cameras = client.get("/api/v1/cameras").json()
            return all(s["condition"] == "live" for one in cameras for s in one["streams"].values())

        wait_until(all_live, 60.0, "all cameras live")


def measure(server: RunningServer, cameras: int, seconds: float, *, both: bool = False) -> dict[str, Any]:
    """CPU, memory, losses, lateness and bytes over a stretch of time."""
    time.sleep(WARM_UP_S)
    # What the server is asked costs it CPU: that is not its own.
    names, files_before, numbers_before = names_of(server), archive_bytes(server.data), numbers(server)
    began, before = time.monotonic(), by_process(server, names, cpu_s)
    time.sleep(seconds)
    took, after = time.monotonic() - began, by_process(server, names, cpu_s)
    files, now, memory = archive_bytes(server.data), numbers(server), by_process(server, names, pss_mb)
    received = now["received_bytes_total"] - numbers_before["received_bytes_total"]
    stored = (
        received if both else now["received_bytes_total main"] - numbers_before["received_bytes_total main"]
    )
    used = sum(after.get(name, 0.0) - value for name, value in before.items())
    return {
        "cpu_ms_per_camera_s": round(1000 * used / took / cameras, 2),
        "cpu_ms_by_process": {
            n: round(1000 * (after.get(n, 0.0) - v) / took / cameras, 2) for n, v in before.items()
        },
        "pss_mb_per_camera": round(sum(memory.values()) / cameras, 1),
        "pss_mb_by_process": {name: round(value, 1) for name, value in memory.items()},
        "mbit_per_camera": round(received * 8 / took / cameras / 1e6, 2),
        "packets_lost": int(now.get("packets_lost_total", 0) - numbers_before.get("packets_lost_total", 0)),
        "main_late_p99_ms": round(1000 * now.get("main_lateness_p99_seconds", 0.0), 1),
        "looked_at_late_at_worst_ms": round(1000 * now.get("analysis_lateness_seconds", 0.0)),
        "file_bytes_per_received_byte": round((files - files_before) / stored, 4),
    }


def names_of(server: RunningServer) -> dict[int, str]:
    """What the processes of the server that have a name are called."""
    return {server.pid: "main", **{server.worker(name): name for name in WORKERS}}


def by_process(
    server: RunningServer, names: Mapping[int, str], figure: Callable[[int], float]
) -> dict[str, float]:
    """A figure of each process of the server's group."""
    return {names.get(pid, f"other-{pid}"): figure(pid) for pid in server.members()}


def numbers(server: RunningServer) -> dict[str, float]:
    """Wachtel's metrics, each summed over its labels, and once more for the main streams alone; latenesses are the
    worst of all cameras."""
    with server.client() as client:
        text = client.get("/metrics").text
    found: dict[str, float] = {}
    for name, labels, value in re.findall(r"^wachtel_(\w+)(\{.*\})? ([0-9.e+-]+)$", text, re.MULTILINE):
        for key in (name, *([f"{name} main"] if 'stream="main"' in labels else [])):
            before = found.get(key, 0.0)
            found[key] = max(before, float(value)) if "lateness" in name else before + float(value)
    return found


def archive_bytes(data: Path) -> int:
    """Bytes of everything in the archive."""
    return sum(path.stat().st_size for path in (data / "archive").rglob("*") if path.is_file())


def ffmpegs(folder: Path, urls: Sequence[str], seconds: float, *options: str, decode: bool = False) -> float:
    """CPU milliseconds that FFmpeg needs for a second of one camera, to copy it to a file or to decode it."""
    before_url = ["ffmpeg", "-v", "quiet", "-rtsp_transport", "tcp", "-threads", "1", *options, "-i"]
    running = []
    for number, url in enumerate(urls):
        output = ["-f", "null", "-"] if decode else ["-c", "copy", str(folder / f"copy-{number}.mp4")]
        command = [*before_url, url, "-t", str(seconds + 60), *output]
        running.append(subprocess.Popen(command, stdin=subprocess.DEVNULL))
    try:
        time.sleep(WARM_UP_S)
        before = [cpu_s(one.pid) for one in running]
        time.sleep(seconds)
        used = sum(cpu_s(one.pid) for one in running) - sum(before)
    finally:
        for one in running:
            one.kill()
            one.wait()
    return round(1000 * used / seconds / len(urls), 2)


if __name__ == "__main__":
    sys.exit(main())
