"""Home Assistant's discovery documents, one for each device (home-assistant.io, MQTT, "Device discovery payload")."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wachtel.model.alarm import AlarmWord
from wachtel.model.broker import NameLanguage
from wachtel.model.camera import Camera, RecordingMode, Site
from wachtel.model.rule import ArmState
from wachtel.protocols.mqtt import topics as names
from wachtel.protocols.mqtt.topics import PANEL_STATES, Topics

RECORDING_STATES = ("recording", "waiting", "not_recording", "off")
"""What `recording` can say: footage is kept now; the next event will be kept; it should be and is not; never."""

_WORDS: Mapping[NameLanguage, Mapping[str, str]] = {
    NameLanguage.ENGLISH: {
        names.RECORDING: "Recording state", names.KEEPS: "Recording", names.MODE: "Recording mode",
        names.DETECTION: "Motion detection", names.PICTURE: "Last event", names.PANEL: "Alarm",
        names.ARMED: "Armed", "camera": "Camera", "site": "Site",
    },
    NameLanguage.GERMAN: {
        names.RECORDING: "Stand der Aufzeichnung", names.KEEPS: "Aufzeichnung", names.MODE: "Aufzeichnen",
        names.DETECTION: "Bewegungserkennung", names.PICTURE: "Letztes Ereignis", names.PANEL: "Alarmanlage",
        names.ARMED: "Scharf", "camera": "Kamera", "site": "Ort",
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class NeedsCode:
    """A code is needed to disarm; ``to_arm``: and to arm."""

    to_arm: bool


class Documents:
    """Makes the documents; they are the same bytes for the same things."""

    def __init__(self, topics: Topics, version: str) -> None:
        self._topics = topics
        self._version = version
        self._words = _WORDS[topics.broker.language]
        self._cameras: dict[str, tuple[tuple[str, bool], bytes]] = {}

    def camera(self, camera: Camera) -> bytes:
        """The document of a camera; made again only for another name, or where sound comes or goes."""
        about = (camera.name, camera.record_audio)
        known = self._cameras.get(camera.id)
        if known is None or known[0] != about:
            known = self._cameras[camera.id] = (about, self._camera(camera))
        return known[1]

    def _camera(self, camera: Camera) -> bytes:
        device = self._topics.camera_device(camera.id)
        parts = {
            names.MOTION: self._binary(camera.id, names.MOTION, "motion"),
            names.CONNECTED: self._binary(camera.id, names.CONNECTED, "connectivity")
            | {"entity_category": "diagnostic"},
            names.RECORDING: self._of_camera("sensor", camera.id, names.RECORDING)
            | {"device_class": "enum", "options": list(RECORDING_STATES), "entity_category": "diagnostic"},
            names.PICTURE: {
                "platform": "image",
                "name": self._words[names.PICTURE],
                "image_topic": self._topics.camera(camera.id, names.PICTURE),
                "content_type": "image/jpeg",
            },
        }
        if camera.record_audio:
            parts[names.SOUND] = self._binary(camera.id, names.SOUND, "sound")
        if self._topics.broker.allow_control:
            parts |= self._switches(camera.id)
        return self._document(device, camera.name, "camera", parts)

    def _switches(self, camera: str) -> dict[str, dict[str, Any]]:
        return {
            names.KEEPS: self._ordered("switch", camera, names.KEEPS),
            names.DETECTION: self._ordered("switch", camera, names.DETECTION),
            names.MODE: self._ordered("select", camera, names.MODE)
            | {"options": [mode.value for mode in RecordingMode]},
        }

    def site(self, site: Site, needs: NeedsCode | None = None) -> bytes:
        """The document of a site. ``needs``: what the panel wants a code for; None where it wants none."""
        topics, device = self._topics, self._topics.site_device(site.id)
        parts: dict[str, dict[str, Any]] = {
            names.ARMED: {
                "platform": "sensor",
                "name": self._words[names.ARMED],
                "state_topic": topics.site(site.id, names.ARMED),
                "device_class": "enum",
                "options": [state.value for state in ArmState],
            },
        }
        if topics.broker.allow_control:
            parts[names.PANEL] = self._panel(site.id, needs)
        return self._document(device, site.name, "site", parts)

    def _panel(self, site: str, needs: NeedsCode | None) -> dict[str, Any]:
        panel: dict[str, Any] = {
            "platform": "alarm_control_panel",
            "name": self._words[names.PANEL],
            "state_topic": self._topics.site(site, names.PANEL),
            "command_topic": self._topics.site(site, names.PANEL) + "/set",
            "supported_features": ["arm_home", "arm_away", "arm_night"],
            "code_arm_required": needs is not None and needs.to_arm,
            "code_disarm_required": needs is not None,
        }
        if needs is not None:
            panel["code"] = "REMOTE_CODE"
            panel["command_template"] = '{"action":"{{ action }}","code":"{{ code }}"}'
        return panel

    def _binary(self, camera: str, what: str, device_class: str) -> dict[str, Any]:
        """Without a name: Home Assistant has its own for this class, in the language of whoever looks."""
        return {
            "platform": "binary_sensor",
            "state_topic": self._topics.camera(camera, what),
            "device_class": device_class,
        }

    def _of_camera(self, platform: str, camera: str, what: str) -> dict[str, Any]:
        return {
            "platform": platform,
            "name": self._words[what],
            "state_topic": self._topics.camera(camera, what),
        }

    def _ordered(self, platform: str, camera: str, what: str) -> dict[str, Any]:
        return self._of_camera(platform, camera, what) | {
            "command_topic": self._topics.camera(camera, what) + "/set",
            "entity_category": "config",
        }

    def _document(self, device: str, name: str, model: str, parts: dict[str, dict[str, Any]]) -> bytes:
        document = {
            "device": {
                "identifiers": [device],
                "name": name,
                "manufacturer": "Wachtel",
                "model": self._words[model],
                "sw_version": self._version,
            },
            "origin": {"name": "Wachtel", "sw_version": self._version},
            "availability": [{"topic": self._topics.status}],
            "components": {what: {**part, "unique_id": f"{device}_{what}"} for what, part in parts.items()},
            "qos": 1,
        }
        return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def site_states(topics: Topics, site: str, armed: ArmState, panel: AlarmWord) -> dict[str, bytes]:
    """What is said of a site, by topic."""
    return {
        topics.site(site, names.ARMED): armed.value.encode(),
        topics.site(site, names.PANEL): PANEL_STATES[panel].encode(),
    }


def camera_states(
    topics: Topics, camera: Camera, *, online: bool, motion: bool, loud: bool, keeping: str
) -> dict[str, bytes]:
    """What is said of a camera, by topic. ``keeping``: one of `RECORDING_STATES`."""
    sound = {names.SOUND: names.ON if loud else names.OFF} if camera.record_audio else {}
    said = sound | {
        names.MOTION: names.ON if motion else names.OFF,
        names.CONNECTED: names.ON if online else names.OFF,
        names.RECORDING: keeping,
        names.KEEPS: names.OFF if camera.mode is RecordingMode.OFF else names.ON,
        names.MODE: camera.mode.value,
        names.DETECTION: names.ON if camera.motion.enabled else names.OFF,
    }
    return {topics.camera(camera.id, what): word.encode() for what, word in said.items()}
