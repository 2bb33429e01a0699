"""Pictures cut into parts of a ``multipart/x-mixed-replace`` stream (RFC 2046 section 5.1), well and badly."""

from wachtel.testing.netcam.options import Boundary

_ANNOUNCED = {
    Boundary.PLAIN: "boundary=netcam",
    Boundary.DASHES: "boundary=--myboundary",
    Boundary.QUOTED: 'boundary="a quoted: boundary"',
    Boundary.OTHER: "boundary=announced",
    Boundary.NO_LENGTH: "boundary=frame",
    Boundary.WRONG_LENGTH: "boundary=frame",
    Boundary.BARE: "boundary=frame",
}
_SENT = {
    Boundary.PLAIN: "--netcam",
    Boundary.DASHES: "--myboundary",
    Boundary.QUOTED: "--a quoted: boundary",
    Boundary.OTHER: "--sent",
}


def content_type(boundary: Boundary) -> str:
    """The header's value."""
    return f"multipart/x-mixed-replace;{_ANNOUNCED[boundary]}"


def part(jpeg: bytes, boundary: Boundary) -> bytes:
    """One picture with what stands around it."""
    if boundary is Boundary.BARE:
        return b"--frame\nContent-Type: image/jpeg\n\n" + jpeg + b"\n"
    head = f"{_SENT.get(boundary, '--frame')}\r\nContent-Type: image/jpeg\r\n"
    if boundary is not Boundary.NO_LENGTH:
        head += f"Content-Length: {len(jpeg) + (99 if boundary is Boundary.WRONG_LENGTH else 0)}\r\n"
    return f"{head}\r\n".encode() + jpeg + b"\r\n"
