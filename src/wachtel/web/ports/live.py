"""Live pictures, and how each camera is doing now."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Protocol

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.model.camera import StreamState
from wachtel.model.live import Announcement, IceServers, LiveFragment, LiveInit
from wachtel.model.stream import StreamName
from wachtel.model.watch import Watch


class LiveView(Protocol):
    """One viewer of one stream. A viewer that is too slow loses whole GOPs and goes on with a key frame."""

    def __aiter__(self) -> AsyncIterator[LiveInit | LiveFragment | StreamState]:
        """First an init and the cached GOP if there is a picture, a state whenever it changes; never ends by
        itself.
        """
        ...

    async def close(self) -> None: ...


class LiveViews(Protocol):
    """Opens live views."""

    async def open(self, camera: str, stream: StreamName, *, convert: bool = False) -> LiveView:
        """``convert``: as H.264, whatever the camera sends.

        Raises `WachtelError`: not_found for a camera or stream that is not there, busy when no more can be converted.
        """
        ...


class WhepView(Protocol):
    """A browser that watches by WebRTC; ``ended`` is set when it is gone, however that came."""

    @property
    def id(self) -> str: ...

    @property
    def ended(self) -> asyncio.Event: ...

    def close(self) -> None: ...


class WhepViews(Protocol):
    """Opens views by WebRTC."""

    @property
    def servers(self) -> IceServers: ...

    async def open(self, camera: str, stream: StreamName, offer: str, client: str, /) -> tuple[WhepView, str]:
        """The view and the SDP answer.

        Raises `WachtelError` (not_found, busy, timeout, invalid, unsupported_codec).
        """
        ...


class NoWhepViews:
    """Where there is no WebRTC."""

    servers = IceServers()

    async def open(
        self, _camera: str, _stream: StreamName, _offer: str, _client: str
    ) -> tuple[WhepView, str]:
        """Raises `WachtelError` (not_found)."""
        raise WachtelError(ErrorKind.NOT_FOUND, "There is no WebRTC here.")


class Snapshots(Protocol):
    """Stills of now."""

    async def latest(self, camera: str) -> bytes:
        """A JPEG of the newest picture. Raises `WachtelError` (not_found, timeout)."""
        ...


class States(Protocol):
    """Honest state of every camera's streams."""

    def of(self, camera: str) -> Mapping[StreamName, StreamState]: ...


class Watches(Protocol):
    """How each camera is watched for motion."""

    def of(self, camera: str) -> Watch | None:
        """None while nothing is known."""
        ...


class NoWatches:
    """Of an engine that is off."""

    def of(self, camera: str) -> Watch | None:  # noqa: ARG002 (nobody watches)
        return None


class Announcements(Protocol):
    """What happens, as it happens."""

    def subscribe(self) -> AsyncIterator[Announcement]:
        """Everything from now on; a reader slower than 1000 announcements loses the oldest."""
        ...
