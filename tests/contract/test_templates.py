"""The templates are alive: their entry points lead to drivers, and the contract suites find broken ones."""

import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from wachtel.base.plugins import GROUPS
from wachtel.detectors.api import Detector, Picture
from wachtel.model.camera import MotionSettings
from wachtel.model.event import Motion
from wachtel.testing.contracts.detector import DetectorContract

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted(path.parent for path in (ROOT / "templates").glob("*/pyproject.toml"))


def test_there_is_a_template_for_every_kind_of_driver() -> None:
    assert {"source", "camera", "detector", "notifier"} == {folder.name for folder in TEMPLATES}


@pytest.mark.parametrize("folder", TEMPLATES, ids=lambda folder: folder.name)
def test_its_entry_point_leads_to_the_driver(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(folder))
    project = tomllib.loads((folder / "pyproject.toml").read_text())["project"]
    ((group, points),) = project["entry-points"].items()
    assert group in GROUPS and project["dependencies"][0] == "wachtel"
    ((name, value),) = points.items()
    assert EntryPoint(name, value, group).load() is sys.modules[value.partition(":")[0]].driver


@pytest.mark.parametrize("folder", TEMPLATES, ids=lambda folder: folder.name)
def test_it_says_what_each_of_its_files_is(folder: Path) -> None:
    readme = (folder / "README.md").read_text()
    files = [path for path in folder.rglob("*") if path.suffix in (".py", ".toml")]
    assert [path for path in files if f"`{path.relative_to(folder)}`" not in readme] == []


class Nervous:
    """A detector that sees motion everywhere, later each time it is asked."""

    picture_size, most_fps = (160, 90), 10.0
    _asked = 0

    def look(self, picture: Picture) -> Motion | None:
        Nervous._asked += 1
        return Motion(picture.at, picture.at, 1 / Nervous._asked)

    def suspicious(self) -> bool:
        return True


class NervousDriver:
    def create(self, settings: MotionSettings, width: int, height: int) -> Detector:
        return Nervous()


BROKEN = [
    "test_nothing_is_seen_where_nothing_moves",
    "test_it_becomes_quiet_when_they_are_gone",
    "test_the_same_pictures_give_the_same_answers",
    "test_detectors_share_nothing",
    "test_only_what_touches_a_zone_counts",
]


@pytest.fixture
def contract() -> Iterator[DetectorContract]:
    class Contract(DetectorContract):
        @pytest.fixture
        def driver(self) -> NervousDriver:
            return NervousDriver()

    yield Contract()


@pytest.mark.parametrize("name", BROKEN)
def test_the_suite_finds_a_detector_that_sees_ghosts(contract: DetectorContract, name: str) -> None:
    with pytest.raises(AssertionError):
        getattr(contract, name)(NervousDriver())
