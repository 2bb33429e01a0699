"""What the bridge to Apple Home reaches into, of one running installation."""

from typing import TYPE_CHECKING

from wachtel import __version__
from wachtel.automation.homekit.desk import HomeKitDesk
from wachtel.base.clock import Clock
from wachtel.model.rule import ArmState

if TYPE_CHECKING:
    from wachtel.app.edge import Edge


def homekit_desk(edge: "Edge", clock: Clock) -> HomeKitDesk:
    """The desk, with everything looked up when it is needed."""

    async def arm(site: str, state: ArmState) -> None:
        await edge.rules.arm(site, state)

    engine = edge.engine
    return HomeKitDesk(
        edge.state,
        edge.index,
        engine.states,
        engine.snapshots,
        engine.announcements,
        arm,
        edge.rules.armed,
        __version__,
        clock,
    )
