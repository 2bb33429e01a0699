"""Fuzzes what strangers may say: scripts/soak fuzz [CONNECTIONS] [--bytes N] [--offers N] [--guesses N]
[--devices N] [--wemo N].

Whole RTSP connections from bytes to sessions (100,000), bytes for the parser alone, cut at random (120,000), offers for
the check of candidates and for the whole WebRTC worker (20,000 and 4,000), wrong tokens (10,000), what devices say
by ONVIF, WS-Discovery, SSDP, mDNS, UPnP, a NetCam's pages and multipart streams (225,000), and what a Wemo neighbour
may send (60,000). Every case has its seed; a failing one is printed with it. Ends 1 for anything uncaught, anything
that hangs, a session without a token, and guessing that is not slowed down or that others feel.
"""

import argparse
import asyncio
import json
import signal
import sys
import time
import traceback
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import asdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/rigs"))

import device_fuzz  # noqa: E402
import offer_fuzz  # noqa: E402
import rtsp_fuzz  # noqa: E402
import wemo_fuzz  # noqa: E402

from wachtel.pipeline.webrtc.worker import bind_to  # noqa: E402

LIMIT_S = 5.0
"""For one case; the machine may be busy with other work."""

MOST_LOOKED_AT = 60
"""Of 10,000 wrong tokens for one name: five are free, then each doubles the wait up to a quarter of an hour."""


class Hang(Exception):
    """A case took longer than `LIMIT_S`."""


def _too_long(*_: object) -> None:
    raise Hang


class Run:
    """Cases of one kind."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.cases = 0
        self.slowest_s = 0.0
        self.failures: list[str] = []
        self._began = time.monotonic()

    def case(self, seed: int, work: Callable[[int], None]) -> None:
        """Runs one under the time limit."""
        began = time.monotonic()
        signal.setitimer(signal.ITIMER_REAL, LIMIT_S)
        try:
            work(seed)
        except Exception:  # noqa: BLE001 (whatever it is, it is a finding)
            self.failures.append(f"seed {seed}: {traceback.format_exc(limit=-2)}")
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        self._done(began)

    async def case_of_loop(self, seed: int, work: Callable[[int], Awaitable[None]]) -> None:
        """The same for a piece of a task's work; also ends what only waits for ever."""
        began = time.monotonic()
        signal.setitimer(signal.ITIMER_REAL, 2 * LIMIT_S)
        try:
            await asyncio.wait_for(asyncio.ensure_future(work(seed)), LIMIT_S)
        except (Exception, asyncio.CancelledError):  # noqa: BLE001 (the same)
            self.failures.append(f"seed {seed}: {traceback.format_exc(limit=-2)}")
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        self._done(began)

    def _done(self, began: float) -> None:
        self.cases += 1
        self.slowest_s = max(self.slowest_s, time.monotonic() - began)

    def report(self, **more: object) -> bool:
        """Prints the line of this kind; True when all is well."""
        for failure in self.failures[:10]:
            print(failure, file=sys.stderr)
        figures = {"cases": self.cases, "failures": len(self.failures), "slowest_s": round(self.slowest_s, 3)}
        figures["took_s"] = round(time.monotonic() - self._began, 1)
        print(json.dumps({"soak": "fuzz", "kind": self.kind, **figures, **more}), flush=True)
        return not self.failures


async def connections(seeds: Iterable[int]) -> bool:
    """From bytes to sessions."""
    run, tally = Run("rtsp connections"), rtsp_fuzz.Tally()
    asyncio.get_running_loop().set_exception_handler(lambda _, context: run.failures.append(str(context)))
    for seed in seeds:
        await run.case_of_loop(seed, lambda one: rtsp_fuzz.one_client(one, tally))
    more = {"requests": tally.requests, "refused": tally.refused, "sessions": tally.sessions}
    return run.report(**more, played=tally.played, statuses=dict(sorted(tally.statuses.items())))


def streams_of_bytes(seeds: Iterable[int]) -> bool:
    """The parser alone."""
    run = Run("rtsp bytes")
    for seed in seeds:
        run.case(seed, rtsp_fuzz.one_stream_of_bytes)
    return run.report()


def candidates(seeds: Iterable[int]) -> bool:
    """The check of an offer's candidates."""
    run = Run("offers checked")
    for seed in seeds:
        run.case(seed, offer_fuzz.check_candidates)
    return run.report()


def devices(kind: str, seeds: Iterable[int]) -> bool:
    """One reader of what devices say."""
    run = Run(kind)
    for seed in seeds:
        run.case(seed, lambda one: device_fuzz.one_case(kind, one))
    return run.report()


def neighbours(kind: str, seeds: Iterable[int]) -> bool:
    """What a Wemo neighbour may send."""
    run = Run(kind)
    for seed in seeds:
        run.case(seed, wemo_fuzz.KINDS[kind])
    return run.report()


async def offers(seeds: Iterable[int]) -> bool:
    """The whole WebRTC worker."""
    run, worker = Run("offers answered"), offer_fuzz.Worker()
    for seed in seeds:
        await run.case_of_loop(seed, lambda one: worker.answer(one, LIMIT_S))
    await asyncio.sleep(0.5)
    run.failures += worker.uncaught
    return run.report(opened=worker.opened, refused=worker.refused)


def guesses(tries: int) -> bool:
    """Wrong tokens by an injected clock."""
    report = asyncio.run(rtsp_fuzz.guess(tries))
    well = report.looked_at <= MOST_LOOKED_AT and report.took_s >= tries / 2 and report.others_waited_s == 0
    print(json.dumps({"soak": "fuzz", "kind": "wrong tokens", **asdict(report), "well": well}), flush=True)
    return well


def main() -> int:
    """Runs the soak."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("connections", type=int, nargs="?", default=100_000)
    parser.add_argument("--bytes", type=int, default=120_000)
    parser.add_argument("--offers", type=int, default=4_000)
    parser.add_argument("--guesses", type=int, default=10_000)
    parser.add_argument(
        "--devices", type=int, default=225_000, help="shared by all that read what devices say"
    )
    parser.add_argument("--wemo", type=int, default=30_000, help="of each kind a Wemo neighbour may send")
    parser.add_argument("--seed", type=int, default=0, help="where the seeds begin")
    options = parser.parse_args()
    signal.signal(signal.SIGALRM, _too_long)
    bind_to("127.0.0.1")

    def seeds(count: int) -> range:
        return range(options.seed, options.seed + count)

    results = [
        guesses(options.guesses),
        candidates(seeds(5 * options.offers)),
        asyncio.run(offers(seeds(options.offers))),
        *(devices(kind, seeds(options.devices // len(device_fuzz.KINDS))) for kind in device_fuzz.KINDS),
        *(neighbours(kind, seeds(options.wemo)) for kind in wemo_fuzz.KINDS),
        streams_of_bytes(seeds(options.bytes)),
        asyncio.run(connections(seeds(options.connections))),
    ]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
