"""What alarm panels reach into, of one running installation, and who asks them."""

from functools import partial
from typing import TYPE_CHECKING

from wachtel.accounts.alarm_codes import AlarmCodes
from wachtel.automation.alarm_desk import AlarmDesk, AlarmHands, ArmRequest
from wachtel.base.clock import Clock
from wachtel.model.alarm import ArmedBy
from wachtel.model.live import AlarmChanged
from wachtel.model.rule import ArmState

if TYPE_CHECKING:
    from wachtel.app.edge import Edge


def alarm_desk(edge: "Edge", clock: Clock) -> AlarmDesk:
    """The panels of an installation, between its rules and its post: signals go in, sirens and messages come out."""
    rules = edge.rules

    async def hurry(channel: str) -> None:
        await edge.post.hurry(channel)

    def announce(news: AlarmChanged) -> None:
        edge.engine.announcements.tell(news)
        if news.status is not None:
            rules.alarm_is(news.site, news.status.word.value)

    desk = AlarmDesk(
        edge.state,
        AlarmHands(
            stand=rules.stand,
            sound=rules.sound,
            silence=rules.silence,
            check_code=AlarmCodes(edge.state, clock).check,
            hurry=hurry,
            announce=announce,
        ),
        clock,
    )

    async def ask(site: str, state: ArmState, by_rule: bool) -> None:
        way = ArmedBy.RULE if by_rule else ArmedBy.MQTT
        await desk.ask(ArmRequest(site, state, way.value, way))

    rules.on_wants = partial(edge.engine.hear, "rules")
    edge.engine.on_sound.append(rules.heard_sound)
    rules.on_cause = desk.heard
    rules.on_sensor = desk.sensed
    rules.ask_to_arm = ask
    return desk
