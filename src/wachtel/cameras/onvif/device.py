"""One ONVIF device: what it offers, and what can be done with it."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import US_PER_S, MonoS
from wachtel.cameras.api import DeviceOptions
from wachtel.cameras.onvif import answers, encoding
from wachtel.cameras.onvif.address import on_device, service_on_device
from wachtel.cameras.onvif.body import read_body
from wachtel.cameras.onvif.conversation import Conversation
from wachtel.cameras.onvif.findings import Findings
from wachtel.cameras.onvif.motion import motion_of
from wachtel.cameras.onvif.movement import Movement
from wachtel.model.device import (
    Ability,
    DeviceReport,
    EncoderSettings,
    MotionReport,
    Preset,
    Reach,
    Relay,
    StreamOffer,
    SubStreamPlan,
)
from wachtel.protocols.camera_url import CameraUrl
from wachtel.protocols.onvif import device as about
from wachtel.protocols.onvif import media
from wachtel.protocols.onvif.device import shown
from wachtel.protocols.onvif.envelope import Fault, expect
from wachtel.protocols.xml_reader import Element
from wachtel.sources.api import SourceOptions
from wachtel.sources.http_stream import get

MOST_PROFILES = 8
"""More streams than this are not asked for; no camera has them, and each is a question."""
LARGEST_STILL_BYTES = 16 << 20
_RTSP = frozenset({"rtsp", "rtsps"})
_HTTP = frozenset({"http", "https"})
_JPEG = b"\xff\xd8"


class OnvifDevice:
    """Asks as little as it can: time, services and profiles once each."""

    def __init__(self, url: CameraUrl, options: DeviceOptions, clock: Clock) -> None:
        self._url = url
        self._options = options
        self._clock = clock
        self._talk = Conversation(url, options, clock)
        self._met = False
        self._ahead_s: float | None = None
        self._services: about.Services | None = None
        self._profiles: tuple[media.Profile, ...] | None = None
        self._moves: Movement | None = None
        self._outputs: _Outputs | None = None

    def close(self) -> None:
        self._talk.close()

    def describe(self) -> DeviceReport:
        self._talk.latest = MonoS(self._clock.monotonic_s() + self._options.whole_timeout_s)
        try:
            return self._described()
        finally:
            self._talk.latest = MonoS(math.inf)

    def _described(self) -> DeviceReport:
        self._profiles = None
        findings = Findings(self._talk.endpoint.name)
        self._meet()
        known = about.read_information(self._asked(self._device, about.INFORMATION, "GetDeviceInformation"))
        findings.device(known)
        findings.clock(self._ahead_s)
        offers = self._offers(findings)
        main, sub = encoding.main_and_sub(offers)
        findings.streams(offers, main, sub)
        snapshot = self._snapshot_url(main.id) if main else None
        return DeviceReport(
            url=self._url.public(),
            kind="onvif",
            make=known.make,
            model=known.model,
            firmware=known.firmware,
            serial=known.serial,
            main=main,
            sub=sub,
            streams=offers,
            snapshot_url=snapshot.public() if snapshot else "",
            clock_ahead_s=self._ahead_s,
            abilities=self._abilities(snapshot is not None),
            findings=tuple(findings.found),
        )

    def motion(self) -> Iterator[MotionReport | None]:
        self._meet()
        return motion_of(
            self._talk, self._service(self._known_services().events, "events"), self._url, self._clock
        )

    def snapshot(self) -> bytes:
        profile = self._known_profiles()[0]
        url = self._snapshot_url(profile.token)
        if url is None:
            raise _lacks("stills")
        options = SourceOptions(
            connect_timeout_s=self._options.answer_timeout_s,
            allow_local=self._options.allow_local,
            trust=self._options.trust,
        )
        with_log_in = CameraUrl(url.scheme, url.host, url.port, url.path, self._url.user, self._url.password)
        deadline = MonoS(self._clock.monotonic_s() + self._options.answer_timeout_s)
        stream = get(with_log_in, options, self._clock)
        try:
            data = read_body(stream, deadline, self._clock, LARGEST_STILL_BYTES)
        finally:
            stream.close()
        if not data.startswith(_JPEG):
            raise _lacks("stills")
        return data

    def reach(self) -> Reach:
        return self._movement().reach()

    def presets(self) -> Sequence[Preset]:
        return self._movement().presets()

    def go_to(self, preset: str) -> None:
        self._movement().go_to(preset)

    def move(self, pan: float, tilt: float, zoom: float) -> None:
        self._movement().move(pan, tilt, zoom)

    def stop(self) -> None:
        self._movement().stop()

    def relays(self) -> Sequence[Relay]:
        return tuple(self._known_outputs().relays)

    def switch(self, relay: str, *, on: bool) -> None:
        outputs = self._known_outputs()
        if relay not in [one.id for one in outputs.relays]:
            raise _lacks(f"the output {shown(relay)!r}")
        body = about.set_relay(relay, on=on, service="tmd" if outputs.by_io else "tds")
        self._asked(outputs.service, body, "SetRelayOutputState")

    def sub_stream(self) -> SubStreamPlan:
        self._profiles = None  # somebody may have changed it since
        profile, encoder = self._small()
        asked = media.encoder_options(encoder.token, profile.token)
        options = media.read_encoder_options(
            self._asked(self._media(), asked, "GetVideoEncoderConfigurationOptions")
        )
        wanted = None if options is None else encoding.sub_settings(options)
        if wanted is None:
            raise _lacks("a small stream that can be set up")
        now = EncoderSettings(encoder.width, encoder.height, round(encoder.fps or 0), encoder.gop or 0)
        fine = encoder.codec == "h264" and encoding.is_fine(now)
        return SubStreamPlan(profile.token, encoder.codec, now, None if fine or now == wanted else wanted)

    def set_sub_stream(self, settings: EncoderSettings) -> SubStreamPlan:
        _, encoder = self._small()
        self._asked(self._media(), media.set_encoder(encoder, settings), "SetVideoEncoderConfiguration")
        self._profiles = None
        return self.sub_stream()

    def _small(self) -> tuple[media.Profile, media.Encoder]:
        """The stream to look for motion in: the one that is small already, else the smallest beside the main one."""
        profiles = self._known_profiles()
        offers = [_offer(one, self._url) for one in profiles]
        main, sub = encoding.main_and_sub(offers)
        own = {one.token: one for one in profiles if one.encoder is not None}
        large = own.get(main.id) if main else None
        others = [one for one in own.values() if large and _encoder_of(one) != _encoder_of(large)]
        found = own.get(sub.id) if sub else min(others, key=_size, default=None)
        if found is None or found.encoder is None:
            raise _lacks("a small stream that can be set up")
        return found, found.encoder

    @property
    def _device(self) -> CameraUrl:
        return self._talk.device_service

    def _meet(self) -> None:
        """Asks the time once, which needs no log-in: what is signed later holds it. Who does not tell is taken to be
        right."""
        if self._met:
            return
        before = self._clock.wall_us()
        answer = self._talk.ask(self._device, about.DATE_AND_TIME)
        middle = (before + self._clock.wall_us()) // 2
        self._met = True
        theirs = None if isinstance(answer, Fault) else about.read_date_and_time(answer)
        if theirs is not None:
            self._talk.clock_ahead_us = theirs - middle
            self._ahead_s = round((theirs - middle) / US_PER_S, 1)

    def _asked(self, service: CameraUrl, body: str, name: str) -> Element:
        answer = self._talk.ask(service, body)
        if isinstance(answer, Fault):
            raise answers.refused(answer, self._talk.endpoint)
        return expect(answer, name)

    def _welcome(self, service: CameraUrl, body: str, name: str) -> Element | None:
        """As `_asked`; None from a device that has no answer to this."""
        answer = self._talk.ask(service, body)
        return answer if isinstance(answer, Element) and answer.name == f"{name}Response" else None

    def _known_services(self) -> about.Services:
        if self._services is None:
            self._meet()
            answer = self._welcome(self._device, about.SERVICES, "GetServices")
            found = about.read_services(answer) if answer else about.Services()
            if not found.media:
                answer = self._welcome(self._device, about.CAPABILITIES, "GetCapabilities")
                found = about.read_capabilities(answer) if answer else found
            self._services = found
        return self._services

    def _service(self, given: str, what: str) -> CameraUrl:
        found = service_on_device(given, self._url) if given else None
        if found is None:
            raise _lacks(what)
        return found

    def _media(self) -> CameraUrl:
        """Devices that name no media service have it beside the device service."""
        given = self._known_services().media
        return (service_on_device(given, self._url) if given else None) or self._device

    def _movement(self) -> Movement:
        if self._moves is None:
            service = self._service(self._known_services().ptz, "movement")
            profile = next((one for one in self._known_profiles() if one.movable), None)
            if profile is None:
                raise _lacks("movement")
            self._moves = Movement(partial(self._talk.ask, service), self._talk, profile)
        return self._moves

    def _known_outputs(self) -> "_Outputs":
        """Of the device service, else of the DeviceIO service, where newer devices have them (ONVIF DeviceIO 5.8)."""
        if self._outputs is None:
            self._meet()
            answer = self._welcome(self._device, about.RELAY_OUTPUTS, "GetRelayOutputs")
            relays = about.read_relays(answer) if answer else ()
            found = _Outputs(self._device, relays)
            io = self._known_services().device_io
            at = service_on_device(io, self._url) if io and not relays else None
            if at is not None:
                answer = self._welcome(at, about.IO_RELAY_OUTPUTS, "GetRelayOutputs")
                found = _Outputs(at, about.read_relays(answer) if answer else (), by_io=True)
            self._outputs = found
        return self._outputs

    def _known_profiles(self) -> tuple[media.Profile, ...]:
        if self._profiles is None:
            answer = self._asked(self._media(), media.PROFILES, "GetProfiles")
            self._profiles = media.read_profiles(answer)[:MOST_PROFILES]
        if not self._profiles:
            raise answers.no_streams(self._talk.endpoint)
        return self._profiles

    def _offers(self, findings: Findings) -> tuple[StreamOffer, ...]:
        offers = []
        for profile in self._known_profiles():
            answer = self._welcome(self._media(), media.stream_uri(profile.token), "GetStreamUri")
            given = media.read_uri(answer) if answer else ""
            url, elsewhere = on_device(given, self._url, self._talk.endpoint.ip, _RTSP)
            if url is not None:
                if elsewhere and not any(one.code == "other_address" for one in findings.found):
                    findings.elsewhere(given)
                offers.append(_offer(profile, url))
        if not offers:
            raise answers.no_streams(self._talk.endpoint)
        return tuple(offers)

    def _snapshot_url(self, profile: str) -> CameraUrl | None:
        answer = self._welcome(self._media(), media.snapshot_uri(profile), "GetSnapshotUri")
        given = media.read_uri(answer) if answer else ""
        return on_device(given, self._url, self._talk.endpoint.ip, _HTTP)[0] if given else None

    def _abilities(self, snapshot: bool) -> tuple[Ability, ...]:
        services, profiles = self._known_services(), self._known_profiles()
        there = {
            Ability.EVENTS: bool(services.events),
            Ability.MOVE: bool(services.ptz) and any(one.movable for one in profiles),
            Ability.SNAPSHOT: snapshot,
            Ability.RELAY: bool(self._known_outputs().relays),
            Ability.ENCODER: any(one.encoder is not None for one in profiles),
        }
        return tuple(ability for ability, has in there.items() if has)


@dataclass(frozen=True, slots=True)
class _Outputs:
    """Where the outputs are switched, and which there are."""

    service: CameraUrl
    relays: tuple[Relay, ...]
    by_io: bool = False


def _offer(profile: media.Profile, url: CameraUrl) -> StreamOffer:
    encoder = profile.encoder
    if encoder is None:
        return StreamOffer(profile.token, url.public())
    return StreamOffer(
        profile.token, url.public(), encoder.codec, encoder.width, encoder.height,
        encoder.fps, encoder.key_frames_s,
    )  # fmt: skip


def _encoder_of(profile: media.Profile) -> str:
    return "" if profile.encoder is None else profile.encoder.token


def _size(profile: media.Profile) -> int:
    return 0 if profile.encoder is None else profile.encoder.width * profile.encoder.height


def _lacks(what: str) -> WachtelError:
    return WachtelError(ErrorKind.NOT_FOUND, f"The camera does not offer {what}.", code="device_lacks")
