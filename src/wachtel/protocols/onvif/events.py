"""Events by pull point (ONVIF Core section 9, WS-BaseNotification 1.3)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from wachtel.protocols.onvif.device import shown
from wachtel.protocols.xml_reader import Element

_TEV = "http://www.onvif.org/ver10/events/wsdl"
_WSN = "http://docs.oasis-open.org/wsn/bw-2"
CREATE_ACTION = f"{_TEV}/EventPortType/CreatePullPointSubscriptionRequest"
PULL_ACTION = f"{_TEV}/PullPointSubscription/PullMessagesRequest"
RENEW_ACTION = f"{_WSN}/SubscriptionManager/RenewRequest"
MOST_MESSAGES = 64
_MOTION = re.compile(r"(?:CellMotionDetector/Motion|VideoSource/MotionAlarm|MotionDetector/Motion|/Motion$)")
_STATES = ("IsMotion", "State", "IsInside", "Motion")
_TRUE = frozenset({"true", "1", "on", "active"})


@dataclass(frozen=True, slots=True)
class Notification:
    """One message. ``operation`` is Initialized, Changed, Deleted or ""; ``items`` are its data by name."""

    topic: str
    operation: str
    source: tuple[tuple[str, str], ...]
    items: tuple[tuple[str, str], ...]

    def motion(self) -> bool | None:
        """True where motion begins or goes on, False where it ends, None when it is about something else."""
        if not _MOTION.search(self.topic):
            return None
        values = dict(self.items)
        state = next((values[name] for name in _STATES if name in values), None)
        return None if state is None else state.strip().lower() in _TRUE

    @property
    def place(self) -> str:
        """What saw it: topic and source, the same for the beginning and the end of one motion."""
        return "|".join((self.topic, *(f"{name}={value}" for name, value in self.source)))[:300]


def create(seconds: int) -> str:
    """``CreatePullPointSubscription``, for all topics: filters are where devices err most."""
    return (
        "<tev:CreatePullPointSubscription>"
        f"<tev:InitialTerminationTime>PT{seconds}S</tev:InitialTerminationTime>"
        "</tev:CreatePullPointSubscription>"
    )


def pull(wait_s: int, most: int = MOST_MESSAGES) -> str:
    """``PullMessages``."""
    return (
        f"<tev:PullMessages><tev:Timeout>PT{wait_s}S</tev:Timeout>"
        f"<tev:MessageLimit>{most}</tev:MessageLimit></tev:PullMessages>"
    )


def renew(seconds: int) -> str:
    """``Renew``."""
    return f"<wsnt:Renew><wsnt:TerminationTime>PT{seconds}S</wsnt:TerminationTime></wsnt:Renew>"


def read_subscription(answer: Element) -> str:
    """``CreatePullPointSubscriptionResponse``: the address to pull from, as the device gives it."""
    return answer.text_at("SubscriptionReference", "Address")


def read_messages(answer: Element) -> tuple[Notification, ...]:
    """``PullMessagesResponse``."""
    return tuple(_notifications(answer))[:MOST_MESSAGES]


def _notifications(answer: Element) -> Iterator[Notification]:
    for one in answer.all("NotificationMessage"):
        message = one.child("Message", "Message")
        if message is not None:
            topic = "/".join(part.rpartition(":")[2] for part in shown(one.text_at("Topic")).split("/"))
            yield Notification(
                topic,
                shown(message.attributes.get("PropertyOperation", "")),
                _items(message.child("Source")),
                _items(message.child("Data")),
            )


def _items(element: Element | None) -> tuple[tuple[str, str], ...]:
    if element is None:
        return ()
    return tuple(
        (shown(one.attributes.get("Name", "")), shown(one.attributes.get("Value", "")))
        for one in element.all("SimpleItem")[:32]
    )
