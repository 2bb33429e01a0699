"""Remembers any number of keys in a temporary file, so that memory does not grow with them."""

import os
import tempfile
from hashlib import blake2b
from types import TracebackType
from typing import BinaryIO, Self

_ENTRY_BYTES = 16
_EMPTY = bytes(_ENTRY_BYTES)
_FULL = 0.6
_READ_ENTRIES = 4096


class SeenOnDisk:
    """A hash table with open addressing; keys are kept as 128-bit hashes, of which no two are alike in practice."""

    def __init__(self, slots: int = 1 << 16) -> None:
        self._count = 0
        self._slots = slots
        self._file = self._table(slots)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def add(self, key: str) -> bool:
        """True the first time."""
        if self._count >= self._slots * _FULL:
            self._grow()
        new = self._insert(blake2b(key.encode("utf-8", "surrogatepass"), digest_size=_ENTRY_BYTES).digest())
        self._count += new
        return new

    def _insert(self, entry: bytes) -> bool:
        slot = int.from_bytes(entry[:8]) % self._slots
        number = self._file.fileno()
        while True:
            there = os.pread(number, _ENTRY_BYTES, slot * _ENTRY_BYTES)
            if there == entry:
                return False
            if there == _EMPTY:
                os.pwrite(number, entry, slot * _ENTRY_BYTES)
                return True
            slot = (slot + 1) % self._slots

    def _grow(self) -> None:
        old, self._slots = self._file, self._slots * 4
        self._file = self._table(self._slots)
        old.seek(0)
        while block := old.read(_READ_ENTRIES * _ENTRY_BYTES):
            for begin in range(0, len(block), _ENTRY_BYTES):
                if (entry := block[begin : begin + _ENTRY_BYTES]) != _EMPTY:
                    self._insert(entry)
        old.close()

    @staticmethod
    def _table(slots: int) -> BinaryIO:
        file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115
        file.truncate(slots * _ENTRY_BYTES)
        return file
