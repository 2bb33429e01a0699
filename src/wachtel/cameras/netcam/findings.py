"""What a NetCam's state means for its owner, as sentences."""

from wachtel.cameras.netcam.recognise import Recognised, State
from wachtel.model.probe import ProbeFinding


def findings_of(found: Recognised, host: str) -> tuple[ProbeFinding, ...]:
    """Every sentence that is true of this camera, the most important one first."""
    sentences = [_STATES[found.state](host)]
    if found.state is State.SETUP:
        sentences.append(_once())
    if found.state in (State.SETUP, State.BEFORE_LOCK) and found.asks_for_password:
        sentences.append(_known_password())
    if found.state is State.FREE_MJPG_STREAMER and found.asks_for_password:
        sentences.append(_sample_password())
    if found.state is State.FREE_USTREAMER:
        sentences.append(_upside_down())
    if found.sensor is not None:
        sentences.append(_motion())
    return tuple(sentences)


def _finding(level: str, what: str, hint: str, *, code: str, **details: str) -> ProbeFinding:
    return ProbeFinding(level, code, what, hint, code, details)


def _setup(host: str) -> ProbeFinding:
    return _finding(
        "ok",
        f"{host} is a NetCam in setup mode: its pictures are there.",
        "`wachtel netcam join` brings it into your Wi-Fi. Whether it gives pictures there too, its firmware decides.",
        code="netcam_setup",
        host=host,
    )


def _once() -> ProbeFinding:
    return _finding(
        "warning",
        "Owners report that in setup mode a NetCam lets somebody in only once between two starts.",
        "If the picture stays away after a break, unplug the camera and plug it in again.",
        code="netcam_once",
    )


def _known_password() -> ProbeFinding:
    return _finding(
        "warning",
        "Everybody knows its log-in: user admin, password admin.",
        "Write admin:admin@ in front of the address. Keep the camera in a network that strangers cannot reach.",
        code="netcam_password",
    )


def _sample_password() -> ProbeFinding:
    return _finding(
        "warning",
        "If nobody changed it, its log-in is the one of the sample settings: user openwrt, password openwrt.",
        "Put user and password in front of the address, and change the password in the camera.",
        code="netcam_sample_password",
    )


def _before_lock(host: str) -> ProbeFinding:
    return _finding(
        "ok",
        f"{host} is a NetCam with firmware from before the lock: its pictures are there.",
        "Never update its firmware: later ones give the pictures to nobody.",
        code="netcam_before_lock",
        host=host,
    )


def _locked(host: str) -> ProbeFinding:
    return _finding(
        "error",
        f"{host} is a NetCam with its maker's last firmware: it gave its pictures to a service that is gone, and gives "
        "them to nobody else.",
        "They come back with free firmware, or for as long as the camera stays in setup mode; "
        "the guide on reviving a NetCam tells both.",
        code="netcam_locked",
        host=host,
    )


def _free(host: str) -> ProbeFinding:
    return _finding(
        "ok",
        f"{host} is a NetCam with free firmware: its pictures are yours.",
        "",
        code="netcam_free",
        host=host,
    )


def _upside_down() -> ProbeFinding:
    return _finding(
        "warning",
        "The picture of the first model is upside down, because its module sits that way.",
        "Hang the camera the other way round, or turn the picture in the settings of its firmware.",
        code="netcam_upside_down",
    )


def _motion() -> ProbeFinding:
    return _finding(
        "ok",
        "Its motion sensor still answers in your network.",
        "What it reports counts as motion; whether yours still reports without its service is not known.",
        code="netcam_motion",
    )


_STATES = {
    State.SETUP: _setup,
    State.BEFORE_LOCK: _before_lock,
    State.LOCKED: _locked,
    State.FREE_USTREAMER: _free,
    State.FREE_MJPG_STREAMER: _free,
}
