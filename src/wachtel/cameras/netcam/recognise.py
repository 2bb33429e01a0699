"""In which state a NetCam is, found without spending its log-in: setup mode may let somebody in only once."""

from dataclasses import dataclass
from enum import StrEnum

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.cameras.netcam.conversation import Answer, Conversation
from wachtel.cameras.netcam.ports import NetCamPorts
from wachtel.protocols.upnp import Description, read_description

SERVER = "Camera Web Server"
VIDEO, SNAPSHOT = "/goform/video", "/goform/snapshot?n="
_TYPES = ("urn:Belkin:device:NetCamSensor:", "urn:Belkin:device:LinksysWNCSensor:")
_FREE_PATHS = ("/stream", "/?action=stream")
_UNAUTHORIZED, _NOT_FOUND = 401, 404


class State(StrEnum):
    """What a person can do with it follows from this."""

    SETUP = "setup"
    BEFORE_LOCK = "before_lock"
    LOCKED = "locked"
    FREE_USTREAMER = "free_ustreamer"
    FREE_MJPG_STREAMER = "free_mjpg_streamer"


@dataclass(frozen=True, slots=True)
class Sensor:
    """The UPnP part and where it was found."""

    port: int
    description: Description


@dataclass(frozen=True, slots=True)
class Recognised:
    """``stream_port`` and ``stream_path`` lead to the pictures, "" where there are none."""

    state: State
    stream_port: int = 0
    stream_path: str = ""
    asks_for_password: bool = False
    sensor: Sensor | None = None


def recognise(talk: Conversation, ports: NetCamPorts) -> Recognised:
    """Asks the web server, then the free images' port, then the sensor's; one connection at a time.

    Raises `WachtelError`: not_a_camera (something else is there), or why nothing could be reached.
    """
    try:
        web: Answer | WachtelError = talk.ask(talk.url.port, VIDEO)
    except WachtelError as error:
        if error.kind in (ErrorKind.FORBIDDEN_URL, ErrorKind.TIMEOUT) or error.code.startswith("name_"):
            raise
        web = error
    if isinstance(web, Answer) and _gives_pictures(web):
        return _with_pictures(talk, ports, web)
    free = _free(talk, ports)
    if free is not None:
        return free
    sensor = find_sensor(talk, ports)
    if sensor is not None or (isinstance(web, Answer) and web.status == _NOT_FOUND and _is_own(web)):
        return Recognised(State.LOCKED, sensor=sensor)
    raise web if isinstance(web, WachtelError) else _something_else(talk)


def gives_own_pictures(talk: Conversation) -> bool:
    """True when the maker's own web server offers pictures, as in setup mode and before the lock.

    One question, without a log-in. Raises `WachtelError` when nobody answers.
    """
    return _gives_pictures(talk.ask(talk.url.port, VIDEO))


def _is_own(answer: Answer) -> bool:
    challenge = " ".join(answer.headers.all("WWW-Authenticate"))
    return (answer.headers.get("Server") or "").strip() == SERVER or f'realm="{SERVER}"' in challenge


def _gives_pictures(web: Answer) -> bool:
    return web.is_stream or (web.status == _UNAUTHORIZED and _is_own(web))


def _with_pictures(talk: Conversation, ports: NetCamPorts, web: Answer) -> Recognised:
    """The sensor is part of the software that runs in the house; setup mode has none."""
    sensor = find_sensor(talk, ports)
    state = State.SETUP if sensor is None else State.BEFORE_LOCK
    return Recognised(state, talk.url.port, VIDEO, web.status == _UNAUTHORIZED, sensor)


def _free(talk: Conversation, ports: NetCamPorts) -> Recognised | None:
    for path in _FREE_PATHS:
        try:
            answer = talk.ask(ports.free, path)
        except WachtelError:
            return None
        if answer.is_stream or answer.status == _UNAUTHORIZED:
            return Recognised(*_which(answer, ports, path), answer.status == _UNAUTHORIZED)
    return None


def _which(answer: Answer, ports: NetCamPorts, path: str) -> tuple[State, int, str]:
    """A server that asks for a password on every path is told by its name, else taken for the one that usually does."""
    server = (answer.headers.get("Server") or "").lower()
    if path == _FREE_PATHS[0] and (answer.is_stream or "streamer/" not in server) and "mjpg" not in server:
        return State.FREE_USTREAMER, ports.free, _FREE_PATHS[0]
    return State.FREE_MJPG_STREAMER, ports.free, _FREE_PATHS[1]


def find_sensor(talk: Conversation, ports: NetCamPorts) -> Sensor | None:
    """The UPnP part, wherever it listens now."""
    for port in ports.sensor:
        try:
            answer = talk.ask(port, "/setup.xml")
            described = read_description(answer.body) if answer.status == 200 else None
        except WachtelError as error:
            if error.kind is ErrorKind.TIMEOUT:
                return None
            continue
        if described is not None and described.device_type.startswith(_TYPES):
            return Sensor(port, described)
    return None


def _something_else(talk: Conversation) -> WachtelError:
    name = talk.endpoint.name
    return WachtelError(
        ErrorKind.NOT_A_CAMERA,
        f"{name} is no NetCam: nothing there answers as one.",
        code="no_netcam",
        hint="Check the address. Another camera is tried with its rtsp or http address, or with onvif://.",
        details={"host": name},
    )
