"""Sends clips and recordings: whole, in part, or while they still grow."""

from collections.abc import AsyncGenerator, AsyncIterator
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from wachtel.base.errors import WachtelError
from wachtel.web.answers import error_response, moment
from wachtel.web.byte_range import parse_range
from wachtel.web.ports.footage import Clip, Download

MOST_GAPS_NAMED = 50


def clip_response(request: Request, clip: Clip, file_name: str) -> Response:
    """The answer for a clip; conditional and range requests of RFC 9110 are honoured for a finished one."""
    headers = {
        "content-type": "video/mp4",
        "content-disposition": f'inline; filename="{file_name}"',
        "wachtel-start": moment(clip.start),
        "wachtel-end": moment(clip.end),
        "wachtel-gaps": ", ".join(
            f"{moment(start)}/{moment(end)}" for start, end in clip.gaps[:MOST_GAPS_NAMED]
        ),
    }
    if clip.size_bytes is None or clip.etag is None:
        return _stream(request, clip, 200, headers | {"accept-ranges": "none"})
    etag = f'"{clip.etag}"'
    headers |= {"accept-ranges": "bytes", "etag": etag, "cache-control": "private, no-cache"}
    if etag in _tags(request.headers.get("if-none-match")):
        return Response(status_code=304, headers=headers)
    return _finished(request, clip, clip.size_bytes, headers)


def download_response(request: Request, download: Download, media_type: str, file_name: str) -> Response:
    """The answer for a file to take along; a download that broke off can go on."""
    etag = f'"{download.etag}"'
    headers = {
        "content-type": media_type,
        "content-disposition": f'attachment; filename="{file_name}"',
        "accept-ranges": "bytes",
        "etag": etag,
        "cache-control": "private, no-cache",
    }
    if etag in _tags(request.headers.get("if-none-match")):
        return Response(status_code=304, headers=headers)
    return _finished(request, download, download.size_bytes, headers)


def _finished(request: Request, clip: Clip | Download, size_bytes: int, headers: dict[str, str]) -> Response:
    unchanged = request.headers.get("if-range", headers["etag"]) == headers["etag"]
    try:
        wanted = parse_range(request.headers.get("range"), size_bytes) if unchanged else None
    except WachtelError as error:
        response = error_response(error)
        response.status_code = HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
        response.headers["content-range"] = f"bytes */{size_bytes}"
        return response
    if wanted is None:
        return _stream(request, clip, 200, headers | {"content-length": str(size_bytes)})
    headers |= {
        "content-length": str(wanted.size_bytes),
        "content-range": f"bytes {wanted.first}-{wanted.last}/{size_bytes}",
    }
    return _stream(request, clip, 206, headers, wanted.first, wanted.last)


def _stream(
    request: Request,
    clip: Clip | Download,
    status: int,
    headers: dict[str, str],
    first: int = 0,
    last: int | None = None,
) -> Response:
    if request.method == "HEAD":
        response = Response(status_code=status, headers=headers)
        if "content-length" not in headers:
            del response.headers["content-length"]
        return response
    return StreamingResponse(_closing(clip.read(first, last)), status_code=status, headers=headers)


async def _closing(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Ends the reading of the archive as soon as nobody listens any more."""
    try:
        async for piece in pieces:
            yield piece
    finally:
        if isinstance(pieces, AsyncGenerator):
            await pieces.aclose()


def _tags(header: str | None) -> set[str]:
    return {tag.strip().removeprefix("W/") for tag in (header or "").split(",")}
