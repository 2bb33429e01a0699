"""The ledger of a running installation: what the journals tell, and what happens at this moment.

The journals know finished files and gaps that have ended. The newest minute is known by the media workers, who tell
every second how far their account reaches.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from wachtel.base.clock import Clock
from wachtel.base.units import DAY_US, MonoS, WallUs, seconds
from wachtel.model.footage import NOT_WANTED, Gap, GapReason, LastingGap
from wachtel.model.stream import StreamName
from wachtel.pipeline.messages import RecordingAccount, SegmentOpened
from wachtel.storage.api import HourSummary, Ledger
from wachtel.storage.index import Index
from wachtel.storage.index.ledger import Layers

SHARES_EVERY_S = 300.0
STALE_S = 3.0
"""A recording whose newest picture did not change for so long stands still, whatever its worker believes."""


@dataclass(frozen=True, slots=True)
class _Heard:
    """The last account of a camera, and since when (monotonic) it tells of nothing newer."""

    account: RecordingAccount
    still_since: MonoS


class LedgerDesk:
    """Lives in main's loop. Fed with what the media workers say; asked by the page."""

    def __init__(self, index: Index, clock: Clock) -> None:
        self.last_day: dict[str, float] = {}
        self._index = index
        self._clock = clock
        self._began = clock.wall_us()
        self._heard: dict[str, _Heard] = {}
        self._open: dict[str, SegmentOpened] = {}

    def heard(self, account: RecordingAccount) -> None:
        """A worker's account of this second."""
        before = self._heard.get(account.camera)
        if before is not None and before.account.recorded_until == account.recorded_until:
            self._heard[account.camera] = replace(before, account=account)
        else:
            self._heard[account.camera] = _Heard(account, self._clock.monotonic_s())

    def opened(self, message: SegmentOpened) -> None:
        """A file grows from now on."""
        if message.stream is StreamName.MAIN:
            self._open[message.path] = message

    def closed(self, path: str) -> None:
        """The journal and the index know this file."""
        self._open.pop(path, None)

    def forget(self, camera: str) -> None:
        """The camera was removed."""
        self._heard.pop(camera, None)
        self._drop_open(camera)

    def worker_died(self, cameras: Sequence[str]) -> None:
        """Nobody records these cameras for the moment."""
        for camera in cameras:
            self._drop_open(camera)
            heard = self._heard.get(camera)
            if heard is not None and heard.account.recorded_until is not None:
                since = heard.account.recorded_until
                crashed = RecordingAccount(camera, None, since, GapReason.CRASH)
                self._heard[camera] = replace(heard, account=crashed)

    def _drop_open(self, camera: str) -> None:
        self._open = {path: one for path, one in self._open.items() if one.camera != camera}

    def lasting_gap(self, camera: str) -> LastingGap | None:
        """Since when this camera should be recorded and is not; None while all is well, or it is off on purpose."""
        heard = self._heard.get(camera)
        if heard is None:
            return None
        account = heard.account
        if account.recorded_until is not None:
            still = self._still_s(heard) > STALE_S
            return LastingGap(account.recorded_until, GapReason.NO_PACKETS) if still else None
        reason = account.reason or GapReason.UNKNOWN
        since = account.gap_since if account.gap_since is not None else self._began
        return None if reason in NOT_WANTED else LastingGap(since, reason)

    def still_s(self, camera: str) -> float:
        """For how long, by the monotonic clock, this camera's newest picture has been the newest."""
        heard = self._heard.get(camera)
        return 0.0 if heard is None else self._still_s(heard)

    def _still_s(self, heard: _Heard) -> float:
        return self._clock.monotonic_s() - heard.still_since

    def settled(self, camera: str) -> WallUs:
        """Up to when everything is known by now: nobody can say yet what becomes of the last second."""
        now = self._clock.wall_us()
        heard = self._heard.get(camera)
        if heard is not None and heard.account.recorded_until is not None and self._still_s(heard) <= STALE_S:
            return min(now, heard.account.recorded_until)
        return now

    def gap_s(self, gap: LastingGap) -> float:
        """How long a gap lasts by now."""
        return max(0.0, seconds(self._clock.wall_us() - gap.since))

    async def keep_shares(self, cameras: Callable[[], Sequence[str]]) -> None:
        """Works out ``last_day`` again and again, one camera after the other."""
        while True:
            names = list(cameras())
            for gone in self.last_day.keys() - set(names):
                del self.last_day[gone]
            for camera in names:
                now = self._clock.wall_us()
                found = await self.ledger(camera, WallUs(now - DAY_US), now)
                self.last_day[camera] = round(found.recorded_share, 6)
                await self._clock.sleep(SHARES_EVERY_S / len(names))
            if not names:
                await self._clock.sleep(1.0)

    async def ledger(self, camera: str, start: WallUs, end: WallUs) -> Ledger:
        """What became of every moment of the range, as far as it is past and settled."""
        end = min(end, self.settled(camera))
        if end <= start:
            return Ledger((), 1.0)
        return await asyncio.to_thread(self._ledger, camera, start, end)

    def _ledger(self, camera: str, start: WallUs, end: WallUs) -> Ledger:
        more = self._newest(camera, self._index.accounted_until(camera))
        return self._index.ledger(camera, start, end, more)

    async def hours(self, cameras: Sequence[str], start: WallUs, end: WallUs) -> list[HourSummary]:
        """The hours that overlap the range and hold anything."""
        return await asyncio.to_thread(self._index.timeline, cameras, start, end)

    def _newest(self, camera: str, known: WallUs | None) -> Layers:
        """What no journal tells yet: files being written or on their way to the disk, and a gap that lasts."""
        heard, now = self._heard.get(camera), self._clock.wall_us()
        since, reason = known, GapReason.RESTART
        if heard is not None:
            since, reason = _end_of(heard.account, known)
        starts = sorted(one.start for one in list(self._open.values()) if one.camera == camera)
        begins = min((at for at in (*starts, since) if at is not None), default=None)
        footage = _between(starts, since)
        gaps = [] if since is None or since >= now else [Gap("", camera, since, now, reason)]
        return Layers(footage, (), gaps, begins)


def _end_of(account: RecordingAccount, known: WallUs | None) -> tuple[WallUs | None, GapReason]:
    """Where footage ends for the moment, and why nothing follows."""
    if account.recorded_until is not None:
        return account.recorded_until, GapReason.NO_PACKETS
    since = account.gap_since if account.gap_since is not None else known
    return since, account.reason or GapReason.UNKNOWN


def _between(starts: Sequence[WallUs], last: WallUs | None) -> list[tuple[int, int]]:
    """Files that follow each other: each reaches to the next one, the last one to ``last``."""
    if last is None:
        return []
    ends = [*starts[1:], last]
    return [(start, end) for start, end in zip(starts, ends, strict=False) if end > start]
