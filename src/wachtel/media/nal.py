"""NAL units of H.264 and H.265: splitting, joining, and reading the bits inside.

Annex B puts a start code before each unit (H.264 and H.265, annex B); our packets and files put a four-byte
length there (ISO 14496-15).
"""

from collections.abc import Iterable

from wachtel.base.errors import ErrorKind, WachtelError

_START_CODE = b"\0\0\1"
_LENGTH_BYTES = 4


def bad_data(what: str) -> WachtelError:
    """The one kind of error that parsers of media raise."""
    return WachtelError(ErrorKind.BAD_DATA, what)


def split_annexb(data: bytes) -> list[bytes]:
    """The NAL units between start codes; what stands before the first start code is not one."""
    found: list[bytes] = []
    find = data.find
    start = find(_START_CODE)
    while start >= 0:
        start += 3
        end = find(_START_CODE, start)
        nal = (data[start:end] if end >= 0 else data[start:]).rstrip(b"\0")
        if nal:
            found.append(nal)
        start = end
    return found


def split_lengths(data: bytes, length_size: int = _LENGTH_BYTES) -> list[bytes]:
    """The NAL units of data with a big-endian length of ``length_size`` bytes before each; empty ones are
    left out.

    Raises `WachtelError` (bad_data) when a unit reaches past the end.
    """
    found: list[bytes] = []
    position, total = 0, len(data)
    while position < total:
        start = position + length_size
        position = start + int.from_bytes(data[position:start], "big")
        if position > total or start > total:
            raise bad_data("A NAL unit is longer than the packet it came in.")
        if position > start:
            found.append(data[start:position])
    return found


def kind_bits(kinds: Iterable[int]) -> int:
    """A bit for each of these types of NAL unit."""
    return sum(1 << kind for kind in kinds)


def join_lengths(nals: Iterable[bytes]) -> bytes:
    """The units with a four-byte length before each."""
    return b"".join([part for nal in nals for part in (len(nal).to_bytes(_LENGTH_BYTES, "big"), nal)])


def join_annexb(nals: Iterable[bytes]) -> bytes:
    """The units with a four-byte start code before each."""
    return b"".join([part for nal in nals for part in (b"\0\0\0\1", nal)])


def unescape(nal: bytes) -> bytes:
    """The unit without emulation prevention bytes (H.264 section 7.4.1, H.265 section 7.4.2)."""
    return nal.replace(b"\0\0\3", b"\0\0")


class BitReader:
    """Reads bits from the first to the last. Every method raises `WachtelError` (bad_data) at the end of the
    data.
    """

    __slots__ = ("_data", "_position", "_size")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._position = 0
        self._size = len(data) * 8

    def bits(self, count: int) -> int:
        """The next ``count`` bits as an unsigned number."""
        end = self._position + count
        if end > self._size:
            raise bad_data("A parameter set ends too early.")
        chunk = int.from_bytes(self._data[self._position >> 3 : (end + 7) >> 3], "big")
        self._position = end
        return chunk >> (-end & 7) & ((1 << count) - 1)

    def flag(self) -> bool:
        """The next bit."""
        return self.bits(1) == 1

    def skip(self, count: int) -> None:
        """Leaves out ``count`` bits."""
        self.bits(count)

    def ue(self) -> int:
        """An unsigned Exp-Golomb number of at most 32 bits (H.264 section 9.1)."""
        zeros = 0
        while not self.bits(1):
            zeros += 1
            if zeros > 31:
                raise bad_data("A number in a parameter set is too long.")
        return (1 << zeros) - 1 + self.bits(zeros)

    def se(self) -> int:
        """A signed Exp-Golomb number (H.264 section 9.1.1)."""
        code = self.ue()
        return (code + 1) >> 1 if code & 1 else -(code >> 1)
