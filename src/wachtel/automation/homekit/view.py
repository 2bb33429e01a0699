"""The house as a bridge to Apple Home sees it."""

from typing import Protocol

from wachtel.model.camera import Camera, Site
from wachtel.model.rule import ArmState


class HomeView(Protocol):
    """What is true at this moment; but for pictures no call waits."""

    def cameras(self) -> list[Camera]: ...

    def sites(self) -> list[Site]: ...

    def online(self, camera: str) -> bool: ...

    def moves(self, camera: str) -> bool: ...

    def armed(self, site: str) -> ArmState: ...

    def alarmed(self, site: str) -> bool:
        """True while the site's alarm is on."""
        ...

    async def picture(self, camera: str) -> bytes:
        """A JPEG of now. Raises `WachtelError`."""
        ...
