"""The built web page. Only files that were there at start are served, so no path can lead elsewhere."""

import gzip
import mimetypes
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.model.access import Permission
from wachtel.web.door import Door

_FOR_EVER = "public, max-age=31536000, immutable"
_TEXT = ("text/", "application/javascript", "application/json", "application/manifest+json", "image/svg+xml")
_TYPES = {".webmanifest": "application/manifest+json", ".js": "text/javascript", ".woff2": "font/woff2"}
_NOT_BUILT = b"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Wachtel</title>
<h1>The web page has not been built yet</h1>
<p>The server works; only its page is missing. Run <code>scripts/demo</code> in the source folder, or
<code>npm ci &amp;&amp; npm run build</code> in <code>ui/</code>, and start the server again. An installed
wheel always brings the page along.</p>
</html>
"""


@dataclass(frozen=True, slots=True)
class PageFile:
    """One file of the page; ``packed`` is its gzip form, None where that saves nothing."""

    data: bytes
    packed: bytes | None
    media_type: str
    cache_control: str


class PageRoutes:
    """``/`` and the files beside it."""

    def __init__(self, folder: Path) -> None:
        self._files = _read(folder)

    def add_to(self, door: Door) -> None:
        for method in ("GET", "HEAD"):
            door.route(method, "/", self.index, needs=Permission.PUBLIC, listed=False)
            door.route(method, "/{path:path}", self.file, needs=Permission.PUBLIC, listed=False)

    async def index(self, request: Request) -> Response:
        if "index.html" not in self._files:
            return Response(_NOT_BUILT, status_code=503, media_type="text/html")
        return _send(request, self._files["index.html"])

    async def file(self, request: Request, path: str) -> Response:
        found = self._files.get(path)
        if found is None:
            raise WachtelError(ErrorKind.NOT_FOUND, "There is nothing under this address.")
        return _send(request, found)


def _send(request: Request, file: PageFile) -> Response:
    headers = {"cache-control": file.cache_control, "vary": "accept-encoding"}
    data = file.data
    if file.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        data, headers["content-encoding"] = file.packed, "gzip"
    return Response(data, media_type=file.media_type, headers=headers)


def _read(folder: Path) -> dict[str, PageFile]:
    if not folder.is_dir():
        return {}
    return {
        path.relative_to(folder).as_posix(): _page_file(folder, path)
        for path in folder.rglob("*")
        if path.is_file()
    }


def _page_file(folder: Path, path: Path) -> PageFile:
    data = path.read_bytes()
    media_type = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    packed = gzip.compress(data, mtime=0) if media_type.startswith(_TEXT) else None
    hashed = path.relative_to(folder).parts[0] == "assets"
    return PageFile(
        data=data,
        packed=packed if packed is not None and len(packed) < len(data) else None,
        media_type=media_type,
        cache_control=_FOR_EVER if hashed else "no-cache",
    )
