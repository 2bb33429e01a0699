"""One NetCam that is being talked to."""

from collections.abc import Iterator
from dataclasses import replace

from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import MonoS
from wachtel.cameras.api import DeviceOptions
from wachtel.cameras.netcam import sensor, wifi
from wachtel.cameras.netcam.conversation import Conversation
from wachtel.cameras.netcam.findings import findings_of
from wachtel.cameras.netcam.ports import NetCamPorts
from wachtel.cameras.netcam.recognise import SNAPSHOT, Recognised, State, find_sensor, recognise
from wachtel.model.device import Ability, DeviceReport, MotionReport, StreamOffer
from wachtel.protocols.camera_url import CameraUrl
from wachtel.protocols.netcam import Network, Verdict
from wachtel.sources import http_answers

KIND = "netcam"
_STILLS = {State.FREE_USTREAMER: "/snapshot", State.FREE_MJPG_STREAMER: "/?action=snapshot"}
_OWN_MAKE = "Belkin"


class NetCam:
    """A `Device` that also gives motion (where its sensor lives) and stills (where it gives pictures)."""

    def __init__(self, url: CameraUrl, options: DeviceOptions, clock: Clock, ports: NetCamPorts) -> None:
        self._url = url
        self._options = options
        self._clock = clock
        self._ports = ports
        self._talk = Conversation(url, options, clock)
        self._stills = 0

    def describe(self) -> DeviceReport:
        """As `Device.describe`. Sends no password, because a NetCam may take one only once."""
        self._talk.latest = MonoS(self._clock.monotonic_s() + self._options.whole_timeout_s)
        found = recognise(self._talk, self._ports)
        self._talk.latest = MonoS(float("inf"))
        return self._report(found)

    def _report(self, found: Recognised) -> DeviceReport:
        known = found.sensor.description if found.sensor else None
        offer = self._offer(found)
        report = DeviceReport(
            self._url.public(),
            KIND,
            make=known.make if known else _OWN_MAKE,
            model=known.model if known else "NetCam",
            main=offer,
            streams=() if offer is None else (offer,),
            snapshot_url="" if offer is None else self._address(found.stream_port, _still_path(found)),
            abilities=_abilities(found),
            findings=findings_of(found, self._url.host),
        )
        if known is None:
            return report
        return replace(report, firmware=known.firmware, serial=known.serial, name=known.name)

    def _offer(self, found: Recognised) -> StreamOffer | None:
        if not found.stream_path:
            return None
        sound = f"?wachtel_sound={self._ports.sound}" if found.state is State.FREE_USTREAMER else ""
        return StreamOffer("main", self._address(found.stream_port, found.stream_path + sound), "mjpeg")

    def _address(self, port: int, path: str) -> str:
        return CameraUrl("http", self._url.host, port, path).public()

    def motion(self) -> Iterator[MotionReport | None]:
        """As `WithMotion.motion`. Raises `WachtelError` (not_found) when it has no sensor."""
        found = find_sensor(self._talk, self._ports)
        if found is None or not found.description.event_path:
            raise WachtelError(
                ErrorKind.NOT_FOUND,
                f"{self._url.host} has no motion sensor that answers.",
                code="netcam_no_sensor",
                hint="It is there only with the maker's firmware, outside of setup mode.",
                details={"host": self._url.host},
            )
        yield from sensor.motion_of(self._talk, found)

    def snapshot(self) -> bytes:
        """As `WithSnapshot.snapshot`; logs in where the camera asks for it."""
        found = recognise(self._talk, self._ports)
        if not found.stream_path:
            raise http_answers.not_http(self._talk.endpoint)
        self._stills += 1
        path = _still_path(found) + (str(self._stills) if found.state not in _STILLS else "")
        answer = self._talk.ask(found.stream_port, path, log_in=found.asks_for_password)
        http_answers.check(answer.status, answer.headers.get("Location") or "", self._talk.endpoint)
        return answer.body

    def networks(self) -> list[Network]:
        """The Wi-Fi networks a camera in setup mode sees; see `wifi.networks`."""
        return wifi.networks(self._talk)

    def join(self, ssid: str, passphrase: str) -> Verdict:
        """Brings a camera in setup mode into a Wi-Fi; see `wifi.join`."""
        return wifi.join(self._talk, wifi.networks(self._talk), ssid, passphrase)

    def close(self) -> None:
        """As `Device.close`."""
        self._talk.close()


def _still_path(found: Recognised) -> str:
    return _STILLS.get(found.state, SNAPSHOT)


def _abilities(found: Recognised) -> tuple[Ability, ...]:
    able = [Ability.SNAPSHOT] if found.stream_path else []
    return (*able, Ability.EVENTS) if found.sensor is not None else tuple(able)
