from pathlib import Path

import pytest

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.protocols import rtsp, rtsp_headers
from wachtel.protocols.rtsp import Headers, Interleaved, Request, Response, RtspParser

CAPTURES = Path(__file__).parents[4] / "shared" / "footage" / "rtsp"


def capture(name: str) -> bytes:
    path = CAPTURES / name
    if not path.exists():
        pytest.skip(f"the recorded exchange {name} is not beside this checkout")
    return path.read_bytes()


def parse_one(data: bytes) -> rtsp.Message:
    parser = RtspParser()
    (message,) = parser.feed(data)
    assert parser.pending_bytes == 0
    return message


REQUEST = b"OPTIONS rtsp://camera/main RTSP/1.0\r\nCSeq: 1\r\nUser-Agent: a test\r\n\r\n"


def test_reads_a_request() -> None:
    message = parse_one(REQUEST)
    assert message == Request(
        "OPTIONS", "rtsp://camera/main", Headers.of(("CSeq", "1"), ("User-Agent", "a test"))
    )
    assert isinstance(message, Request) and message.cseq == "1"
    assert message.encode() == REQUEST


def test_reads_a_response_with_a_body() -> None:
    sent = Response(200, "OK", Headers.of(("CSeq", "2")), b"v=0\r\n")
    message = parse_one(sent.encode())
    assert isinstance(message, Response)
    assert (message.status, message.cseq, message.body) == (200, "2", b"v=0\r\n")


def test_every_cut_of_a_conversation_reads_the_same() -> None:
    stream = REQUEST + Interleaved(1, b"\r\n$ sender report").encode() + b"\r\n"
    stream += Response(404, "", Headers.of(("CSeq", "3")), b"\n\nno").encode() + Interleaved(0, b"").encode()
    whole = RtspParser().feed(stream)
    assert [type(message) for message in whole] == [Request, Interleaved, Response, Interleaved]
    for cut in range(len(stream)):
        parser = RtspParser()
        assert parser.feed(stream[:cut]) + parser.feed(stream[cut:]) == whole
    parser = RtspParser()
    assert [message for byte in stream for message in parser.feed(bytes([byte]))] == whole


def test_sloppy_line_ends_blanks_and_folding() -> None:
    message = parse_one(b"RTSP/1.0 200\nCSeq : 7\nX-Long: one\n  two\nnonsense without colon\n\n")
    assert isinstance(message, Response)
    assert message.cseq == "7" and message.headers.get("x-long") == "one two"


def test_an_http_answer_is_told_apart() -> None:
    message = parse_one(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 6\r\n\r\n<html>")
    assert isinstance(message, Response)
    assert (message.protocol, message.status, message.body) == ("HTTP", 400, b"<html>")


@pytest.mark.parametrize(
    "data",
    [
        b"<html>\r\n\r\n",
        b"RTSP/1.0 abc OK\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nContent-Length: 99999999\r\n\r\n",
        b"x" * (rtsp.LONGEST_LINE_BYTES + 10),
        b"RTSP/1.0 200 OK\r\n" + b"X: y\r\n" * 300 + b"\r\n",
        b"RTSP/1.0 200 OK\r\n" + b"X: yyyyyyyyyyyyyyy\r\n" * 5000,
    ],
)
def test_nonsense_and_endless_heads_are_refused(data: bytes) -> None:
    with pytest.raises(WachtelError) as caught:
        RtspParser().feed(data)
    assert caught.value.kind is ErrorKind.BAD_DATA


def test_a_header_cannot_smuggle_another() -> None:
    with pytest.raises(ValueError, match="line end"):
        Headers.of(("Server", "a\r\nSession: 1"))


def test_transport_of_a_client_with_alternatives() -> None:
    udp, tcp = rtsp_headers.TransportHeader.parse(
        "RTP/AVP;unicast;client_port=5000-5001, RTP/AVP/TCP;interleaved=2-3"
    )
    assert (udp.client_port, udp.over_tcp) == ((5000, 5001), False)
    assert (tcp.interleaved, tcp.over_tcp) == ((2, 3), True)
    built = rtsp_headers.TransportHeader(
        "RTP/AVP", client_port=(5000, 5001), server_port=(6000, 6001), ssrc=0xAB
    )
    assert built.encode() == "RTP/AVP;unicast;client_port=5000-5001;server_port=6000-6001;ssrc=000000AB"
    assert rtsp_headers.TransportHeader.parse(built.encode()) == (built,)


def test_session_header() -> None:
    assert rtsp_headers.SessionHeader.parse("708345999 ; timeout = 30") == rtsp_headers.SessionHeader(
        "708345999", 30
    )
    assert rtsp_headers.SessionHeader("a").encode() == "a;timeout=60"


def test_rtp_info_round_trip() -> None:
    entries = (rtsp_headers.RtpInfo("rtsp://a/b?c=d,e", 5, 6), rtsp_headers.RtpInfo("track", None, 7))
    assert rtsp_headers.parse_rtp_info(rtsp_headers.encode_rtp_info(entries)) == entries


@pytest.mark.parametrize(
    ("name", "transport", "session"),
    [
        ("bunny_setup.txt", (0, 1, None), ("1642021126", 60)),
        ("dahua_setup.txt", (0, 1, 0x30A98EE7), ("634214675641", 60)),
        ("hikvision_setup.txt", (0, 1, 0x4CACC3D1), ("708345999", 60)),
        ("hikvision_setup_ssrc_space.txt", (0, 1, 0xD6D6627), ("708886412", 60)),
        ("reolink_setup.txt", (0, 1, None), ("F8F8E425", 60)),
    ],
)
def test_setup_answers_of_real_cameras(
    name: str, transport: tuple[int, int, int | None], session: tuple[str, float]
) -> None:
    message = parse_one(capture(name))
    assert isinstance(message, Response)
    (read,) = rtsp_headers.TransportHeader.parse(message.headers.get("Transport") or "")
    assert read.over_tcp and (*(read.interleaved or ()), read.ssrc) == transport
    assert rtsp_headers.SessionHeader.parse(
        message.headers.get("Session") or ""
    ) == rtsp_headers.SessionHeader(*session)


@pytest.mark.parametrize(
    ("name", "starts"),
    [
        ("bunny_play.txt", [(1, 0), (1, 0)]),
        ("dahua_play.txt", [(47121, 3475222385), (45186, 2234446919), (36583, 816418535)]),
        ("hikvision_play.txt", [(24104, 1270711678)]),
        ("reolink_play.txt", [(16852, 1070938629), (39409, 3075976528)]),
    ],
)
def test_play_answers_of_real_cameras(name: str, starts: list[tuple[int, int]]) -> None:
    message = parse_one(capture(name))
    assert isinstance(message, Response)
    entries = rtsp_headers.parse_rtp_info(message.headers.get("RTP-Info") or "")
    assert [(entry.seq, entry.rtptime) for entry in entries] == starts
    assert all("track" in entry.url and ";" not in entry.url for entry in entries)


@pytest.mark.parametrize("name", ["dahua_options.txt", "reolink_teardown.txt"])
def test_other_answers_of_real_cameras(name: str) -> None:
    message = parse_one(capture(name))
    assert isinstance(message, Response) and message.status == 200
