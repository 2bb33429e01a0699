"""pywemo with the habits a server needs: short answers, small ones, from the device itself, one at a time.

Left to itself it tries six times, looks for a lost device by nine ports and a multicast search of five seconds, three
times over, and reads answers of any length from wherever a description points (measured: 294 s for a dead device).
Imported by the worker only.
"""

import threading
import time
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import urlsplit

import pywemo.ouimeaux_device as devices
import requests
import urllib3
from pywemo import subscribe
from pywemo.discovery import device_from_uuid_and_location
from pywemo.exceptions import HTTPException, HTTPNotOkException
from pywemo.ouimeaux_device import Device
from pywemo.ouimeaux_device.api.service import Action, Session
from pywemo.subscribe import HTTPServer, RequestHandler, Subscription, SubscriptionRegistry

CONNECT_TIMEOUT_S = 1.5
ANSWER_TIMEOUT_S = 2.5
LARGEST_BYTES = 512 << 10


class BoundedSession(Session):
    """One question at a time to one host, each answer bounded in bytes and time; no redirects, nobody else."""

    retries = 0
    timeout = ANSWER_TIMEOUT_S

    def __init__(self, url: str, *more: Any) -> None:
        super().__init__(url, *more)
        self.busy = threading.RLock()

    def request(
        self,
        method: str,
        url: str,
        retries: Any = None,
        timeout: float | None = None,
        **kwargs: Any,
    ) -> urllib3.BaseHTTPResponse:
        """As `Session.request`."""
        del retries, timeout
        if urlsplit(url).hostname != self.host:
            raise HTTPException("The device points to another host.")
        with self.busy, urllib3.PoolManager(retries=False) as pool:
            try:
                return _bounded(pool, method, url, kwargs)
            except urllib3.exceptions.HTTPError as error:
                raise HTTPException(error) from error


def _bounded(
    pool: urllib3.PoolManager, method: str, url: str, kwargs: dict[str, Any]
) -> urllib3.BaseHTTPResponse:
    ends = time.monotonic() + ANSWER_TIMEOUT_S
    limit = urllib3.Timeout(connect=CONNECT_TIMEOUT_S, read=ANSWER_TIMEOUT_S, total=ANSWER_TIMEOUT_S)
    response = pool.request(method, url, timeout=limit, redirect=False, preload_content=False, **kwargs)
    try:
        data = bytearray()
        while more := response.read1(65_536):
            data += more
            if len(data) > LARGEST_BYTES or time.monotonic() > ends:
                raise HTTPException("The device's answer has no end.")
        if response.status != 200:
            raise HTTPNotOkException(f"Received status {response.status}")
    finally:
        response.close()
    whole = urllib3.HTTPResponse(body=bytes(data), headers=response.headers, status=response.status)
    whole.content = whole.data  # type: ignore[attr-defined]
    return whole


class BoundedSubscription(Subscription):
    """Waits until no other question to the device is open, and subscribes at the device itself alone."""

    @property
    def url(self) -> str:
        """As `Subscription.url`."""
        url = super().url
        if urlsplit(url).hostname != self.device.host:
            raise requests.exceptions.InvalidURL("The device points to another host.")
        return url

    def maintain(self) -> int:
        """As `Subscription.maintain`."""
        with busy_lock(self.device):
            return super().maintain()


def busy_lock(device: Device) -> Any:
    """Held while a question to the device is open."""
    session = device.session
    assert isinstance(session, BoundedSession)
    return session.busy


class BoundRegistry(SubscriptionRegistry):
    """Hears events at one of our addresses instead of at all of them."""

    def __init__(self, own: str) -> None:
        super().__init__()
        self._own = own

    def start(self) -> None:
        """As `SubscriptionRegistry.start`."""
        self._httpd = _QuietServer((self._own, 0), RequestHandler)
        self._http_thread = threading.Thread(target=self._run_http_server, name="wemo events", daemon=True)
        self._http_thread.start()
        self._event_thread = threading.Thread(
            target=self._run_event_loop, name="wemo subscriptions", daemon=True
        )
        self._event_thread.start()


class _QuietServer(HTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(address, handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """What cannot be read is dropped, and pywemo polls; a trace per datagram of a stranger helps nobody."""


class _Straight:
    """The library ``requests``, but nobody is followed elsewhere and no answer is read."""

    @staticmethod
    def request(**kwargs: Any) -> requests.Response:
        """As `requests.request`."""
        response = requests.request(**kwargs, allow_redirects=False, stream=True)
        response.close()
        return response

    def __getattr__(self, name: str) -> Any:
        return getattr(requests, name)


def set_habits() -> None:
    """For the whole process; called once, before anything else of pywemo."""
    for owner, name, habit in (
        (devices, "Session", BoundedSession),
        (subscribe, "Subscription", BoundedSubscription),
        (subscribe, "REQUESTS_TIMEOUT", ANSWER_TIMEOUT_S),
        (subscribe, "requests", _Straight()),
        (Action, "max_rediscovery_attempts", 1),
        (Device, "reconnect_with_device", _stay),
    ):
        setattr(owner, name, habit)


def _stay(_device: Device) -> None:
    """Whoever drives the device decides whether and where to look for it."""


def open_device(udn: str, host: str, port: int) -> Device:
    """Reads its description and services. Raises `LookupError`, or what pywemo raises, when that fails."""
    device = device_from_uuid_and_location(udn, f"http://{host}:{port}/setup.xml")
    if device is None or device.udn != udn:
        raise LookupError("it is not there, or another one is")
    return device
