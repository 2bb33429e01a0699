"""``/api/v1/server-certificates``: until when browsers trust this server."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Literal

from wachtel.base.clock import Clock
from wachtel.model.access import Permission
from wachtel.web.answers import EPOCH, Answer, moment, wall_us
from wachtel.web.door import Door
from wachtel.web.guard import On
from wachtel.web.settings import CertificateEnd

SOON = timedelta(days=30)


class ServerCertificateAnswer(Answer):
    """``owned``: from the owner's own files, which only they can renew; ``soon``: within thirty days, or past."""

    kind: Literal["server", "authority"]
    owned: bool
    ends: str
    soon: bool


class ServerCertificateRoutes:
    """For administrators: others can do nothing about it."""

    def __init__(self, certificates: Callable[[], Sequence[CertificateEnd]], clock: Clock) -> None:
        self._certificates = certificates
        self._clock = clock

    def add_to(self, door: Door) -> None:
        path = "/api/v1/server-certificates"
        door.route("GET", path, self.all, needs=Permission.ADMIN, on=On.INSTALLATION)

    async def all(self) -> list[ServerCertificateAnswer]:
        """The certificate that is served and the local authority that devices trust; none without TLS."""
        soon = EPOCH + timedelta(microseconds=self._clock.wall_us()) + SOON
        return [
            ServerCertificateAnswer(
                kind=one.kind, owned=one.owned, ends=moment(wall_us(one.ends)), soon=one.ends <= soon
            )
            for one in self._certificates()
        ]
