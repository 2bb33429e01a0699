"""What is odd about an ONVIF device, as sentences."""

from dataclasses import dataclass, field

from wachtel.model.device import StreamOffer
from wachtel.model.finding import ProbeFinding
from wachtel.protocols.camera_url import parse_camera_url
from wachtel.protocols.onvif.device import Information

CLOCK_TOLERANCE_S = 60.0
FAR_KEY_FRAMES_S = 4.5
LARGE_WIDTH = 1280


@dataclass(slots=True)
class Findings:
    """Collects them; ``host`` is what the person entered."""

    host: str
    found: list[ProbeFinding] = field(default_factory=list)

    def _add(self, level: str, what: str, hint: str = "", *, code: str, **details: str) -> None:
        self.found.append(ProbeFinding(level, code, what, hint, code, details))

    def device(self, known: Information) -> None:
        """Who it is."""
        name = " ".join(part for part in (known.make, known.model) if part) or self.host
        firmware = f", firmware {known.firmware}" if known.firmware else ""
        self._add("ok", f"{name}{firmware}.", device=name, firmware=known.firmware, code="device")

    def clock(self, ahead_s: float | None) -> None:
        """Warns of a clock that is wrong; ours is taken to be right."""
        if ahead_s is None or abs(ahead_s) <= CLOCK_TOLERANCE_S:
            return
        minutes = round(abs(ahead_s) / 60)
        hours, rest = divmod(minutes, 60)
        shown = f"{hours}:{rest:02d}"
        way = "ahead" if ahead_s > 0 else "behind"
        self._add(
            "warning",
            f"The camera's clock is {shown} hours {way}.",
            "Recordings have the right time all the same; the time shown inside the picture has not. "
            "Set time zone and NTP in the camera.",
            hours=shown,
            way=way,
            code="clock_off",
        )

    def elsewhere(self, given: str) -> None:
        """The device names another host in the address of a stream."""
        host = parse_camera_url(given).host
        self._add(
            "warning",
            f"The camera gives {host} as the address of its streams; {self.host} is used instead.",
            "That is usual behind a router. If no picture comes, enter the camera's rtsp address by hand.",
            host=self.host,
            target=host,
            code="other_address",
        )

    def streams(
        self, offers: tuple[StreamOffer, ...], main: StreamOffer | None, sub: StreamOffer | None
    ) -> None:
        """What follows from the settings of the encoders."""
        codecs = {offer.codec for offer in offers if offer.codec}
        if codecs == {"h265"}:
            self._add(
                "warning",
                "The camera offers H.265 only; many browsers cannot show it.",
                "It is recorded as it is, and converted for watching, which costs power. "
                "Set at least the sub stream to H.264.",
                code="only_h265",
            )
        if main is not None and sub is None and main.width >= LARGE_WIDTH:
            self._add(
                "warning",
                "The camera offers no small second stream.",
                "Motion is then seen on the large one, with more effort. "
                "Set up a second profile in the camera: H.264, about 640x360, 5 to 10 pictures a second.",
                code="no_sub_stream",
            )
        for offer in (main, sub):
            if offer is not None and (offer.key_frames_s or 0) > FAR_KEY_FRAMES_S:
                self._key_frames(offer.key_frames_s or 0, "main" if offer is main else "sub")

    def _key_frames(self, seconds: float, stream: str) -> None:
        self._add(
            "warning",
            f"The {stream} stream is set to a key frame every {seconds:.3g} seconds only.",
            "Set the key frame (I-frame) interval to one or two seconds; else pictures begin late.",
            seconds=f"{seconds:.3g}",
            stream=stream,
            code="far_key_frames",
        )
