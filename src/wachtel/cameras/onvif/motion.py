"""Motion that a device sees itself, by pull point: subscribe, pull, renew in time, begin anew when forgotten."""

from collections.abc import Iterator
from dataclasses import dataclass

from wachtel.base.clock import Clock
from wachtel.base.errors import WachtelError
from wachtel.base.units import MonoS
from wachtel.cameras.onvif import answers
from wachtel.cameras.onvif.address import service_on_device
from wachtel.cameras.onvif.conversation import Conversation
from wachtel.model.device import MotionReport
from wachtel.protocols.camera_url import CameraUrl
from wachtel.protocols.onvif import events
from wachtel.protocols.onvif.envelope import Fault, expect

SUBSCRIBED_S = 120
RENEW_EVERY_S = 50.0
PULL_S = 20
_LEAST_S = 1.0
"""Between two empty answers: some devices answer at once instead of waiting."""


@dataclass(frozen=True, slots=True)
class _Subscription:
    at: CameraUrl
    renew_by: MonoS


def motion_of(
    talk: Conversation, service: CameraUrl, device: CameraUrl, clock: Clock
) -> Iterator[MotionReport | None]:
    """Reports of beginning and end; None after every answer. Ends when the conversation is closed.

    Raises `WachtelError` when the device does not answer, or refuses.
    """
    subscription = _subscribe(talk, service, device, clock)
    try:
        while not talk.closed.is_set():
            if clock.monotonic_s() >= subscription.renew_by:
                subscription = _renewed(talk, subscription, service, device, clock)
            yield from _pulled(talk, subscription, clock)
            yield None
    except WachtelError:
        if not talk.closed.is_set():
            raise


def _subscribe(talk: Conversation, service: CameraUrl, device: CameraUrl, clock: Clock) -> _Subscription:
    answer = talk.ask(service, events.create(SUBSCRIBED_S), action=events.CREATE_ACTION)
    if isinstance(answer, Fault):
        raise answers.refused(answer, talk.endpoint)
    given = events.read_subscription(expect(answer, "CreatePullPointSubscription"))
    at = service_on_device(given, device) or service
    return _Subscription(at, MonoS(clock.monotonic_s() + RENEW_EVERY_S))


def _renewed(
    talk: Conversation, old: _Subscription, service: CameraUrl, device: CameraUrl, clock: Clock
) -> _Subscription:
    """The same subscription for longer; a new one where the device cannot renew."""
    answer = talk.ask(old.at, events.renew(SUBSCRIBED_S), action=events.RENEW_ACTION)
    if isinstance(answer, Fault):
        return _subscribe(talk, service, device, clock)
    return _Subscription(old.at, MonoS(clock.monotonic_s() + RENEW_EVERY_S))


def _pulled(talk: Conversation, subscription: _Subscription, clock: Clock) -> Iterator[MotionReport]:
    asked_at = clock.monotonic_s()
    answer = talk.ask(subscription.at, events.pull(PULL_S), action=events.PULL_ACTION, wait_s=PULL_S)
    if isinstance(answer, Fault):
        raise answers.refused(answer, talk.endpoint)
    messages = events.read_messages(expect(answer, "PullMessages"))
    for message in messages:
        active = message.motion()
        if active is not None:
            yield MotionReport(clock.wall_us(), active, message.place)
    if not messages and clock.monotonic_s() - asked_at < _LEAST_S:
        clock.wait(talk.closed, _LEAST_S)
