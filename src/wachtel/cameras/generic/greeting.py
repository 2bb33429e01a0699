"""What a camera says before any password is sent: often enough to know its maker."""

from wachtel.base.clock import Clock
from wachtel.base.units import MonoS
from wachtel.protocols.camera_url import CameraUrl
from wachtel.protocols.http_auth import parse_challenges
from wachtel.protocols.rtsp import Headers, Response
from wachtel.sources.address import Endpoint
from wachtel.sources.connect import connect, silent
from wachtel.sources.http_stream import ask
from wachtel.sources.rtsp.connection import RtspConnection

_LONGEST = 400


def rtsp_greeting(endpoint: Endpoint, deadline: MonoS, clock: Clock) -> str:
    """Server and realm of an RTSP server. Raises `WachtelError` for anything that is none."""
    url = CameraUrl("rtsp", endpoint.name, endpoint.port, "/")
    connection = RtspConnection(connect(endpoint, deadline, clock), endpoint, url, clock)
    try:
        connection.send("DESCRIBE", url.on_the_wire().public(), (("Accept", "application/sdp"),))
        while clock.monotonic_s() < deadline:
            for message in connection.receive():
                if isinstance(message, Response):
                    return _words(message.headers)
        raise silent(endpoint)
    finally:
        connection.socket.close()


def http_greeting(endpoint: Endpoint, deadline: MonoS, clock: Clock) -> str:
    """The same of a web server."""
    stream = ask(CameraUrl("http", endpoint.name, endpoint.port, "/"), endpoint, clock, deadline)
    stream.close()
    return _words(stream.headers)


def _words(headers: Headers) -> str:
    realms = (challenge.realm for challenge in parse_challenges(headers.all("WWW-Authenticate")))
    return " ".join((headers.get("Server") or "", *realms))[:_LONGEST]
