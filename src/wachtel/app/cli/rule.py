"""``wachtel rule``: what happens by itself."""

import argparse
import json
from typing import TYPE_CHECKING, Any

from wachtel.app.cli.options import add_data, say
from wachtel.base.errors import ErrorKind, WachtelError

if TYPE_CHECKING:
    from wachtel.app.api_client import Api

TRIGGERS = (
    "motion, end, offline, back, not-recording, sunrise[+-MIN], sunset[+-MIN], HH:MM, armed[=STATE], "
    "everybody-away, first-home, home:PERSON, away:PERSON, alarm:STATE, sound[:DB[/MS]], SENSOR=STATE"
)
ACTIONS = (
    "on:ACTUATOR, off:ACTUATOR, dim:ACTUATOR=LEVEL, siren:ACTUATOR, call:ACTUATOR, message:CHANNEL[=TEXT], "
    "publish:TOPIC=TEXT, keep, "
    "snapshot, arm:STATE, preset:CAMERA/PRESET, relay-on:CAMERA/RELAY, relay-off:CAMERA/RELAY"
)
_EVENTS = {
    "motion": "event_began",
    "end": "event_ended",
    "offline": "camera_offline",
    "back": "camera_back",
    "not-recording": "not_recording",
}


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command."""
    parser = subparsers.add_parser(
        "rule",
        help="what happens by itself",
        description="Manages rules: when this, under these conditions, do that.",
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    for make in (_add_add, _add_list, _add_on, _add_off, _add_remove, _add_test, _add_log):
        action = make(actions)
        add_data(action)
        action.add_argument("--json", action="store_true", help="JSON on standard output")


def _add_add(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    parser = actions.add_parser("add", help="add a rule; says which others it quarrels with")
    parser.add_argument("--name", required=True, help="what people call it")
    parser.add_argument("--site", default="home", help="its site (default: home)")
    parser.add_argument(
        "--when", action="append", required=True, metavar="TRIGGER", help=f"any of {TRIGGERS}"
    )
    parser.add_argument("--do", action="append", required=True, metavar="WHAT", help=f"any of {ACTIONS}")
    parser.add_argument("--camera", action="append", default=[], help="only this camera, may be repeated")
    parser.add_argument("--in-zone", action="append", default=[], metavar="ZONE", help="only in this zone")
    parser.add_argument("--at-line", action="append", default=[], metavar="LINE", help="only at this line")
    parser.add_argument("--days", metavar="DAYS", help="only on these days, such as mon,tue")
    parser.add_argument("--hours", metavar="FROM-TO", help="only between, such as 22:00-06:00")
    parser.add_argument("--if-armed", metavar="STATES", help="only when armed so, such as away,night")
    parser.add_argument("--if-light", choices=("dark", "light"), help="only when the sun is down, or up")
    parser.add_argument(
        "--if-home", choices=("somebody", "nobody"), help="only while somebody is home, or nobody"
    )
    parser.add_argument("--if", dest="sensors", action="append", default=[], metavar="SENSOR=STATE",
                        help="only while a sensor is in this state")  # fmt: skip
    parser.add_argument(
        "--off-after", type=float, metavar="MIN", help="off again so many minutes after the reason is over"
    )
    parser.set_defaults(run=add)
    return parser


def _add_list(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    parser = actions.add_parser("list", help="show the rules")
    parser.set_defaults(run=show)
    return parser


def _named(
    actions: "argparse._SubParsersAction[argparse.ArgumentParser]", word: str, text: str, run: Any
) -> argparse.ArgumentParser:
    parser = actions.add_parser(word, help=text)
    parser.add_argument("rule", metavar="RULE", help="its id or name")
    parser.set_defaults(run=run)
    return parser


def _add_on(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    return _named(actions, "on", "switch a rule on", lambda options: _switch(options, on=True))


def _add_off(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    return _named(
        actions, "off", "switch a rule off; what it holds ends", lambda options: _switch(options, on=False)
    )


def _add_remove(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    return _named(actions, "remove", "remove a rule with its log", remove)


def _add_test(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    return _named(
        actions, "test", "tell what it would have done in the last seven days; switches nothing", test
    )


def _add_log(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    return _named(actions, "log", "tell why it did or did not fire, newest first", log)


def add(options: argparse.Namespace) -> int:
    """Adds a rule."""
    from wachtel.app.api_client import open_api

    with open_api(options.data) as api:
        rule = api.call("POST", "/api/v1/rules", _question(options, api))
    if options.json:
        print(json.dumps(rule))
        return 0
    print(f"Added the rule {rule['name']} ({rule['id']}).")
    for one in rule["conflicts"]:
        say(f"It quarrels with the rule {one['name']} in {one['minutes']} minutes of the week.")
    if rule["needs_place"]:
        say("It needs to know where the site lies: wachtel arm --place LATITUDE,LONGITUDE")
    return 0


def _question(options: argparse.Namespace, api: "Api") -> dict[str, Any]:
    conditions: dict[str, Any] = {"sensors": [_pair(text, "sensor", "state") for text in options.sensors]}
    if options.days or options.hours:
        start, _, end = (options.hours or "00:00-24:00").partition("-")
        days = (options.days or "mon,tue,wed,thu,fri,sat,sun").split(",")
        conditions["schedule"] = [{"days": days, "start": start, "end": end}]
    if options.if_armed:
        conditions["armed"] = options.if_armed.split(",")
    if options.if_home:
        conditions["somebody_home"] = options.if_home == "somebody"
    if options.if_light:
        conditions["light"] = options.if_light
    return {
        "name": options.name,
        "site": options.site,
        "triggers": [_trigger(text, options) for text in options.when],
        "conditions": conditions,
        "actions": [_action(text, options, api) for text in options.do],
    }


def _trigger(text: str, options: argparse.Namespace) -> dict[str, Any]:
    if text in _EVENTS:
        found: dict[str, Any] = {"kind": _EVENTS[text], "cameras": options.camera}
        return found | (
            {"zones": options.in_zone, "lines": options.at_line} if text in ("motion", "end") else {}
        )
    for sun in ("sunrise", "sunset"):
        rest = text.removeprefix(sun)
        if rest != text and (not rest or rest[0] in "+-"):
            return {"kind": sun, "offset_min": _number(rest or "0")}
    if text == "armed" or text.startswith("armed="):
        return {"kind": "armed", "armed": text.partition("=")[2] or None}
    if text in ("everybody-away", "first-home"):
        return {"kind": "presence", "state": text.replace("-", "_")}
    word, _, rest = text.partition(":")
    if word in ("home", "away") and rest:
        return {"kind": "presence", "state": word, "person": rest}
    if word == "sound":
        level, _, for_ms = rest.partition("/")
        wish = {"level_db": _number(level or "-30"), "for_ms": _number(for_ms or "300")}
        return {"kind": "sound", "sound": wish, "cameras": options.camera}
    if word == "alarm" and rest:
        return {"kind": "alarm", "state": rest}
    if "=" in text:
        return {"kind": "sensor"} | _pair(text, "sensor", "state")
    if text.replace(":", "").isdecimal():
        return {"kind": "time", "time": text}
    raise WachtelError(ErrorKind.INVALID, f"{text!r} sets nothing off.", hint=f"There are: {TRIGGERS}.")


def _action(text: str, options: argparse.Namespace, api: "Api") -> dict[str, Any]:
    word, _, rest = text.partition(":")
    target, _, value = rest.partition("=")
    after = {} if options.off_after is None else {"off_after_s": options.off_after * 60}
    if word in ("on", "off", "dim", "siren", "call"):
        kind = {"on": "switch", "off": "switch"}.get(word, word)
        found: dict[str, Any] = {
            "kind": kind,
            "target": find(api, "actuators", target)["id"],
            "on": word != "off",
        }
        if word == "dim":
            found["level"] = _number(value)
        return found | (after if word in ("on", "dim", "siren") else {})
    if word == "message":
        return {"kind": "message", "target": find(api, "channels", target)["id"], "text": value}
    if word == "publish":
        return {"kind": "publish", "topic": target, "text": value}
    if word in ("keep", "snapshot"):
        return {"kind": "keep_clip" if word == "keep" else word}
    if word in ("relay-on", "relay-off"):
        found = {"kind": "relay", "target": rest, "on": word == "relay-on"}
        return found | (after if word == "relay-on" else {})
    if word == "preset":
        return {"kind": word, "target": rest}
    if word == "arm":
        return {"kind": word, "armed": rest}
    raise WachtelError(ErrorKind.INVALID, f"{text!r} does nothing.", hint=f"There are: {ACTIONS}.")


def _pair(text: str, left: str, right: str) -> dict[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals and value):
        raise WachtelError(ErrorKind.INVALID, f"{text!r} is not of the form SENSOR=STATE.")
    return {left: name, right: value}


def _number(text: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise WachtelError(ErrorKind.INVALID, f"{text!r} is not a number.") from error


def show(options: argparse.Namespace) -> int:
    """Lists the rules."""
    from wachtel.app.api_client import open_api

    with open_api(options.data) as api:
        rules = api.call("GET", "/api/v1/rules")
    if options.json:
        print(json.dumps(rules))
        return 0
    for rule in rules:
        triggers = ", ".join(one["time"] or one["sensor"] or one["kind"] for one in rule["triggers"])
        actions = ", ".join(one["kind"] for one in rule["actions"])
        state = "on" if rule["enabled"] else "off"
        print("\t".join((rule["id"], rule["name"], rule["site"], triggers, actions, state)))
    return 0


def _switch(options: argparse.Namespace, *, on: bool) -> int:
    from wachtel.app.api_client import named, open_api

    with open_api(options.data) as api:
        found = find(api, "rules", options.rule)
        rule = api.call("PATCH", f"/api/v1/rules/{named(found['id'])}", {"enabled": on})
    print(json.dumps(rule) if options.json else f"The rule {rule['name']} is {'on' if on else 'off'}.")
    return 0


def remove(options: argparse.Namespace) -> int:
    """Removes a rule."""
    from wachtel.app.api_client import named, open_api

    with open_api(options.data) as api:
        found = find(api, "rules", options.rule)
        api.call("DELETE", f"/api/v1/rules/{named(found['id'])}")
    print(json.dumps({"id": found["id"]}) if options.json else f"Removed the rule {found['name']}.")
    return 0


def test(options: argparse.Namespace) -> int:
    """Rehearses a rule over the last seven days."""
    return _lines(options, "rehearsal")


def log(options: argparse.Namespace) -> int:
    """Shows the log of a rule."""
    return _lines(options, "log")


def _lines(options: argparse.Namespace, what: str) -> int:
    from wachtel.app.api_client import named, open_api

    with open_api(options.data) as api:
        found = find(api, "rules", options.rule)
        lines = api.call("GET", f"/api/v1/rules/{named(found['id'])}/{what}")
    if options.json:
        print(json.dumps(lines))
        return 0
    for line in lines:
        orders = line.get("orders", ())
        done = ", ".join(f"{one['action']['kind']} {one['state']}" for one in orders)
        done = done or ", ".join(one["kind"] for one in line.get("actions", ()))
        why = " ".join(word for word in (line["why"], line["detail"]) if word)
        times = f" x{line['times']}" if line.get("times", 1) > 1 else ""
        print("\t".join((line["at"], why + times, line["cause"], done)))
    return 0


def find(api: "Api", what: str, wanted: str) -> dict[str, Any]:
    """By id, else by a name that only one has."""
    everything: list[dict[str, Any]] = api.call("GET", f"/api/v1/{what}")
    for key in ("id", "name"):
        found = [one for one in everything if one[key] == wanted]
        if len(found) == 1:
            return found[0]
        if found:
            raise WachtelError(
                ErrorKind.CONFLICT, f"Several {what} have the name {wanted!r}.", hint="Say which by its id."
            )
    raise WachtelError(ErrorKind.NOT_FOUND, f"There is no {what.removesuffix('s')} {wanted!r}.")
