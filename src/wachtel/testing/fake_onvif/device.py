"""The virtual device itself: an operation in, an answer out. Any thread may ask."""

import re
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urlsplit
from xml.sax.saxutils import escape, quoteattr

from wachtel.base.clock import Clock
from wachtel.base.units import US_PER_S, WallUs
from wachtel.protocols.onvif.envelope import utc_text
from wachtel.protocols.xml_reader import Element
from wachtel.testing.fake_onvif import answers
from wachtel.testing.fake_onvif.options import OTHER_HOST, OnvifOptions, OnvifStream, Quirk
from wachtel.testing.fake_onvif.state import OnvifState, PullPoint

_LONGEST_PULL_S = 60.0
_IO_PATH = "/io_service"


class Refused(Exception):
    """The device answers with a fault of this subcode."""

    def __init__(self, subcode: str, reason: str) -> None:
        super().__init__(reason)
        self.subcode = subcode


class VirtualDevice:
    """``base`` is its own address, as ``http://127.0.0.1:8000``."""

    def __init__(self, options: OnvifOptions, state: OnvifState, clock: Clock, base: str) -> None:
        self._options = options
        self._state = state
        self._clock = clock
        self._base = base
        state.relays.update(dict.fromkeys(options.relays, False))
        self._operations: dict[str, Callable[[Element, str], str]] = {
            "GetSystemDateAndTime": self._date_and_time,
            "GetDeviceInformation": lambda _, __: answers.information(options),
            "GetServices": self._services,
            "GetCapabilities": lambda _, __: answers.capabilities(self._shown_base),
            "GetProfiles": self._profiles,
            "GetStreamUri": self._stream_uri,
            "GetSnapshotUri": self._snapshot_uri,
            "GetVideoEncoderConfigurationOptions": lambda _, __: answers.encoder_options(),
            "SetVideoEncoderConfiguration": self._set_encoder,
            "GetRelayOutputs": self._relays,
            "SetRelayOutputState": self._set_relay,
            "CreatePullPointSubscription": self._subscribe,
            "PullMessages": self._pull,
            "Renew": self._renew,
            "Unsubscribe": self._unsubscribe,
            "GetNodes": self._nodes,
            "GetPresets": self._presets,
            "GotoPreset": self._go_to_preset,
            "ContinuousMove": self._move,
            "Stop": self._stop,
        }

    def answer(self, operation: str, asked: Element, path: str) -> str:
        """The inside of the answer's body. Raises `Refused`."""
        known = self._operations.get(operation)
        if known is None:
            raise Refused("ActionNotSupported", f"{operation} is not implemented")
        return known(asked, path)

    def set_motion(self, active: bool) -> None:
        """The device sees motion, or none any more: all who pull are told."""
        with self._state.changed:
            self._state.motion = active
            for point in self._state.pull_points.values():
                point.waiting.append(answers.motion_message(active, self._now(), "Changed"))
            self._state.changed.notify_all()

    @property
    def _shown_base(self) -> str:
        if Quirk.WRONG_HOST not in self._options.quirks:
            return self._base
        return f"http://{OTHER_HOST}:{urlsplit(self._base).port}"

    def _now(self, later_s: float = 0.0) -> str:
        ahead_us = round((self._options.clock_ahead_s + later_s) * US_PER_S)
        return utc_text(WallUs(self._clock.wall_us() + ahead_us))

    def _date_and_time(self, _: Element, __: str) -> str:
        at = datetime.strptime(self._now()[:19], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC)
        return (
            "<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime>"
            "<tt:DateTimeType>NTP</tt:DateTimeType><tt:DaylightSavings>false</tt:DaylightSavings>"
            "<tt:TimeZone><tt:TZ>UTC0</tt:TZ></tt:TimeZone><tt:UTCDateTime><tt:Time>"
            f"<tt:Hour>{at.hour}</tt:Hour><tt:Minute>{at.minute}</tt:Minute><tt:Second>{at.second}</tt:Second>"
            f"</tt:Time><tt:Date><tt:Year>{at.year}</tt:Year><tt:Month>{at.month}</tt:Month>"
            f"<tt:Day>{at.day}</tt:Day></tt:Date></tt:UTCDateTime>"
            "</tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>"
        )

    def _services(self, _: Element, __: str) -> str:
        if Quirk.NO_SERVICES in self._options.quirks:
            raise Refused("ActionNotSupported", "GetServices is not implemented")
        return answers.services(self._shown_base)

    def _profiles(self, _: Element, __: str) -> str:
        if Quirk.NO_MEDIA in self._options.quirks:
            return "<trt:GetProfilesResponse/>"
        return answers.profiles(self._options, self._state)

    def _stream(self, token: str) -> OnvifStream:
        found = next((one for one in self._options.streams if one.token == token), None)
        if found is None:
            raise Refused("NoProfile", "there is no such profile")
        return found

    def _stream_uri(self, asked: Element, _: str) -> str:
        uri = self._stream(asked.text_at("ProfileToken")).uri
        if Quirk.WRONG_HOST in self._options.quirks:
            uri = re.sub(r"//(?:[^@/]*@)?[^:/]+", f"//{OTHER_HOST}", uri)
        return _uri("GetStreamUriResponse", uri)

    def _snapshot_uri(self, asked: Element, _: str) -> str:
        self._stream(asked.text_at("ProfileToken"))
        if Quirk.NO_SNAPSHOT in self._options.quirks:
            raise Refused("ActionNotSupported", "no snapshots")
        return _uri("GetSnapshotUriResponse", f"{self._shown_base}/snapshot.jpg")

    def _set_encoder(self, asked: Element, _: str) -> str:
        configuration = asked.child("Configuration")
        token = "" if configuration is None else configuration.attributes.get("token", "")
        self._stream(token)
        assert configuration is not None
        names = ("Width", "Height", "FrameRateLimit", "GovLength")
        texts = {name: next((one.text for one in configuration.below(name)), "") for name in names}
        if not all(text.isdigit() for text in texts.values()):
            raise Refused("ConfigModify", "the configuration is not whole")
        self._state.encoders[token] = {name: int(text) for name, text in texts.items()}
        return "<trt:SetVideoEncoderConfigurationResponse/>"

    def _relays(self, _: Element, path: str) -> str:
        quirks = self._options.quirks
        if Quirk.RELAYS_IN_IO in quirks and not path.endswith(_IO_PATH):
            raise Refused("ActionNotSupported", "ask the DeviceIO service")
        service = "tmd" if path.endswith(_IO_PATH) else "tds"
        return answers.relays(self._options.relays, service, pulse=Quirk.PULSE_RELAYS in quirks)

    def _set_relay(self, asked: Element, path: str) -> str:
        if Quirk.RELAYS_IN_IO in self._options.quirks and not path.endswith(_IO_PATH):
            raise Refused("ActionNotSupported", "ask the DeviceIO service")
        token = asked.text_at("RelayOutputToken")
        if token not in self._state.relays:
            raise Refused("RelayToken", "there is no such output")
        self._state.relays[token] = asked.text_at("LogicalState") == "active"
        service = "tmd" if path.endswith(_IO_PATH) else "tds"
        return f"<{service}:SetRelayOutputStateResponse/>"

    def _subscribe(self, _: Element, __: str) -> str:
        point = PullPoint(secrets.token_hex(4))
        with self._state.changed:
            point.waiting.append(answers.motion_message(self._state.motion, self._now(), "Initialized"))
            self._state.pull_points[point.id] = point
        return (
            "<tev:CreatePullPointSubscriptionResponse><tev:SubscriptionReference>"
            f"<a:Address>{self._shown_base}/onvif/pull/{point.id}</a:Address></tev:SubscriptionReference>"
            f"<wsnt:CurrentTime>{self._now()}</wsnt:CurrentTime>"
            f"<wsnt:TerminationTime>{self._now(60)}</wsnt:TerminationTime>"
            "</tev:CreatePullPointSubscriptionResponse>"
        )

    def _point(self, path: str) -> PullPoint:
        point = self._state.pull_points.get(path.rpartition("/")[2])
        if point is None:
            raise Refused("InvalidArgVal", "there is no such subscription")
        return point

    def _pull(self, asked: Element, path: str) -> str:
        point = self._point(path)
        wait_s = 0.0 if Quirk.HASTY_PULL in self._options.quirks else _seconds(asked.text_at("Timeout"))
        with self._state.changed:
            self._state.changed.wait_for(lambda: point.waiting or self._state.closed, wait_s)
            messages, point.waiting = "".join(point.waiting), []
        return (
            f"<tev:PullMessagesResponse><tev:CurrentTime>{self._now()}</tev:CurrentTime>"
            f"<tev:TerminationTime>{self._now(60)}</tev:TerminationTime>{messages}</tev:PullMessagesResponse>"
        )

    def _renew(self, _: Element, path: str) -> str:
        if Quirk.NO_RENEW in self._options.quirks:
            raise Refused("ActionNotSupported", "no renewal")
        self._point(path).renewals += 1
        return (
            f"<wsnt:RenewResponse><wsnt:TerminationTime>{self._now(60)}</wsnt:TerminationTime>"
            f"<wsnt:CurrentTime>{self._now()}</wsnt:CurrentTime></wsnt:RenewResponse>"
        )

    def _unsubscribe(self, _: Element, path: str) -> str:
        del self._state.pull_points[self._point(path).id]
        return "<wsnt:UnsubscribeResponse/>"

    def _presets(self, _: Element, __: str) -> str:
        inside = "".join(
            f"<tptz:Preset token={quoteattr(token)}><tt:Name>{escape(name)}</tt:Name></tptz:Preset>"
            for token, name in self._options.presets
        )
        return f"<tptz:GetPresetsResponse>{inside}</tptz:GetPresetsResponse>"

    def _go_to_preset(self, asked: Element, _: str) -> str:
        token = asked.text_at("PresetToken")
        if token not in dict(self._options.presets):
            raise Refused("NoToken", "there is no such preset")
        self._state.at_preset = token
        return "<tptz:GotoPresetResponse/>"

    def _nodes(self, _: Element, __: str) -> str:
        if Quirk.NO_NODES in self._options.quirks:
            raise Refused("ActionNotSupported", "GetNodes is not implemented")
        return answers.nodes(turns=Quirk.ZOOM_ONLY not in self._options.quirks)

    def _move(self, asked: Element, _: str) -> str:
        quirks, limit = self._options.quirks, asked.text_at("Timeout")
        if Quirk.ZOOM_ONLY in quirks and asked.child("Velocity", "PanTilt"):
            raise Refused("SpaceNotSupported", "there is no pan and tilt")
        if Quirk.NO_MOVE_TIMEOUT in quirks and limit:
            raise Refused("TimeoutNotSupported", "no time limits")
        self._state.move_limit = limit
        turn, zoom = asked.child("Velocity", "PanTilt"), asked.child("Velocity", "Zoom")
        speeds = [one.attributes.get(axis, "0") if one else "0" for one, axis in
                  ((turn, "x"), (turn, "y"), (zoom, "x"))]  # fmt: skip
        self._state.moving = (float(speeds[0]), float(speeds[1]), float(speeds[2]))
        return "<tptz:ContinuousMoveResponse/>"

    def _stop(self, asked: Element, __: str) -> str:
        quirks = self._options.quirks
        if Quirk.NO_STOP in quirks or (Quirk.ZOOM_ONLY in quirks and asked.text_at("PanTilt") == "true"):
            raise Refused("ActionNotSupported", "Stop is not implemented")
        self._state.moving = (0.0, 0.0, 0.0)
        return "<tptz:StopResponse/>"


def _uri(name: str, uri: str) -> str:
    return (
        f"<trt:{name}><trt:MediaUri><tt:Uri>{escape(uri)}</tt:Uri>"
        "<tt:InvalidAfterConnect>false</tt:InvalidAfterConnect>"
        "<tt:InvalidAfterReboot>false</tt:InvalidAfterReboot><tt:Timeout>PT0S</tt:Timeout>"
        f"</trt:MediaUri></trt:{name}>"
    )


def _seconds(duration: str) -> float:
    """``PT20S``, ``PT1M`` (xs:duration)."""
    match = re.fullmatch(r"PT(?:(\d{1,3})M)?(?:(\d{1,4}(?:\.\d+)?)S)?", duration)
    if match is None:
        return 0.0
    return min(_LONGEST_PULL_S, 60.0 * float(match[1] or 0) + float(match[2] or 0))
