"""The MQTT broker of an installation, and what is listened to there."""

import re
from dataclasses import dataclass
from enum import StrEnum

from wachtel.base.errors import ErrorKind, WachtelError

PLAIN_PORT, TLS_PORT = 1883, 8883
LONGEST_TOPIC_BYTES = 256
LONGEST_SECRET = 1000
LONGEST_CA = 65_536
MOST_SENSORS = 200
_HOST = re.compile(r"[A-Za-z0-9._:%-]{1,253}")
_PREFIX = re.compile(r"[A-Za-z0-9_-]{1,40}(?:/[A-Za-z0-9_-]{1,40}){0,3}")


class NameLanguage(StrEnum):
    """The language of the names that things get at the broker."""

    GERMAN = "de"
    ENGLISH = "en"


@dataclass(frozen=True, slots=True)
class Broker:
    """One broker, by the word of the owner. ``ca``: PEM of the authority to trust, "" for those of the system.

    Everything of ours lies under ``prefix``; ``discovery`` is where Home Assistant looks for documents. With
    ``allow_control`` others at the broker may switch recording and detection, and arm.
    """

    host: str
    port: int = PLAIN_PORT
    user: str = ""
    password: str = ""
    tls: bool = False
    ca: str = ""
    prefix: str = "wachtel"
    discovery: str = "homeassistant"
    allow_control: bool = True
    enabled: bool = True
    language: NameLanguage = NameLanguage.ENGLISH


@dataclass(frozen=True, slots=True)
class TopicSensor:
    """A topic that is a sensor of a site. ``field`` of a JSON object, "" for the whole payload."""

    id: str
    site: str
    name: str
    topic: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class HeardTopic:
    """What was heard at a topic last. ``fields``: what could be a sensor of it, each with its state."""

    topic: str
    payload: str
    fields: tuple[tuple[str, str], ...] = ()


def check_broker(broker: Broker) -> None:
    """Raises `WachtelError` (invalid) with what is wrong."""
    if not _HOST.fullmatch(broker.host):
        raise _invalid("The broker's address is a name or an IP address, without mqtt:// and without a port.")
    if not 1 <= broker.port <= 65535:
        raise _invalid("A port is a number from 1 to 65535.")
    if len(broker.user) > LONGEST_SECRET or len(broker.password) > LONGEST_SECRET:
        raise _invalid("User and password are at most 1000 characters long.")
    if broker.password and not broker.user:
        raise _invalid("A password without a user is of no use to a broker.")
    if broker.ca and not broker.tls:
        raise _invalid("An authority to trust is only of use with TLS.")
    if len(broker.ca) > LONGEST_CA:
        raise _invalid("The certificate is longer than 64 KiB.")
    for prefix in (broker.prefix, broker.discovery):
        if not _PREFIX.fullmatch(prefix):
            raise _invalid("A prefix is made of letters, digits, - and _, at most four parts with / between.")
    if (broker.prefix + "/").startswith(broker.discovery + "/") or (broker.discovery + "/").startswith(
        broker.prefix + "/"
    ):
        raise _invalid("The prefix and that of the discovery must differ.")


def check_topic(topic: str) -> None:
    """A topic without wildcards (MQTT 5.0 section 4.7.1). Raises `WachtelError` (invalid)."""
    too_long = not 1 <= len(topic.encode(errors="replace")) <= LONGEST_TOPIC_BYTES
    if too_long or any(char in "+#" or not char.isprintable() for char in topic):
        raise _invalid("The topic is empty, too long, or holds +, # or something that cannot be shown.")
    if topic.startswith("$"):
        raise _invalid("Topics that begin with $ belong to the broker.")


def _invalid(what: str) -> WachtelError:
    return WachtelError(ErrorKind.INVALID, what)
