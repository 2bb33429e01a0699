"""Writes packets whose times are known into files that wait to be taken into the archive."""

import os
from pathlib import Path
from typing import BinaryIO

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import DAY_US, US_PER_S, WallUs
from wachtel.media.audio import packet_samples, timescale
from wachtel.media.fmp4 import Muxer, SegmentIdentity
from wachtel.media.timestamps import Placed, to_us
from wachtel.model.stream import VIDEO_TICKS_PER_S, Packet, StreamFormat, StreamName, Track
from wachtel.pipeline.importing.orders import MadeFile, Remux
from wachtel.storage.files.disk import trouble

SEGMENT_US = 60 * US_PER_S
LONGEST_US = 25 * 3600 * US_PER_S
"""No recording of one file is longer."""

_SOUND_OVERLAP_US = 10_000
_PAUSE = 2 * VIDEO_TICKS_PER_S
_PIECE_BYTES = 1 << 20


class SegmentWriter:
    """Makes files of about a minute; each begins with a key frame and none goes on past midnight UTC."""

    def __init__(self, order: Remux) -> None:
        self._order = order
        self._format: StreamFormat | None = None
        self._usual_duration: int | None = None
        self._begun: int | None = None
        self._last = 0
        self._file: _WaitingFile | None = None
        self._files: list[_WaitingFile] = []
        self._sound_shift: int | None = None
        self.sound_end = 0

    def take(self, item: Packet | StreamFormat) -> None:
        """The next packet, or the format of those that follow. Raises `WachtelError` (bad_data, disk_full,
        disk_error)."""
        if isinstance(item, StreamFormat):
            self._close()
            self._format = item
            return
        if self._begun is None and item.track is Track.AUDIO:
            return
        placed = self._place(item)
        if item.track is Track.VIDEO:
            if item.key and self._is_due(placed):
                self._close()
                self._open(placed)
            self._last = placed.decode
        elif self._file is None or not self._fits(placed):
            return
        if self._file is not None:
            self._file.add(placed)

    def finish(self) -> tuple[MadeFile, ...]:
        """All files, safe on the disk. Raises `WachtelError`: bad_data when there is not one."""
        self._close()
        if not self._files:
            raise WachtelError(
                ErrorKind.BAD_DATA, "The file is broken: no picture in it can be begun with (no key frame)."
            )
        return tuple(file.made() for file in self._files)

    def discard(self) -> None:
        """Removes all files."""
        if self._file is not None:
            self._file.abandon()
        for file in self._files:
            file.path.unlink(missing_ok=True)

    def _place(self, packet: Packet) -> Placed:
        ticks = packet.time_base * VIDEO_TICKS_PER_S
        decode, shown = int(packet.dts * ticks), int(packet.pts * ticks)
        if self._begun is None:
            self._begun = decode
        since = to_us(decode - self._begun)
        if abs(since) > LONGEST_US:
            raise WachtelError(ErrorKind.BAD_DATA, "The file is broken: its times make no sense.")
        wall = WallUs(self._order.start + round(since * self._order.pace))
        return Placed(packet, decode, max(shown - decode, 0), wall)

    def _fits(self, sound: Placed) -> bool:
        """Whether a piece of sound does not overlap that of the recording before. A few milliseconds are put right
        when both are played, so each recording may begin so much too early, but they must not add up."""
        assert self._format is not None and self._format.audio is not None
        audio, overlap = self._format.audio, self._order.sound_after - sound.wall
        if self._sound_shift is None:
            if overlap > _SOUND_OVERLAP_US:
                return False
            self._sound_shift = max(overlap, 0)
        samples = packet_samples(audio, sound.packet.data)
        length = samples * US_PER_S // timescale(audio)
        self.sound_end = sound.wall + length + self._sound_shift
        return True

    def _is_due(self, placed: Placed) -> bool:
        if self._file is None:
            return True
        start = self._file.muxer.start
        return (
            placed.wall - start >= SEGMENT_US
            or placed.wall // DAY_US != start // DAY_US
            or placed.decode - self._last > _PAUSE
        )

    def _open(self, first: Placed) -> None:
        assert self._format is not None
        order, number = self._order, len(self._files)
        start = WallUs(max(first.wall, self._files[-1].muxer.end)) if self._files else first.wall
        identity = SegmentIdentity(
            order.volume, order.site, order.camera, StreamName.MAIN, order.run, number, start
        )
        muxer = Muxer(self._format, identity, usual_duration=self._usual_duration)
        self._file = _WaitingFile(Path(order.folder) / f"{order.run}-{number}.mp4", muxer)

    def _close(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            file.close()
            self._usual_duration = file.muxer.usual_duration
            self._files.append(file)


class _WaitingFile:
    """One segment while it is written; bytes go to the disk piece by piece."""

    def __init__(self, path: Path, muxer: Muxer) -> None:
        self.path = path
        self.muxer = muxer
        self._waiting = bytearray(muxer.head())
        try:
            path.unlink(missing_ok=True)
            self._handle: BinaryIO = path.open("xb", buffering=0)
        except OSError as error:
            raise trouble(error, f"make {path.name}") from error

    def add(self, placed: Placed) -> None:
        """One packet."""
        self._waiting += self.muxer.add(placed)
        if len(self._waiting) >= _PIECE_BYTES:
            self._write()

    def close(self) -> None:
        """Ends the file and brings it to the disk."""
        self._waiting += self.muxer.tail()
        try:
            self._write()
            os.fsync(self._handle.fileno())
        except OSError as error:
            raise trouble(error, f"save {self.path.name}") from error
        finally:
            self._handle.close()

    def abandon(self) -> None:
        """Closes and removes the file."""
        self._handle.close()
        self.path.unlink(missing_ok=True)

    def made(self) -> MadeFile:
        """What became of it."""
        return MadeFile(self.path.name, self.muxer.start, self.muxer.end, self.muxer.size_bytes)

    def _write(self) -> None:
        rest = memoryview(bytes(self._waiting))
        self._waiting.clear()
        try:
            while rest:
                rest = rest[self._handle.write(rest) or 0 :]
        except OSError as error:
            raise trouble(error, f"write {self.path.name}") from error
