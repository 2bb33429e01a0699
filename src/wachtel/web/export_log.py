"""Which exports have been taken along, and how far each has come.

Lives in memory only: an export is made while it is read, and leaves nothing behind.
"""

from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from itertools import count

from wachtel.base.clock import Clock
from wachtel.base.units import WallUs
from wachtel.pipeline.exports import Wish
from wachtel.web.ports.footage import Download

MOST_OF_ACCOUNT = 20


@dataclass(slots=True)
class Export:
    """``sent_bytes``: the end of what has been read. ``readers``: how many read at this moment."""

    id: str
    wish: Wish
    query: str
    etag: str
    begun: WallUs
    size_bytes: int
    sent_bytes: int = 0
    readers: int = 0


class ExportLog:
    """The newest exports of each account."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._numbers = count(1)
        self._exports: dict[str, list[Export]] = {}

    def of(self, account: str) -> list[Export]:
        """Newest first."""
        return self._exports.get(account, [])[::-1]

    def forget(self, account: str, export: str) -> None:
        """Takes it off the list."""
        self._exports[account] = [one for one in self._exports.get(account, []) if one.id != export]

    def begin(self, account: str, wish: Wish, query: str, download: Download) -> Download:
        """The same download, counted; one that goes on where it broke off is the same export."""
        mine = self._exports.setdefault(account, [])
        export = next((one for one in mine if one.wish == wish and one.etag == download.etag), None)
        if export is None:
            number, now = str(next(self._numbers)), self._clock.wall_us()
            export = Export(number, wish, query, download.etag, now, download.size_bytes)
            mine.append(export)
            del mine[:-MOST_OF_ACCOUNT]
        return _Counted(download, export)


class _Counted:
    def __init__(self, download: Download, export: Export) -> None:
        self.size_bytes = download.size_bytes
        self.etag = download.etag
        self._download = download
        self._export = export

    async def read(self, first: int = 0, last: int | None = None) -> AsyncIterator[bytes]:
        pieces = self._download.read(first, last)
        at = first
        self._export.readers += 1
        try:
            async for piece in pieces:
                yield piece
                at += len(piece)
                self._export.sent_bytes = max(self._export.sent_bytes, at)
        finally:
            self._export.readers -= 1
            if isinstance(pieces, AsyncGenerator):
                await pieces.aclose()
