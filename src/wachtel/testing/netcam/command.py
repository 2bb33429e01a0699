"""``wachtel fake-netcam``: its arguments, and running it until a signal."""

import argparse
import sys
import threading
from typing import TYPE_CHECKING

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
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    parser.add_argument(
        "--http-port", type=_port, default=0, metavar="N", help="web port; 0 is any free one (default)"
    )
    parser.add_argument(
        "--upnp-port", type=_port, default=0, metavar="N", help="port of the sensor; 0 is any free one"
    )
    parser.add_argument("--audio-port", type=_port, default=0, metavar="N", help="port of the raw sound")
    parser.add_argument("--ssdp", action="store_true", help="answer searches on UDP port 1900")
    parser.add_argument("--boundary", choices=_BOUNDARIES, default="plain", help="how pictures are divided")
    parser.add_argument(
        "--one-log-in", action="store_true", help="let one client in, until its stream breaks off"
    )
    parser.add_argument(
        "--upside-down", action="store_true", help="turn the picture, as the first model does"
    )
    parser.add_argument(
        "--motion-every",
        type=float,
        default=0.0,
        metavar="S",
        help="let the sensor see motion every S seconds",
    )


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port between 0 and 65535")
    return int(text)


def run(args: argparse.Namespace) -> int:
    """Prints the addresses and runs until a signal comes, then returns 0."""
    import signal

    from wachtel.testing.netcam.camera import VirtualNetCam

    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with VirtualNetCam(_options(args)) as camera:
        for name, url in camera.urls().items():
            sys.stdout.write(f"{name} {url}\n")
        sys.stdout.flush()
        seen = False
        while not stop.wait(args.motion_every / 2 or None):
            seen = not seen
            camera.set_motion(seen)
    return 0


def _options(args: argparse.Namespace) -> "NetCamOptions":
    from wachtel.testing.netcam.options import Boundary, LogIn, Mode, NetCamOptions
    from wachtel.testing.netcam.ssdp import PORT

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
