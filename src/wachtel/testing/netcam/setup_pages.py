"""What stands under ``/goform/`` in setup mode, apart from pictures.

The paths and field names are those of public reports. The texts of the answers are ours where none was published: the
list of networks comes as lines ``key:value`` like the other answers, or as the table that drivers of this radio print.
"""

from collections.abc import Callable, Mapping

from wachtel.testing.netcam.options import WifiNetwork
from wachtel.testing.netcam.state import NetCamState

Fields = Mapping[str, str]
RESOLUTIONS = ("1080P", "2MP", "720P", "VGA", "HVGA", "QVGA", "QQVGA")
PASSPHRASE_FIELD = "apcli_wpapsk"


def answer(state: NetCamState, name: str, fields: Fields) -> str | None:
    """The text of a page, None for one that is not there."""
    page = _PAGES.get(name)
    return None if page is None else page(state, fields)


def lines(values: Mapping[str, object]) -> str:
    """``key:value``, separated by carriage returns."""
    return "".join(f"{key}:{value}\r" for key, value in values.items())


def _video(state: NetCamState, fields: Fields) -> str:
    width, height = state.options.size
    wanted = fields.get("resolution", "")
    resolution = wanted if wanted in RESOLUTIONS else "VGA"
    values = {"action": fields.get("action", "realtime"), "resolution": resolution, "format": "MJPEG"}
    return lines({**values, "width": width, "height": height, "fps": int(state.options.fps)})


def _audio(_: NetCamState, fields: Fields) -> str:
    on = fields.get("audioEnable", "NO")
    return lines({"audioCompression": fields.get("audioCompression", "0"), "audioEnable": on})


def _system(state: NetCamState, _: Fields) -> str:
    return lines(
        {
            "systemModel": state.options.model,
            "systemVersion": "2.4.8.5",
            "brandName": "Belkin",
            "longBrandName": "Belkin International Inc.",
        }
    )


def _mac(state: NetCamState, _: Fields) -> str:
    return lines({"MAC": state.options.mac})


def _log(_: NetCamState, __: Fields) -> str:
    return "Jan  1 00:00:08 camera: web server started\n"


def _networks(state: NetCamState, _: Fields) -> str:
    if state.options.survey == "table":
        return _table(state.options.networks)
    return "\r".join(
        lines(
            {
                "ssid": one.ssid,
                "bssid": one.bssid,
                "channel": one.channel,
                "security": one.security,
                "signal": one.signal,
            }
        )
        for one in state.options.networks
    )


def _table(networks: tuple[WifiNetwork, ...]) -> str:
    """As ``iwpriv ra0 get_site_survey`` prints it on this family of chips."""
    head = f"{'Ch':4}{'SSID':33}{'BSSID':20}{'Security':23}{'Siganl(%)':9}{'W-Mode':8}{'ExtCH':7}{'NT':3}"
    rows = (
        f"{one.channel!s:4}{one.ssid:33}{one.bssid:20}{one.security:23}{one.signal!s:9}{'11b/g/n':8}{'NONE':7}{'In':3}"
        for one in networks
    )
    return "\n".join((head, *rows)) + "\n"


def _choose(state: NetCamState, fields: Fields) -> str:
    if "apcli_ssid" not in fields:
        return _networks(state, fields)
    state.wanted = dict(fields)
    return lines({"result": "OK"})


def _verify(state: NetCamState, _: Fields) -> str:
    """Tries the chosen network; a camera that has joined answers no longer under its old address."""
    wanted = state.wanted
    for network in state.options.networks:
        if network.ssid == wanted.get("apcli_ssid") and network.passphrase == wanted.get(
            PASSPHRASE_FIELD, ""
        ):
            state.joined = network.ssid
            return lines({"result": "OK"})
    return lines({"result": "FAIL"})


def _register(state: NetCamState, fields: Fields) -> str:
    state.registered = {key: value for key, value in fields.items() if "password" not in key}
    return lines({"result": "OK"})


def _done(_: NetCamState, __: Fields) -> str:
    return lines({"result": "OK"})


_PAGES: Mapping[str, Callable[[NetCamState, Fields], str]] = {
    "getVideoSettings": _video,
    "getAudioSettings": _audio,
    "getSystemSettings": _system,
    "getMyMAC": _mac,
    "syslog": _log,
    "getApSitesInfo": _networks,
    "wirelessAplist": _choose,
    "verifyApcliMode": _verify,
    "login": _done,
    "createAccount": _done,
    "camRegister": _register,
    "apcamMode": _done,
    "clearSetupStatus": _done,
}
