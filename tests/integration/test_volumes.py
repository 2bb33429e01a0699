"""The archive's disk is away, another one, read-only, and comes back: a real server, real mounts.

All tests share one house, and each leaves it as it found it: the right disk in its place, a server that records.
"""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from archive_house import House, assert_whole, metric, tree
from mounts import make_read_only, may_mount
from running_server import wachtel, wait_until

from wachtel.base.clock import SystemClock
from wachtel.storage.data_folder import DataFolder
from wachtel.testing.fake_camera.options import FakeCameraOptions
from wachtel.testing.fake_camera.threaded import ThreadedFakeCamera
from wachtel.testing.sample_film import SampleFilm, make_film

WITHIN_S = 60.0

pytestmark = pytest.mark.timeout(240)


@dataclass(frozen=True)
class Trouble:
    """What somebody does to the disk, how it is mended, and what the alarm must say."""

    begin: Callable[[House], None]
    end: Callable[[House], None]
    says: str


def swap(house: House) -> None:
    house.pull()
    house.plug(house.other)


def swap_back(house: House) -> None:
    house.pull()
    house.plug()


def turn_read_only(house: House) -> None:
    # The system refuses this to a mount with open files; so the same disk comes a second time, over the first.
    house.plug()
    make_read_only(house.archive)


TROUBLES = {
    "pulled": Trouble(House.pull, House.plug, "is not there"),
    "swapped": Trouble(swap, swap_back, "Another disk"),
    "read-only": Trouble(turn_read_only, House.pull, "read-only"),
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    if not may_mount(folder):
        pytest.skip("needs root and a system that lets it mount")
    film = make_film(folder / "film.mp4", SampleFilm(seconds=4, fps=10, gop=10))
    house = House(folder)
    with ThreadedFakeCamera(film, None, FakeCameraOptions(loop=True)) as camera:
        wachtel("camera", "add", camera.main_url, "--name", "Door", "--data", house.data)
        for place in (house.archive, house.disk, house.other):
            place.mkdir()
        DataFolder.open(folder / "stranger", SystemClock()).close()
        shutil.copytree(folder / "stranger" / "archive", house.other, dirs_exist_ok=True)
        try:
            yield house
        finally:
            house.server.stop()
            while house.mounted:
                house.pull()


@pytest.fixture
def house(home: House) -> House:
    """The house in good order, whatever the test before has left."""
    if not home.mounted:
        home.plug()
        home.server.start()
    wait_until(home.records, WITHIN_S, "it records")
    return home


def says(house: House, words: str) -> bool:
    """True while the alarm holds these words."""
    return words in (house.alarm() or {"what": ""})["what"]


def is_watched(house: House) -> bool:
    """True when a picture of this moment can be had."""
    with house.server.client() as client:
        return client.get("/api/v1/cameras/door/snapshot.jpg").content.startswith(b"\xff\xd8")


def assert_it_recovers(house: House) -> None:
    wait_until(house.records, WITHIN_S, "it records again")
    wait_until(lambda: house.alarm() is None, WITHIN_S, "the alarm is withdrawn")


def assert_nothing_strange(house: House, before: dict[str, int], stranger: dict[str, bytes]) -> None:
    """No footage is gone, and nothing lies where it does not belong."""
    assert before.keys() <= house.footage().keys()
    assert tree(house.other) == stranger
    assert house.unforeseen() == []


@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=TROUBLES.keys())
def test_trouble_while_the_server_runs(house: House, trouble: Trouble) -> None:
    before, stranger = house.footage(), tree(house.other)
    trouble.begin(house)
    wait_until(lambda: says(house, trouble.says), WITHIN_S, "the alarm")
    assert says(house, str(house.archive))
    wait_until(lambda: house.camera()["gap"] is not None, WITHIN_S, "the camera is said not to be recorded")
    assert house.camera()["gap"]["reason"] == "disk_full"
    assert not house.records(), (
        "an open file goes on taking footage when its disk is unmounted; nobody may write it"
    )
    assert house.mounted or not tree(house.archive), "nothing may be written where the disk is not"
    trouble.end(house)
    assert_it_recovers(house)
    assert_nothing_strange(house, before, stranger)


@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=TROUBLES.keys())
def test_trouble_when_the_server_starts(house: House, trouble: Trouble) -> None:
    house.server.stop()
    before, stranger = house.footage(), tree(house.other)
    trouble.begin(house)
    if trouble.says == "is not there":
        (house.data / "index.sqlite").unlink()
    house.server.start()
    wait_until(lambda: says(house, trouble.says), WITHIN_S, "the alarm")
    wait_until(lambda: house.camera()["gap"] is not None, WITHIN_S, "the camera is said not to be recorded")
    assert house.camera()["gap"]["reason"] == "disk_full"
    wait_until(lambda: is_watched(house), WITHIN_S, "live views need no disk")
    assert house.footage() == before
    assert house.mounted or not tree(house.archive), "nothing may be written where the disk is not"
    restarts = metric(house, 'wachtel_worker_restarts_total{worker="media-0"}')
    assert restarts == 0, "the worker waits, it does not die again and again"
    trouble.end(house)
    assert_it_recovers(house)
    assert_nothing_strange(house, before, stranger)


def test_a_command_leaves_another_disk_alone_and_in_the_end_all_is_whole(house: House) -> None:
    assert metric(house, 'wachtel_disk_rounds_total{worker="media-0"}') > 0
    assert metric(house, 'wachtel_disk_late_rounds_total{worker="media-0"}') >= 0
    assert house.storage()["disk"]["rounds"] > 0
    house.server.stop()
    stranger = tree(house.other)
    swap(house)
    refused = wachtel("rebuild", "--data", house.data, check=False)
    assert refused.returncode != 0 and "Another disk" in refused.stderr
    swap_back(house)
    assert tree(house.other) == stranger
    assert "disk_full" in house.gap_reasons()
    assert_whole(house.data)
    house.pull()
    assert not tree(house.archive)
