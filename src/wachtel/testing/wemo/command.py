"""``wachtel fake-wemo``: its arguments, and running it until a signal."""

import argparse
import sys
import threading

from wachtel.testing.command_line import add_host, add_motion_every, add_port, stop_signal

KINDS = ("switch", "light_switch", "insight", "dimmer", "outdoor_plug", "maker", "motion")
QUIRKS = ("hang", "die", "move", "silent", "momentary")
EXAMPLES = """\
quirks:
  hang        takes questions and never answers, after --quirk-after seconds
  die         its port closes, after --quirk-after seconds
  move        goes on at the next port, after --quirk-after seconds
  silent      never tells subscribers anything
  momentary   a Maker whose relay falls back by itself
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument("--kind", choices=KINDS, default="switch", help="what it is (default: switch)")
    parser.add_argument("--name", default="Lamp", help="what it calls itself (default: Lamp)")
    parser.add_argument(
        "--serial", default="221424K1200001", help="its serial number; two devices need two of them"
    )
    add_host(parser)
    add_port(parser, "--port", "its port (real ones use 49153)")
    parser.add_argument("--ssdp", action="store_true", help="answer searches on UDP port 1900")
    parser.add_argument("--quirk", choices=QUIRKS, action="append", default=[], help="see below")
    parser.add_argument(
        "--quirk-after", type=float, default=10.0, metavar="S", help="when, in seconds (default 10)"
    )
    add_motion_every(parser, "a Motion")


def run(args: argparse.Namespace) -> int:
    """Prints the address, then each change, and runs until a signal comes; returns 0."""
    from wachtel.protocols import ssdp
    from wachtel.testing.wemo import FakeWemo, FakeWemoOptions, WemoKind

    options = FakeWemoOptions(
        WemoKind(args.kind),
        args.host,
        args.port,
        ssdp.PORT if args.ssdp else None,
        args.name,
        args.serial,
        sends_events="silent" not in args.quirk,
        momentary="momentary" in args.quirk,
    )
    stop = stop_signal()
    with FakeWemo(options) as device:
        _say(f"setup {device.url}")
        _say(f"udn {options.udn}")
        _play(device, args, stop)
    return 0


def _play(device: object, args: argparse.Namespace, stop: threading.Event) -> None:
    from wachtel.base.clock import SystemClock
    from wachtel.testing.wemo.device import FakeWemo

    assert isinstance(device, FakeWemo)
    clock = SystemClock()
    began = walked = clock.monotonic_s()
    on, done = device.on, False
    while not clock.wait(stop, 0.05):
        now = clock.monotonic_s()
        if device.on != on:
            on = device.on
            _say("on" if on else "off")
        if not done and now - began >= args.quirk_after:
            done = True
            _fail(device, args.quirk)
        if args.motion_every and now - walked >= args.motion_every / 2:
            walked = now
            device.press(not device.on)


def _fail(device: object, quirks: list[str]) -> None:
    from wachtel.testing.wemo.device import FakeWemo

    assert isinstance(device, FakeWemo)
    if "hang" in quirks:
        device.hang()
    if "die" in quirks:
        device.die()
    if "move" in quirks:
        device.move(device.port + 1)
        _say(f"setup {device.url}")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
