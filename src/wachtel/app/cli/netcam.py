"""``wachtel netcam``: brings a Wemo NetCam in setup mode into the house, without its app."""

import argparse
import json
import sys
from typing import TYPE_CHECKING

from wachtel.app.cli.options import say
from wachtel.base.errors import ErrorKind, WachtelError

if TYPE_CHECKING:
    from wachtel.cameras.netcam.device import NetCam

MOST_BYTES_READ = 4096
_KNOWN_PASSWORD = "admin"
_WORDS = {
    "joined": "The camera says that it has joined {ssid}. Look in your router for its new address.",
    "refused": "The camera says that it could not join {ssid}. Is the passphrase right?",
    "unknown": "The camera does not say what came of it; that is usual when it changes over to {ssid}. "
    "Look in your router for its new address.",
}


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command."""
    parser = subparsers.add_parser(
        "netcam",
        help="bring a Wemo NetCam into your Wi-Fi",
        description="For Wemo NetCams in setup mode.",
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    listing = actions.add_parser("networks", help="the Wi-Fi networks the camera sees")
    listing.set_defaults(run=networks)
    joining = actions.add_parser("join", help="give the camera a Wi-Fi and its passphrase")
    joining.add_argument("--ssid", required=True, metavar="S", help="the network's name")
    joining.add_argument(
        "--passphrase-stdin", action="store_true", help="read the passphrase from standard input"
    )
    joining.set_defaults(run=join)
    for action in (listing, joining):
        action.add_argument("host", metavar="HOST", help="the camera's address, such as 10.68.68.22")
        action.add_argument("--user", metavar="U", default="admin", help="its user (default admin)")
        action.add_argument("--ask-password", action="store_true", help="ask for the camera's password")
        action.add_argument("--json", action="store_true", help="JSON on standard output")


def networks(options: argparse.Namespace) -> int:
    """Lists what the camera sees."""
    found = _opened(options).networks()
    if options.json:
        rows = [
            {"ssid": one.ssid, "signal": one.signal, "security": one.security, "channel": one.channel}
            for one in found
        ]
        print(json.dumps(rows))
        return 0
    for one in found:
        print(f"{one.signal:3} %\t{one.ssid}\t{'open' if one.is_open else one.security}")
    return 0


def join(options: argparse.Namespace) -> int:
    """Gives the camera a network; ends 1 when it refuses."""
    camera = _opened(options)
    verdict = camera.join(options.ssid, _passphrase(options))
    if options.json:
        print(json.dumps({"ssid": options.ssid, "verdict": verdict.value}))
    else:
        print(_WORDS[verdict.value].format(ssid=options.ssid))
    return 1 if verdict.value == "refused" else 0


def _opened(options: argparse.Namespace) -> "NetCam":
    from wachtel.base.clock import SystemClock
    from wachtel.cameras.api import DeviceOptions
    from wachtel.cameras.netcam import driver
    from wachtel.protocols.camera_url import CameraUrl, parse_device_url

    plain = parse_device_url(f"netcam://{options.host.removeprefix('netcam://')}")
    password = _ask("Password of the camera: ") if options.ask_password else _KNOWN_PASSWORD
    url = CameraUrl("netcam", plain.host, plain.port, plain.path, options.user, password)
    return driver.open(url, DeviceOptions(allow_local=True, answer_timeout_s=15.0), SystemClock())


def _passphrase(options: argparse.Namespace) -> str:
    if options.passphrase_stdin:
        return sys.stdin.read(MOST_BYTES_READ).removesuffix("\n").removesuffix("\r")
    say("The passphrase travels to the camera in the clear: the camera knows nothing else.")
    return _ask(f"Passphrase of {options.ssid} (empty for an open network): ")


def _ask(question: str) -> str:
    import getpass

    if not sys.stdin.isatty():
        raise WachtelError(
            ErrorKind.INVALID, "There is no terminal to ask on.", hint="Use --passphrase-stdin."
        )
    return getpass.getpass(question)
