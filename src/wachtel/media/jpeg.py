"""What a JPEG says of itself (ITU-T T.81)."""

from wachtel.base.errors import ErrorKind, WachtelError

_FRAME_HEADERS = frozenset({0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF})
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD9)})


def jpeg_size(data: bytes) -> tuple[int, int]:
    """Width and height in pixels, from the frame header (section B.2.2). Raises `WachtelError` (bad_data)."""
    position = 2
    while data[:2] == b"\xff\xd8" and position + 9 <= len(data) and data[position] == 0xFF:
        kind = data[position + 1]
        if kind == 0xFF:
            position += 1
        elif kind in _WITHOUT_LENGTH:
            position += 2
        elif kind in _FRAME_HEADERS:
            height = int.from_bytes(data[position + 5 : position + 7], "big")
            width = int.from_bytes(data[position + 7 : position + 9], "big")
            if width and height:
                return width, height
            break
        else:
            position += 2 + max(2, int.from_bytes(data[position + 2 : position + 4], "big"))
    raise WachtelError(ErrorKind.BAD_DATA, "A picture is no JPEG, or its size is missing.")
