"""``/api/v1/message-pictures``: the picture of one event, for who was told of it; the link is the permission."""

from starlette.responses import Response

from wachtel.automation.signed_links import LinkSigner, Opens
from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.model.access import Permission
from wachtel.web.door import Door
from wachtel.web.ports.footage import Events, Footage


class MessagePictureRoutes:
    """A browser that shows a notification fetches its picture without anybody being logged in."""

    def __init__(self, signer: LinkSigner, events: Events, footage: Footage, clock: Clock) -> None:
        self._signer = signer
        self._events = events
        self._footage = footage
        self._clock = clock

    def add_to(self, door: Door) -> None:
        path = "/api/v1/message-pictures/{token}"
        door.route("GET", path, self.get, needs=Permission.PUBLIC, gives="image/jpeg")

    async def get(self, token: str) -> Response:
        """The picture, as long as the link is good."""
        which = self._signer.read(Opens.PICTURE, token, self._clock.wall_us())
        event = None if which is None else await self._events.get(which)
        if event is None:
            raise WachtelError(ErrorKind.NOT_FOUND, "There is no picture under this address, or no longer.")
        return Response(await self._footage.event_snapshot(event), media_type="image/jpeg")
