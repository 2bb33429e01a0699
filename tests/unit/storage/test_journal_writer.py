"""The chain on the disk: days, clocks that jump, torn ends."""

from pathlib import Path

import pytest
from archive_samples import Camera, volume_in

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.media.journal import DayLine, SignatureLine, StopLine, TornLine, read_lines
from wachtel.media.journal_chain import ChainHead, JournalIdentity, verify_day
from wachtel.storage.files.disk import read_all
from wachtel.storage.files.reading import CameraPlace, journals
from wachtel.storage.files.volume import valid_signature


@pytest.fixture
def camera(tmp_path: Path) -> Camera:
    return Camera(volume_in(tmp_path))


def _names(camera: Camera) -> list[str]:
    paths = journals(camera.volume.disk, CameraPlace("home", "door"))
    return [path.rpartition("/")[2] for path in paths]


def _is_whole(camera: Camera) -> bool:
    """All files, in the order of their numbers, make one chain; all but the newest are signed."""
    disk, volume = camera.volume.disk, camera.volume
    files = [read_all(disk, path) for path in journals(disk, CameraPlace("home", "door"))]
    files.sort(key=lambda data: next(line.entry.seq for line in read_lines(data) if line.entry))
    head, reports = ChainHead(), []
    for data in files:
        reports.append(verify_day(data, head, JournalIdentity(volume.id, "home", "door"), valid_signature))
        head = reports[-1].head
    return not any(r.faults for r in reports) and all(r.signed for r in reports[:-1])


def test_midnight_signs_the_day_and_the_next_one_continues(camera: Camera) -> None:
    camera.journal.append(StopLine())
    camera.clock.advance(86_400)
    camera.journal.append(StopLine())
    kinds = [type(line.line) for line in camera.lines]
    assert kinds == [DayLine, StopLine, SignatureLine, DayLine, StopLine]
    assert _names(camera) == ["2026-11-18.jsonl", "2026-11-19.jsonl"] and _is_whole(camera)


def test_a_day_slept_through_is_signed_at_the_next_line(camera: Camera) -> None:
    camera.journal.append(StopLine())
    camera.clock.advance(10 * 86_400)
    camera.restart()
    camera.journal.append(StopLine())
    assert _names(camera) == ["2026-11-18.jsonl", "2026-11-28.jsonl"] and _is_whole(camera)


@pytest.mark.parametrize("jump_s", [-86_400 * 3650, -86_400 * 2, -3600, 3600, 86_400, 86_400 * 3650])
@pytest.mark.parametrize("restart", [False, True])
def test_the_chain_survives_a_clock_that_jumps_and_comes_back(
    camera: Camera, jump_s: int, restart: bool
) -> None:
    for jump in (0, jump_s, 60, -jump_s, 60, 86_400, 86_400):
        camera.clock.jump_wall(jump)
        if restart:
            camera.restart()
        camera.journal.append(StopLine())
        camera.journal.append(StopLine())
    assert _is_whole(camera)
    assert [line.line.seq for line in camera.lines] == list(range(1, len(camera.lines) + 1))


@pytest.mark.parametrize("torn", [b'{"t":"gap","at":17', b"\0" * 50, b"\0\n\0\n"])
def test_a_torn_end_is_cut_and_noted(camera: Camera, tmp_path: Path, torn: bytes) -> None:
    last = camera.journal.append(StopLine())
    with (tmp_path / "archive" / last.path).open("ab") as file:
        file.write(torn)
    camera.restart()
    note = camera.lines[-1].line
    assert isinstance(note, TornLine) and note.bytes == len(torn) and _is_whole(camera)


def test_a_journal_without_a_whole_first_line_is_begun_again(camera: Camera, tmp_path: Path) -> None:
    path = tmp_path / "archive" / camera.journal.append(StopLine()).path
    path.write_bytes(path.read_bytes()[:40])
    camera.lines.clear()
    camera.restart()
    assert [type(line.line) for line in camera.lines] == [DayLine, TornLine] and _is_whole(camera)


def test_nothing_is_written_after_close(camera: Camera) -> None:
    camera.journal.close()
    with pytest.raises(WachtelError) as caught:
        camera.journal.append(StopLine())
    assert caught.value.kind is ErrorKind.CONFLICT and camera.lines == []


def test_a_damaged_middle_is_left_for_check(camera: Camera, tmp_path: Path) -> None:
    camera.journal.append(StopLine())
    path = tmp_path / "archive" / camera.journal.append(StopLine()).path
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0] + b"damaged\n" + lines[2])
    camera.restart()
    camera.journal.append(StopLine())
    assert path.read_bytes().startswith(lines[0] + b"damaged\n" + lines[2]) and not _is_whole(camera)
