"""``wachtel wemo``: Wemo devices that rules switch and hear."""

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

from wachtel.app.cli.options import add_data
from wachtel.base.errors import ErrorKind, WachtelError

if TYPE_CHECKING:
    from wachtel.app.api_client import Api


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command."""
    parser = subparsers.add_parser(
        "wemo",
        help="Wemo switches, plugs, dimmers and sensors",
        description="Finds Wemo devices when asked, lets rules switch them, and hears their sensors. Talks to the "
        "running server.",
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    looking = actions.add_parser("list", help="look for Wemo devices on the local networks")
    looking.add_argument("--seconds", type=float, default=3.0, metavar="N", help="how long (default: 3)")
    looking.add_argument("--host", metavar="ADDRESS", help="ask this address only")
    looking.set_defaults(run=show)
    adding = actions.add_parser("add", help="let rules switch a device")
    adding.add_argument(
        "--self-off", type=int, default=0, metavar="MINUTES",
        help="let the device go off by itself so long after our last word, even if this machine is dead",
    )  # fmt: skip
    adding.set_defaults(run=add)
    hearing = actions.add_parser("hear", help="let rules hear a Wemo Motion, or what is connected to a Maker")
    hearing.set_defaults(run=hear)
    for action in (adding, hearing):
        action.add_argument(
            "device",
            metavar="DEVICE",
            help="its address, its name, or the name after uuid: that `list` shows",
        )
        action.add_argument(
            "--name", default="", help="what people and rules call it (default: its own name)"
        )
        action.add_argument("--site", default="home", help="its site (default: home)")
    sensors = actions.add_parser("sensors", help="show the sensors that are heard")
    sensors.set_defaults(run=show_sensors)
    deaf = actions.add_parser("unhear", help="hear a sensor no more")
    deaf.add_argument("sensor", metavar="SENSOR", help="its name")
    deaf.set_defaults(run=unhear)
    networks = actions.add_parser("networks", help="in which networks cameras are shown as Wemo sensors")
    networks.add_argument(
        "addresses",
        metavar="ADDRESS",
        nargs="*",
        help="show them at these addresses of this machine, and no others",
    )
    networks.add_argument("--none", action="store_true", help="show them nowhere")
    networks.set_defaults(run=set_networks)
    showing = actions.add_parser("show", help="show a camera to the network as a Wemo motion sensor")
    showing.add_argument(
        "--hold",
        type=float,
        default=60.0,
        metavar="S",
        help="on for so long after the last motion (default: 60)",
    )
    showing.set_defaults(run=show_camera)
    hiding = actions.add_parser("hide", help="show it no more")
    hiding.set_defaults(run=hide_camera)
    for action in (showing, hiding):
        action.add_argument("camera", metavar="CAMERA", help="its id or name")
    importing, undoing = _add_imports(actions)
    for action in (looking, adding, hearing, sensors, deaf, networks, showing, hiding, importing, undoing):
        add_data(action)
        action.add_argument("--json", action="store_true", help="JSON on standard output")


def _add_imports(
    actions: "argparse._SubParsersAction[argparse.ArgumentParser]",
) -> tuple[argparse.ArgumentParser, argparse.ArgumentParser]:
    importing = actions.add_parser(
        "import-rules",
        help="take over the rules that the Wemo app kept; without --apply only says what it would do",
    )
    importing.add_argument("file", metavar="FILE", nargs="?", help="the file, zipped or not")
    importing.add_argument("--device", metavar="DEVICE", help="fetch it from this Wemo device instead")
    importing.add_argument("--apply", action="store_true", help="make the rules")
    importing.add_argument("--site", default="home", help="their site (default: home)")
    importing.add_argument(
        "--camera", action="append", default=[], metavar="UUID=CAMERA",
        help="this camera takes the place of that old sensor or NetCam; may be given again",
    )  # fmt: skip
    importing.add_argument("--channel", default="", help="by which channel rules send their messages")
    importing.add_argument(
        "--language", choices=("de", "en"), default="en", help="of the report (default: en)"
    )
    importing.set_defaults(run=import_rules)
    undoing = actions.add_parser("undo-import", help="remove all rules that an import made")
    undoing.add_argument("imported", metavar="ID", nargs="?", help="the import; without it they are listed")
    undoing.set_defaults(run=undo_import)
    return importing, undoing


def show(options: argparse.Namespace) -> int:
    """Lists what answers; ends 1 when nobody does."""
    from wachtel.app.api_client import open_api

    with open_api(options.data) as api:
        found = _found(api, options.host, options.seconds)
    if options.json:
        print(json.dumps({"devices": found}))
    for one in [] if options.json else found:
        print("\t".join((one["kind"], f"{one['host']}:{one['port']}", one["name"] or "-", one["udn"])))
    if not found and not options.json:
        print("No Wemo device answered. Is it plugged in and in the same network?", file=sys.stderr)
    return 0 if found else 1


def add(options: argparse.Namespace) -> int:
    """Adds a device to what rules switch."""
    from wachtel.app.api_client import open_api

    with open_api(options.data) as api:
        device = _chosen(api, options.device, "switched")
        fields = {"udn": device["udn"], "host": device["host"], "port": str(device["port"])}
        if options.self_off:
            fields["self_off_s"] = str(options.self_off * 60)
        body = {
            "name": options.name or device["name"] or device["udn"],
            "site": options.site,
            "kind": "wemo",
            "fields": fields,
            "allow_local": True,
        }
        made = api.call("POST", "/api/v1/actuators", body)
    print(json.dumps(made) if options.json else f"Added {made['name']} ({made['id']}).")
    return 0


def hear(options: argparse.Namespace) -> int:
    """Hears a sensor from now on."""
    from wachtel.app.api_client import open_api

    with open_api(options.data) as api:
        device = _chosen(api, options.device, "senses")
        body = {name: device[name] for name in ("udn", "host", "port")}
        body |= {"label": device["name"], "name": options.name, "site": options.site, "allow_local": True}
        made = api.call("POST", "/api/v1/wemo/sensors", body)
    print(json.dumps(made) if options.json else f"Rules hear it as {made['name']}: on, off or unknown.")
    return 0


def show_sensors(options: argparse.Namespace) -> int:
    """Lists the sensors that are heard."""
    from wachtel.app.api_client import open_api

    with open_api(options.data) as api:
        found = api.call("GET", "/api/v1/wemo/sensors")
    if options.json:
        print(json.dumps(found))
        return 0
    for one in found:
        print("\t".join((one["name"], one["site"], f"{one['host']}:{one['port']}", one["label"], one["udn"])))
    return 0


def unhear(options: argparse.Namespace) -> int:
    """Hears a sensor no more."""
    from wachtel.app.api_client import named, open_api

    with open_api(options.data) as api:
        known = api.call("GET", "/api/v1/wemo/sensors")
        found = next((one for one in known if options.sensor in (one["name"], one["udn"])), None)
        if found is None:
            raise WachtelError(ErrorKind.NOT_FOUND, f"No Wemo sensor called {options.sensor!r} is heard.")
        api.call("DELETE", f"/api/v1/wemo/sensors/{named(found['udn'])}")
    print(json.dumps({"udn": found["udn"]}) if options.json else f"{found['name']} is heard no more.")
    return 0


def set_networks(options: argparse.Namespace) -> int:
    """Shows or sets at which of our addresses cameras are shown."""
    from wachtel.app.api_client import open_api

    with open_api(options.data) as api:
        if options.addresses or options.none:
            body = {"addresses": options.addresses}
            found = api.call("PUT", "/api/v1/wemo/networks", body)
        else:
            found = api.call("GET", "/api/v1/wemo/networks")
    if options.json:
        print(json.dumps(found))
        return 0
    for one in sorted({*found["addresses"], *found["choices"]}):
        trouble = found["troubles"].get(one, "")
        print("\t".join((one, "chosen" if one in found["addresses"] else "not chosen", trouble)).strip())
    return 0


def show_camera(options: argparse.Namespace) -> int:
    """Shows a camera from now on."""
    return _set_camera(options, {"shown": True, "hold_s": options.hold})


def hide_camera(options: argparse.Namespace) -> int:
    """Shows it no more."""
    return _set_camera(options, {"shown": False})


def _set_camera(options: argparse.Namespace, body: dict[str, Any]) -> int:
    from wachtel.app.api_client import named, open_api
    from wachtel.app.cli.rule import find

    with open_api(options.data) as api:
        camera = find(api, "cameras", options.camera)
        found = api.call("PUT", f"/api/v1/cameras/{named(camera['id'])}/wemo", body)
    if options.json:
        print(json.dumps(found))
    elif found["shown"]:
        print(f"{camera['name']} is shown as {found['name']} ({found['serial']}).")
    else:
        print(f"{camera['name']} is not shown.")
    return 0


def import_rules(options: argparse.Namespace) -> int:
    """Says what would become of the old rules, or makes them; ends 1 when nothing can be carried over."""
    from wachtel.app.api_client import open_api
    from wachtel.app.cli.rule import find

    if (options.file is None) == (options.device is None):
        raise WachtelError(ErrorKind.INVALID, "Give either a file or --device.")
    with open_api(options.data) as api:
        cameras = {}
        for pair in options.camera:
            udn, equals, camera = pair.partition("=")
            if not equals:
                raise WachtelError(ErrorKind.INVALID, f"{pair!r} is not UUID=CAMERA.")
            cameras[udn if udn.startswith("uuid:") else f"uuid:{udn}"] = find(api, "cameras", camera)["id"]
        body: dict[str, Any] = {"site": options.site, "cameras": cameras, "dry_run": not options.apply}
        if options.channel:
            body["channel"] = find(api, "channels", options.channel)["id"]
        if options.device is not None:
            device = _chosen(api, options.device, None)
            body["device"] = {name: device[name] for name in ("udn", "host", "port")} | {"allow_local": True}
        else:
            body["file"] = _file(options.file)
        found = api.call("POST", "/api/v1/wemo/rule-imports", body)
    if options.json:
        print(json.dumps(found))
    else:
        _report(found, options.language)
    return 0 if found["rules"] else 1


def _file(name: str) -> str:
    import base64
    from pathlib import Path

    try:
        with Path(name).open("rb") as file:
            return base64.b64encode(file.read((4 << 20) + 1)).decode()
    except OSError as error:
        raise WachtelError(ErrorKind.NOT_FOUND, f"{name} cannot be read: {error.strerror}.") from error


def _report(found: dict[str, Any], language: str) -> None:
    made = bool(found["id"])
    verbs = {"en": ("would be made", "made"), "de": ("würde angelegt", "angelegt")}[language]
    for rule in found["rules"]:
        print(f"+ {rule['name']}: {verbs[made]}")
    for remark in found["remarks"]:
        print(f"{'-' if remark['left'] else '!'} {remark['rule']}: {remark[language]}")
    if made:
        print(f"wachtel wemo undo-import {found['id']}")


def undo_import(options: argparse.Namespace) -> int:
    """Removes what an import made, or lists the imports."""
    from wachtel.app.api_client import named, open_api

    with open_api(options.data) as api:
        if options.imported is not None:
            api.call("DELETE", f"/api/v1/wemo/rule-imports/{named(options.imported)}")
        found = api.call("GET", "/api/v1/wemo/rule-imports")
    if options.json:
        print(json.dumps(found))
    elif options.imported is not None:
        print("Its rules are removed.")
    else:
        for one in found:
            print("\t".join((one["id"], one["at"], one["site"], f"{len(one['rules'])} rules")))
    return 0


def _found(api: "Api", host: str | None, seconds: float = 3.0) -> list[dict[str, Any]]:
    """Typing an address is consent to it, this machine's own included."""
    if host is not None:
        found = api.call("POST", "/api/v1/wemo/look", {"host": host, "allow_local": True})
    else:
        found = api.call("POST", "/api/v1/wemo/search", {"seconds": seconds})
    return list(found)


def _chosen(api: "Api", device: str, can: str | None) -> dict[str, Any]:
    """The device somebody means. Raises `WachtelError` (not_found, conflict)."""
    host, _, port = device.partition(":")
    by_address = host.count(".") == 3 and host.replace(".", "").isdigit()
    found = [one for one in _found(api, host if by_address else None) if can is None or one[can]]
    if by_address:
        chosen = [one for one in found if not port or str(one["port"]) == port]
    else:
        chosen = [
            one for one in found if device in (one["udn"], one["udn"].removeprefix("uuid:"), one["name"])
        ]
    if len(chosen) == 1:
        return chosen[0]
    if chosen:
        raise WachtelError(
            ErrorKind.CONFLICT,
            f"There are {len(chosen)} such devices.",
            hint="Name one by its uuid or its port.",
        )
    raise WachtelError(
        ErrorKind.NOT_FOUND, f"No such Wemo device answers as {device!r}.", hint="See `wachtel wemo list`."
    )
