"""A second reader of segments, made from the description of the format, shares no code with the product."""

import json
import struct
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from media_samples import START, encoded, written

NTP_TO_UNIX_S = 2_208_988_800


def walk(data: bytes) -> Iterator[tuple[str, int, bytes]]:
    position = 0
    while position < len(data):
        size, kind = struct.unpack_from(">I4s", data, position)
        yield kind.decode(), position, data[position + 8 : position + size]
        position += size


def inside(data: bytes, *path: str) -> bytes:
    for step in path:
        data = next(content for kind, _, content in walk(data) if kind == step)
    return data


def read(file: bytes) -> dict[str, Any]:
    found: dict[str, Any] = {"order": [], "decode_s": [], "pictures": [], "wall": []}
    for kind, _, content in walk(file):
        found["order"].append(kind)
        if kind == "uuid":
            found["type"], found["identity"] = uuid.UUID(bytes=content[:16]), json.loads(content[16:])
        elif kind == "moov":
            found["timescale"] = struct.unpack_from(">I", inside(content, "trak", "mdia", "mdhd"), 12)[0]
        elif kind == "prft":
            seconds, fraction = struct.unpack_from(">II", content, 8)
            found["wall"].append((seconds - NTP_TO_UNIX_S) * 1_000_000 + (fraction * 1_000_000 >> 32))
        elif kind == "moof":
            found["decode_s"].append(struct.unpack_from(">Q", inside(content, "traf", "tfdt"), 4)[0] / 90_000)
        elif kind == "mdat":
            found["pictures"].append(content)
        elif kind == "mfra":
            table = inside(content, "tfra")
            count = struct.unpack_from(">I", table, 12)[0]
            found["index"] = [struct.unpack_from(">QQ", table, 16 + 19 * entry) for entry in range(count)]
    return found


def test_a_segment_is_what_the_description_says() -> None:
    sample = encoded()
    file = written(sample.format, sample.placed())
    found = read(file)
    assert found["order"][:4] == ["ftyp", "moov", "uuid", "prft"]
    assert found["order"][-1] == "mfra"
    assert found["timescale"] == 90_000
    assert found["decode_s"] == [round(number * 0.04, 2) for number in range(24)]
    assert found["pictures"] == [packet.data for packet in sample.packets]
    assert found["wall"] == [START, START + 320_000, START + 640_000]
    assert [time for time, _ in found["index"]] == [0, 8 * 3600, 16 * 3600]
    assert all(file[offset + 4 : offset + 8] == b"moof" for _, offset in found["index"])


def test_a_file_found_alone_tells_where_it_belongs() -> None:
    sample = encoded()
    found = read(written(sample.format, sample.placed()))
    assert str(found["type"]) == "3e9956b3-5e76-4c02-81cb-ac9a5694941c"
    assert found["identity"] == {
        "format": 1,
        "volume": "volume",
        "site": "home",
        "camera": "door",
        "stream": "main",
        "run": "run",
        "sequence": 0,
        "start": START,
    }
    assert datetime.fromtimestamp(found["identity"]["start"] / 1e6, UTC).year == 2026
