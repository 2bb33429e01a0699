"""Who is let in: user and password, and how often between two starts."""

import threading

from wachtel.protocols import http_auth
from wachtel.protocols.http_auth import BasicCredentials
from wachtel.testing.netcam.options import LogIn

REALM = "Camera Web Server"


class Gate:
    """Asked by every connection's thread."""

    def __init__(self, credentials: tuple[str, str] | None, log_in: LogIn) -> None:
        self._credentials = credentials
        self._log_in = log_in
        self._lock = threading.Lock()
        self._client = ""
        self._spent = False
        self.refused = 0
        """Requests that came with a wrong user or password, or too late."""

    def admits(self, authorization: str | None, client: str) -> bool:
        """True when this request may pass; ``client`` is its address."""
        with self._lock:
            if self._credentials is None:
                return True
            admitted = self._right(authorization) and self._in_time(client)
            self.refused += authorization is not None and not admitted
            return admitted

    def _right(self, authorization: str | None) -> bool:
        sent = http_auth.parse_authorization(authorization or "")
        assert self._credentials is not None
        return isinstance(sent, BasicCredentials) and http_auth.check_basic(sent, *self._credentials)

    def _in_time(self, client: str) -> bool:
        if self._log_in is LogIn.MANY:
            return True
        if self._spent:
            return False
        if self._log_in is LogIn.ONCE:
            self._spent = True
            return True
        self._client = self._client or client
        return client == self._client

    def stream_ended(self) -> None:
        """The log-in was for this stream."""
        with self._lock:
            self._spent = self._spent or self._log_in is LogIn.SESSION

    def power_cycle(self) -> None:
        """Forgets who was in."""
        with self._lock:
            self._client, self._spent = "", False
