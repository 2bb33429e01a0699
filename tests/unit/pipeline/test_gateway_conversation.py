"""The RTSP conversation: what a client may do, whatever it says."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wachtel.base.errors import WachtelError
from wachtel.model.stream import StreamName
from wachtel.pipeline.gateway.conversation import Conversation, Offer, Place, Start, Visitor, place_of
from wachtel.protocols.rtsp import Headers, Request, Response, RtspParser
from wachtel.protocols.rtsp_headers import TransportHeader
from wachtel.protocols.sdp import Media

MEDIA = {
    0: Media("video", 96, "H264", 90_000, "trackID=0"),
    1: Media("audio", 97, "MPEG4-GENERIC", 16_000, "trackID=1"),
}
OFFER = Offer(MEDIA, {0: Start(7, 900)})
VISITOR = Visitor("t1", "vlc")
URL = "rtsp://box:8554/garden"
TCP = "RTP/AVP/TCP;unicast;interleaved=0-1"


def ask(talk: Conversation, method: str, url: str = URL, **headers: str) -> Response:
    """One request of somebody who may see everything."""
    lines = [("CSeq", "1"), *((name.replace("_", "-"), value) for name, value in headers.items())]
    return _ask(talk, Request(method, url, Headers(tuple(lines))), VISITOR)


def _ask(talk: Conversation, request: Request, visitor: Visitor | None) -> Response:
    found = talk.begin(request)
    if isinstance(found, Response):
        return found
    return Response(401) if visitor is None else talk.answer(request, found, visitor, OFFER)


def agreed(transport: str = TCP) -> Conversation:
    """A conversation after SETUP of the pictures."""
    talk = Conversation("ABC", (5000, 5001))
    assert ask(talk, "SETUP", f"{URL}/trackID=0", Transport=transport).status == 200
    return talk


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("rtsp://h/garden", Place("garden", StreamName.MAIN, None)),
        ("rtsp://u:p@h:8554/garden/sub", Place("garden", StreamName.SUB, None)),
        ("rtsp://h/garden/sub/trackID=1", Place("garden", StreamName.SUB, 1)),
        ("rtsp://h/garden/", Place("garden", StreamName.MAIN, None)),
        ("/garden/trackID=0", Place("garden", StreamName.MAIN, 0)),
        ("rtsp://h/Garden?x=1", Place("garden", StreamName.MAIN, None)),
        ("rtsp://h/", None),
        ("*", None),
        ("rtsp://h/../etc", None),
        ("rtsp://h/garden/sub/more", None),
        ("http://h/garden", None),
    ],
)
def test_an_address_names_a_stream_or_nothing(url: str, place: Place | None) -> None:
    assert place_of(url) == place


def test_a_client_comes_to_pictures() -> None:
    talk = Conversation("ABC", None)
    assert "PLAY" in (ask(talk, "OPTIONS").headers.get("Public") or "")
    described = ask(talk, "DESCRIBE")
    assert b"H264/90000" in described.body
    assert described.headers.get("Content-Base") == f"{URL}/"
    made = ask(talk, "SETUP", f"{URL}/trackID=0", Transport=TCP)
    assert (made.headers.get("Session") or "").startswith("ABC;timeout=60")
    assert (
        ask(talk, "SETUP", f"{URL}/trackID=1", Transport=TCP.replace("0-1", "2-3"), Session="ABC").status
        == 200
    )
    played = ask(talk, "PLAY", Session="ABC")
    assert played.headers.get("RTP-Info") == f"url={URL}/trackID=0;seq=7;rtptime=900"
    assert talk.session is not None
    assert talk.session.playing
    assert ask(talk, "GET_PARAMETER", Session="ABC").status == 200
    assert ask(talk, "TEARDOWN", Session="ABC").status == 200
    assert talk.session is None


@pytest.mark.parametrize(
    "transport",
    [
        "",
        "RTP/AVP;multicast",
        "RTP/AVP;unicast",
        "RTP/AVP;unicast;client_port=22-23",
        "RTP/AVP/TCP;interleaved=1-1",
    ],
)
def test_a_way_that_cannot_be_gone_is_refused(transport: str) -> None:
    talk = Conversation("ABC", (5000, 5001))
    assert ask(talk, "SETUP", f"{URL}/trackID=0", Transport=transport).status == 461
    assert talk.session is None


def test_packets_go_to_the_client_alone_wherever_it_wants_them() -> None:
    talk = agreed("RTP/AVP;unicast;client_port=6000-6001;destination=10.0.0.9")
    assert talk.session is not None
    assert talk.session.routes[0] == TransportHeader(
        "RTP/AVP", client_port=(6000, 6001), server_port=(5000, 5001)
    )


def test_one_session_does_not_mix_ways_nor_channels() -> None:
    mixed = ask(
        agreed(), "SETUP", f"{URL}/trackID=1", Transport="RTP/AVP;client_port=6000-6001", Session="ABC"
    )
    assert mixed.status == 461
    same = ask(agreed(), "SETUP", f"{URL}/trackID=1", Transport=TCP, Session="ABC")
    assert same.status == 461


def test_a_session_is_of_one_stream_and_of_one_token() -> None:
    assert ask(agreed(), "SETUP", f"{URL}/sub/trackID=0", Transport=TCP, Session="ABC").status == 459
    assert ask(agreed(), "PLAY", f"{URL}/sub", Session="ABC").status == 454
    assert ask(agreed(), "PLAY", Session="XYZ").status == 454
    request = Request("PLAY", URL, Headers.of(("CSeq", "1"), ("Session", "ABC")))
    assert _ask(agreed(), request, Visitor("t2", "other")).status == 454


def test_what_is_not_known_is_said_so() -> None:
    talk = Conversation("ABC", None)
    assert ask(talk, "RECORD").status == 405
    assert ask(talk, "DESCRIBE", "rtsp://h/").status == 404
    assert ask(talk, "DESCRIBE", Require="implicit-play").status == 551
    assert ask(talk, "OPTIONS", Require="a\rSession: b").headers.get("Unsupported") == "aSession: b"
    assert talk.begin(Request("OPTIONS", "*")) == Response(400)
    assert talk.begin(Request("OPTIONS", "*", Headers.of(("CSeq", "1")), protocol="HTTP")) == Response(400)


METHODS = st.sampled_from(["OPTIONS", "DESCRIBE", "SETUP", "PLAY", "TEARDOWN", "GET_PARAMETER", "PAUSE", "X"])
URLS = st.sampled_from(
    [URL, f"{URL}/sub", f"{URL}/trackID=0", f"{URL}/trackID=1", f"{URL}/trackID=9", "*", "/"]
)
TRANSPORTS = st.sampled_from(
    [
        TCP,
        "RTP/AVP/TCP;interleaved=2-3",
        "RTP/AVP;unicast;client_port=5000-5001",
        "RTP/AVP;client_port=9-x",
        ";,;",
    ]
)
LINES = st.lists(
    st.one_of(
        st.tuples(st.just("CSeq"), st.sampled_from(["1", "", "x"])),
        st.tuples(st.just("Session"), st.one_of(st.just("ABC"), st.text(max_size=8))),
        st.tuples(st.just("Transport"), st.one_of(TRANSPORTS, st.text(max_size=20))),
        st.tuples(st.just("Require"), st.text(max_size=4)),
    ),
    max_size=4,
)
REQUESTS = st.builds(
    lambda method, url, lines: Request(method, url, Headers((("CSeq", "1"), *lines))),
    METHODS,
    st.one_of(URLS, st.text(max_size=30)),
    LINES,
)
VISITORS = st.sampled_from([None, None, VISITOR, Visitor("t2", "other")])


@given(st.lists(st.tuples(REQUESTS, VISITORS), max_size=12), st.booleans())
def test_nobody_gets_a_session_without_a_token(
    steps: Sequence[tuple[Request, Visitor | None]], udp: bool
) -> None:
    talk = Conversation("ABC", (5000, 5001) if udp else None)
    let_in: set[str] = set()
    for request, visitor in steps:
        before = talk.session
        response = _ask(talk, request, visitor)
        assert 200 <= response.status < 600
        response.encode()
        if visitor is not None:
            let_in.add(visitor.token)
        session = talk.session
        if session is not None:
            assert session.visitor.token in let_in
            assert session.routes
            assert len({route.over_tcp for route in session.routes.values()}) == 1
        if session is not None and session.playing and (before is None or not before.playing):
            assert visitor == session.visitor


@given(st.binary(max_size=300), st.lists(REQUESTS, max_size=4))
def test_bytes_of_any_kind_do_no_harm(noise: bytes, requests: Sequence[Request]) -> None:
    talk = Conversation("ABC", (5000, 5001))
    parser = RtspParser()
    data = b"".join(request.encode() for request in requests if _can_travel(request)) + noise
    try:
        for message in parser.feed(data):
            if isinstance(message, Request):
                _ask(talk, message, None)
    except WachtelError:
        pass
    assert talk.session is None


def _can_travel(request: Request) -> bool:
    text = request.uri + "".join(value for _, value in request.headers)
    return text.isascii() and text.isprintable() and " " not in request.uri and bool(request.uri)
