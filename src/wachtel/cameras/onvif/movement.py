"""Turning, zooming and presets of one ONVIF device, with what devices do otherwise than they should."""

from collections.abc import Callable, Sequence

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.cameras.onvif import answers
from wachtel.cameras.onvif.conversation import Conversation
from wachtel.model.device import Preset, Reach
from wachtel.protocols.onvif import ptz
from wachtel.protocols.onvif.device import shown
from wachtel.protocols.onvif.envelope import Fault, expect
from wachtel.protocols.onvif.media import Profile
from wachtel.protocols.xml_reader import Element

_NO_PRESET = "notoken"


class Movement:
    """``ask`` puts a question to the PTZ service; ``profile`` is one that can be moved."""

    def __init__(self, ask: Callable[[str], Element | Fault], talk: Conversation, profile: Profile) -> None:
        self._ask = ask
        self._talk = talk
        self._profile = profile
        self._reach: Reach | None = None
        self._limited = True

    def reach(self) -> Reach:
        """Asked once; a device without an answer is taken to be able to do everything."""
        if self._reach is None:
            answer = self._ask(ptz.NODES)
            self._reach = Reach() if isinstance(answer, Fault) else ptz.read_reach(answer, self._profile.node)
        return self._reach

    def presets(self) -> Sequence[Preset]:
        return ptz.read_presets(self._sure(self._ask(ptz.presets(self._profile.token)), "GetPresets"))

    def go_to(self, preset: str) -> None:
        """Raises `WachtelError` (not_found) for a preset that the device does not know."""
        answer = self._ask(ptz.go_to_preset(self._profile.token, preset))
        if isinstance(answer, Fault) and any(_NO_PRESET in code.lower() for code in answer.codes):
            raise WachtelError(
                ErrorKind.NOT_FOUND,
                f"The camera knows no preset {shown(preset)!r}.",
                code="no_preset",
                hint="Look at the camera's page for those it has now.",
                details={"preset": shown(preset)},
            )
        self._sure(answer, "GotoPreset")

    def move(self, pan: float, tilt: float, zoom: float) -> None:
        """With a limit of the device's own, so that it stops though we are gone; some refuse that, and go without."""
        self._sure(self._moved(pan, tilt, zoom), "ContinuousMove")

    def _moved(self, pan: float, tilt: float, zoom: float) -> Element | Fault:
        speeds = (pan, tilt, zoom)
        answer = self._ask(ptz.move(self._profile.token, speeds, self.reach(), limited=self._limited))
        if isinstance(answer, Fault) and self._limited:
            answer = self._ask(ptz.move(self._profile.token, speeds, self.reach(), limited=False))
            self._limited = isinstance(answer, Fault)
        return answer

    def stop(self) -> None:
        """Devices that refuse to stop are told to move at no speed."""
        answer = self._ask(ptz.stop(self._profile.token, self.reach()))
        if isinstance(answer, Fault):
            self._sure(self._moved(0.0, 0.0, 0.0), "ContinuousMove")

    def _sure(self, answer: Element | Fault, name: str) -> Element:
        if isinstance(answer, Fault):
            raise answers.refused(answer, self._talk.endpoint)
        return expect(answer, name)
