"""A small share of `scripts/soak fuzz`, and what it once found."""

import asyncio

import offer_fuzz
import pytest
import rtsp_fuzz

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.pipeline.gateway.door import WrongTries
from wachtel.pipeline.webrtc.worker import bind_to
from wachtel.protocols.rtsp import LONGEST_LINE_BYTES, RtspParser
from wachtel.testing.clock import FakeClock


def test_whole_connections_from_bytes_to_sessions() -> None:
    tally = rtsp_fuzz.Tally()

    async def run() -> None:
        for seed in range(400):
            await asyncio.wait_for(rtsp_fuzz.one_client(seed, tally), 30)

    asyncio.run(run())
    assert tally.sessions > 10 and tally.played > 2 and tally.refused > 50, tally


def test_bytes_are_read_the_same_however_they_are_cut() -> None:
    for seed in range(400):
        rtsp_fuzz.one_stream_of_bytes(seed)


@pytest.mark.parametrize("step", [1, 50, 100_000])
def test_a_line_too_long_is_refused_however_it_comes(step: int) -> None:
    data = b"PLAY rtsp://a/b RTSP/1.0\r\nX: " + b"y" * (LONGEST_LINE_BYTES + 2) + b"\r\nCSeq: 1\r\n"
    parser = RtspParser()
    with pytest.raises(WachtelError) as caught:
        for at in range(0, len(data), step):
            parser.feed(data[at : at + step])
    assert caught.value.kind is ErrorKind.BAD_DATA


def test_wrong_tokens_are_slowed_down_and_others_do_not_feel_it() -> None:
    report = asyncio.run(rtsp_fuzz.guess(600))
    assert report.looked_at <= 20
    assert report.took_s > 400
    assert report.others >= 4 and report.others_waited_s == 0


def test_tries_that_are_not_even_looked_at_slow_their_address_down_but_not_the_name() -> None:
    clock = FakeClock()
    tries = WrongTries(clock)
    for _ in range(6):
        tries.wrong("vlc", "10.0.0.9")
    for _ in range(1000):
        tries.unheard("10.0.0.9")
    assert tries.delay_s("10.0.0.9") > 0
    clock.advance(3)
    assert not tries.must_wait("vlc", "10.0.0.9")


def test_no_offer_leads_elsewhere_or_goes_without_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    import aioice.ice

    monkeypatch.setattr(aioice.ice, "get_host_addresses", aioice.ice.get_host_addresses)
    bind_to("127.0.0.1")
    for seed in range(400):
        offer_fuzz.check_candidates(seed)

    async def run() -> offer_fuzz.Worker:
        worker = offer_fuzz.Worker()
        for seed in range(60):
            await worker.answer(seed, 30)
        await asyncio.sleep(0)
        return worker

    worker = asyncio.run(run())
    assert worker.uncaught == []
    assert worker.opened > 5 and worker.refused > 20
