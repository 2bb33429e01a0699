"""The descriptors in an esds box (ISO 14496-1 section 7.2.6): what AAC and Motion JPEG are called in MP4."""

from wachtel.base.errors import WachtelError
from wachtel.media.nal import bad_data

AAC_OBJECT, JPEG_OBJECT = 0x40, 0x6C
"""Object types (ISO 14496-1 table 5)."""

AUDIO_STREAM, VISUAL_STREAM = 0x15, 0x11
"""Stream types (ISO 14496-1 table 6), shifted and with the reserved bit set."""

_STREAM, _DECODER, _SPECIFIC, _SYNC = 3, 4, 5, 6
_SKIPPED = {_STREAM: 3, _DECODER: 13}


def elementary_stream(object_type: int, stream_type: int, config: bytes = b"") -> bytes:
    """ES_Descriptor; ``config`` is what the decoder must know, such as the AudioSpecificConfig."""
    decoder = bytes([object_type, stream_type]) + bytes(11)
    if config:
        decoder += _descriptor(_SPECIFIC, config)
    return _descriptor(_STREAM, b"\0\2\0" + _descriptor(_DECODER, decoder) + _descriptor(_SYNC, b"\2"))


def _descriptor(tag: int, content: bytes) -> bytes:
    size = len(content)
    return (
        bytes([tag, 0x80 | size >> 21 & 0x7F, 0x80 | size >> 14 & 0x7F, 0x80 | size >> 7 & 0x7F, size & 0x7F])
        + content
    )


def object_type(descriptors: bytes) -> int:
    """The object type in the descriptors of an esds box. Raises `WachtelError` (bad_data)."""
    position = _inside(descriptors, 0, _STREAM)[1] + _SKIPPED[_STREAM]
    start = _inside(descriptors, position, _DECODER)[1]
    if start >= len(descriptors):
        raise _damaged()
    return descriptors[start]


def decoder_specific(descriptors: bytes) -> bytes:
    """What the decoder must know, from the descriptors of an esds box. Raises `WachtelError` (bad_data)."""
    position = _inside(descriptors, 0, _STREAM)[1] + _SKIPPED[_STREAM]
    position = _inside(descriptors, position, _DECODER)[1] + _SKIPPED[_DECODER]
    size, start = _inside(descriptors, position, _SPECIFIC)
    return descriptors[start : start + size]


def _inside(descriptors: bytes, position: int, tag: int) -> tuple[int, int]:
    """Size of the descriptor of this tag that begins at ``position``, and where its content begins."""
    if position >= len(descriptors) or descriptors[position] != tag:
        raise _damaged()
    size, position = 0, position + 1
    for byte in descriptors[position : position + 4]:
        position += 1
        size = size << 7 | byte & 0x7F
        if not byte & 0x80:
            break
    return size, position


def _damaged() -> WachtelError:
    return bad_data("The description of a track is damaged.")
