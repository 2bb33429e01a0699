"""What docs/reference/archive-format.md says about segments, held against files of the writer."""

import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/unit/media"))

from media_samples import START, encoded, sound, written  # noqa: E402

from wachtel.media.timestamps import Timeline  # noqa: E402
from wachtel.model.stream import StreamFormat  # noqa: E402

SECONDS_1900_TO_1970 = 2_208_988_800


@dataclass
class Found:
    """What a stranger's reader makes of a file."""

    kinds: list[str] = field(default_factory=list)
    tracks: dict[int, tuple[bytes, int]] = field(default_factory=dict)
    sequence: list[int] = field(default_factory=list)
    decode: list[int] = field(default_factory=list)
    walls: list[int] = field(default_factory=list)
    keys: list[bool] = field(default_factory=list)
    moofs: list[int] = field(default_factory=list)
    audio_samples: int = 0
    index: list[tuple[int, int]] = field(default_factory=list)
    composition: list[int] = field(default_factory=list)


def boxes(data: bytes) -> Iterator[tuple[str, int, bytes]]:
    at = 0
    while at < len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        yield kind.decode(), at, data[at + 8 : at + size]
        at += size


def inner(data: bytes, *path: str) -> bytes:
    for step in path:
        data = next(content for kind, _, content in boxes(data) if kind == step)
    return data


def read(file: bytes) -> Found:
    found, anchor = Found(), (0, 0)
    for kind, at, content in boxes(file):
        found.kinds.append(kind)
        if kind == "moov":
            read_tracks(content, found)
        elif kind == "prft":
            word, track, ntp, decode = struct.unpack(">IIQQ", content)
            assert (word, track) == (1 << 24 | 24, 1)
            anchor = ((ntp * 1_000_000 >> 32) - SECONDS_1900_TO_1970 * 1_000_000, decode)
        elif kind == "moof":
            found.moofs.append(at)
            read_fragment(content, found, anchor)
    read_index(file, found)
    return found


def read_tracks(moov: bytes, found: Found) -> None:
    for kind, _, trak in boxes(moov):
        if kind == "trak":
            number = struct.unpack_from(">I", inner(trak, "tkhd"), 12)[0]
            scale = struct.unpack_from(">I", inner(trak, "mdia", "mdhd"), 12)[0]
            entry = inner(trak, "mdia", "minf", "stbl", "stsd")[12:16]
            found.tracks[number] = (entry, scale)


def read_fragment(moof: bytes, found: Found, anchor: tuple[int, int]) -> None:
    found.sequence.append(struct.unpack(">I", inner(moof, "mfhd")[4:])[0])
    for kind, _, traf in boxes(moof):
        if kind != "traf":
            continue
        assert [each for each, _, _ in boxes(traf)] == ["tfhd", "tfdt", "trun"]
        word, track = struct.unpack(">II", inner(traf, "tfhd"))
        assert word == 0x020000, "default-base-is-moof"
        version, decode = struct.unpack(">IQ", inner(traf, "tfdt"))
        assert version == 1 << 24
        flags, count = struct.unpack_from(">II", inner(traf, "trun"))
        if track == 1:
            assert count == 1
            found.decode.append(decode)
            found.keys.append(bool(flags & 4))
            found.walls.append(anchor[0] + (decode - anchor[1]) * 100 // 9)
            run = inner(traf, "trun")
            found.composition.append(struct.unpack(">i", run[-4:])[0] if flags & 0x800 else 0)
        else:
            found.audio_samples += count


def read_index(file: bytes, found: Found) -> None:
    size = struct.unpack(">I", file[-4:])[0]
    ((kind, _, mfra),) = boxes(file[-size:])
    assert kind == "mfra"
    word, track, sizes, count = struct.unpack_from(">IIII", inner(mfra, "tfra"))
    assert (word, track, sizes) == (1 << 24, 1, 0)
    for number in range(count):
        time, offset, *ones = struct.unpack_from(">QQ3B", inner(mfra, "tfra"), 16 + 19 * number)
        assert ones == [1, 1, 1]
        found.index.append((time, offset))


@pytest.mark.parametrize(("encoder", "entry"), [("libx264", b"avc1"), ("libx265", b"hvc1")])
def test_head_fragments_and_index_are_as_described(encoder: str, entry: bytes) -> None:
    sample = encoded(encoder, b_frames=2)
    file = written(sample.format, sample.placed())
    found = read(file)
    assert file[8:12] == b"iso6" and found.tracks == {1: (entry, 90_000)}
    assert found.kinds[:3] == ["ftyp", "moov", "uuid"] and found.kinds[-1] == "mfra"
    assert found.sequence == list(range(1, len(sample.packets) + 1))
    assert found.decode[0] == 0 and found.decode == sorted(set(found.decode))
    assert found.keys == [packet.key for packet in sample.packets]
    shown = [decode + later for decode, later in zip(found.decode, found.composition, strict=True)]
    assert len(set(shown)) == len(shown) and shown != sorted(shown), "B pictures are shown in another order"
    keys = [number for number, key in enumerate(found.keys) if key]
    assert found.index == [(shown[number], found.moofs[number]) for number in keys]


def test_the_wall_clock_of_every_picture_can_be_told() -> None:
    sample = encoded()
    placed = sample.placed()
    found = read(written(sample.format, placed))
    assert found.walls[0] == START and found.kinds.count("prft") >= found.keys.count(True)
    assert found.walls == sorted(found.walls)
    assert all(abs(wall - each.wall) <= 50_000 for wall, each in zip(found.walls, placed, strict=True))


def test_sound_rides_with_the_pictures() -> None:
    format, packets = sound()
    pictures = encoded(frames=50, gop=10)
    timeline = Timeline()
    mixed = sorted([*pictures.packets, *packets], key=lambda packet: (packet.arrival, packet.track))
    file = written(StreamFormat(pictures.video, format), [timeline.place(packet) for packet in mixed])
    found = read(file)
    assert found.tracks[2] == (b"mp4a", 48_000)
    assert found.audio_samples == pytest.approx(len(packets), abs=3)
    assert len(found.decode) == 50
