import itertools

from hypothesis import example, given
from hypothesis import strategies as st

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.protocols import http_auth, rtsp, rtsp_headers, sdp
from wachtel.protocols.rtsp import Headers, Interleaved, Message, Request, Response, RtspParser

NAMES = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-", min_size=1, max_size=20).filter(
    lambda name: name.lower() != "content-length"
)
VALUES = st.text(st.characters(blacklist_categories=("Cs", "Cc", "Zl", "Zp", "Zs")), max_size=40)
HEADERS = st.lists(st.tuples(NAMES, VALUES), max_size=6).map(lambda lines: Headers(tuple(lines)))
BODIES = st.binary(max_size=200)
MESSAGES = st.one_of(
    st.builds(
        Request, st.sampled_from(["PLAY", "SETUP", "x".upper()]), st.just("rtsp://c/a"), HEADERS, BODIES
    ),
    st.builds(Response, st.integers(100, 999), st.just("Why"), HEADERS, BODIES),
    st.builds(Interleaved, st.integers(0, 255), BODIES),
)
PIECES = st.lists(
    st.one_of(
        st.binary(max_size=60),
        st.sampled_from(
            [
                b"RTSP/1.0 200 OK\r\n",
                b"\r\n",
                b"\n",
                b"$",
                b"$\0\0\x04",
                b"Content-Length: 5\r\n",
                b"CSeq:1\n",
                b"HTTP/1.1 ",
            ]
        ),
    ),
    max_size=30,
)


def without_length(message: Message) -> Message:
    """The encoder adds the length of a body; it is no difference."""
    if isinstance(message, Interleaved):
        return message
    headers = Headers(tuple(line for line in message.headers if line[0] != "Content-Length"))
    if isinstance(message, Request):
        return Request(message.method, message.uri, headers, message.body)
    return Response(message.status, message.reason, headers, message.body)


@given(st.lists(MESSAGES, max_size=5), st.lists(st.integers(0, 2000), max_size=6))
def test_what_is_written_is_read_however_it_is_cut(messages: list[Message], cuts: list[int]) -> None:
    stream = b"".join(message.encode() for message in messages)
    places = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    parser = RtspParser()
    read = [one for start, end in itertools.pairwise(places) for one in parser.feed(stream[start:end])]
    assert [without_length(one) for one in read] == [without_length(one) for one in messages]
    assert parser.pending_bytes == 0


@given(PIECES)
@example([b"RTSP/1.0 200 OK\r\nContent-Length: \xb2\r\n\r\n"])
def test_nonsense_is_refused_with_the_right_error_and_nothing_piles_up(pieces: list[bytes]) -> None:
    parser = RtspParser()
    try:
        for piece in pieces:
            parser.feed(piece)
            assert parser.pending_bytes <= rtsp.LARGEST_BODY_BYTES
    except WachtelError as error:
        assert error.kind is ErrorKind.BAD_DATA


@given(st.text(max_size=200))
def test_header_values_never_break_the_parser(text: str) -> None:
    rtsp_headers.TransportHeader.parse(text)
    rtsp_headers.SessionHeader.parse(text)
    rtsp_headers.parse_rtp_info(text)
    http_auth.parse_challenges([text])
    http_auth.parse_authorization(text)
    http_auth.parse_authorization("Digest " + text)
    http_auth.parse_challenges(["Digest " + text, "Basic " + text])


SDP_LINES = st.one_of(
    st.binary(max_size=50),
    st.sampled_from(
        [
            b"v=0", b"s=x", b"m=video 0 RTP/AVP 96", b"m=audio 0 RTP/AVP 8", b"m=audio 0 RTP/AVP 97 98",
            b"a=rtpmap:96 H264/90000", b"a=rtpmap:97 mpeg4-generic/0/2", b"a=fmtp:97 config=",
            b"a=fmtp:96 sprop-parameter-sets=Z0I=,=,", b"a=control:*", b"a=control:rtsp://[",
            b"a=framerate:0", b"a=control:/x",
            b"a=fmtp:97 config=ffff", b"a=rtpmap:97 MPEG4-GENERIC/16000",
        ]
    ),
)  # fmt: skip


@given(st.lists(SDP_LINES, max_size=20), st.sampled_from(["", "rtsp://c/a", "rtsp://[::1]:5/x/", "rtsp://["]))
@example([b"m=audio 0 RTP/AVP 97", b"a=rtpmap:97 MPEG4-GENERIC/8000", b"a=fmtp:97 config=f8"], "")
def test_descriptions_never_break_the_parser(lines: list[bytes], base: str) -> None:
    try:
        read = sdp.parse_sdp(b"\r\n".join(lines), base)
    except WachtelError as error:
        assert error.kind is ErrorKind.BAD_DATA
        return
    for media in read.media:
        assert all(media.parameter_sets()) and media.clock_rate > 0
        sound = media.audio_format()
        assert sound is None or (sound.sample_rate > 0 and sound.channels > 0)


@given(
    st.text(min_size=1, max_size=30).filter(lambda user: ":" not in user),
    st.text(max_size=30),
    st.text(max_size=30),
)
def test_digests_of_any_name_and_password_are_checked(user: str, password: str, realm: str) -> None:
    for algorithm in http_auth.DigestAlgorithm:
        challenge = http_auth.digest_challenge(realm, "n", algorithm)
        sent = http_auth.parse_authorization(
            http_auth.answer(challenge, "PLAY", "rtsp://c/", user, password, "c")
        )
        assert isinstance(sent, http_auth.DigestCredentials) and sent.user == user
        assert http_auth.check_digest(sent, "PLAY", http_auth.ha1(user, realm, password, algorithm))
