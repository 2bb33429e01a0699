"""JPEGs out of an HTTP stream, as sloppy as cameras are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from quirks import quirk

from wachtel.base.errors import WachtelError
from wachtel.media.jpeg import jpeg_size
from wachtel.protocols.multipart import LARGEST_PART_BYTES, JpegStream

ONE = b"\xff\xd8one\xff\xd9"
TWO = b"\xff\xd8two, which is longer\xff\xd9"
THREE = b"\xff\xd8three\xff\xd9"
END = b"--b\r\n"


def part(picture: bytes, *, length: int | None = None, after: bytes = b"\r\n") -> bytes:
    size = b"" if length is None else b"Content-Length: %d\r\n" % length
    return b"--b\r\nContent-Type: image/jpeg\r\n" + size + b"\r\n" + picture + after


def read(data: bytes, step: int = 7) -> list[bytes]:
    stream = JpegStream()
    return [one for at in range(0, len(data), step) for one in stream.feed(data[at : at + step])]


@pytest.mark.parametrize("step", [1, 7, 10_000])
def test_with_lengths_a_picture_is_there_at_once(step: int) -> None:
    data = part(ONE, length=len(ONE)) + part(TWO, length=len(TWO), after=b"")
    assert read(data, step) == [ONE, TWO]


@quirk(
    "mjpeg: pictures come without their length",
    "scottlamb/multipart-stream-rs#3",
    "ArduPilot/MissionPlanner#3604",
)
@pytest.mark.parametrize("step", [1, 7, 10_000])
def test_without_lengths(step: int) -> None:
    assert read(part(ONE) + part(TWO) + part(THREE) + END, step) == [ONE, TWO, THREE]


@pytest.mark.parametrize("wrong", [0, 3, len(TWO) - 2, len(TWO) + 2, len(TWO) + 5, len(TWO) + 50])
def test_a_wrong_length_is_not_believed(wrong: int) -> None:
    data = part(ONE) + part(TWO, length=wrong) + part(THREE) + part(ONE) + END
    assert read(data) == [ONE, TWO, THREE, ONE]


def test_a_boundary_without_dashes_and_bare_line_feeds() -> None:
    counted = b"\n\nmyboundary\nContent-Length: %d\n\n" % len(ONE) + ONE
    assert read(counted + b"\nmyboundary\n\n" + TWO + b"\nmyboundary\n") == [ONE, TWO]


@quirk(
    "mjpeg: the boundary is left away before the first picture",
    "arendst/Tasmota#12376",
    "yoursunny/esp32cam#67",
)
@pytest.mark.parametrize("counted", [True, False])
@pytest.mark.parametrize("step", [1, 7, 10_000])
def test_the_first_boundary_may_be_missing(counted: bool, step: int) -> None:
    inside = b"\xff\xd8 \r\n-- not yet \xff\xd9"
    first = part(inside, length=len(inside) if counted else None).removeprefix(b"--b\r\n")
    assert read(first + part(TWO) + part(THREE) + END, step) == [inside, TWO, THREE]


@quirk(
    "mjpeg: the announced boundary already has its dashes, or is not the one that is sent",
    "scottlamb/multipart-stream-rs#2",
    "janakj/py-mjpeg#2",
    "motioneye-project/motioneye#733",
)
@pytest.mark.parametrize("sent", [b"--myboundary", b"myboundary", b"----myboundary"])
def test_what_is_sent_counts_not_what_was_announced(sent: bytes) -> None:
    pieces = [sent + b"\r\nContent-Type: image/jpeg\r\n\r\n" + one + b"\r\n" for one in (ONE, TWO)]
    assert read(b"".join(pieces) + sent + b"\r\n") == [ONE, TWO]


@quirk(
    "mjpeg: further headers stand before the picture, some of them twice",
    "defvol/Paparazzo.js#11",
)
def test_headers_nobody_asked_for() -> None:
    more = b"X-Status: 0\r\nX-Tags: \r\nX-Flags: 0\r\nContent-Type: image/jpeg\r\n"
    assert read(b"--b\r\n" + more + b"Content-Length: %d\r\n\r\n" % len(ONE) + ONE + b"\r\n" + END) == [ONE]


@quirk("mjpeg: bytes follow the end of a picture", "psanford/node-mjpeg-test-server#1")
def test_rubbish_around_a_picture_is_taken_away() -> None:
    assert read(part(b"??" + ONE + b"\0\0\0") + END) == [ONE]


def test_a_picture_that_is_cut_off_is_counted_and_left_out() -> None:
    stream = JpegStream()
    assert stream.feed(part(ONE[:-1]) + part(TWO) + END) == [TWO]
    assert stream.broken == 1


@pytest.mark.parametrize("data", [b"x" * 300, b"Server: nobody\r\n", b"--b\r\n" + b"X" * 9000])
def test_what_is_no_stream(data: bytes) -> None:
    with pytest.raises(WachtelError):
        JpegStream().feed(data)


def test_a_picture_without_end_does_not_fill_the_memory() -> None:
    stream = JpegStream()
    stream.feed(b"--b\r\n\r\n\xff\xd8")
    with pytest.raises(WachtelError):
        for _ in range(LARGEST_PART_BYTES // 1_000_000 + 2):
            stream.feed(bytes(1_000_000))


@given(st.lists(st.binary(max_size=50), max_size=30))
def test_any_bytes_at_all(pieces: list[bytes]) -> None:
    stream = JpegStream()
    try:
        for piece in pieces:
            stream.feed(piece)
    except WachtelError:
        return


BODIES = st.binary(max_size=60).filter(lambda body: b"--b" not in body)


@given(st.lists(st.tuples(BODIES, st.booleans()), max_size=6), st.integers(1, 40))
def test_whatever_is_sent_comes_back(bodies: list[tuple[bytes, bool]], step: int) -> None:
    pictures = [(b"\xff\xd8" + body + b"\xff\xd9", counted) for body, counted in bodies]
    data = b"".join(part(one, length=len(one) if counted else None) for one, counted in pictures)
    assert read(data + END, step) == [one for one, _ in pictures]


def test_the_size_of_a_jpeg() -> None:
    header = b"\xff\xd8\xff\xe0\0\x04JF\xff\xff\xc0\0\x11\x08\x01\x2c\x02\x58\x03"
    assert jpeg_size(header) == (600, 300)


@given(st.binary(max_size=80).map(lambda data: b"\xff\xd8\xff" + data))
def test_the_size_of_any_bytes(data: bytes) -> None:
    try:
        width, height = jpeg_size(data)
    except WachtelError:
        return
    assert width > 0 and height > 0
