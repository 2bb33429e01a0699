"""What every answer says to the browser, and how much may be sent to us."""

import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_BODY_BYTES = 256 * 1024
LARGEST_FILE_BYTES = 10 * 1024 * 1024
FILE_PATHS = re.compile(r"/api/v1/claims/(mine|\d+)/files|/api/v1/wemo/rule-imports")

_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data: blob:",
    "media-src": "'self' blob:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "worker-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
    "object-src": "'none'",
}
CONTENT_SECURITY_POLICY = "; ".join(f"{name} {sources}" for name, sources in _POLICY.items())

SECURITY_HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


REMEMBER_S = 365 * 24 * 3600


class SecurityHeaders:
    """ASGI middleware: adds the headers above, and ``no-store`` where a route says nothing else.

    ``always_encrypted``: names for which a browser that comes with TLS is told to come with nothing else from now on
    (RFC 6797). Only for names with a certificate that everybody trusts: past this header no warning can be passed.
    """

    def __init__(self, app: ASGIApp, always_encrypted: frozenset[str] = frozenset()) -> None:
        self._app = app
        self._always_encrypted = frozenset(name.lower() for name in always_encrypted)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        remember = scope.get("scheme") in ("https", "wss") and self._is_public(scope)

        async def send_with_headers(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers[name] = value
                headers.setdefault("cache-control", "no-store")
                if remember:
                    headers["strict-transport-security"] = f"max-age={REMEMBER_S}"
            await send(message)

        await self._app(scope, receive, send_with_headers)

    def _is_public(self, scope: Scope) -> bool:
        host = Headers(scope=scope).get("host", "")
        return host.partition(":")[0].lower().removesuffix(".") in self._always_encrypted


class BodyLimit:
    """ASGI middleware: 413 for a body larger than anything our API takes; files may be larger than questions."""

    def __init__(
        self,
        app: ASGIApp,
        largest_bytes: int = LARGEST_BODY_BYTES,
        files: re.Pattern[str] = FILE_PATHS,
        largest_file_bytes: int = LARGEST_FILE_BYTES,
    ) -> None:
        self._app = app
        self._largest_bytes = largest_bytes
        self._files = files
        self._largest_file_bytes = largest_file_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        received = 0
        is_file = self._files.fullmatch(scope["path"]) is not None
        largest = self._largest_file_bytes if is_file else self._largest_bytes

        async def receive_up_to_the_limit() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > largest:
                raise HTTPException(413)
            return message

        await self._app(scope, receive_up_to_the_limit, send)
