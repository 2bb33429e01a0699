"""Movement and presets (ONVIF PTZ)."""

from xml.sax.saxutils import escape

from wachtel.model.device import Preset
from wachtel.protocols.onvif.device import shown
from wachtel.protocols.xml_reader import Element


def presets(profile: str) -> str:
    """``GetPresets``."""
    return f"<tptz:GetPresets>{_of(profile)}</tptz:GetPresets>"


def go_to_preset(profile: str, preset: str) -> str:
    """``GotoPreset``."""
    token = f"<tptz:PresetToken>{escape(preset)}</tptz:PresetToken>"
    return f"<tptz:GotoPreset>{_of(profile)}{token}</tptz:GotoPreset>"


def move(profile: str, pan: float, tilt: float, zoom: float) -> str:
    """``ContinuousMove``; speeds outside of -1..1 are brought into it."""
    pan, tilt, zoom = (max(-1.0, min(1.0, speed)) for speed in (pan, tilt, zoom))
    speed = f'<tt:PanTilt x="{pan:g}" y="{tilt:g}"/><tt:Zoom x="{zoom:g}"/>'
    return f"<tptz:ContinuousMove>{_of(profile)}<tptz:Velocity>{speed}</tptz:Velocity></tptz:ContinuousMove>"


def stop(profile: str) -> str:
    """``Stop``, of turning and of zooming."""
    both = "<tptz:PanTilt>true</tptz:PanTilt><tptz:Zoom>true</tptz:Zoom>"
    return f"<tptz:Stop>{_of(profile)}{both}</tptz:Stop>"


def read_presets(answer: Element) -> tuple[Preset, ...]:
    """``GetPresetsResponse``; one without a name is called by its token."""
    found = ((one.attributes.get("token", ""), shown(one.text_at("Name"))) for one in answer.all("Preset"))
    return tuple(Preset(token, name or shown(token)) for token, name in found if token)[:256]


def _of(profile: str) -> str:
    return f"<tptz:ProfileToken>{escape(profile)}</tptz:ProfileToken>"
