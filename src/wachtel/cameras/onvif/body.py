"""The body of an HTTP answer, whole or not at all: bounded in bytes and time."""

from wachtel.base.clock import Clock
from wachtel.base.units import MonoS
from wachtel.cameras.onvif import answers
from wachtel.protocols.xml_reader import LARGEST_BYTES
from wachtel.sources import http_answers
from wachtel.sources.http_stream import HttpStream


def read_body(stream: HttpStream, deadline: MonoS, clock: Clock, largest: int = LARGEST_BYTES) -> bytes:
    """Everything the answer holds. Raises `WachtelError`: bad_data (too large), timeout (without end)."""
    announced = _announced(stream, largest)
    data = bytearray()
    while announced is None or len(data) < announced:
        if clock.monotonic_s() >= deadline:
            raise http_answers.silent(stream.endpoint)
        more = stream.read()
        if more is None:
            break
        data += more
        if len(data) > largest:
            raise answers.too_large(stream.endpoint)
    whole = bytes(data if announced is None else data[:announced])
    chunked = "chunked" in (stream.headers.get("Transfer-Encoding") or "").lower()
    return _without_chunks(whole) if chunked else whole


def _announced(stream: HttpStream, largest: int) -> int | None:
    text = stream.headers.get("Content-Length") or ""
    if not text.isascii() or not text.isdigit():
        return None
    if len(text) > 9 or int(text) > largest:
        raise answers.too_large(stream.endpoint)
    return int(text)


def _without_chunks(data: bytes) -> bytes:
    """RFC 9112 section 7.1; some devices send chunks to whoever has not asked for them. Stops where it breaks off."""
    whole = bytearray()
    while data:
        line, _, rest = data.partition(b"\r\n")
        try:
            size = int(line.partition(b";")[0].strip()[:8] or b"0", 16)
        except ValueError:
            break
        if size <= 0:
            break
        whole += rest[:size]
        data = rest[size + 2 :]
    return bytes(whole)
