"""One connection to a broker, by MQTT 5.0, with every error in words."""

import asyncio
import logging
import secrets
import ssl
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.model.broker import Broker

if TYPE_CHECKING:
    import aiomqtt

log = logging.getLogger(__name__)

CONNECT_S = 5.0
ANSWER_S = 10.0
KEEP_ALIVE_S = 20
LARGEST_PACKET_BYTES = 262_144
"""What the broker may send us in one packet (MQTT 5.0 section 3.1.2.11.4); it leaves out what is larger."""

LONGEST_QUEUE = 1000

_SILENT = logging.getLogger("wachtel.mqtt.library")
_SILENT.setLevel(logging.CRITICAL)

_OLD, _BUSY, _PASSWORD = {132}, {136, 137}, {134, 135, 138}
"""Reason codes of MQTT 5.0 section 3.2.2.2; of older versions the library makes the same ones."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A message; ``retained``: it lay there before we came."""

    topic: str
    payload: bytes
    retained: bool


class _Newest(asyncio.Queue["aiomqtt.Message"]):
    """What comes in too fast pushes out the oldest: of a sensor the last word counts."""

    def put_nowait(self, item: "aiomqtt.Message") -> None:
        if self.full():
            self.get_nowait()
        super().put_nowait(item)


class Session:
    """Usable while `connected` lasts; all methods raise `WachtelError` when the connection is gone."""

    def __init__(self, client: "aiomqtt.Client", broker: Broker) -> None:
        self._client = client
        self._broker = broker

    async def publish(self, topic: str, payload: bytes | str, *, retain: bool) -> None:
        """Returns when the broker has taken it."""
        import aiomqtt

        try:
            await self._client.publish(topic, payload, qos=1, retain=retain, timeout=ANSWER_S)
        except (aiomqtt.MqttError, ValueError, OSError) as error:
            raise _lost(self._broker) from error

    async def subscribe(self, topics: Iterable[str]) -> None:
        """Listens to topics and filters; what we say ourselves does not come back."""
        import aiomqtt
        from paho.mqtt.subscribeoptions import SubscribeOptions

        wanted = [(topic, SubscribeOptions(qos=1, noLocal=True)) for topic in topics]
        try:
            if wanted:
                await self._client.subscribe(wanted, timeout=ANSWER_S)
        except (aiomqtt.MqttError, ValueError, OSError) as error:
            raise _lost(self._broker) from error

    async def unsubscribe(self, topics: Iterable[str]) -> None:
        """Listens no longer."""
        import aiomqtt

        wanted = list(topics)
        try:
            if wanted:
                await self._client.unsubscribe(wanted, timeout=ANSWER_S)
        except (aiomqtt.MqttError, ValueError, OSError) as error:
            raise _lost(self._broker) from error

    async def messages(self) -> AsyncIterator[Heard]:
        """What comes in, until the connection is gone."""
        import aiomqtt

        try:
            async for message in self._client.messages:
                payload = message.payload if isinstance(message.payload, bytes) else b""
                yield Heard(message.topic.value, payload, bool(message.retain))
        except (aiomqtt.MqttError, OSError) as error:
            raise _lost(self._broker) from error


@asynccontextmanager
async def connected(broker: Broker, status: str = "") -> AsyncIterator[Session]:
    """Connects. At ``status`` the broker says "offline" when we are gone without a word.

    Raises `WachtelError`: unreachable, timeout, refused, wrong_password, busy, bad_data (TLS).
    """
    import aiomqtt

    await _look(broker)
    client = _client(broker, status)
    try:
        await client.__aenter__()
    except (aiomqtt.MqttError, ValueError) as error:
        _hang_up(client)
        raise _refusal(broker, error) from error
    except asyncio.CancelledError:
        _hang_up(client)
        raise
    try:
        yield Session(client, broker)
    finally:
        await _leave(client)


def _client(broker: Broker, status: str) -> "aiomqtt.Client":
    import aiomqtt
    from paho.mqtt.packettypes import PacketTypes
    from paho.mqtt.properties import Properties

    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    properties.MaximumPacketSize = LARGEST_PACKET_BYTES
    return aiomqtt.Client(
        broker.host,
        broker.port,
        username=broker.user or None,
        password=broker.password or None,
        identifier=f"wachtel-{secrets.token_hex(6)}",
        logger=_SILENT,
        protocol=aiomqtt.ProtocolVersion.V5,
        will=aiomqtt.Will(status, "offline", qos=1, retain=True) if status else None,
        timeout=CONNECT_S,
        queue_type=_Newest,
        keepalive=KEEP_ALIVE_S,
        clean_start=True,
        max_queued_incoming_messages=LONGEST_QUEUE,
        properties=properties,
        tls_context=_tls(broker),
    )


def _tls(broker: Broker) -> ssl.SSLContext | None:
    if not broker.tls:
        return None
    try:
        context = ssl.create_default_context(cadata=broker.ca or None)
    except (ssl.SSLError, ValueError) as error:
        raise WachtelError(
            ErrorKind.INVALID,
            "The authority to trust is no certificate in PEM.",
            code="mqtt_bad_ca",
            hint="It begins with -----BEGIN CERTIFICATE-----.",
        ) from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


async def _look(broker: Broker) -> None:
    """Tries whether anybody answers, and with which certificate. The library's own attempt blocks a thread, and keeps
    to itself what went wrong."""
    where = _shown(broker)
    try:
        async with asyncio.timeout(CONNECT_S):
            _, writer = await asyncio.open_connection(broker.host, broker.port, ssl=_tls(broker))
        writer.transport.abort()
    except TimeoutError as error:
        raise WachtelError(
            ErrorKind.TIMEOUT,
            f"{where} does not answer.",
            code="mqtt_timeout",
            hint="Check address and port, and whether the broker uses TLS.",
            details={"host": where},
        ) from error
    except (ssl.SSLError, ConnectionResetError) as error:
        raise _untrusted(where, error) from error
    except (OSError, UnicodeError) as error:
        raise WachtelError(
            ErrorKind.UNREACHABLE,
            f"{where} cannot be reached.",
            code="mqtt_unreachable",
            hint="Check address and port, and whether the broker runs.",
            details={"host": where},
        ) from error


def _untrusted(where: str, error: OSError) -> WachtelError:
    if isinstance(error, ssl.SSLCertVerificationError):
        return WachtelError(
            ErrorKind.BAD_DATA,
            f"The certificate of {where} cannot be trusted: {error.verify_message}.",
            code="mqtt_untrusted",
            hint="Give the certificate of the authority that signed it, and the name that stands in it.",
            details={"host": where},
        )
    return WachtelError(
        ErrorKind.BAD_DATA,
        f"{where} does not speak TLS.",
        code="mqtt_no_tls",
        hint="Check the port; brokers usually use 8883 for TLS and 1883 without.",
        details={"host": where},
    )


def _refusal(broker: Broker, error: Exception) -> WachtelError:
    code = getattr(error, "rc", None)
    number = code if isinstance(code, int) else getattr(code, "value", 0)
    where = _shown(broker)
    details = {"host": where}
    if number in _PASSWORD:
        return WachtelError(
            ErrorKind.WRONG_PASSWORD,
            f"{where} does not let this user in.",
            code="mqtt_password",
            hint="Check user and password.",
            details=details,
        )
    if number in _BUSY:
        return WachtelError(
            ErrorKind.BUSY,
            f"{where} is busy at the moment.",
            code="mqtt_busy",
            hint="It is tried again by itself.",
            details=details,
        )
    if number in _OLD:
        return WachtelError(
            ErrorKind.REFUSED,
            f"{where} does not speak MQTT 5.",
            code="mqtt_old",
            hint="Use a newer broker, for example mosquitto 1.6 or later.",
            details=details,
        )
    return WachtelError(
        ErrorKind.TIMEOUT if "timed out" in str(error) else ErrorKind.REFUSED,
        f"{where} does not answer like an MQTT 5 broker.",
        code="mqtt_no_broker",
        hint="Check the port, and whether the broker uses TLS.",
        details=details,
    )


def _lost(broker: Broker) -> WachtelError:
    return WachtelError(
        ErrorKind.UNREACHABLE,
        f"The connection to {_shown(broker)} is lost.",
        code="mqtt_lost",
        hint="It is tried again by itself.",
        details={"host": _shown(broker)},
    )


def _shown(broker: Broker) -> str:
    host = f"[{broker.host}]" if ":" in broker.host else broker.host
    return f"{host}:{broker.port}"


async def _leave(client: "aiomqtt.Client") -> None:
    import aiomqtt

    try:
        await asyncio.wait_for(client.__aexit__(None, None, None), CONNECT_S)
    except (aiomqtt.MqttError, TimeoutError, OSError, ValueError):
        _hang_up(client)


def _hang_up(client: "aiomqtt.Client") -> None:
    """Closes the socket of a connection that came to nothing; the library leaves it open until it is too quiet."""
    client._client.disconnect()
