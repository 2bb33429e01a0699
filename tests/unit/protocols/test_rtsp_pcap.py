"""RTSP as it went over a real network: a player and a server, recorded packet by packet."""

from pathlib import Path

import pytest
from pcapng import conversations

from wachtel.model.stream import Codec
from wachtel.protocols.rtsp import Message, Request, Response, RtspParser
from wachtel.protocols.rtsp_headers import TransportHeader, parse_rtp_info
from wachtel.protocols.sdp import parse_sdp

CAPTURE = Path(__file__).parents[4] / "shared/footage/pcap" / "ndpi_rtsp.pcap"
HANDSHAKE = ["OPTIONS", "DESCRIBE", "SETUP", "SETUP", "PLAY"]


@pytest.fixture(scope="module")
def talks() -> list[tuple[list[Request], list[Response]]]:
    """What was asked and answered in each connection, read a byte at a time."""
    if not CAPTURE.exists():
        pytest.skip("the recorded packets are not here (../shared/footage/pcap)")
    said = conversations(CAPTURE.read_bytes())
    clients = sorted({one.source for one in said if one.target[1] == 8554})
    found = []
    for client in clients:
        asked = next(data for one, data in said.items() if one.source == client)
        answered = next(data for one, data in said.items() if one.target == client)
        questions = [one for one in read(asked) if isinstance(one, Request)]
        answers = [one for one in read(answered) if isinstance(one, Response)]
        found.append((questions, answers))
    return found


def read(data: bytes) -> list[Message]:
    parser = RtspParser()
    found = [message for at in range(len(data)) for message in parser.feed(data[at : at + 1])]
    assert parser.pending_bytes == 0
    assert found == RtspParser().feed(data)
    return found


def test_every_question_has_its_answer(talks: list[tuple[list[Request], list[Response]]]) -> None:
    assert len(talks) == 7
    whole = [talk for talk in talks if talk[1]]
    assert len(whole) == 6
    for asked, answered in whole:
        assert [one.method for one in asked][:5] == HANDSHAKE
        assert [one.status for one in answered] == [200] * 5
        assert [one.cseq for one in asked][:5] == [one.headers.get("CSeq") for one in answered]


def test_the_description_the_ways_and_the_starts(talks: list[tuple[list[Request], list[Response]]]) -> None:
    for _, (_, described, *set_up, playing) in [talk for talk in talks if talk[1]]:
        session = parse_sdp(described.body, "rtsp://10.2.2.2:8554/")
        video, audio = session.first("video"), session.first("audio")
        assert video is not None and audio is not None
        assert (video.codec, audio.codec) == (Codec.H264, Codec.AAC)
        tracks = {"rtsp://10.2.2.2:8554/trackID=0", "rtsp://10.2.2.2:8554/trackID=1"}
        assert {video.control, audio.control} == tracks
        assert len(video.parameter_sets()) == 2
        for answer in set_up:
            (way,) = TransportHeader.parse(answer.headers.get("Transport") or "")
            assert way.client_port is not None and way.server_port is not None and way.ssrc
            assert not way.over_tcp
        starts = parse_rtp_info(playing.headers.get("RTP-Info") or "")
        assert {one.url for one in starts} == tracks
        assert all(one.seq is not None and one.rtptime is not None for one in starts)
