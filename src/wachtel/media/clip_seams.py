"""Puts fragments of successive segments behind each other in time, by changing numbers in their headers."""

import struct
from dataclasses import dataclass

from wachtel.base.units import US_PER_S, WallUs
from wachtel.media.fmp4_read import Fragment, SegmentHead, TrackTime
from wachtel.media.timestamps import to_ticks, to_us
from wachtel.model.stream import VIDEO_TICKS_PER_S

LONGEST_PAUSE_US = 2 * US_PER_S
"""A longer stretch without pictures is closed up."""

_SEQUENCE_POSITION = 20
_REFERENCE_DECODE_POSITION = 24
_LARGEST_AUDIO_NUDGE_S = 0.2
_WORD, _LONG = struct.Struct(">I"), struct.Struct(">Q")


@dataclass(frozen=True, slots=True)
class Move:
    """What is added to the numbers in a fragment: its sequence number, and ticks of video and audio."""

    sequence: int
    ticks: int
    audio_ticks: int


class Seams:
    """Decides how each fragment of a clip moves. Times go on from 0; long pauses are closed up and kept in
    ``gaps``.
    """

    def __init__(self) -> None:
        self.gaps: list[tuple[WallUs, WallUs]] = []
        self.end: WallUs | None = None
        self._move: Move | None = None
        self._sequence = 0
        self.ticks = 0
        self._audio_ticks = 0

    def begin_source(self) -> None:
        """The next fragment is from another file."""
        self._move = None

    def move(self, fragment: Fragment, head: SegmentHead) -> Move:
        """How this fragment moves: like the one before, except behind a seam."""
        move, pause_us = self._move, 0
        if move is None:
            pause_us = fragment.wall - self.end if self.end is not None else 0
            move = self._behind_seam(fragment, head, pause_us)
        else:
            pause_us = to_us(fragment.decode + move.ticks - self.ticks)
            if fragment.samples and abs(pause_us) > LONGEST_PAUSE_US:
                move = self._behind_seam(fragment, head, pause_us)
        audio = next((track for track in fragment.tracks if track.track == head.audio_track), None)
        if audio is not None:
            move = self._with_audio(move, audio, head)
        self._move = move
        self._pass(fragment, move)
        return move

    def _behind_seam(self, fragment: Fragment, head: SegmentHead, pause_us: int) -> Move:
        if pause_us > LONGEST_PAUSE_US and self.end is not None:
            self.gaps.append((self.end, fragment.wall))
            pause_us = 0
        ticks = self.ticks + to_ticks(max(pause_us, 0)) - fragment.decode
        sequence = self._sequence + 1 - _sequence(fragment)
        return Move(sequence, ticks, ticks * head.audio_rate // VIDEO_TICKS_PER_S)

    def _with_audio(self, move: Move, audio: TrackTime, head: SegmentHead) -> Move:
        """A little later where it would overlap the sound before; sound much too early is left to the
        player.
        """
        missing = self._audio_ticks - audio.decode - move.audio_ticks
        if 0 < missing <= _LARGEST_AUDIO_NUDGE_S * head.audio_rate:
            move = Move(move.sequence, move.ticks, move.audio_ticks + missing)
        self._audio_ticks = audio.decode + move.audio_ticks + audio.duration
        return move

    def _pass(self, fragment: Fragment, move: Move) -> None:
        self._sequence = _sequence(fragment) + move.sequence
        if fragment.samples:
            self.ticks = fragment.decode + fragment.duration + move.ticks
            self.end = max(fragment.wall_end, self.end or fragment.wall_end)


def _sequence(fragment: Fragment) -> int:
    return int(_WORD.unpack_from(fragment.header, _SEQUENCE_POSITION)[0])


def moved_header(fragment: Fragment, move: Move, head: SegmentHead) -> bytes:
    """The prft and moof boxes of a fragment with their numbers moved; the size stays the same."""
    header = bytearray(fragment.header)
    _WORD.pack_into(header, _SEQUENCE_POSITION, (_sequence(fragment) + move.sequence) & 0xFFFF_FFFF)
    for track in fragment.tracks:
        ticks = move.audio_ticks if track.track == head.audio_track else move.ticks
        _LONG.pack_into(header, track.position, _as_time(track.decode + ticks))
    if not fragment.lead:
        return bytes(header)
    lead = bytearray(fragment.lead)
    (decode,) = _LONG.unpack_from(lead, _REFERENCE_DECODE_POSITION)
    _LONG.pack_into(lead, _REFERENCE_DECODE_POSITION, _as_time(decode + move.ticks))
    return bytes(lead + header)


def _as_time(ticks: int) -> int:
    return max(ticks, 0) & 0xFFFF_FFFF_FFFF_FFFF
