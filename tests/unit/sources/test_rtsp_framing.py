"""Embedded packets and messages out of one connection, however the bytes come."""

from hypothesis import given
from hypothesis import strategies as st

from wachtel.base.errors import WachtelError
from wachtel.protocols.rtsp import Headers, Interleaved, Response
from wachtel.sources.rtsp.framing import Embedded, Framer, Received

PACKET = st.builds(Interleaved, st.integers(0, 3), st.binary(max_size=80))
ANSWER = st.builds(
    lambda number, body: Response(200, "OK", Headers.of(("CSeq", str(number))), body),
    st.integers(1, 99),
    st.sampled_from([b"", b"$inside", b"body: with\r\n\r\nlines"]),
)


def cut(data: bytes, sizes: list[int]) -> list[bytes]:
    pieces, start = [], 0
    for size in sizes:
        pieces.append(data[start : start + size])
        start += size
    return [*pieces, data[start:]]


@given(st.lists(PACKET | ANSWER, max_size=12), st.lists(st.integers(1, 60), max_size=20))
def test_however_the_bytes_are_cut(messages: list[Interleaved | Response], sizes: list[int]) -> None:
    framer = Framer()
    found: list[Received] = []
    for piece in cut(b"".join(message.encode() for message in messages), sizes):
        found += framer.feed(piece)
    assert len(found) == len(messages)
    for got, sent in zip(found, messages, strict=True):
        if isinstance(sent, Interleaved):
            assert got == Embedded(sent.channel, sent.payload)
        else:
            assert isinstance(got, Response) and (got.cseq, got.body) == (sent.cseq, sent.body)


@given(st.lists(st.binary(max_size=60), max_size=20))
def test_any_bytes_at_all(pieces: list[bytes]) -> None:
    framer = Framer()
    try:
        for piece in pieces:
            framer.feed(piece)
    except WachtelError:
        return
