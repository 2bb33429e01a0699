"""What the depacketisers hand out."""

from typing import NamedTuple

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.protocols.rtp_receive.packet import RtpPacket

LARGEST_UNIT_BYTES = 16 << 20
"""No camera sends a picture of more; without a limit a fragment without end would fill the memory."""


class AccessUnit(NamedTuple):
    """What belongs to one moment.

    ``units`` are NAL units, whole pictures (JPEG) or frames of sound. ``timestamp`` is the RTP one, modulo
    2**32. ``whole`` is False when packets of it, or between it and the one before, were lost.
    """

    units: tuple[bytes, ...]
    timestamp: int
    whole: bool


def cut_off() -> WachtelError:
    """The error for a payload that ends before it should."""
    return WachtelError(ErrorKind.BAD_DATA, "An RTP payload is cut off or broken.")


class Pending:
    """The parts of one access unit, until it is complete."""

    def __init__(self) -> None:
        self.units: list[bytes] = []
        self.timestamp = 0
        self.whole = True
        self.has_picture = False
        self.fragments: list[bytes] = []
        self._size = 0

    @property
    def empty(self) -> bool:
        return not self.units and not self.fragments

    def add(self, unit: bytes) -> None:
        """Adds a whole unit. Raises `WachtelError` (bad_data) when it becomes larger than any camera
        sends."""
        self.drop_fragments()
        self._grow(unit)
        self.units.append(unit)

    def begin_fragments(self, first: bytes) -> None:
        """Begins a unit that comes in fragments; an unfinished one before it is lost."""
        self.drop_fragments()
        self._grow(first)
        self.fragments.append(first)

    def add_fragment(self, part: bytes) -> None:
        """Goes on with it; without a beginning the part is useless."""
        if self.fragments:
            self._grow(part)
            self.fragments.append(part)
        else:
            self.whole = False

    def end_fragments(self) -> bytes | None:
        """The unit joined from its fragments; None when its beginning was lost."""
        if not self.fragments:
            return None
        unit = b"".join(self.fragments)
        self.fragments.clear()
        self.units.append(unit)
        return unit

    def spoil(self) -> None:
        """Forgets everything so far; what follows of this access unit is marked as not whole."""
        self.take()
        self.whole = False

    def drop_fragments(self) -> None:
        if self.fragments:
            self.fragments.clear()
            self.whole = False

    def take(self) -> AccessUnit:
        """Everything so far as one access unit; then empty."""
        self.drop_fragments()
        taken = AccessUnit(tuple(self.units), self.timestamp, self.whole)
        self.units.clear()
        self.whole, self.has_picture, self._size = True, False, 0
        return taken

    def _grow(self, part: bytes) -> None:
        self._size += len(part)
        if self._size > LARGEST_UNIT_BYTES:
            raise WachtelError(ErrorKind.BAD_DATA, "A picture is larger than 16 MiB.")


class Depacketizer:
    """Base of the payload formats whose access units span packets."""

    def push(self, packet: RtpPacket, missing: int = 0) -> list[AccessUnit]:
        """The access units that are complete now. Raises `WachtelError` (bad_data) on a broken payload."""
        raise NotImplementedError

    def pass_by(self, timestamp: int) -> bool:  # noqa: ARG002 (of most there are no pictures in several packets)
        """Whether a whole access unit of this time may go past: True when nothing is pending and nothing speaks against
        its being one, and then it is counted as if it had been pushed.
        """
        return False
