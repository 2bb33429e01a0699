"""What the paths of other programs say: layouts and local times as pure functions."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wachtel.app.cli.import_footage import LAYOUTS as OFFERED
from wachtel.base.errors import WachtelError
from wachtel.base.units import HOUR_US, US_PER_S, WallUs
from wachtel.storage.foreign import LAYOUTS, scan
from wachtel.storage.foreign.frigate import FRIGATE
from wachtel.storage.foreign.local_times import by_last_writing, moments_of
from wachtel.storage.foreign.motioneye import MOTIONEYE

BERLIN = ZoneInfo("Europe/Berlin")
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)).map(lambda at: at.replace(microsecond=0))
NAMES = st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=20).filter(
    lambda name: name not in (".", "..")
)  # fmt: skip
PARTS = st.lists(
    st.one_of(
        NAMES, st.sampled_from(["2023-05-01", "2023-05", "01", "13", "05.10.mp4", "13-05-10.mp4", "/"])
    ),
    max_size=7,
)


def us(at: datetime) -> int:
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


@given(MOMENTS, NAMES)
def test_frigate_names_moments_in_utc(at: datetime, camera: str) -> None:
    parts = ("/", "media", f"{at:%Y-%m-%d}", f"{at:%H}", camera, f"{at:%M.%S}.mp4")
    named = FRIGATE.read(parts)
    assert named is not None
    assert (named.camera, named.begins) == (camera, at.replace(tzinfo=UTC))
    assert named.key == "/".join(parts[2:])


@given(MOMENTS, NAMES)
def test_frigate_before_0_11_names_local_times(at: datetime, camera: str) -> None:
    named = FRIGATE.read(("recordings", f"{at:%Y-%m}", f"{at:%d}", f"{at:%H}", camera, f"{at:%M.%S}.mp4"))
    assert named is not None
    assert (named.camera, named.begins, named.begins.tzinfo) == (camera, at, None)


@given(MOMENTS, NAMES)
def test_motioneye_names_local_times(at: datetime, camera: str) -> None:
    named = MOTIONEYE.read(("var", camera, f"{at:%Y-%m-%d}", f"{at:%H-%M-%S}.mp4"))
    assert named is not None
    assert (named.camera, named.begins, named.begins.tzinfo) == (camera, at, None)


@given(PARTS)
def test_no_path_breaks_a_layout_and_none_belongs_to_two(parts: list[str]) -> None:
    read = [layout.name for layout in LAYOUTS if layout.read(parts) is not None]
    assert len(read) <= 1


@pytest.mark.parametrize(
    "path",
    [
        "2023-02-30/13/front/05.10.mp4",
        "2023-05-01/24/front/05.10.mp4",
        "2023-05-01/13/front/60.10.mp4",
        "2023-05-01/13/front/5.10.mp4",
        "2023-05-01/13/05.10.mp4",
        "front/2023-05-01/24-00-00.mp4",
        "front/2023-05-01/13-05-10.mp4.thumb",
        "front/2023-13-01/13-05-10.mp4",
    ],
)
def test_what_no_clock_shows_is_no_recording(path: str) -> None:
    assert all(layout.read(path.split("/")) is None for layout in LAYOUTS)


@given(MOMENTS)
def test_a_local_time_is_shown_by_the_clock_at_each_of_its_moments(at: datetime) -> None:
    found = moments_of(at, BERLIN)
    shown = [
        datetime.fromtimestamp(one // US_PER_S, UTC).astimezone(BERLIN).replace(tzinfo=None)
        for one in found.candidates
    ]
    assert len(shown) in (1, 2)
    assert all(one == at for one in shown) != found.skipped
    assert list(found.candidates) == sorted(found.candidates)


def test_one_hour_is_shown_twice_and_one_never() -> None:
    autumn = moments_of(datetime(2025, 10, 26, 2, 30), BERLIN)
    first = us(datetime(2025, 10, 26, 0, 30, tzinfo=UTC))
    assert autumn.candidates == (first, first + HOUR_US)
    spring = moments_of(datetime(2025, 3, 30, 2, 30), BERLIN)
    assert spring.skipped
    assert spring.candidates == (us(datetime(2025, 3, 30, 1, 30, tzinfo=UTC)),)
    assert moments_of(datetime(2025, 10, 26, 0, 30, tzinfo=UTC), BERLIN).candidates == (first,)


def test_the_last_writing_tells_which_of_two_hours() -> None:
    first, second = WallUs(1_761_438_600 * US_PER_S), WallUs(1_761_442_200 * US_PER_S)
    length = 30 * US_PER_S
    assert by_last_writing((first, second), length, WallUs(second + length + US_PER_S)) == second
    assert by_last_writing((first, second), length, WallUs(first + length)) == first
    assert by_last_writing((first, second), length, WallUs(second + 86_400 * US_PER_S)) is None


def touch(path: Path, size: int = 10) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(bytes(size))


def test_a_folder_tells_its_layout_and_what_is_beside(tmp_path: Path) -> None:
    for name in ("Camera2/2023-05-01/13-05-20.mp4", "Camera1/2023-05-01/13-05-10.mp4"):
        touch(tmp_path / name)
        touch(tmp_path / f"{name}.thumb")
    touch(tmp_path / "Camera1/2023-05-01/letter.txt")
    (tmp_path / "Camera1/2023-05-01/13-05-11.mp4").symlink_to(tmp_path / "Camera1/2023-05-01/13-05-10.mp4")
    found = scan(tmp_path, LAYOUTS)
    assert found.layout is MOTIONEYE
    assert [file.named.key for file in found.files] == [
        "Camera1/2023-05-01/13-05-10.mp4",
        "Camera2/2023-05-01/13-05-20.mp4",
    ]
    assert sorted(path.name for path in found.strangers) == ["13-05-11.mp4", "letter.txt"]
    assert (found.cameras, found.size_bytes) == (("Camera1", "Camera2"), 20)


def test_a_folder_may_be_given_at_any_height(tmp_path: Path) -> None:
    touch(tmp_path / "recordings/2023-05-01/13/front/05.10.mp4")
    for below in (".", "recordings", "recordings/2023-05-01", "recordings/2023-05-01/13/front"):
        found = scan(tmp_path / below, LAYOUTS)
        assert [file.named.key for file in found.files] == ["2023-05-01/13/front/05.10.mp4"]


def test_the_command_offers_every_layout() -> None:
    assert tuple(layout.name for layout in LAYOUTS) == OFFERED


def test_a_folder_without_recordings_is_an_error_in_words(tmp_path: Path) -> None:
    touch(tmp_path / "2023-05-01/13/front/05.10.mp4")
    with pytest.raises(WachtelError, match="as motionEye names"):
        scan(tmp_path, LAYOUTS, "motioneye")
    with pytest.raises(WachtelError, match="no folder"):
        scan(tmp_path / "missing", LAYOUTS)
