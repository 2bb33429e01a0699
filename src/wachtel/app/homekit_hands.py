"""What the bridge to Apple Home reaches into, of one running installation."""

from typing import TYPE_CHECKING

from wachtel import __version__
from wachtel.app.mqtt_hands import PanelsOf
from wachtel.automation.alarm_desk import ArmRequest
from wachtel.automation.homekit.desk import HomeKitDesk
from wachtel.base.clock import Clock
from wachtel.model.alarm import ArmedBy
from wachtel.model.rule import ArmState

if TYPE_CHECKING:
    from wachtel.app.edge import Edge


def homekit_desk(edge: "Edge", clock: Clock) -> HomeKitDesk:
    """The desk, with everything looked up when it is needed."""

    async def arm(site: str, state: ArmState) -> None:
        way = ArmedBy.HOMEKIT
        await edge.alarms.ask(ArmRequest(site, state, way.value, way))

    engine = edge.engine
    return HomeKitDesk(
        edge.state,
        edge.index,
        engine.states,
        engine.snapshots,
        engine.announcements,
        arm,
        PanelsOf(edge),
        __version__,
        clock,
    )
