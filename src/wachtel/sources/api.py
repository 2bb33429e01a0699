"""What a source driver offers: a camera URL becomes formats and packets.

A driver is one folder under ``wachtel.sources`` (or in a package of yours) and one entry point in the group
``wachtel.sources``, whose object is a `SourceDriver`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from wachtel.base.clock import Clock
from wachtel.base.units import MonoS
from wachtel.media.draft import Drafts
from wachtel.model.camera import Transport
from wachtel.model.stream import Packet, StreamFormat
from wachtel.protocols.camera_url import CameraUrl
from wachtel.sources.beat import Turn
from wachtel.sources.trust import TRUST_ANYBODY, Trust

FIRST_PICTURE_S = 2.0
"""What the first picture is given at least, however long the connection took to come about."""


@dataclass(frozen=True, slots=True)
class SourceOptions:
    """How to connect. ``allow_local`` is the user's word that loopback and link-local addresses are meant.

    ``trust`` looks at the certificates of encrypted connections, ``turn`` says when what has come is to be read:
    None for as it comes. With ``drafts`` it is recorded, and pictures may be written before they are looked at.

    ``connect_timeout_s`` is for name, connection and handshake together, ``stall_timeout_s`` for each picture. With
    these, whatever a sick camera does is known within ten seconds of the connection's beginning.
    """

    transport: Transport = Transport.TCP
    connect_timeout_s: float = 6.0
    stall_timeout_s: float = 7.0
    allow_local: bool = False
    audio: bool = False
    trust: Trust = TRUST_ANYBODY
    turn: Turn | None = None
    drafts: Drafts | None = None

    def quiet_since(self, began: MonoS, now: MonoS) -> MonoS:
        """From when on the first picture is waited for, as if one had come then; ``began`` is when we dialled.

        Cameras that answer slowly have less time for it, so that slowness does not add up.
        """
        first_s = max(FIRST_PICTURE_S, self.stall_timeout_s + FIRST_PICTURE_S - (now - began))
        return MonoS(now - self.stall_timeout_s + min(self.stall_timeout_s, first_s))


class MediaSource(Protocol):
    """One open connection. Used by one thread, except `close`."""

    @property
    def lost(self) -> int:
        """Packets of the network that never came, as far as the protocol tells; 0 where it cannot."""
        ...

    def packets(self) -> Iterator[StreamFormat | Packet]:
        """First a format, then packets; a format again before the first packet it is true of.

        A live stream has no good end: the iterator ends with `WachtelError` (stream_ended, stalled, bad_data
        ...), except after `close`, when it just ends.
        """
        ...

    def close(self) -> None:
        """May be called by any thread, twice, and at any time; `packets` ends within a second."""
        ...


@runtime_checkable
class WithUnheard(Protocol):
    """A source whose camera offers sound in a form that cannot be kept."""

    @property
    def unheard(self) -> str:
        """What the camera calls that form; "" when there is none."""
        ...


class SourceDriver(Protocol):
    """Opens URLs of some schemes."""

    schemes: frozenset[str]

    def open(self, url: CameraUrl, options: SourceOptions, clock: Clock) -> MediaSource:
        """Connects and returns when the stream's format is about to come.

        Raises `WachtelError` with the kind a person can act on: unreachable, refused, timeout,
        wrong_password, no_such_stream, not_a_camera, redirect, unsupported_codec.
        """
        ...
