"""A disk of 20 MB that fills up under a real server: old footage goes, then recording stops loudly and comes back."""

import errno
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from archive_house import House, assert_whole
from archive_samples import Camera, event
from mounts import may_mount, small_disk
from running_server import wachtel, wait_until

from wachtel.base.clock import SystemClock
from wachtel.base.units import US_PER_S, WallUs
from wachtel.media.journal import StartLine, StopLine, event_line, signal_line
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


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    if not may_mount(tmp_path):
        pytest.skip("needs root and a system that lets it mount")
    film = make_film(tmp_path / "film.mp4", SampleFilm(seconds=4, fps=10, gop=10))
    with (
        small_disk(tmp_path / "data", DISK_MB),
        ThreadedFakeCamera(film, None, FakeCameraOptions(loop=True)) as camera,
    ):
        house = House(tmp_path)
        house.disk = house.archive
        past_footage(house.data)
        wachtel("camera", "add", camera.main_url, "--name", "Door", "--data", house.data)
        try:
            yield house
        finally:
            house.server.stop()


def past_footage(data: Path) -> None:
    """Files of yesterday, of another camera, with an event in one of them."""
    folder = DataFolder.open(data, SystemClock())
    open_state(data).close()
    start = round((time.time() - 86_400) * US_PER_S)
    camera = Camera(folder.volume, FakeClock(start), name="garden")
    camera.write(StartLine(run="past"))
    for number in range(OLD_FILES):
        camera.record_at(WallUs(start + number * 60 * US_PER_S))
        camera.clock.advance(60)
    seen = event(0, start=start + 601 * US_PER_S, camera="garden")
    camera.write(signal_line(seen))
    camera.write(event_line(seen))
    camera.write(StopLine())
    camera.journal.close()
    folder.close()


def old_files(house: House) -> set[Path]:
    return set(house.archive.glob("home/garden/main/*/*.mp4"))


def test_a_small_disk_fills_up_and_is_emptied_again(house: House) -> None:
    house.server.start()
    wait_until(house.records, WITHIN_S, "it records")
    with house.server.client() as client:
        (seen,) = [one for one in client.get("/api/v1/events").json()["events"] if one["camera"] == "garden"]
        assert client.post(f"/api/v1/events/{seen['id']}/hold", json={}).status_code == 200
        clip = client.get(f"/api/v1/events/{seen['id']}/clip.mp4").content
    before, ballast = old_files(house), Ballast(house.data / "ballast")
    ballast.fill(leave=600_000)
    wait_until(lambda: len(old_files(house)) <= 3, WITHIN_S, "old footage makes room")
    wait_until(house.records, WITHIN_S, "it still records")
    held = old_files(house)
    assert held and held < before

    def stopped() -> bool:
        ballast.fill()
        gap = house.camera()["gap"]
        return gap is not None and gap["reason"] == "disk_full" and house.alarm() is not None

    wait_until(stopped, WITHIN_S, "recording stops, and says so")
    alarm = house.alarm()
    assert alarm is not None and "full" in alarm["what"] and str(house.archive) in alarm["what"]
    assert old_files(house) == held
    ballast.remove()
    wait_until(house.records, WITHIN_S, "it records by itself")
    wait_until(lambda: house.alarm() is None, WITHIN_S, "the alarm is withdrawn")
    with house.server.client() as client:
        assert client.get(f"/api/v1/events/{seen['id']}/clip.mp4").content == clip
    house.server.stop()
    assert "disk_full" in house.gap_reasons()
    assert old_files(house) == held
    assert house.unforeseen() == []
    assert_whole(house.data)
