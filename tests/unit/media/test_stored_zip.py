"""ZIP files read back by Python's reader, with sizes known beforehand."""

import io
import struct
import zipfile
from collections.abc import Iterator
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wachtel.base.units import US_PER_S, WallUs
from wachtel.media.stored_zip import Member, zip_pieces, zip_size

AT = WallUs(1_795_271_401 * US_PER_S)


def member(name: str, data: bytes, at: WallUs = AT) -> Member:
    return Member(name, len(data), at, lambda: [data[:3], data[3:]])


@given(st.dictionaries(st.text("abcä/.-_", min_size=1, max_size=30), st.binary(max_size=300), max_size=8))
def test_what_goes_in_comes_out(files: dict[str, bytes]) -> None:
    members = [member(name, data) for name, data in files.items()]
    body = b"".join(zip_pieces(members))
    assert len(body) == zip_size(members)
    with zipfile.ZipFile(io.BytesIO(body)) as found:
        assert found.testzip() is None
        assert {info.filename: found.read(info) for info in found.infolist()} == files


def test_times_are_kept_to_two_seconds() -> None:
    with zipfile.ZipFile(io.BytesIO(b"".join(zip_pieces([member("a", b"x")])))) as found:
        assert found.infolist()[0].date_time == (2026, 11, 21, 14, 30, 0)
    old = b"".join(zip_pieces([member("a", b"x", WallUs(0))]))
    with zipfile.ZipFile(io.BytesIO(old)) as found:
        assert found.infolist()[0].date_time == (1980, 1, 1, 0, 0, 0)


def test_more_files_than_the_old_format_can_count() -> None:
    members = [member(f"{number}.txt", b"") for number in range(66_000)]
    body = b"".join(zip_pieces(members))
    assert len(body) == zip_size(members)
    with zipfile.ZipFile(io.BytesIO(body)) as found:
        assert len(found.infolist()) == 66_000


class Sparse(io.RawIOBase):
    """A large ZIP of which only the headers are kept: the zeros of its members take no room."""

    def __init__(self, members: list[Member]) -> None:
        self._parts: list[tuple[int, bytes]] = []
        self._at, self._size = 0, 0
        for piece in zip_pieces(members):
            if piece is not ZEROS:
                self._parts.append((self._size, piece))
            self._size += len(piece)

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        self._at = offset + (0, self._at, self._size)[whence]
        return self._at

    def tell(self) -> int:
        return self._at

    def read(self, size: int = -1) -> bytes:
        end = self._size if size < 0 else min(self._size, self._at + size)
        found = bytearray(max(0, end - self._at))
        for start, part in self._parts:
            low, high = max(start, self._at), min(start + len(part), end)
            if low < high:
                found[low - self._at : high - self._at] = part[low - start : high - start]
        self._at = end
        return bytes(found)


ZEROS = bytes(64 << 20)


def zeros(count: int) -> Iterator[bytes]:
    for _ in range(count):
        yield ZEROS


@pytest.mark.parametrize("counts", [[65, 1], [33, 33, 1]])
def test_sizes_beyond_four_gigabytes(counts: list[int]) -> None:
    members = [
        Member(f"{number}.mp4", count * len(ZEROS), AT, partial(zeros, count))
        for number, count in enumerate(counts)
    ]
    members.append(member("last.txt", b"the end"))
    source = Sparse(members)
    assert source.seek(0, 2) == zip_size(members)
    with zipfile.ZipFile(source) as found:
        assert [info.file_size for info in found.infolist()[:-1]] == [count * len(ZEROS) for count in counts]
        assert found.read("last.txt") == b"the end"


def test_a_member_that_lies_about_its_size_is_noticed() -> None:
    with pytest.raises(ValueError, match="has 1 bytes"):
        list(zip_pieces([Member("a", 2, AT, lambda: [b"x"])]))
    assert struct.calcsize("<IHHHHHIIIHH") == 30
