"""Reads our files, whole or torn, without loading them.

Hostile input gives `WachtelError` (bad_data) and nothing else.
"""

from dataclasses import dataclass

from wachtel.base.units import WallUs
from wachtel.media.fmp4 import KeyFrame, mfra
from wachtel.media.fmp4_fragments import Fragment, FragmentWalk, TrackTime, read_fragments
from wachtel.media.fmp4_head import Bytes, RandomAccess, SegmentHead, read_head
from wachtel.media.fmp4_index import read_key_frames
from wachtel.media.nal import bad_data
from wachtel.media.video import is_whole

__all__ = [
    "Bytes",
    "Fragment",
    "FragmentWalk",
    "KeyFrame",
    "RandomAccess",
    "Recovered",
    "SegmentHead",
    "TrackTime",
    "read_fragments",
    "read_head",
    "read_key_frames",
    "recover",
]


@dataclass(frozen=True, slots=True)
class Recovered:
    """What can be had of a file: cut it to ``whole_bytes``, append ``tail``, and it is complete.

    ``complete`` means that it ended well: then ``whole_bytes`` is its size and ``tail`` is empty.
    """

    head: SegmentHead
    whole_bytes: int
    frames: int
    key_frames: int
    start: WallUs
    end: WallUs
    tail: bytes
    complete: bool


class _Sound:
    """Counts what is whole."""

    def __init__(self) -> None:
        self.first: Fragment | None = None
        self.last: Fragment | None = None
        self.last_picture: Fragment | None = None
        self.frames = 0
        self.keys: list[KeyFrame] = []

    def take(self, found: Fragment) -> None:
        if found.samples:
            self.first = self.first or found
            self.last_picture = found
        self.last = found
        self.frames += found.samples
        if found.key:
            moof = found.payload_offset - len(found.header)
            self.keys.append(KeyFrame(found.decode + found.composition, moof))


def _is_written(source: RandomAccess, head: SegmentHead, found: Fragment) -> bool:
    """Whether the picture was really written; zeros were not."""
    if found.samples != 1:
        return True
    return is_whole(head.format.video, source.read_at(found.payload_offset + 8, found.video_bytes))


def recover(source: RandomAccess) -> Recovered:
    """Finds how much of a file is whole. Raises `WachtelError` (bad_data) if it has no head or no picture.

    Fragments at the end whose pictures were never written (a power cut can leave zeros) do not count as
    whole.
    """
    head = read_head(source)
    sound = _Sound()
    end = head.size_bytes
    for found in read_fragments(source, head):
        end = found.end
        if _is_written(source, head, found):
            sound.take(found)
    if sound.last is None or sound.first is None or sound.last_picture is None:
        raise bad_data("The file holds no whole picture.")
    complete = (
        sound.last.end == end and source.read_at(end + 4, 4) == b"mfra" and bool(read_key_frames(source))
    )
    whole = source.size if complete else sound.last.end
    start = head.identity.start if head.identity else sound.first.wall
    tail = b"" if complete else mfra(sound.keys)
    wall_end = max(sound.last_picture.wall_end, start)
    return Recovered(head, whole, sound.frames, len(sound.keys), start, wall_end, tail, complete)
