"""The Range header of RFC 9110 section 14, for one range of bytes."""

import re
from dataclasses import dataclass

from wachtel.base.errors import ErrorKind, WachtelError

_ONE_RANGE = re.compile(r"\s*bytes\s*=\s*(\d{0,18})\s*-\s*(\d{0,18})\s*", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class ByteRange:
    """``first`` to ``last``, both included."""

    first: int
    last: int

    @property
    def size_bytes(self) -> int:
        return self.last - self.first + 1


def parse_range(header: str | None, size_bytes: int) -> ByteRange | None:
    """The range that is asked for; None when all is to be sent: no header, several ranges, or not understood.

    Raises `WachtelError` (invalid) when the range lies behind the end: the answer is 416.
    """
    match = _ONE_RANGE.fullmatch(header) if header else None
    if match is None or match.group(1) == match.group(2) == "":
        return None
    first_text, last_text = match.groups()
    if not first_text:
        first, last = max(0, size_bytes - int(last_text)), size_bytes - 1
    else:
        first, last = int(first_text), min(int(last_text), size_bytes - 1) if last_text else size_bytes - 1
        if last_text and int(last_text) < first:
            return None
    if first >= size_bytes or first > last:
        raise WachtelError(ErrorKind.INVALID, f"The file has only {size_bytes} bytes.")
    return ByteRange(first, last)
