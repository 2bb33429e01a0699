"""``wachtel alarm``: the alarm panel of a site."""

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

from wachtel.app.cli.options import add_data
from wachtel.base.errors import ErrorKind, WachtelError

if TYPE_CHECKING:
    from wachtel.app.api_client import Api

KINDS = ("perimeter", "entry", "interior", "always")


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command."""
    parser = subparsers.add_parser(
        "alarm", help="the alarm panel of a site", description="Sets up, arms and disarms an alarm panel."
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    for make in (
        _add_status,
        _add_arm,
        _add_disarm,
        _add_log,
        _add_set_up,
        _add_take_away,
        _add_zone,
        _add_code,
    ):
        make(actions)


def add_code_option(parser: argparse.ArgumentParser) -> None:
    """``--code-stdin``; without it a terminal is asked."""
    parser.add_argument("--code-stdin", action="store_true", help="read the code as a line of standard input")


def _finish(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--site", default="home", help="the site (default: home)")
    add_data(parser)
    parser.add_argument("--json", action="store_true", help="JSON on standard output")


def _add_status(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = actions.add_parser("status", help="what the panel does, and what is open")
    parser.set_defaults(run=status)
    _finish(parser)


def _add_arm(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = actions.add_parser("arm", help="arm the site")
    parser.add_argument(
        "state", choices=("home", "away", "night"), metavar="STATE", help="home, away or night"
    )
    parser.add_argument(
        "--bypass", action="store_true", help="leave out sensors that are open, until it is disarmed"
    )
    add_code_option(parser)
    parser.set_defaults(run=arm)
    _finish(parser)


def _add_disarm(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = actions.add_parser("disarm", help="disarm the site, and end an alarm")
    add_code_option(parser)
    parser.set_defaults(run=disarm)
    _finish(parser)


def _add_log(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = actions.add_parser("log", help="what happened, and who did it")
    parser.add_argument("--limit", type=int, default=50, metavar="N", help="so many lines (default: 50)")
    parser.set_defaults(run=log)
    _finish(parser)


def _add_set_up(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = actions.add_parser("set-up", help="set the panel up, or change it")
    for option, name, words in (
        ("--exit", "exit_delay_s", "seconds to leave"),
        ("--entry", "entry_delay_s", "seconds to disarm after coming home"),
        ("--siren-time", "siren_s", "seconds for which sirens sound at most"),
        ("--confirm-time", "confirm_s", "seconds within which a camera confirms"),
    ):
        parser.add_argument(option, dest=name, type=float, metavar="SECONDS", help=words)
    parser.add_argument("--sirens", dest="most_sirens", type=int, metavar="N",
                        help="so often sirens sound until somebody disarms")  # fmt: skip
    parser.add_argument("--siren", action="append", metavar="ACTUATOR",
                        help="what sounds, may be repeated; replaces those of before")  # fmt: skip
    parser.add_argument(
        "--code-to-arm", choices=("yes", "no"), metavar="YES", help="yes: arming needs a code too"
    )
    parser.set_defaults(run=set_up)
    _finish(parser)


def _add_take_away(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = actions.add_parser("take-away", help="take the panel away, with its codes")
    parser.set_defaults(run=take_away)
    _finish(parser)


def _add_zone(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    group = actions.add_parser("zone", help="its zones", description="Zones of an alarm panel.")
    zones = group.add_subparsers(title="actions", metavar="ACTION", required=True)
    adding = zones.add_parser("add", help="add a zone")
    adding.add_argument("name", metavar="NAME", help="what people call it")
    adding.add_argument("--kind", required=True, choices=KINDS, metavar="KIND", help=", ".join(KINDS))
    for option, what in (
        ("--sensor", "a sensor"),
        ("--camera", "a camera"),
        ("--state", "a state that sets off"),
    ):
        adding.add_argument(option, action="append", default=[], help=f"{what}, may be repeated")
    adding.add_argument("--confirm", action="store_true", help="one sensor alone is only a warning")
    adding.add_argument("--silent", action="store_true", help="no siren")
    adding.set_defaults(run=add_zone)
    removing = zones.add_parser("remove", help="remove a zone")
    removing.add_argument("name", metavar="NAME", help="its name")
    removing.set_defaults(run=remove_zone)
    for action in (adding, removing):
        _finish(action)


def _add_code(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    group = actions.add_parser("code", help="its codes", description="Codes of an alarm panel.")
    codes = group.add_subparsers(title="actions", metavar="ACTION", required=True)
    adding = codes.add_parser("add", help="add a code; it is asked for")
    adding.add_argument("name", metavar="NAME", help="whose it is")
    adding.add_argument("--duress", action="store_true", help="disarms, and sends the message of duress")
    add_code_option(adding)
    adding.set_defaults(run=add_code)
    listing = codes.add_parser("list", help="whose codes there are")
    listing.set_defaults(run=list_codes)
    removing = codes.add_parser("remove", help="remove a code")
    removing.add_argument("code", metavar="ID", help="its id")
    removing.set_defaults(run=remove_code)
    for action in (adding, listing, removing):
        _finish(action)


def status(options: argparse.Namespace) -> int:
    """Shows what the panel does."""
    with _api(options) as api:
        return _show(api.call("GET", _path(options)), options)


def arm(options: argparse.Namespace) -> int:
    """Arms the site."""
    with _api(options) as api:
        code = typed_code(api, options, "code_to_arm")
        body = {"state": options.state, "bypass": options.bypass, "code": code}
        return _show(api.call("POST", f"{_path(options)}/arm", body), options)


def disarm(options: argparse.Namespace) -> int:
    """Disarms the site."""
    with _api(options) as api:
        code = typed_code(api, options, "code_to_disarm")
        return _show(api.call("POST", f"{_path(options)}/disarm", {"code": code}), options)


def typed_code(api: "Api", options: argparse.Namespace, needed: str) -> str:
    """The code, where the panel wants one; "" else."""
    if options.code_stdin:
        return sys.stdin.readline(100).strip()
    if not api.call("GET", _path(options))[needed]:
        return ""
    return _asked("Code: ")


def log(options: argparse.Namespace) -> int:
    """Shows the log, newest first."""
    with _api(options) as api:
        found = api.call("GET", f"{_path(options)}/log?limit={options.limit}")
    if options.json:
        print(json.dumps(found))
        return 0
    for line in found:
        print("\t".join((line["at"], line["kind"], line["who"], line["detail"])))
    return 0


def set_up(options: argparse.Namespace) -> int:
    """Sets the panel up; what no option names stays as it is."""
    from wachtel.app.cli.rule import find

    with _api(options) as api:
        settings = _settings(api, options)
        for name in ("exit_delay_s", "entry_delay_s", "siren_s", "confirm_s", "most_sirens"):
            if getattr(options, name) is not None:
                settings[name] = getattr(options, name)
        if options.siren is not None:
            settings["sirens"] = [find(api, "actuators", siren)["id"] for siren in options.siren]
        if options.code_to_arm is not None:
            settings["code_to_arm"] = options.code_to_arm == "yes"
        return _put(api, options, settings, "The alarm panel is set up.")


def take_away(options: argparse.Namespace) -> int:
    """Takes the panel away."""
    with _api(options) as api:
        api.call("DELETE", f"{_path(options)}/settings")
    print(json.dumps({"site": options.site}) if options.json else "The alarm panel is gone.")
    return 0


def add_zone(options: argparse.Namespace) -> int:
    """Adds a zone."""
    zone: dict[str, Any] = {
        "name": options.name,
        "kind": options.kind,
        "sensors": options.sensor,
        "cameras": options.camera,
        "confirm": options.confirm,
        "siren": not options.silent,
    }
    if options.state:
        zone["states"] = options.state
    with _api(options) as api:
        settings = _settings(api, options)
        settings["zones"].append(zone)
        return _put(api, options, settings, f"Added the zone {options.name}.")


def remove_zone(options: argparse.Namespace) -> int:
    """Removes a zone."""
    with _api(options) as api:
        settings = _settings(api, options)
        left = [zone for zone in settings["zones"] if options.name not in (zone["name"], zone["id"])]
        if len(left) == len(settings["zones"]):
            raise WachtelError(ErrorKind.NOT_FOUND, f"There is no zone {options.name!r}.")
        settings["zones"] = left
        return _put(api, options, settings, f"Removed the zone {options.name}.")


def add_code(options: argparse.Namespace) -> int:
    """Adds a code."""
    code = sys.stdin.readline(100).strip() if options.code_stdin else _asked("New code: ")
    if not options.code_stdin and _asked("The same again: ") != code:
        raise WachtelError(ErrorKind.INVALID, "The two codes differ.")
    with _api(options) as api:
        body = {"name": options.name, "code": code, "duress": options.duress}
        made = api.call("POST", f"{_path(options)}/codes", body)
    print(json.dumps(made) if options.json else f"Added a code of {made['name']} ({made['id']}).")
    return 0


def list_codes(options: argparse.Namespace) -> int:
    """Lists whose codes there are."""
    with _api(options) as api:
        found = api.call("GET", f"{_path(options)}/codes")
    if options.json:
        print(json.dumps(found))
        return 0
    for one in found:
        print("\t".join((one["id"], one["name"], "duress" if one["duress"] else "-", one["created"])))
    return 0


def remove_code(options: argparse.Namespace) -> int:
    """Removes a code."""
    from wachtel.app.api_client import named

    with _api(options) as api:
        api.call("DELETE", f"{_path(options)}/codes/{named(options.code)}")
    print(json.dumps({"id": options.code}) if options.json else "Removed.")
    return 0


def _api(options: argparse.Namespace) -> Any:
    from wachtel.app.api_client import open_api

    return open_api(options.data)


def _path(options: argparse.Namespace) -> str:
    from wachtel.app.api_client import named

    return f"/api/v1/sites/{named(options.site)}/alarm"


def _settings(api: "Api", options: argparse.Namespace) -> dict[str, Any]:
    found: dict[str, Any] = api.call("GET", f"{_path(options)}/settings")
    return {name: value for name, value in found.items() if name not in ("set_up", "channels")}


def _put(api: "Api", options: argparse.Namespace, settings: dict[str, Any], words: str) -> int:
    made = api.call("PUT", f"{_path(options)}/settings", settings)
    print(json.dumps(made) if options.json else words)
    return 0


def _show(found: dict[str, Any], options: argparse.Namespace) -> int:
    if options.json:
        print(json.dumps(found))
        return 0
    print(f"{options.site}: {found['state']}" + (f" until {found['until']}" if found["until"] else ""))
    for name in ("sources", "warned", "bypassed", "open"):
        if found[name]:
            print(f"{name}: {', '.join(found[name])}")
    return 0


def _asked(question: str) -> str:
    import getpass

    if not sys.stdin.isatty():
        raise WachtelError(
            ErrorKind.INVALID, "There is no terminal to ask for the code.", hint="Use --code-stdin."
        )
    return getpass.getpass(question)
