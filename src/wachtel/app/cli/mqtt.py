"""``wachtel mqtt``: the broker of the house, and the sensors at it."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from wachtel.app.cli.options import add_data
from wachtel.base.errors import ErrorKind, WachtelError


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command."""
    parser = subparsers.add_parser(
        "mqtt",
        help="speak to an MQTT broker, as of Home Assistant",
        description="Connects this installation to one MQTT broker. Without one nothing is sent anywhere.",
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    setting = actions.add_parser("set", help="set up the broker and connect")
    _add_settings(setting)
    setting.set_defaults(run=set_up)
    showing = actions.add_parser("show", help="show the broker and how the connection is")
    showing.set_defaults(run=show)
    removing = actions.add_parser("remove", help="forget the broker and take back what lies there")
    removing.set_defaults(run=remove)
    testing = actions.add_parser("test", help="connect once and say what is wrong")
    testing.set_defaults(run=test)
    hearing = actions.add_parser("listen", help="show what is said at the broker, to choose sensors from")
    hearing.add_argument("--seconds", type=float, default=3.0, metavar="N", help="for how long (default: 3)")
    hearing.set_defaults(run=listen)
    sensors = actions.add_parser("sensors", help="show which topics are sensors")
    sensors.set_defaults(run=show_sensors)
    adding = actions.add_parser("add-sensor", help="make a topic a sensor of a site")
    adding.add_argument("topic", metavar="TOPIC", help="the topic, for example zigbee2mqtt/Front door")
    adding.add_argument("--name", required=True, help="what rules call it")
    adding.add_argument("--site", default="home", help="its site (default: home)")
    adding.add_argument("--field", default="", help="the field of a JSON object, for example contact")
    adding.set_defaults(run=add_sensor)
    switching = actions.add_parser("add-switch", help="let rules switch something by the broker")
    switching.add_argument("topic", metavar="TOPIC", help="a device of Zigbee2MQTT, or with --on any topic")
    switching.add_argument("--name", required=True, help="what people call it")
    switching.add_argument("--site", default="home", help="its site (default: home)")
    switching.add_argument("--on", default="", metavar="TEXT", help="what is published to switch it on")
    switching.add_argument("--off", default="", metavar="TEXT", help="what is published to switch it off")
    switching.add_argument(
        "--level", default="", metavar="TEXT", help="the same to dim it; {level} in it becomes 0..100"
    )
    switching.set_defaults(run=add_switch)
    dropping = actions.add_parser("remove-sensor", help="the topic is no sensor any more")
    dropping.add_argument("sensor", metavar="SENSOR", help="its id or name")
    dropping.set_defaults(run=remove_sensor)
    for action in (setting, showing, removing, testing, hearing, sensors, adding, switching, dropping):
        add_data(action)
        action.add_argument("--json", action="store_true", help="JSON on standard output")


def _add_settings(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("host", metavar="HOST", help="the broker's name or address")
    parser.add_argument("--port", type=int, metavar="N", help="its port (default: 1883, with --tls 8883)")
    parser.add_argument("--user", default="", help="the user at the broker")
    parser.add_argument(
        "--password-file", metavar="FILE", help="a file that holds the password, - for standard input"
    )
    parser.add_argument("--tls", action="store_true", help="encrypt the connection")
    parser.add_argument("--ca", metavar="FILE", help="the authority to trust, in PEM (default: the system's)")
    parser.add_argument("--prefix", default="wachtel", help="where our topics lie (default: wachtel)")
    parser.add_argument(
        "--discovery",
        default="homeassistant",
        metavar="PREFIX",
        help="where Home Assistant looks for devices (default: homeassistant)",
    )
    parser.add_argument(
        "--no-control", action="store_true", help="nobody at the broker may switch or arm anything"
    )
    parser.add_argument("--off", action="store_true", help="keep the settings and do not connect")
    parser.add_argument(
        "--language", choices=("de", "en"), default="en", help="of the names at the broker (default: en)"
    )


def set_up(options: argparse.Namespace) -> int:
    """Sets the broker; typing its address is consent to speak to it."""
    from wachtel.app.api_client import open_api

    body: dict[str, Any] = {
        "host": options.host,
        "port": options.port,
        "user": options.user,
        "tls": options.tls,
        "ca": _read(options.ca) if options.ca else "",
        "prefix": options.prefix,
        "discovery": options.discovery,
        "allow_control": not options.no_control,
        "enabled": not options.off,
        "language": options.language,
    }
    if options.password_file:
        body["password"] = _read(options.password_file).rstrip("\r\n")
    with open_api(options.data) as api:
        found = api.call("PUT", "/api/v1/mqtt", body)
    print(json.dumps(found) if options.json else f"The broker is {_shown(found['broker'])}.")
    return 0


def show(options: argparse.Namespace) -> int:
    """Says what is set up and how it goes."""
    from wachtel.app.api_client import open_api

    with open_api(options.data) as api:
        found = api.call("GET", "/api/v1/mqtt")
    print(json.dumps(found) if options.json else _in_words(found))
    return 0


def remove(options: argparse.Namespace) -> int:
    """Forgets the broker."""
    from wachtel.app.api_client import open_api

    with open_api(options.data) as api:
        api.call("DELETE", "/api/v1/mqtt")
    print(json.dumps({}) if options.json else "There is no broker any more; nothing is sent anywhere.")
    return 0


def test(options: argparse.Namespace) -> int:
    """Connects once."""
    from wachtel.app.api_client import open_api

    with open_api(options.data) as api:
        api.call("POST", "/api/v1/mqtt/test")
    print(json.dumps({"ok": True}) if options.json else "The broker lets us in.")
    return 0


def listen(options: argparse.Namespace) -> int:
    """Shows what is said."""
    from wachtel.app.api_client import open_api

    with open_api(options.data) as api:
        found = api.call("POST", f"/api/v1/mqtt/listen?seconds={options.seconds}")
    if options.json:
        print(json.dumps(found))
        return 0
    for one in found:
        fields = ", ".join(f"{field['field'] or 'all'}={field['state']}" for field in one["fields"])
        print("\t".join((one["topic"], fields or "-", one["payload"][:80])))
    return 0


def show_sensors(options: argparse.Namespace) -> int:
    """Lists the sensors."""
    from wachtel.app.api_client import open_api

    with open_api(options.data) as api:
        found = api.call("GET", "/api/v1/mqtt/sensors")
    if options.json:
        print(json.dumps(found))
        return 0
    for one in found:
        print(
            "\t".join((one["id"], one["site"], one["name"], one["topic"], one["field"], one["state"] or "-"))
        )
    return 0


def add_sensor(options: argparse.Namespace) -> int:
    """Adds a sensor."""
    from wachtel.app.api_client import open_api

    body = {"site": options.site, "name": options.name, "topic": options.topic, "field": options.field}
    with open_api(options.data) as api:
        made = api.call("POST", "/api/v1/mqtt/sensors", body)
    print(json.dumps(made) if options.json else f"Added {made['name']} ({made['id']}).")
    return 0


def add_switch(options: argparse.Namespace) -> int:
    """Adds an actuator that is reached by the broker."""
    from wachtel.app.api_client import open_api

    words = {"on": options.on, "off": options.off, "level": options.level}
    fields = {"topic": options.topic} | {name: word for name, word in words.items() if word}
    body = {"name": options.name, "site": options.site, "kind": "mqtt", "fields": fields}
    with open_api(options.data) as api:
        made = api.call("POST", "/api/v1/actuators", body)
    print(json.dumps(made) if options.json else f"Added {made['name']} ({made['id']}).")
    return 0


def remove_sensor(options: argparse.Namespace) -> int:
    """Removes a sensor."""
    from wachtel.app.api_client import named, open_api
    from wachtel.app.cli.rule import find

    with open_api(options.data) as api:
        found = find(api, "mqtt/sensors", options.sensor)
        api.call("DELETE", f"/api/v1/mqtt/sensors/{named(found['id'])}")
    print(json.dumps({"id": found["id"]}) if options.json else f"Removed {found['name']}.")
    return 0


def _read(path: str) -> str:
    try:
        return sys.stdin.read() if path == "-" else Path(path).read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise WachtelError(ErrorKind.INVALID, f"{path} cannot be read.") from error


def _shown(broker: dict[str, Any]) -> str:
    host = f"[{broker['host']}]" if ":" in broker["host"] else broker["host"]
    return f"{'mqtts' if broker['tls'] else 'mqtt'}://{host}:{broker['port']}"


def _in_words(found: dict[str, Any]) -> str:
    if found["broker"] is None:
        return "No broker is set up; nothing is sent anywhere."
    where = _shown(found["broker"])
    if found["connected"]:
        return f"Connected with {where} since {found['since']}."
    if not found["broker"]["enabled"]:
        return f"{where} is set up and switched off."
    trouble = found["trouble"]
    return f"Not connected with {where}. {trouble['what'] + ' ' + trouble['hint'] if trouble else ''}".strip()
