"""Exports of a running server, as the web layer asks for them."""

import asyncio
from collections.abc import AsyncIterator

from wachtel.pipeline.exports import Exporter, Wish, ZipExport
from wachtel.web.ports.footage import Download


class StoredExports:
    """Works in threads."""

    def __init__(self, exporter: Exporter) -> None:
        self._exporter = exporter

    async def archive(self, wish: Wish) -> Download:
        """Several cameras in one ZIP. Raises `WachtelError` (not_found)."""
        return _Download(await asyncio.to_thread(self._exporter.archive, wish))


class _Download:
    def __init__(self, export: ZipExport) -> None:
        self.size_bytes = export.size_bytes
        self.etag = export.etag
        self._export = export

    async def read(self, first: int = 0, last: int | None = None) -> AsyncIterator[bytes]:
        pieces = self._export.read(first, last)
        while (piece := await asyncio.to_thread(next, pieces, None)) is not None:
            yield piece
