"""A small archive with all that players must take: segments, clips, gaps, other sizes, exports."""

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from archive_samples import START, Camera, Recording, volume_in
from media_samples import encoded, later, sound
from running_server import wachtel

from wachtel.base.units import US_PER_S, WallUs
from wachtel.media.fmp4 import Muxer, SegmentIdentity
from wachtel.media.fmp4_read import Bytes, read_fragments, read_head
from wachtel.media.timestamps import Timeline
from wachtel.model.stream import Packet, StreamFormat, StreamName
from wachtel.pipeline.exports import Exporter
from wachtel.storage.files import SegmentFile
from wachtel.storage.index import open_or_rebuild

PART_S = 2.0
FRAMES = 50
SMALL, LARGE = (160, 96), (224, 128)


@dataclass(frozen=True, slots=True)
class Film:
    """A file, and how many pictures a player must show."""

    path: Path
    pictures: int
    has_sound: bool = False


ENCODERS = {"h264": "libx264", "sound": "libx264", "h265": "libx265"}


def make_films(folder: Path, kinds: Sequence[str] = tuple(ENCODERS)) -> dict[str, Film]:
    """Everything of these kinds, by name. Made without a server."""
    films: dict[str, Film] = {}
    for kind in kinds:
        has_sound = kind == "sound"
        data = _camera(folder / kind, ENCODERS[kind], with_sound=has_sound)
        films |= _films(kind, data, has_sound=has_sound)
    return films


def _camera(data: Path, encoder: str, *, with_sound: bool) -> Path:
    """Two files one after the other, ten seconds without any, one more, and one of another size."""
    data.mkdir()
    camera = Camera(volume_in(data))
    for number, (at_s, size) in enumerate(((0, SMALL), (2, SMALL), (14, SMALL), (16, LARGE))):
        sample = encoded(encoder, frames=FRAMES, gop=10, size=size)
        packets, format = list(sample.packets), sample.format
        if with_sound:
            audio, sounds = sound(seconds=PART_S)
            packets, format = _mixed(packets, sounds), StreamFormat(sample.video, audio)
        _record(camera, format, later(packets, at_s), number)
    camera.journal.close()
    open_or_rebuild(data / "index.sqlite", data / "archive").close()
    return data


def _mixed(pictures: Sequence[Packet], sounds: Sequence[Packet]) -> list[Packet]:
    return sorted([*pictures, *sounds], key=lambda packet: packet.arrival)


def _record(camera: Camera, format: StreamFormat, packets: Sequence[Packet], number: int) -> None:
    start, place = WallUs(packets[0].arrival), (camera.site, camera.name, StreamName.MAIN)
    muxer = Muxer(format, SegmentIdentity(camera.volume.id, *place, "run", number, start))
    file = SegmentFile.create(camera.volume, *place, start, muxer.head())
    camera.flusher.add(file, camera.journal, lambda file, error: None)
    timeline = Timeline()
    for packet in packets:
        file.append(muxer.add(timeline.place(packet)))
    camera.finish(Recording(file, muxer, []))


def _films(name: str, data: Path, *, has_sound: bool) -> dict[str, Film]:
    def film(path: Path, pictures: int) -> Film:
        return Film(path, pictures, has_sound)

    segments = sorted((data / "archive").glob("*/*/main/*/*.mp4"))
    open_one = data / "open.mp4"
    source = Bytes(whole := segments[0].read_bytes())
    end = max(one.end for one in read_fragments(source, read_head(source)))
    open_one.write_bytes(whole[:end])
    films = {
        f"{name}: a segment": film(segments[0], FRAMES),
        f"{name}: the file being written": film(open_one, FRAMES),
        f"{name}: a clip": film(_cut(data, 1.1, 1.9), 28),
        f"{name}: a clip over two files": film(_cut(data, 1.1, 3.0), 55),
        f"{name}: a range with a gap": film(_cut(data, 0.0, 16.0), 3 * FRAMES),
        f"{name}: a range with a gap and another size": film(_cut(data, 0.0, 30.0), 4 * FRAMES),
    }
    if name == "h264":
        films[f"{name}: an export"] = film(_exported(data), 4 * FRAMES)
        films[f"{name}: out of an export's ZIP"] = film(_zipped(data), 4 * FRAMES)
    return films


def _cut(data: Path, start_s: float, end_s: float) -> Path:
    index = open_or_rebuild(data / "index.sqlite", data / "archive")
    begin, end = (WallUs(START + round(at_s * US_PER_S)) for at_s in (start_s, end_s))
    (film,) = Exporter(index, data / "archive").films("door", begin, end)
    path = data / f"cut-{start_s}-{end_s}.mp4"
    path.write_bytes(b"".join(film.read()))
    index.close()
    return path


def _range() -> list[str]:
    begin = datetime.fromtimestamp(START / US_PER_S, UTC)
    end = datetime.fromtimestamp(START / US_PER_S + 60, UTC)
    return ["--from", begin.isoformat(), "--to", end.isoformat()]


def _exported(data: Path) -> Path:
    path = data / "export.mp4"
    wachtel("export", "--camera", "door", *_range(), "-o", path, "--data", data)
    return path


def _zipped(data: Path) -> Path:
    path = data / "export.zip"
    wachtel("export", "--camera", "door", *_range(), "-o", path, "--data", data)
    with zipfile.ZipFile(path) as found:
        (name,) = [name for name in found.namelist() if name.endswith(".mp4")]
        return Path(found.extract(name, data / "unzipped"))
