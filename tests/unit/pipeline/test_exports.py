"""Films of any range, several cameras in one ZIP, and the same by command."""

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from archive_samples import START, Camera, volume_in

from wachtel.app.cli import main
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import US_PER_S, WallUs
from wachtel.media.fmp4_read import Bytes, read_fragments, read_head
from wachtel.pipeline.archive_files import MOST_OPEN, FilePool
from wachtel.pipeline.exports import Exporter, Film, Wish
from wachtel.storage.index import Index, open_or_rebuild
from wachtel.storage.verify import Scope, verify

MINUTES = 40


@pytest.fixture
def cameras(tmp_path: Path) -> list[Camera]:
    """Two cameras, forty files of ten seconds each, half a minute apart."""
    volume = volume_in(tmp_path)
    made = [Camera(volume), Camera(volume, name="yard")]
    for camera in made:
        for number in range(MINUTES):
            camera.record(number * 150, pictures=50)
    return made


@pytest.fixture
def index(tmp_path: Path, cameras: list[Camera]) -> Iterator[Index]:
    opened = open_or_rebuild(tmp_path / "index.sqlite", tmp_path / "archive")
    yield opened
    opened.close()


@pytest.fixture
def exporter(tmp_path: Path, index: Index) -> Exporter:
    return Exporter(index, tmp_path / "archive")


def at(second: float) -> WallUs:
    return WallUs(START + round(second * US_PER_S))


def body(film: Film) -> bytes:
    return b"".join(film.read())


def pictures(data: bytes) -> int:
    source = Bytes(data)
    return sum(fragment.samples for fragment in read_fragments(source, read_head(source)))


def test_a_range_over_many_files_is_one_film(exporter: Exporter) -> None:
    told: list[tuple[int, int]] = []
    (film,) = exporter.films("door", at(0), at(MINUTES * 30), lambda *now: told.append(now))
    data = body(film)
    assert len(data) == film.size_bytes and pictures(data) == MINUTES * 50
    assert len(film.gaps) == MINUTES - 1 and film.start == START
    assert told[-1] == (MINUTES - 1, MINUTES)
    assert MINUTES > MOST_OPEN


def test_any_part_of_a_film_can_be_read(exporter: Exporter) -> None:
    (film,) = exporter.films("door", at(3), at(65))
    whole = body(film)
    for first, last in ((0, 0), (10, 5000), (len(whole) - 7, len(whole) - 1), (4000, len(whole) - 1)):
        assert b"".join(film.read(first, last)) == whole[first : last + 1]
    assert exporter.films("door", at(3), at(65))[0].etag == film.etag


def test_the_file_being_written_is_in_it(exporter: Exporter, cameras: list[Camera]) -> None:
    open_file = cameras[0].begin(MINUTES * 150, pictures=30)
    (film,) = exporter.films("door", at(MINUTES * 30 - 30), at(MINUTES * 30 + 60))
    assert pictures(body(film)) == 80
    (alone,) = exporter.films("door", at(MINUTES * 30), at(MINUTES * 30 + 60))
    assert pictures(body(alone)) == 30 and open_file.file.path


def test_ranges_without_footage(exporter: Exporter) -> None:
    for camera, start, end in (("door", 12, 25), ("hall", 0, 60), ("door", 10**6, 10**6 + 5)):
        with pytest.raises(WachtelError) as caught:
            exporter.films(camera, at(start), at(end))
        assert caught.value.kind is ErrorKind.NOT_FOUND
    with pytest.raises(WachtelError) as caught:
        exporter.films("door", at(5), at(5))
    assert caught.value.kind is ErrorKind.INVALID


def test_a_file_deleted_meanwhile_is_told(exporter: Exporter, tmp_path: Path) -> None:
    (film,) = exporter.films("door", at(0), at(MINUTES * 30))
    for path in (tmp_path / "archive/home/door/main").glob("*/*.mp4"):
        path.unlink()
    with pytest.raises(WachtelError) as caught:
        body(film)
    assert caught.value.kind is ErrorKind.NOT_FOUND


def test_several_cameras_and_their_journals_in_one_zip(exporter: Exporter) -> None:
    export = exporter.archive(Wish(("door", "yard"), at(0), at(70)))
    data = b"".join(export.read())
    assert len(data) == export.size_bytes
    with zipfile.ZipFile(io.BytesIO(data)) as found:
        assert found.testzip() is None
        names = found.namelist()
        films = [name for name in names if name.endswith(".mp4")]
        assert [name.split("-")[0] for name in films] == ["door", "yard"]
        assert pictures(found.read(films[0])) == 150
        assert {"archive/VOLUME.json", "EXPORT.json"} <= set(names)
        assert sum(name.endswith(".jsonl") for name in names) == 2
        about = json.loads(found.read("EXPORT.json"))
        assert about["films"]["door"][0]["gaps"] == [[at(10), at(30)], [at(40), at(60)]]
    for first in (0, 1000, len(data) - 40):
        assert b"".join(export.read(first)) == data[first:]
    assert b"".join(export.read(5, 9)) == data[5:10]


def test_whole_files_in_a_zip_can_be_proved_elsewhere(exporter: Exporter, tmp_path: Path) -> None:
    export = exporter.archive(Wish(("door",), at(0), at(70), originals=True))
    with zipfile.ZipFile(io.BytesIO(b"".join(export.read()))) as found:
        found.extractall(tmp_path / "elsewhere")
    proof = verify(tmp_path / "elsewhere/archive", Scope("door", at(0), at(70)))
    assert proof.damages == [] and proof.files == 3


def test_a_zip_of_a_camera_without_footage(exporter: Exporter) -> None:
    for wish in (Wish(("hall",), at(0), at(9)), Wish(("door",), at(12), at(13), originals=True)):
        with pytest.raises(WachtelError) as caught:
            exporter.archive(wish)
        assert caught.value.kind is ErrorKind.NOT_FOUND


def test_the_pool_keeps_few_files_open(tmp_path: Path) -> None:
    for number in range(100):
        (tmp_path / f"{number}").write_bytes(str(number).encode())
    pool = FilePool(tmp_path)
    for _ in range(2):
        for number in range(100):
            assert pool.read_at(f"{number}", 0, 9) == str(number).encode()
            assert len(pool._open) <= MOST_OPEN
    assert pool.size("99") == 2
    pool.close()
    pool.close()


def test_the_command(
    tmp_path: Path, index: Index, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import time

    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    film, zipped = tmp_path / "film.mp4", tmp_path / "both.zip"
    span = ["--from", "2026-11-18T12:06:40+01:00", "--to", "2026-11-18T12:07:10"]
    folder = ["--data", str(tmp_path)]
    code = main(["export", "--camera", "door", *span, "-o", str(film), *folder])
    said = capsys.readouterr().err
    assert code == 0, said
    assert pictures(film.read_bytes()) == 50 and "2026-11-18T12:06:40+01:00 to" in said
    both = ["--camera", "door", "--camera", "yard"]
    assert main(["export", *both, *span, "-o", str(zipped), *folder]) == 0
    with zipfile.ZipFile(zipped) as found:
        assert found.testzip() is None
    assert main(["export", *both, *span, "-o", str(film), *folder]) == 1
    assert "ZIP" in capsys.readouterr().err
    assert main(["export", "--camera", "hall", *span, "-o", str(film), *folder]) == 1
    assert main(["export", "--camera", "door", *span, "-o", str(tmp_path / "no/where.mp4"), *folder]) == 1
    assert not list(tmp_path.glob("*.part"))
    capsys.readouterr()
