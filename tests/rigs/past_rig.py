"""An archive of yesterday that plays: real pictures, gaps with reasons, events, footage that was deleted."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

import av
from archive_samples import Camera, Recording, event
from page_rig import PASSWORD, House, move_in
from running_server import RunningServer

from wachtel.base.clock import SystemClock
from wachtel.base.ids import compact_time
from wachtel.base.units import US_PER_S, WallUs
from wachtel.media.fmp4 import Muxer, SegmentIdentity
from wachtel.media.journal import SegmentLine, StartLine, StopLine
from wachtel.media.journal_values import event_line, signal_line, split_gap
from wachtel.media.timestamps import Timeline
from wachtel.media.video import normalise, read_extradata
from wachtel.model.footage import GapReason
from wachtel.model.stream import Codec, Packet, StreamFormat, StreamName, Track, VideoFormat
from wachtel.storage.data_folder import DataFolder
from wachtel.storage.files import SegmentFile
from wachtel.storage.files.removal import remove_listed
from wachtel.storage.state import open_state
from wachtel.testing.clock import FakeClock
from wachtel.testing.sample_film import SampleFilm, make_film

FPS = 5
FILE_S = 60
ZONE = ZoneInfo("Europe/Berlin")
FILM = SampleFilm(seconds=FILE_S, fps=FPS, gop=10, width=480, height=270, bit_rate=250_000)


@dataclass(slots=True)
class Past(House):
    """A house with an archive, and the moments that matter in it (seconds since 1970)."""

    day: str
    begin_s: int
    gap_s: int
    event_s: int


def packets(film: Path) -> tuple[StreamFormat, list[Packet]]:
    """The pictures of a film as they come from a camera; the first arrives at 0."""
    with av.open(film.as_posix()) as container:
        (video,) = container.streams.video
        extra = read_extradata(Codec.H264, video.codec_context.extradata or b"")
        shape = StreamFormat(VideoFormat(Codec.H264, video.width, video.height, extra.parameter_sets))
        found = [
            Packet(
                normalise(Codec.H264, bytes(one), extra.length_size)[0],
                number * 90_000 // FPS,
                number * 90_000 // FPS,
                Fraction(1, 90_000),
                one.is_keyframe,
                Track.VIDEO,
                WallUs(number * US_PER_S // FPS),
            )
            for number, one in enumerate(one for one in container.demux(video) if one.size)
        ]
    return shape, found


def record(camera: Camera, shape: StreamFormat, pictures: list[Packet], start: int) -> str:
    """A minute of footage; returns its path."""
    identity = SegmentIdentity(
        camera.volume.id, camera.site, camera.name, StreamName.MAIN, "run", 0, WallUs(start)
    )
    muxer, timeline = Muxer(shape, identity), Timeline()
    file = SegmentFile.create(
        camera.volume, camera.site, camera.name, StreamName.MAIN, WallUs(start), muxer.head()
    )
    camera.flusher.add(file, camera.journal, lambda file, error: camera.abandoned.append((file.path, error)))
    for one in pictures:
        file.append(muxer.add(timeline.place(replace(one, arrival=WallUs(start + one.arrival)))))
    camera.clock.advance(FILE_S)
    camera.finish(Recording(file, muxer, []))
    return file.path


def local_day(days_ago: int) -> datetime:
    """Midnight of a day in Berlin."""
    today = datetime.now(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=days_ago)


def fill(data: Path, film: Path) -> tuple[str, int, int, int]:
    """Yesterday from 14:00 on: a minute that was deleted, four minutes, a gap of 44 minutes, three minutes more."""
    folder = DataFolder.open(data, SystemClock())
    open_state(data).close()
    day = local_day(1)
    begin = int(day.replace(hour=14).astimezone(UTC).timestamp())
    shape, pictures = packets(film)
    for name in ("garten", "hof"):
        camera = Camera(folder.volume, FakeClock(begin * US_PER_S), name=name)
        camera.write(StartLine(run="past"))
        gap = _record_day(camera, shape, pictures, begin)
        seen = event(0, start=(begin + 150) * US_PER_S, length_s=12, camera=name)
        seen = replace(seen, id=f"{compact_time(seen.start)}-{name}", zones=())
        camera.write(signal_line(replace(seen, end=None)))
        camera.write(event_line(seen))
        camera.write(StopLine())
        camera.journal.close()
    folder.close()
    return f"{day:%Y-%m-%d}", begin, gap, begin + 150


def _record_day(camera: Camera, shape: StreamFormat, pictures: list[Packet], begin: int) -> int:
    """Returns where the gap begins."""
    for number in range(5):
        record(camera, shape, pictures, (begin + number * FILE_S) * US_PER_S)
    first = next(line.line for line in camera.lines if isinstance(line.line, SegmentLine))
    gap = begin + 5 * FILE_S
    after = gap + 44 * 60
    for line in split_gap(WallUs(gap * US_PER_S), WallUs(after * US_PER_S), GapReason.CAMERA_OFFLINE):
        camera.write(line)
    camera.clock.advance(44 * 60)
    for number in range(3):
        record(camera, shape, pictures, (after + number * FILE_S) * US_PER_S)
    remove_listed(camera.volume, camera.journal, [first.file], "space")
    return gap


def open_past(folder: Path) -> Past:
    """Starts a server over such an archive; its cameras are not reachable any more. The caller stops it."""
    film = make_film(folder / "film.mp4", FILM)
    day, begin, gap, event_s = fill(folder / "data", film)
    server = RunningServer(folder / "data")
    server.start()
    server.port = int(server.url.rstrip("/").rpartition(":")[2])
    move_in(server)
    with server.client() as client:
        guest = {"name": "Gast", "password": PASSWORD, "scope": "view"}
        client.post("/api/v1/accounts", json=guest).raise_for_status()
        client.patch("/api/v1/sites/home", json={"time_zone": str(ZONE)}).raise_for_status()
        for name in ("Garten", "Hof"):
            body = {"url": "rtsp://127.0.0.1:9/", "name": name, "allow_local": True}
            client.post("/api/v1/cameras", json=body).raise_for_status()
    return Past(server, day, begin, gap, event_s)
