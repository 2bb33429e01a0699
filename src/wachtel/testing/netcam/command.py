"""``wachtel fake-netcam``: its arguments, and running it until a signal."""

import argparse
from typing import TYPE_CHECKING

from wachtel.testing.command_line import add_host, add_motion_every, add_port, stop_signal, tell

if TYPE_CHECKING:
    from wachtel.testing.netcam.options import NetCamOptions

EXAMPLES = """\
modes:
  setup           after a reset: pictures and settings for admin/admin
  before-lock     in the house with older firmware: pictures and the UPnP sensor
  locked          in the house with the last firmware: 404 everywhere, only the UPnP sensor
  ustreamer       first model, current free image: /stream, raw sound beside it
  mjpg-streamer   first model, older free image: /?action=stream
  hd              second model, free image: 1280x720, openwrt/openwrt
"""
MODES = ("setup", "before-lock", "locked", "ustreamer", "mjpg-streamer", "hd")
_BOUNDARIES = ("plain", "dashes", "quoted", "other", "no-length", "wrong-length", "bare")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument(
        "--mode", choices=MODES, default="setup", help="its state, see below (default: setup)"
    )
    add_host(parser)
    add_port(parser, "--http-port", "web port")
    add_port(parser, "--upnp-port", "port of the sensor")
    add_port(parser, "--audio-port", "port of the raw sound")
    parser.add_argument("--ssdp", action="store_true", help="answer searches on UDP port 1900")
    parser.add_argument("--boundary", choices=_BOUNDARIES, default="plain", help="how pictures are divided")
    parser.add_argument(
        "--one-log-in", action="store_true", help="let one client in, until its stream breaks off"
    )
    parser.add_argument(
        "--upside-down", action="store_true", help="turn the picture, as the first model does"
    )
    add_motion_every(parser, "the sensor")


def run(args: argparse.Namespace) -> int:
    """Prints the addresses and runs until a signal comes, then returns 0."""
    from wachtel.testing.netcam.camera import VirtualNetCam

    stop = stop_signal()
    with VirtualNetCam(_options(args)) as camera:
        tell(camera.urls())
        seen = False
        while not stop.wait(args.motion_every / 2 or None):
            seen = not seen
            camera.set_motion(seen)
    return 0


def _options(args: argparse.Namespace) -> "NetCamOptions":
    from wachtel.protocols.ssdp import PORT
    from wachtel.testing.netcam.options import Boundary, LogIn, Mode, NetCamOptions

    return NetCamOptions(
        mode=Mode(args.mode),
        host=args.host,
        http_port=args.http_port,
        upnp_port=args.upnp_port,
        audio_port=args.audio_port,
        ssdp_port=PORT if args.ssdp else None,
        boundary=Boundary(args.boundary),
        log_in=LogIn.SESSION if args.one_log_in else LogIn.MANY,
        upside_down=args.upside_down,
    )
