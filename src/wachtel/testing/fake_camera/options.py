"""How a fake camera behaves, and what goes wrong with it when."""

import re
from dataclasses import dataclass
from enum import StrEnum

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.protocols.http_auth import AuthScheme


class FaultName(StrEnum):
    """What can go wrong, by the name used in ``--fault``."""

    DROP = "drop"
    """Every connection is cut; new sessions are accepted."""
    STALL = "stall"
    """Sessions that play now get no packets any more, but stay connected; new sessions play."""
    SILENT = "silent"
    """Connections are accepted and nothing is answered or sent any more, on old ones neither."""
    HALF_OPEN = "half-open"
    """As after a power cut: nothing is sent, and the camera does not even notice when the other end leaves."""
    TRICKLE = "one-byte-per-second"
    """Answers come a byte a second, packets not at all."""
    ENDLESS_HEADER = "endless-header"
    """The header of the next answer never ends."""
    WRONG_PASSWORD = "wrong-password-later"
    """Somebody has changed the password; connections are cut."""
    DTS_STEP_BACK = "dts-step-back"
    """Timestamps step back, to 30 ms before the last picture, and go on from there."""
    SPS_CHANGE = "sps-change"
    """From the next key frame on pictures have three quarters of their size."""
    PACKET_LOSS = "packet-loss"
    """Two packets of a hundred are never sent."""
    CLOCK_JUMP = "clock-jump"
    """The camera's clock is set one hour ahead, and its timestamps with it."""
    FLAP = "flap"
    """As drop, again and again: here WHEN is also the time from one to the next."""


@dataclass(frozen=True, slots=True)
class Fault:
    """``at_s`` counts from the first PLAY; after ``for_s`` seconds the camera recovers (never when None)."""

    name: FaultName
    at_s: float
    for_s: float | None = None

    @classmethod
    def parse(cls, text: str) -> "Fault":
        """Reads ``NAME:WHEN`` or ``NAME:WHEN:FOR``. Raises `WachtelError` (invalid)."""
        match = re.fullmatch(r"([a-z-]+):(\d{1,6}(?:\.\d+)?)(?::(\d{1,6}(?:\.\d+)?))?", text)
        if match is None or match[1] not in list(FaultName):
            names = ", ".join(FaultName)
            hint = f"Write NAME:WHEN, WHEN in seconds after the first PLAY; NAME is one of {names}."
            raise WachtelError(ErrorKind.INVALID, f"{text!r} is no fault a fake camera knows.", hint=hint)
        return cls(FaultName(match[1]), float(match[2]), float(match[3]) if match[3] else None)


@dataclass(frozen=True, slots=True)
class FakeCameraOptions:
    """Port 0 is any free one. Without ``user`` anybody may look. ``rtcp`` False is a camera without sender
    reports."""

    host: str = "127.0.0.1"
    port: int = 0
    http_port: int = 0
    user: str | None = None
    password: str = ""
    auth: AuthScheme = AuthScheme.BASIC
    loop: bool = False
    faults: tuple[Fault, ...] = ()
    session_timeout_s: float = 60.0
    rtcp: bool = True
