"""Which candidates of an SDP offer we try."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wachtel.base.errors import WachtelError
from wachtel.protocols.ice import LARGEST_OFFER_CHARS, MOST_CANDIDATES, reachable_offer

HEAD = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n"


def candidate(address: str, kind: str = "host", transport: str = "udp") -> str:
    return f"a=candidate:1 1 {transport} 2113937151 {address} 50000 typ {kind} generation 0\r\n"


def kept(lines: str, client: str = "192.168.1.20", *, with_servers: bool = False) -> list[str]:
    offer = reachable_offer(HEAD + lines, client, with_servers=with_servers)
    return [line for line in offer.splitlines() if line.startswith("a=candidate:")]


def test_a_hidden_name_becomes_the_address_the_browser_called_from() -> None:
    (line,) = kept(candidate("3f1c0a52-7d1b-4f7e-9c58-0e7bb5b5a1c1.local"))
    assert " 192.168.1.20 50000 typ host" in line


def test_only_the_callers_own_address_is_tried() -> None:
    own, other = candidate("192.168.1.20"), candidate("10.0.0.1")
    assert kept(own + other) == [own.strip()]
    assert kept(candidate("::ffff:1"), "::ffff:1") != []


@pytest.mark.parametrize("kind", ["srflx", "relay"])
def test_candidates_of_servers_need_servers(kind: str) -> None:
    line = candidate("203.0.113.5", kind)
    assert kept(line) == []
    assert kept(line, with_servers=True) == [line.strip()]
    assert kept(candidate("evil.example", kind), with_servers=True) == []


def test_tcp_and_nonsense_are_left_out() -> None:
    assert kept(candidate("192.168.1.20", transport="tcp") + "a=candidate:nonsense\r\n") == []


@pytest.mark.parametrize(
    "offer",
    [
        "",
        "hello",
        "v=0" + "x" * LARGEST_OFFER_CHARS,
        HEAD + "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n",
    ],
)
def test_what_is_no_offer_is_refused(offer: str) -> None:
    with pytest.raises(WachtelError):
        reachable_offer(offer, "127.0.0.1")


def test_too_many_candidates_are_refused() -> None:
    with pytest.raises(WachtelError, match=str(MOST_CANDIDATES)):
        reachable_offer(HEAD + candidate("127.0.0.1") * (MOST_CANDIDATES + 1), "127.0.0.1")


@given(st.text(max_size=300), st.text(max_size=40))
def test_whatever_comes_no_foreign_address_is_left(lines: str, client: str) -> None:
    try:
        offer = reachable_offer(HEAD + lines, client)
    except WachtelError:
        return
    for line in offer.splitlines():
        if line.startswith("a=candidate:"):
            assert f" {client} " in line
