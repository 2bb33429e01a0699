"""Movement and presets (ONVIF PTZ)."""

from xml.sax.saxutils import escape

from wachtel.model.device import Preset, Reach
from wachtel.protocols.onvif.device import shown
from wachtel.protocols.xml_reader import Element

NODES = "<tptz:GetNodes/>"
LONGEST_MOVE_S = 5
"""A movement ends by itself so long after it was last asked for, in devices that count."""


def presets(profile: str) -> str:
    """``GetPresets``."""
    return f"<tptz:GetPresets>{_of(profile)}</tptz:GetPresets>"


def go_to_preset(profile: str, preset: str) -> str:
    """``GotoPreset``."""
    token = f"<tptz:PresetToken>{escape(preset)}</tptz:PresetToken>"
    return f"<tptz:GotoPreset>{_of(profile)}{token}</tptz:GotoPreset>"


def move(profile: str, speeds: tuple[float, float, float], reach: Reach, *, limited: bool) -> str:
    """``ContinuousMove`` by pan, tilt and zoom; speeds outside of -1..1 are brought into it.

    Ways in which the device cannot be moved are left out, as many refuse the whole question for them; ``limited``: it
    stops by itself after `LONGEST_MOVE_S`.
    """
    pan, tilt, zoom = (max(-1.0, min(1.0, speed)) for speed in speeds)
    turn = f'<tt:PanTilt x="{pan:g}" y="{tilt:g}"/>' if reach.turns else ""
    near = f'<tt:Zoom x="{zoom:g}"/>' if reach.zooms else ""
    end = f"<tptz:Timeout>PT{LONGEST_MOVE_S}S</tptz:Timeout>" if limited else ""
    return (
        f"<tptz:ContinuousMove>{_of(profile)}<tptz:Velocity>{turn}{near}</tptz:Velocity>{end}"
        "</tptz:ContinuousMove>"
    )


def stop(profile: str, reach: Reach) -> str:
    """``Stop``, of turning and of zooming."""
    turn = f"<tptz:PanTilt>{str(reach.turns).lower()}</tptz:PanTilt>"
    return f"<tptz:Stop>{_of(profile)}{turn}<tptz:Zoom>{str(reach.zooms).lower()}</tptz:Zoom></tptz:Stop>"


def read_reach(answer: Element, node: str) -> Reach:
    """``GetNodesResponse``: what the profile's node can do, or the first one; everything, where it does not say."""
    nodes = answer.all("PTZNode")
    own = next((one for one in nodes if one.attributes.get("token") == node), nodes[0] if nodes else None)
    spaces = None if own is None else own.child("SupportedPTZSpaces")
    if spaces is None:
        return Reach()
    turns = spaces.child("ContinuousPanTiltVelocitySpace") is not None
    zooms = spaces.child("ContinuousZoomVelocitySpace") is not None
    return Reach(turns, zooms) if turns or zooms else Reach()


def read_presets(answer: Element) -> tuple[Preset, ...]:
    """``GetPresetsResponse``; one without a name is called by its token."""
    found = ((one.attributes.get("token", ""), shown(one.text_at("Name"))) for one in answer.all("Preset"))
    return tuple(Preset(token, name or shown(token)) for token, name in found if token)[:256]


def _of(profile: str) -> str:
    return f"<tptz:ProfileToken>{escape(profile)}</tptz:ProfileToken>"
