"""What a device on the network is and offers, apart from the packets of its streams."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from wachtel.base.units import WallUs
from wachtel.model.finding import ProbeFinding


class Ability(StrEnum):
    """What a camera can do besides sending pictures."""

    EVENTS = "events"
    MOVE = "move"
    SNAPSHOT = "snapshot"
    RELAY = "relay"
    ENCODER = "encoder"


@dataclass(frozen=True, slots=True)
class StreamOffer:
    """One stream a device offers, as the device describes it; None and 0 where it says nothing.

    ``id`` is the device's own name of it. ``url`` is without user and password. ``key_frames_s`` is the distance of
    key frames in seconds; ``codec`` is a name of `wachtel.model.stream.Codec` or what the device called it.
    """

    id: str
    url: str
    codec: str = ""
    width: int = 0
    height: int = 0
    fps: float | None = None
    key_frames_s: float | None = None


@dataclass(frozen=True, slots=True)
class DeviceReport:
    """What a device says about itself. All texts are the device's and hostile until shown as text.

    ``url`` is the address asked, without user and password. ``main`` is the stream to record and ``sub`` the one to
    look for motion in. ``clock_ahead_s``: its clock less ours. ``snapshot_url`` is without credentials, "" for none.
    """

    url: str
    kind: str
    make: str = ""
    model: str = ""
    firmware: str = ""
    serial: str = ""
    name: str = ""
    main: StreamOffer | None = None
    sub: StreamOffer | None = None
    streams: tuple[StreamOffer, ...] = ()
    snapshot_url: str = ""
    clock_ahead_s: float | None = None
    abilities: tuple[Ability, ...] = ()
    findings: tuple[ProbeFinding, ...] = ()


@dataclass(frozen=True, slots=True)
class MotionReport:
    """A device's own word on motion: ``active`` from ``at`` on, by our clock. ``source`` is what saw it there."""

    at: WallUs
    active: bool
    source: str = ""


@dataclass(frozen=True, slots=True)
class EncoderSettings:
    """How a stream is encoded: size, pictures a second, pictures from key frame to key frame; 0 where unknown."""

    width: int
    height: int
    fps: int
    gop: int


@dataclass(frozen=True, slots=True)
class SubStreamPlan:
    """A device's small stream as it is ``now``, and as it should be; ``proposed`` is None when it is fine.

    ``stream`` is the device's own name of it, ``codec`` what it sends now; what is proposed is H.264.
    """

    stream: str
    codec: str
    now: EncoderSettings
    proposed: EncoderSettings | None


@dataclass(frozen=True, slots=True)
class Reach:
    """In which ways a camera can be moved."""

    turns: bool = True
    zooms: bool = True


@dataclass(frozen=True, slots=True)
class Preset:
    """A position a movable camera remembers."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Relay:
    """An output a camera can switch. ``pulse_s``: so long after it was switched on it goes off by itself."""

    id: str
    pulse_s: float | None = None


@dataclass(frozen=True, slots=True)
class FoundDevice:
    """One address that answered a search.

    ``url`` is what to add it by, "" when that is not known. ``kinds`` name the protocols that found it (``onvif``,
    ``rtsp``, ``netcam``, ``wemo``, ``upnp``); ``what`` says in a word what it is (``camera``, ``switch``, ``other``).
    ``identity`` is the device's own unique name, by which two of its addresses are known to be one device, "" for none.
    """

    address: str
    url: str
    kinds: tuple[str, ...]
    what: str
    make: str = ""
    model: str = ""
    name: str = ""
    identity: str = ""


def merged(found: Sequence[FoundDevice]) -> list[FoundDevice]:
    """One entry for each device, with everything any answer said of it, in the order of their first answers.

    Of Wemo devices several may live at one address, each at a port of its own. Of a device with several addresses the
    IPv4 one is shown: people know it.
    """
    by_address: dict[str, FoundDevice] = {}
    for one in found:
        key = one.url if one.url.startswith("wemo://") else one.address
        known = by_address.get(key)
        by_address[key] = one if known is None else _both(known, one)
    return list(_without_second_addresses(list(by_address.values())))


def _without_second_addresses(found: list[FoundDevice]) -> Iterator[FoundDevice]:
    """Two IPv4 addresses stay two devices whatever they call themselves: cheap cameras share their unique names."""
    known = {one.identity for one in found if ":" not in one.address}
    for one in found:
        if ":" in one.address and one.identity:
            if one.identity in known:
                continue
            known.add(one.identity)
        yield one


_RANK = ("camera", "switch", "other")


def _both(known: FoundDevice, more: FoundDevice) -> FoundDevice:
    return FoundDevice(
        address=known.address,
        url=known.url or more.url,
        kinds=tuple(dict.fromkeys((*known.kinds, *more.kinds))),
        what=min(known.what, more.what, key=lambda what: _RANK.index(what) if what in _RANK else len(_RANK)),
        make=known.make or more.make,
        model=known.model or more.model,
        name=known.name or more.name,
        identity=known.identity or more.identity,
    )
