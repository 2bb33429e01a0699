"""A JSON list, cut into its elements while it arrives; only one element is ever held.

An element that is broken inside does not spoil its neighbours as long as its brackets match. One that is too long is
passed over, and only its beginning kept.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from wachtel.base.errors import ErrorKind, WachtelError

LONGEST_CLAIM_BYTES = 64 * 1024

_MARK = re.compile(rb'["\[\]{},]')
_IN_STRING = re.compile(rb'[^"\\]*(?:\\.[^"\\]*)*', re.DOTALL)
_PLAIN = rb'[^"{}\[\]]++|"(?:[^"\\]++|\\.)*+"'
_ONE_DEEP = rb"[{\[](?:" + _PLAIN + rb")*+[}\]]"
_TWO_DEEP = rb"[{\[](?:" + _PLAIN + rb"|" + _ONE_DEEP + rb")*+[}\]]"
_WHOLE = re.compile(rb"[ \t\r\n]*({(?:" + _PLAIN + rb"|" + _TWO_DEEP + rb")*+})[ \t\r\n]*,", re.DOTALL)
"""A claim as it usually is, with its comma; whatever else comes is read bracket by bracket."""

_BLANK = b" \t\r\n"
_BLANKS = (b" ", b"\t", b"\r", b"\n")
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Element:
    """The bytes of one element; of one that is too long, the first bytes."""

    text: bytes
    too_long: bool = False


def split_list(chunks: Iterable[bytes], longest: int = LONGEST_CLAIM_BYTES) -> Iterator[Element]:
    """The elements of a JSON list. Raises `WachtelError` (bad_data) where it is no list, ends too early, or goes on
    after its end."""
    cutter = _Cutter(longest)
    for chunk in chunks:
        yield from cutter.feed(chunk)
    cutter.finish()


class _Cutter:
    """Knows how deep in brackets the end of what was read lies."""

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._held = b""
        self._scanned = 0
        self._depth = 0
        self._in_string = False
        self._too_long: bytes | None = None
        self._ended = False
        self._first = True

    def feed(self, chunk: bytes) -> Iterator[Element]:
        """The elements that are complete now."""
        self._held += chunk
        yield from self._usual()
        while (mark := self._next()) is not None:
            yield from self._heed(mark)
            if not self._scanned:
                yield from self._usual()
        self._pass_over()

    def finish(self) -> None:
        """Nothing more comes."""
        if not self._ended:
            raise WachtelError(
                ErrorKind.BAD_DATA,
                "The claims end in the middle of the list.",
                hint="The file is cut off; what stands before was decided.",
            )

    def _usual(self) -> Iterator[Element]:
        """Complete claims at the beginning of what is held, all at once."""
        if not self._depth or self._too_long is not None:
            return
        reached = 0
        while whole := _WHOLE.match(self._held, reached):
            reached = whole.end()
            text = whole.group(1)
            yield Element(text[: self._longest], too_long=len(text) > self._longest)
        if reached:
            self._held, self._scanned = self._held[reached:], 0
            self._depth, self._in_string = 1, False

    def _next(self) -> int | None:
        """The place of the next bracket or comma outside of strings."""
        while True:
            if self._in_string and not self._leave_string():
                return None
            if self._depth == 0 and not self._open_list():
                return None
            mark = _MARK.search(self._held, self._scanned)
            if not mark:
                self._scanned = len(self._held)
                return None
            self._scanned = mark.end()
            if mark.group() != b'"':
                return mark.start()
            self._in_string = True

    def _leave_string(self) -> bool:
        """Reads on to the closing quotation mark; False while it has not come."""
        inside = _IN_STRING.match(self._held, self._scanned)
        assert inside is not None
        self._scanned = inside.end()
        if self._held[self._scanned : self._scanned + 1] != b'"':
            return False
        self._scanned += 1
        self._in_string = False
        return True

    def _open_list(self) -> bool:
        """Reads up to the list's bracket, and checks that nothing stands behind the list."""
        if self._first and len(self._held) >= len(_BOM):
            self._held, self._first = self._held.removeprefix(_BOM), False
        rest = self._held[self._scanned :].lstrip(_BLANK)
        if rest[:1] in (b"[", b"") and not (rest and self._ended):
            return bool(rest)
        if rest and _BOM.startswith(rest) and self._first:
            return False
        raise WachtelError(
            ErrorKind.BAD_DATA,
            "Something stands behind the list of claims."
            if self._ended
            else "This is not a JSON list of claims.",
            hint="The file is one JSON list: [claim, claim, ...].",
        )

    def _heed(self, place: int) -> Iterator[Element]:
        mark = self._held[place : place + 1]
        if mark in b"[{":
            self._depth += 1
            if self._depth == 1:
                self._drop(place + 1)
        elif mark in b"]}":
            self._depth -= 1
            if self._depth == 0:
                yield from self._element(place)
                self._ended = True
        elif self._depth == 1:
            yield from self._element(place, before_comma=True)

    def _element(self, end: int, *, before_comma: bool = False) -> Iterator[Element]:
        text = self._held[:end].strip(_BLANK)
        self._drop(end + 1)
        if self._too_long is not None:
            head, self._too_long = self._too_long, None
            yield Element(head, too_long=True)
        elif len(text) > self._longest:
            yield Element(text[: self._longest], too_long=True)
        elif text or before_comma:
            yield Element(text)

    def _drop(self, number: int) -> None:
        self._held = self._held[number:]
        self._scanned -= number

    def _pass_over(self) -> None:
        """Forgets what is read of an element that is too long, and blanks around elements."""
        if self._depth <= 1 and not self._in_string and self._held[-1:] in _BLANKS:
            self._held = self._held.strip(_BLANK)
            self._held += b" " if self._held else b""
            self._scanned = len(self._held)
        if self._too_long is None:
            self._drop(len(self._held) - len(self._held.lstrip(_BLANK)))
        if self._too_long is None and len(self._held) > self._longest + 2:
            self._too_long = self._held[: self._longest]
        if self._too_long is not None:
            self._drop(self._scanned)
