"""An archive read by the page docs/reference/archive-format.md alone: no code is shared with the writer.

The reader uses the standard library only; signatures need a library for Ed25519.
"""

import hashlib
import json
import struct
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

ROOT = Path(__file__).resolve().parents[2]
IDENTITY = uuid.UUID("3e9956b3-5e76-4c02-81cb-ac9a5694941c").bytes
Line = dict[str, Any]


def boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kind and content of each whole box."""
    at = 0
    while at + 8 <= len(data):
        size, kind = struct.unpack(">I4s", data[at : at + 8])
        if size < 8 or at + size > len(data):
            return
        yield kind, data[at + 8 : at + size]
        at += size


def identity(file: Path) -> Line:
    """What a file says of itself."""
    for kind, content in boxes(file.read_bytes()):
        if kind == b"uuid" and content.startswith(IDENTITY):
            found: Line = json.loads(content[16:])
            return found
    raise AssertionError(f"{file} does not say where it belongs")


def chain(camera: Path) -> list[list[Line]]:
    """The journals of a camera in the order of the chain, every link proved."""
    files = [file.read_bytes().split(b"\n")[:-1] for file in (camera / "journal").glob("*.jsonl")]
    files.sort(key=lambda lines: int(json.loads(lines[0])["seq"]))
    prev, seq = "0" * 64, 0
    for line in (line for lines in files for line in lines):
        entry = json.loads(line)
        assert (entry["prev"], entry["seq"]) == (prev, seq + 1)
        prev, seq = hashlib.sha256(line).hexdigest(), seq + 1
    return [[json.loads(line) for line in lines] for lines in files]


def prove_signature(day: list[Line], keys: list[str]) -> None:
    """Raises when the day's last line is not a signature of one of the keys."""
    first, last = day[0], day[-1]
    assert last["t"] == "signature" and last["key"] in keys
    text = f"wachtel journal 1\n{first['volume']}\n{first['site']}\n{first['camera']}\n{first['day']}\n{last['prev']}\n"
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(last["key"]))
    key.verify(bytes.fromhex(last["signature"]), text.encode())


def _written(tmp_path: Path) -> Path:
    sys.path.insert(0, str(ROOT / "tests/unit/storage"))
    from archive_samples import Camera, fill, volume_in

    fill(Camera(volume_in(tmp_path)))
    return tmp_path / "archive"


def test_the_page_is_enough_to_read_an_archive(tmp_path: Path) -> None:
    archive = _written(tmp_path)
    volume = json.loads((archive / "VOLUME.json").read_text())
    assert volume["format"] == 1
    (camera,) = (path.parent for path in archive.glob("*/*/journal"))
    days = chain(camera)
    for day in days[:-1]:
        prove_signature(day, [volume["signing_key"], *volume["earlier_signing_keys"]])
    lines = [line for day in days for line in day]
    assert all(day[0]["t"] == "day" and day[0]["volume"] == volume["volume"] for day in days)
    gone = {line["file"] for line in lines if line["t"] == "deleted"}
    segments = [line for line in lines if line["t"] == "segment" and line["file"] not in gone]
    files = {str(path.relative_to(archive)) for path in archive.glob("**/*.mp4")}
    assert {line["file"] for line in segments} == files and len(files) == 7
    for line in segments:
        _prove_segment(archive / line["file"], line, volume["volume"])


def _prove_segment(file: Path, line: Line, volume: str) -> None:
    data = file.read_bytes()
    assert (len(data), hashlib.sha256(data).hexdigest()) == (line["bytes"], line["sha256"])
    kinds = [kind for kind, _ in boxes(data)]
    assert kinds[:3] == [b"ftyp", b"moov", b"uuid"] and kinds[-1] == b"mfra"
    assert kinds.count(b"moof") == kinds.count(b"mdat") == line["frames"]
    said = identity(file)
    assert (said["volume"], said["start"], said["run"]) == (volume, line["start"], line["run"])
    site, camera, stream, *_ = line["file"].split("/")
    assert (said["site"], said["camera"], said["stream"]) == (site, camera, stream)


def test_every_kind_of_line_is_on_the_page() -> None:
    from wachtel.media import journal
    from wachtel.model.footage import GapReason

    page = (ROOT / "docs/reference/archive-format.md").read_text()
    kinds = [
        kind for kind in vars(journal).values() if isinstance(kind, type) and issubclass(kind, journal.Entry)
    ]
    for kind in kinds:
        tag = kind.__struct_config__.tag
        if kind in (journal.Entry, journal.UnknownLine) or tag is None:
            continue
        row = next(row for row in page.splitlines() if row.startswith(f"| `{tag}` |"))
        missing = [name for name in kind.__struct_fields__ if f"`{name}`" not in row]
        assert set(missing) <= {"at", "seq", "prev"}, f"{tag}: {missing}"
    for word in (*journal.Closed, *GapReason):
        assert f"`{word.value}`" in page
