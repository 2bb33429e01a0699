"""What anybody may know of an alarm panel, and what may be asked of it."""

from wachtel.automation.alarm_panel import AlarmPanel
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.model.alarm import (
    AlarmStatus,
    PanelState,
    Phase,
    word_of,
)
from wachtel.model.rule import ArmState


def status_of(site: str, panel: AlarmPanel, state: PanelState | None = None) -> AlarmStatus:
    """What anybody may know who may see the site; ``state`` is one of before, None that of now."""
    state = state or panel.state
    names = {zone.id: zone.name for zone in panel.settings.zones}
    return AlarmStatus(
        site,
        word_of(state),
        state.mode,
        state.since,
        state.until,
        names.get(state.zone, state.zone),
        state.sources,
        tuple(doubt.source for doubt in state.doubts),
        state.bypassed,
        state.siren_until,
    )


def needs_code(panel: AlarmPanel, mode: ArmState) -> bool:
    """Whether this needs a code where there are codes: to disarm, to change what is armed, or if so set up."""
    return mode is ArmState.DISARMED or panel.state.phase is not Phase.DISARMED or panel.settings.code_to_arm


def no_panel() -> WachtelError:
    """The site has none."""
    return WachtelError(ErrorKind.NOT_FOUND, "No alarm panel is set up at this site.", code="alarm_no_panel")
