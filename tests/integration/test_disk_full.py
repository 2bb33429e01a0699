"""A disk of 20 MB that fills up under a real server: old footage goes, then recording stops loudly and comes back."""

import errno
import io
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from archive_house import House, assert_whole
from archive_samples import Camera, event
from mounts import may_mount, small_disk
from running_server import wachtel, wait_until

from wachtel.base.clock import SystemClock
from wachtel.base.units import US_PER_S, WallUs
from wachtel.media.journal import StartLine, StopLine
from wachtel.media.journal_values import event_line, signal_line
from wachtel.storage.data_folder import DataFolder
from wachtel.storage.state import open_state
from wachtel.testing.clock import FakeClock
from wachtel.testing.fake_camera.options import FakeCameraOptions
from wachtel.testing.fake_camera.threaded import ThreadedFakeCamera
from wachtel.testing.sample_film import SampleFilm, make_film

DISK_MB = 20
OLD_FILES = 40
WITHIN_S = 60.0

pytestmark = pytest.mark.timeout(240)


class Ballast:
    """A file of somebody else on the same disk."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb", buffering=0)
        self._path = path

    def fill(self, leave: int = 0) -> None:
        """Grows until only so many bytes are free."""
        try:
            while True:
                self._file.write(bytes(1 << 16))
        except OSError as error:
            assert error.errno == errno.ENOSPC
        if leave:
            self._file.truncate(max(0, self._path.stat().st_size - leave))
            self._file.seek(0, 2)

    def remove(self) -> None:
        self._file.close()
        self._path.unlink()


class OldHouse(House):
    """It has footage of yesterday, with an event in it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.disk = self.archive
        past_footage(self.data)
        self._past = set(self.archive.glob("home/door/main/*/*.mp4"))

    def old_files(self) -> set[Path]:
        return {path for path in self._past if path.exists()}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[OldHouse]:
    if not may_mount(tmp_path):
        pytest.skip("needs root and a system that lets it mount")
    film = make_film(tmp_path / "film.mp4", SampleFilm(seconds=4, fps=10, gop=10))
    with (
        small_disk(tmp_path / "data", DISK_MB),
        ThreadedFakeCamera(film, None, FakeCameraOptions(loop=True)) as camera,
    ):
        house = OldHouse(tmp_path)
        wachtel("camera", "add", camera.main_url, "--name", "Door", "--data", house.data)
        try:
            yield house
        finally:
            house.server.stop()


def past_footage(data: Path) -> None:
    """Files of yesterday, with an event in one of them."""
    folder = DataFolder.open(data, SystemClock())
    open_state(data).close()
    start = round((time.time() - 86_400) * US_PER_S)
    camera = Camera(folder.volume, FakeClock(start), name="door")
    camera.write(StartLine(run="past"))
    for number in range(OLD_FILES):
        camera.record_at(WallUs(start + number * 60 * US_PER_S))
        camera.clock.advance(60)
    seen = event(0, start=start + 601 * US_PER_S, camera="door")
    camera.write(signal_line(seen))
    camera.write(event_line(seen))
    camera.write(StopLine())
    camera.journal.close()
    folder.close()


def look_for_room(house: House) -> None:
    """At once; by itself the server looks every half minute."""
    with house.server.client() as client:
        client.patch("/api/v1/storage", json={"keep_free_bytes": DISK_MB * 100_000}).raise_for_status()


def taken_along(house: House, seen: dict[str, Any]) -> list[bytes]:
    """What somebody gets of the held event: its clip, its stretch of the recording, and an export of whole files."""
    wanted = {"camera": "door", "from": seen["start"], "to": seen["end"]}
    stretch = {"start": seen["start"], "end": seen["end"]}
    with house.server.client() as client:
        clip = client.get(f"/api/v1/events/{seen['id']}/clip.mp4")
        film = client.get("/api/v1/cameras/door/recording.mp4", params=stretch)
        files = client.get("/api/v1/export.zip", params={**wanted, "originals": "true"})
    assert [one.status_code for one in (clip, film, files)] == [200] * 3, (clip, film, files)
    with zipfile.ZipFile(io.BytesIO(files.content)) as found:
        footage = [found.read(name) for name in sorted(found.namelist()) if name.endswith(".mp4")]
    assert footage
    return [clip.content, film.content, *footage]


def test_a_small_disk_fills_up_and_is_emptied_again(house: OldHouse) -> None:
    house.server.start()
    wait_until(house.records, WITHIN_S, "it records")
    with house.server.client() as client:
        (seen,) = client.get("/api/v1/events?limit=500").json()["events"][-1:]
        assert client.post(f"/api/v1/events/{seen['id']}/hold", json={}).status_code == 200
    taken = taken_along(house, seen)
    before, ballast = house.old_files(), Ballast(house.data / "ballast")
    ballast.fill(leave=600_000)
    look_for_room(house)
    wait_until(lambda: len(house.old_files()) <= 3, WITHIN_S, "old footage makes room")
    wait_until(house.records, WITHIN_S, "it still records")
    held = house.old_files()
    assert held and held < before

    def stopped() -> bool:
        ballast.fill()
        gap = house.camera()["gap"]
        return gap is not None and gap["reason"] == "disk_full" and house.alarm() is not None

    wait_until(stopped, WITHIN_S, "recording stops, and says so")
    assert taken_along(house, seen) == taken, "held footage can be had from a disk that is full"
    alarm = house.alarm()
    assert alarm is not None and "full" in alarm["what"] and str(house.archive) in alarm["what"]
    assert house.old_files() == held
    ballast.remove()
    wait_until(house.records, WITHIN_S, "it records by itself")
    wait_until(lambda: house.alarm() is None, WITHIN_S, "the alarm is withdrawn")
    assert taken_along(house, seen) == taken
    house.server.stop()
    assert "disk_full" in house.gap_reasons()
    assert house.old_files() == held
    assert house.unforeseen() == []
    assert_whole(house.data)
