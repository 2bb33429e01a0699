"""The archive's disk is away, another one, read-only, or comes back: a real server, real mounts."""

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from archive_house import House, assert_whole, metric, tree
from mounts import make_read_only, may_mount
from running_server import wachtel, wait_until

from wachtel.base.clock import SystemClock
from wachtel.storage.data_folder import DataFolder
from wachtel.testing.fake_camera.options import FakeCameraOptions
from wachtel.testing.fake_camera.threaded import ThreadedFakeCamera
from wachtel.testing.sample_film import SampleFilm, make_film

WITHIN_S = 40.0
NEXT_FILE_S = 110.0
"""A disk that is unmounted while a file on it is open goes on taking that file; the next one is refused."""

pytestmark = pytest.mark.timeout(240)


@pytest.fixture(scope="module")
def camera(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ThreadedFakeCamera]:
    film = make_film(tmp_path_factory.mktemp("film") / "film.mp4", SampleFilm(seconds=4, fps=10, gop=10))
    with ThreadedFakeCamera(film, None, FakeCameraOptions(loop=True)) as fake:
        yield fake


@pytest.fixture
def house(tmp_path: Path, camera: ThreadedFakeCamera) -> Iterator[House]:
    if not may_mount(tmp_path):
        pytest.skip("needs root and a system that lets it mount")
    house = House(tmp_path)
    wachtel("camera", "add", camera.main_url, "--name", "Door", "--data", house.data)
    for folder in (house.archive, house.disk, house.other):
        folder.mkdir()
    try:
        yield house
    finally:
        house.server.stop()
        while house.mounted:
            house.pull()


def nothing_in(folder: Path) -> bool:
    return not any(folder.iterdir())


def test_a_disk_that_is_pulled_and_comes_back(house: House) -> None:
    house.plug()
    house.server.start()
    wait_until(house.records, WITHIN_S, "it records")
    wait_until(lambda: house.storage()["disk"]["rounds"] > 0, WITHIN_S, "open files are saved")
    assert metric(house, 'wachtel_disk_rounds_total{worker="media-0"}') > 0
    assert metric(house, 'wachtel_disk_late_rounds_total{worker="media-0"}') >= 0
    before = house.footage()
    house.pull()
    wait_until(lambda: house.alarm() is not None, NEXT_FILE_S, "the alarm")
    alarm = house.alarm()
    assert alarm is not None and str(house.archive) in alarm["what"]
    assert nothing_in(house.archive), "nothing may be written where the disk is not"
    house.plug()
    wait_until(house.records, WITHIN_S, "it records again")
    wait_until(lambda: house.alarm() is None, WITHIN_S, "the alarm is withdrawn")
    assert before.keys() <= house.footage().keys()
    house.server.stop()
    house.pull()
    assert nothing_in(house.archive)
    house.plug()
    assert house.unforeseen() == []
    assert_whole(house.data)


def test_a_server_that_starts_without_the_disk_waits_for_it(house: House) -> None:
    house.plug()
    house.server.start()
    wait_until(house.records, WITHIN_S, "it records")
    house.server.stop()
    before = house.footage()
    house.pull()
    (house.data / "index.sqlite").unlink()
    house.server.start()
    wait_until(lambda: house.alarm() is not None, WITHIN_S, "the alarm")
    state = house.camera()["streams"]["main"]
    assert state["reason"] == "foreign_volume" and str(house.archive) in state["what"], state
    assert "Mount the right disk" in state["hint"]
    assert house.camera()["gap"]["reason"] == "disk_full"
    time.sleep(1.0)
    assert nothing_in(house.archive)
    restarts = metric(house, 'wachtel_worker_restarts_total{worker="media-0"}')
    assert restarts == 0, "the worker waits, it does not die again and again"
    house.plug()
    wait_until(house.records, WITHIN_S, "it records by itself")
    wait_until(lambda: house.alarm() is None, WITHIN_S, "the alarm is withdrawn")
    assert before.items() <= house.footage().items()
    house.server.stop()
    assert house.unforeseen() == []
    assert_whole(house.data)


def test_another_disk_is_left_alone_while_running_and_at_start(house: House, tmp_path: Path) -> None:
    DataFolder.open(tmp_path / "stranger", SystemClock()).close()
    shutil.copytree(tmp_path / "stranger" / "archive", house.other, dirs_exist_ok=True)
    content = tree(house.other)
    house.plug()
    house.server.start()
    wait_until(house.records, WITHIN_S, "it records")
    house.pull()
    house.plug(house.other)
    wait_until(lambda: "Another disk" in (house.alarm() or {"what": ""})["what"], NEXT_FILE_S, "the alarm")
    assert wachtel("rebuild", "--data", house.data, check=False).returncode != 0
    house.server.stop()
    assert tree(house.other) == content
    house.server.start()
    wait_until(lambda: "Another disk" in (house.alarm() or {"what": ""})["what"], WITHIN_S, "the alarm")
    assert "Another disk" in house.camera()["streams"]["main"]["what"]
    house.pull()
    house.plug()
    wait_until(house.records, WITHIN_S, "it records on the right one")
    assert tree(house.other) == content
    house.server.stop()
    assert house.unforeseen() == []
    assert_whole(house.data)


def test_a_disk_that_turns_read_only(house: House) -> None:
    house.plug()
    house.server.start()
    wait_until(house.records, WITHIN_S, "it records")
    house.server.stop()
    before = house.footage()
    make_read_only(house.archive)
    house.server.start()
    wait_until(lambda: "read-only" in (house.alarm() or {"what": ""})["what"], WITHIN_S, "the alarm")
    assert house.footage().keys() == before.keys()
    make_read_only(house.archive, read_only=False)
    wait_until(house.records, WITHIN_S, "it records again")
    house.server.stop()
    assert house.unforeseen() == []
    assert_whole(house.data)
