"""Every way to change an archive is found and named; an untouched one is proved."""

import json
import random
import shutil
from pathlib import Path

import pytest
from archive_samples import START, Camera, event, volume_in
from stories import PLACE

from wachtel.app.cli import main
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import US_PER_S, WallUs
from wachtel.media.journal import StartLine
from wachtel.media.journal_values import event_line, signal_line
from wachtel.storage.files.reading import journals
from wachtel.storage.files.removal import remove_listed
from wachtel.storage.index import open_or_rebuild
from wachtel.storage.verify import Scope, verify, verify_file

ALL = Scope()


@pytest.fixture
def camera(tmp_path: Path) -> Camera:
    """Two days: four files, an event, one file deleted by retention."""
    one = Camera(volume_in(tmp_path))
    one.write(StartLine(run="run"))
    for number in range(4):
        one.record(number * 100, pictures=50)
    one.write(signal_line(event(0, length_s=None)))
    one.write(event_line(event(0)))
    one.clock.advance(86_400)
    path = one.record(86_400 * 5)
    remove_listed(one.volume, one.journal, [path], "age")
    one.record(86_400 * 5 + 100)
    return one


def files(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "archive").glob("home/door/main/*/*.mp4"))


def kinds(tmp_path: Path, scope: Scope = ALL, key: str | None = None) -> list[str]:
    return [damage.kind for damage in verify(tmp_path / "archive", scope, key=key).damages]


def test_an_untouched_archive_is_proved(tmp_path: Path, camera: Camera) -> None:
    camera.journal.close()
    told: list[tuple[int, int]] = []
    proof = verify(tmp_path / "archive", ALL, progress=lambda done, of: told.append((done, of)))
    assert proof.damages == []
    assert (proof.cameras, proof.days, proof.signed_days, proof.files) == (1, 2, 1, 5)
    assert proof.lines == 13 and proof.size_bytes == sum(path.stat().st_size for path in files(tmp_path))
    assert told[0] == (0, 5) and told[-1] == (5, 5)


def test_it_may_run_beside_the_recorder(tmp_path: Path, camera: Camera) -> None:
    camera.begin(86_400 * 5 + 200)
    journal = tmp_path / "archive" / journals(camera.volume.disk, PLACE)[-1]
    with journal.open("ab") as file:
        file.write(b'{"t":"seg')
    assert kinds(tmp_path) == []


def test_a_changed_picture_names_the_file_and_its_time(tmp_path: Path, camera: Camera) -> None:
    victim = files(tmp_path)[1]
    data = bytearray(victim.read_bytes())
    data[data.index(b"mdat") + 30] ^= 1
    victim.write_bytes(data)
    (damage,) = verify(tmp_path / "archive", ALL).damages
    assert damage.kind == "altered" and damage.place.endswith(victim.name)
    assert damage.start == START + 20 * US_PER_S
    assert "all of them are there" in damage.what
    assert kinds(tmp_path, Scope(end=WallUs(START + 10 * US_PER_S))) == []
    assert kinds(tmp_path, Scope("door", WallUs(START + 25 * US_PER_S))) == ["altered"]


def test_a_shortened_file_says_how_far_it_can_be_read(tmp_path: Path, camera: Camera) -> None:
    victim = files(tmp_path)[0]
    victim.write_bytes(victim.read_bytes()[: victim.stat().st_size // 2])
    (damage,) = verify(tmp_path / "archive", ALL).damages
    assert damage.kind == "shortened" and "s into it" in damage.what
    victim.write_bytes(b"nothing")
    assert "beginning cannot be read" in verify(tmp_path / "archive", ALL).damages[0].what


def test_files_taken_away_and_added_are_named(tmp_path: Path, camera: Camera) -> None:
    camera.journal.close()
    first, second, *_ = files(tmp_path)
    shutil.copy(first, first.with_name("2026-11-18T000000.000Z.mp4"))
    second.unlink()
    assert sorted(kinds(tmp_path)) == ["missing", "not_listed"]


def lines_of(path: Path) -> list[bytes]:
    return path.read_bytes().splitlines(keepends=True)


def test_every_changed_line_of_a_closed_day_is_found(tmp_path: Path, camera: Camera) -> None:
    path = tmp_path / "archive" / journals(camera.volume.disk, PLACE)[0]
    whole = path.read_bytes()
    die = random.Random(3)
    for number in range(len(lines_of(path))):
        changed = lines_of(path)
        line = bytearray(changed[number])
        line[die.randrange(2, len(line) - 2)] ^= 1
        changed[number] = bytes(line)
        path.write_bytes(b"".join(changed))
        assert kinds(tmp_path), number
        path.write_bytes(whole)
    assert kinds(tmp_path) == []


def test_a_removed_line_a_removed_day_and_an_added_line_are_found(tmp_path: Path, camera: Camera) -> None:
    paths = [tmp_path / "archive" / path for path in journals(camera.volume.disk, PLACE)]
    whole = paths[0].read_bytes()
    lines = lines_of(paths[0])
    paths[0].write_bytes(b"".join(lines[:3] + lines[4:]))
    assert "missing_lines" in kinds(tmp_path)
    paths[0].write_bytes(whole + lines[3])
    assert "lines_after_signature" in kinds(tmp_path)
    paths[0].unlink()
    assert "missing_day" in kinds(tmp_path)


def test_who_rewrites_a_day_cannot_sign_it(tmp_path: Path, camera: Camera) -> None:
    """A forger with all files but without the key: the whole chain is made anew, its signature does not fit."""
    other = tmp_path / "forger"
    other.mkdir()
    forged = Camera(volume_in(other))
    forged.record(0)
    forged.clock.advance(86_400)
    forged.record(86_400 * 5)
    for path in journals(forged.volume.disk, PLACE):
        text = (other / "archive" / path).read_text().replace(forged.volume.id, camera.volume.id)
        (tmp_path / "archive" / path).write_text(text)
    assert {"bad_signature", "broken_chain"} & set(kinds(tmp_path))


def test_a_noted_key_finds_out_a_new_one(tmp_path: Path, camera: Camera) -> None:
    own = camera.volume.marker.signing_key
    assert kinds(tmp_path, key=own.upper()) == []
    assert set(kinds(tmp_path, key="ab" * 32)) == {"foreign_key", "bad_signature"}


def test_a_copy_found_anywhere_is_proved_by_the_archive(tmp_path: Path, camera: Camera) -> None:
    copy = tmp_path / "found.mp4"
    shutil.copy(files(tmp_path)[2], copy)
    assert verify_file(tmp_path / "archive", copy).damages == []
    data = bytearray(copy.read_bytes())
    data[len(data) // 2] ^= 1
    copy.write_bytes(data)
    (damage,) = verify_file(tmp_path / "archive", copy).damages
    assert damage.kind == "altered" and f"from byte {len(data) // 2} on" in damage.what
    copy.write_bytes(data[: len(data) // 3])
    assert verify_file(tmp_path / "archive", copy).damages[0].kind == "shortened"


def test_copies_that_cannot_be_proved(tmp_path: Path, camera: Camera) -> None:
    other = tmp_path / "other"
    other.mkdir()
    foreign = Camera(volume_in(other))
    path = other / "archive" / foreign.record(0)
    with pytest.raises(WachtelError) as caught:
        verify_file(tmp_path / "archive", path)
    assert caught.value.kind is ErrorKind.NOT_FOUND
    nothing = tmp_path / "x.mp4"
    nothing.write_bytes(b"no film")
    with pytest.raises(WachtelError):
        verify_file(tmp_path / "archive", nothing)
    with pytest.raises(WachtelError):
        verify_file(tmp_path / "archive", tmp_path / "not-there.mp4")
    with pytest.raises(WachtelError) as caught:
        verify(tmp_path / "archive", Scope("hall"))
    assert caught.value.kind is ErrorKind.NOT_FOUND


def test_a_deleted_file_that_turns_up_again(tmp_path: Path, camera: Camera) -> None:
    path = files(tmp_path)[-1]
    copy = tmp_path / "kept.mp4"
    shutil.copy(path, copy)
    remove_listed(camera.volume, camera.journal, [path.relative_to(tmp_path / "archive").as_posix()], "age")
    assert verify_file(tmp_path / "archive", copy).damages[0].kind == "not_listed"


def test_the_command(tmp_path: Path, camera: Camera, capsys: pytest.CaptureFixture[str]) -> None:
    camera.journal.close()
    open_or_rebuild(tmp_path / "index.sqlite", tmp_path / "archive").close()
    folder = ("--data", str(tmp_path))
    assert main(["verify", *folder]) == 0
    assert "All of it is as it was written." in capsys.readouterr().err
    victim = files(tmp_path)[0]
    victim.write_bytes(victim.read_bytes()[:-1])
    assert main(["verify", "--json", *folder]) == 1
    damage, total = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert damage["kind"] == "shortened" and total["damages"] == 1 and total["files"] == 5
    assert main(["verify", "--event", event(0).id, *folder]) == 1
    assert main(["verify", str(victim), *folder]) == 1
    assert main(["verify", str(files(tmp_path)[2]), *folder]) == 0
    capsys.readouterr()
    assert main(["verify", "--event", "none", *folder]) == 1
    assert "no event" in capsys.readouterr().err
    assert main(["verify", str(victim), "--camera", "door", *folder]) == 1
    with pytest.raises(SystemExit):
        main(["verify", "--from", "yesterday", *folder])
    capsys.readouterr()
