"""Making, changing and removing channels."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from wachtel.base import plugins
from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.model.message import FOR_PEOPLE, SUBSCRIBABLE, USUAL, MessageKind
from wachtel.model.wishes import NO_WISHES, Wishes, check_wishes
from wachtel.notifiers.api import Needs, NotifierDriver
from wachtel.storage.state.channels import Channel, Channels

GROUP = "wachtel.notifiers"


@dataclass(frozen=True, slots=True)
class NewChannel:
    """``kind`` names a driver; ``site`` None means every site, ``kinds`` None what this kind of channel usually tells.

    ``account``: it is a device of this person.
    """

    name: str
    kind: str
    url: str
    site: str | None = None
    kinds: frozenset[MessageKind] | None = None
    allow_local: bool = False
    fields: Mapping[str, str] = field(default_factory=dict)
    wishes: Wishes = NO_WISHES
    account: str | None = None


@dataclass(frozen=True, slots=True)
class ChannelChange:
    """None leaves a thing as it is."""

    name: str | None = None
    url: str | None = None
    kinds: frozenset[MessageKind] | None = None
    allow_local: bool | None = None
    enabled: bool | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    wishes: Wishes | None = None


@dataclass(frozen=True, slots=True)
class MadeChannel:
    """``secret`` is shown this once, "" when there is none, or it is the one that was shown before."""

    channel: Channel
    secret: str


class ChannelBook:
    """Blocking; usable by any thread."""

    def __init__(self, channels: Channels, clock: Clock) -> None:
        self._channels = channels
        self._clock = clock

    def all(self) -> list[Channel]:
        """Every channel, oldest first."""
        return self._channels.all()

    def get(self, channel: str) -> Channel | None:
        return self._channels.get(channel)

    def locked(self, channel: Channel) -> bool:
        """True when its settings cannot be read, because the key file is gone."""
        return self._channels.settings(channel.id) is None

    def add(self, asked: NewChannel) -> MadeChannel:
        """Raises `WachtelError` (invalid, forbidden_url, disk_error)."""
        driver = driver_of(asked.kind)
        settings = driver.create(asked.url, allow_local=asked.allow_local, fields=asked.fields)
        check_wishes(asked.wishes)
        usual = FOR_PEOPLE if driver.per_hour else USUAL
        channel = Channel(
            id=secrets.token_hex(6),
            name=asked.name,
            kind=asked.kind,
            site=asked.site,
            kinds=_checked(usual if asked.kinds is None else asked.kinds),
            address=driver.address(settings),
            allow_local=asked.allow_local,
            created=self._clock.wall_us(),
            account=asked.account,
            wishes=asked.wishes,
        )
        self._channels.add(channel, _encoded(settings))
        return MadeChannel(channel, driver.secret(settings))

    def change(self, channel: Channel, asked: ChannelChange) -> MadeChannel:
        """A channel whose settings cannot be read gets new ones, with a new secret, when an address comes. One that is
        switched off forgets what waits in it; switched on, it hears of what happens from then on.

        Raises `WachtelError` (invalid, forbidden_url, not_found).
        """
        changed = replace(
            channel,
            name=channel.name if asked.name is None else asked.name,
            kinds=channel.kinds if asked.kinds is None else _checked(asked.kinds),
            allow_local=channel.allow_local if asked.allow_local is None else asked.allow_local,
            enabled=channel.enabled if asked.enabled is None else asked.enabled,
            wishes=channel.wishes if asked.wishes is None else asked.wishes,
        )
        check_wishes(changed.wishes)
        if changed.enabled and not channel.enabled:
            changed = replace(changed, hears_from=self._clock.wall_us())
        if asked.url is None and not asked.fields and changed.allow_local == channel.allow_local:
            self._channels.change(changed, None)
            return MadeChannel(changed, "")
        return self._change_settings(changed, asked.url, asked.fields)

    def _change_settings(self, channel: Channel, url: str | None, fields: Mapping[str, str]) -> MadeChannel:
        driver = driver_of(channel.kind)
        before = settings_of(driver, self._channels.settings(channel.id))
        if before is not None:
            settings, secret = driver.change(before, url, allow_local=channel.allow_local, fields=fields), ""
        elif url is not None:
            settings = driver.create(url, allow_local=channel.allow_local, fields=fields)
            secret = driver.secret(settings)
        else:
            raise locked_error()
        changed = replace(channel, address=driver.address(settings))
        self._channels.change(changed, _encoded(settings))
        return MadeChannel(changed, secret)

    def needs(self, channel: Channel) -> Needs | None:
        """What has to be there for its messages to arrive; None when its settings cannot be read."""
        driver = driver_of(channel.kind)
        settings = settings_of(driver, self._channels.settings(channel.id))
        return None if settings is None else driver.needs(settings)

    def per_hour(self, channel: Channel) -> int:
        """How many messages leave in an hour at most; 0 means each by itself."""
        wished = channel.wishes.per_hour
        return usual_per_hour(channel.kind) if wished is None else wished

    def remove(self, channel: str) -> None:
        """Its waiting messages go with it. Raises `WachtelError` (not_found)."""
        self._channels.remove(channel)


def driver_of(kind: str) -> NotifierDriver[Any]:
    """The driver of a kind of channel. Raises `WachtelError` (invalid) that lists the kinds there are."""
    known = plugins.available(GROUP)
    if kind not in known:
        names = ", ".join(sorted(known)) or "none"
        raise WachtelError(ErrorKind.INVALID, f"There is no kind of channel {kind!r} (installed: {names}).")
    driver: NotifierDriver[Any] = plugins.load(GROUP, kind)
    return driver


def usual_per_hour(kind: str) -> int:
    """How many messages an hour leave by a kind of channel; 0 for no limit, and for a kind that is not installed."""
    try:
        return driver_of(kind).per_hour
    except WachtelError:
        return 0


def settings_of(driver: NotifierDriver[Any], stored: str | None) -> Any | None:
    """The driver's settings from their stored form; None stays None."""
    return None if stored is None else msgspec.json.decode(stored, type=driver.settings_type)


def locked_error() -> WachtelError:
    """The key file is gone."""
    return WachtelError(
        ErrorKind.BUSY,
        "The address of this channel cannot be read, because the key file is gone.",
        code="channel_locked",
        hint="Put the key file back, or enter the address again.",
    )


def _checked(kinds: Iterable[MessageKind]) -> frozenset[MessageKind]:
    wanted = frozenset(kinds)
    if not wanted or not wanted <= frozenset(SUBSCRIBABLE):
        raise WachtelError(
            ErrorKind.INVALID,
            "A channel needs at least one kind of message.",
            hint=f"There are: {', '.join(SUBSCRIBABLE)}.",
        )
    return wanted


def _encoded(settings: Any) -> str:
    return msgspec.json.encode(settings).decode()
