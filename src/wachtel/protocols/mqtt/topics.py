"""Where things lie at the broker, and what they are called."""

import json
import re
from dataclasses import dataclass

from wachtel.model.alarm import AlarmWord
from wachtel.model.broker import Broker
from wachtel.model.camera import RecordingMode
from wachtel.model.rule import ArmState

ON, OFF = "ON", "OFF"
ONLINE, OFFLINE = "online", "offline"

MOTION, SOUND, CONNECTED, RECORDING, KEEPS, MODE, DETECTION, PICTURE = (
    "motion", "sound", "online", "recording", "keeps", "mode", "detection", "snapshot",
)  # fmt: skip
OF_A_CAMERA = (MOTION, SOUND, CONNECTED, RECORDING, KEEPS, MODE, DETECTION, PICTURE)
PANEL, ARMED = "alarm", "armed"
OF_A_SITE = (PANEL, ARMED)
_ID = re.compile(r"[a-z0-9-]{1,64}")

ARMING = {
    "DISARM": ArmState.DISARMED,
    "ARM_HOME": ArmState.HOME,
    "ARM_AWAY": ArmState.AWAY,
    "ARM_NIGHT": ArmState.NIGHT,
}
"""Home Assistant's commands of an alarm panel, by their default payloads."""

PANEL_STATES = {
    AlarmWord.DISARMED: "disarmed",
    AlarmWord.ARMING: "arming",
    AlarmWord.HOME: "armed_home",
    AlarmWord.AWAY: "armed_away",
    AlarmWord.NIGHT: "armed_night",
    AlarmWord.PENDING: "pending",
    AlarmWord.TRIGGERED: "triggered",
}
"""What Home Assistant calls what a panel does."""

LONGEST_WISH_BYTES = 200
LONGEST_CODE = 12


@dataclass(frozen=True, slots=True)
class SetDetection:
    """Motion of a camera shall be looked for, or not."""

    camera: str
    on: bool


@dataclass(frozen=True, slots=True)
class SetRecording:
    """A camera shall record (in the mode it had before) or not."""

    camera: str
    on: bool


@dataclass(frozen=True, slots=True)
class SetMode:
    """A camera's footage shall be kept so."""

    camera: str
    mode: RecordingMode


@dataclass(frozen=True, slots=True)
class Arm:
    """A site shall be armed so. ``code``: what somebody typed for it."""

    site: str
    state: ArmState
    code: str = ""


Wish = SetDetection | SetRecording | SetMode | Arm


@dataclass(frozen=True, slots=True)
class Topics:
    """``node`` names this installation at the broker; it never changes."""

    broker: Broker
    node: str

    @property
    def status(self) -> str:
        """Whether we are there; the broker says offline when we are gone."""
        return f"{self.broker.prefix}/status"

    @property
    def birth(self) -> str:
        """Where Home Assistant says that it has started."""
        return f"{self.broker.discovery}/status"

    @property
    def documents(self) -> str:
        """A filter for all documents of devices, ours among them."""
        return f"{self.broker.discovery}/device/+/config"

    @property
    def commands(self) -> tuple[str, str]:
        """Filters for what others want us to do."""
        return f"{self.broker.prefix}/camera/+/+/set", f"{self.broker.prefix}/site/+/+/set"

    def camera(self, camera: str, what: str) -> str:
        """One thing about a camera."""
        return f"{self.broker.prefix}/camera/{camera}/{what}"

    def site(self, site: str, what: str) -> str:
        """One thing about a site."""
        return f"{self.broker.prefix}/site/{site}/{what}"

    def camera_device(self, camera: str) -> str:
        """Home Assistant's id of a camera."""
        return f"wachtel_{self.node}_{camera}"

    def site_device(self, site: str) -> str:
        """Home Assistant's id of a site; no camera can have it, because no slug has an underscore."""
        return f"wachtel_{self.node}_site_{site}"

    def document(self, device: str) -> str:
        """Where the document of a device lies."""
        return f"{self.broker.discovery}/device/{device}/config"

    def left_behind(self, topic: str) -> list[str]:
        """What belongs to a document of ours, given the topic of any document; nothing for one of others."""
        start, end = f"{self.broker.discovery}/device/wachtel_{self.node}_", "/config"
        if not topic.startswith(start) or not topic.endswith(end):
            return []
        name = topic[len(start) : -len(end)]
        if name.startswith("site_"):
            return [topic, *(self.site(name.removeprefix("site_"), what) for what in OF_A_SITE)]
        return [topic, *(self.camera(name, what) for what in OF_A_CAMERA)]

    def wish(self, topic: str, payload: bytes) -> Wish | None:
        """What somebody wants; None for what cannot be meant."""
        parts = topic.removeprefix(self.broker.prefix + "/").split("/")
        if (
            len(parts) != 4
            or parts[3] != "set"
            or not _ID.fullmatch(parts[1])
            or len(payload) > LONGEST_WISH_BYTES
        ):
            return None
        kind, name, what, _ = parts
        word = payload.decode("ascii", "replace").strip()
        if (kind, what) == ("camera", MODE):
            return SetMode(name, RecordingMode(word)) if word in set(RecordingMode) else None
        if (kind, what) in (("camera", DETECTION), ("camera", KEEPS)) and word in (ON, OFF):
            wanted = SetDetection if what == DETECTION else SetRecording
            return wanted(name, word == ON)
        return _arm(name, word) if (kind, what) == ("site", PANEL) else None


def _arm(site: str, word: str) -> Arm | None:
    """A command alone, or as JSON with a code: ``{"action": "DISARM", "code": "1234"}``."""
    code: object = ""
    if word.startswith("{"):
        try:
            asked = json.loads(word)
        except ValueError:
            return None
        word, code = asked.get("action"), asked.get("code")
    if not isinstance(word, str) or word not in ARMING:
        return None
    typed = str(code) if isinstance(code, str | int) and not isinstance(code, bool) else ""
    return Arm(site, ARMING[word], typed if typed.isdigit() and len(typed) <= LONGEST_CODE else "")
