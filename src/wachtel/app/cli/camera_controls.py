"""``wachtel camera move|preset|relay``: what a camera can be made to do."""

import argparse
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from wachtel.app.cli.options import say
from wachtel.base.errors import ErrorKind, WachtelError

if TYPE_CHECKING:
    from wachtel.app.api_client import Api

AGAIN_S = 0.5
LONGEST_S = 60.0
_WAYS = {
    "left": ("pan", -1.0),
    "right": ("pan", 1.0),
    "up": ("tilt", 1.0),
    "down": ("tilt", -1.0),
    "in": ("zoom", 1.0),
    "out": ("zoom", -1.0),
}


def add_actions(
    actions: "argparse._SubParsersAction[argparse.ArgumentParser]",
) -> tuple[argparse.ArgumentParser, ...]:
    """Adds the three actions."""
    turning = actions.add_parser("move", help="turn or zoom a camera for a moment")
    turning.add_argument("camera", metavar="CAMERA", help="id or name")
    turning.add_argument("way", metavar="WAY", choices=tuple(_WAYS), help="left, right, up, down, in or out")
    turning.add_argument("--seconds", type=float, default=1.0, metavar="N", help="how long (default: 1)")
    turning.add_argument("--speed", type=float, default=0.5, metavar="0..1", help="how fast (default: 0.5)")
    turning.set_defaults(run=move)
    presets = actions.add_parser("preset", help="turn a camera to one of its presets, or show them")
    presets.add_argument("camera", metavar="CAMERA", help="id or name")
    presets.add_argument("preset", metavar="PRESET", nargs="?", help="id or name; without it all are shown")
    presets.set_defaults(run=preset)
    outputs = actions.add_parser("relay", help="switch one of a camera's outputs, or show them")
    outputs.add_argument("camera", metavar="CAMERA", help="id or name")
    outputs.add_argument("relay", metavar="RELAY", nargs="?", help="its id; without it all are shown")
    outputs.add_argument("state", nargs="?", choices=("on", "off"), metavar="STATE", help="on or off")
    outputs.set_defaults(run=relay)
    return turning, presets, outputs


def move(options: argparse.Namespace) -> int:
    """Moves the camera and stops it; whoever is interrupted stops it too."""
    if not (0 < options.seconds <= LONGEST_S and 0 < options.speed <= 1):
        raise WachtelError(
            ErrorKind.INVALID, f"A camera moves for up to {LONGEST_S:g} seconds, at a speed up to 1."
        )
    from wachtel.base.clock import SystemClock

    axis, sign = _WAYS[options.way]
    with _at_camera(options) as (api, camera, path):
        clock, never = SystemClock(), threading.Event()
        end = clock.monotonic_s() + options.seconds
        try:
            while (left_s := end - clock.monotonic_s()) > 0:
                api.call("POST", f"{path}/move", {axis: sign * options.speed})
                clock.wait(never, min(AGAIN_S, max(0.0, left_s)))
        finally:
            api.call("POST", f"{path}/move", {})
    _told(options, camera, f"{camera['name']} moved {options.way}.")
    return 0


def preset(options: argparse.Namespace) -> int:
    """Shows the presets, or goes to one."""
    with _at_camera(options) as (api, camera, path):
        known: list[dict[str, Any]] = api.call("GET", f"{path}/presets")
        if options.preset is None:
            return _shown(options, known, ("id", "name"), "This camera has no presets.")
        wanted = [one for one in known if options.preset in (one["id"], one["name"])]
        if not wanted:
            raise WachtelError(
                ErrorKind.NOT_FOUND,
                f"The camera knows no preset {options.preset!r}.",
                hint="`wachtel camera preset CAMERA` shows them.",
            )
        api.call("POST", f"{path}/presets", {"preset": wanted[0]["id"]})
    _told(options, camera, f"{camera['name']} turns to {wanted[0]['name']}.")
    return 0


def relay(options: argparse.Namespace) -> int:
    """Shows the outputs, or switches one."""
    with _at_camera(options) as (api, camera, path):
        if options.relay is None:
            known = api.call("GET", f"{path}/relays")
            return _shown(options, known, ("id",), "This camera has no outputs.")
        if options.state is None:
            raise WachtelError(ErrorKind.INVALID, "On or off?", hint="Write the state behind the output.")
        api.call("POST", f"{path}/relays", {"relay": options.relay, "on": options.state == "on"})
    _told(options, camera, f"{options.relay} of {camera['name']} is {options.state}.")
    return 0


@contextmanager
def _at_camera(options: argparse.Namespace) -> "Iterator[tuple[Api, dict[str, Any], str]]":
    """The API, the camera that is meant, and its path."""
    from wachtel.app.api_client import named, open_api
    from wachtel.app.cli.camera import find

    with open_api(options.data) as api:
        camera = find(api, options.camera)
        yield api, camera, f"/api/v1/cameras/{named(camera['id'])}"


def _shown(options: argparse.Namespace, known: Any, columns: tuple[str, ...], empty: str) -> int:
    if options.json:
        print(json.dumps(known))
        return 0
    if not known:
        say(empty)
    for one in known:
        print("\t".join(one[name] for name in columns))
    return 0


def _told(options: argparse.Namespace, camera: dict[str, Any], text: str) -> None:
    print(json.dumps({"camera": camera["id"]}) if options.json else text)
