"""``wachtel channel``: ways to tell people and programs what happens."""

import argparse
import json
from typing import TYPE_CHECKING, Any

from wachtel.app.cli.options import add_data, say
from wachtel.base.errors import ErrorKind, WachtelError

if TYPE_CHECKING:
    from wachtel.app.api_client import Api

USUAL = (
    "event_began", "event_ended", "camera_offline", "camera_back", "not_recording", "alarm", "alarm_warning",
    "alarm_over", "armed", "disarmed", "channel_failing",
)  # fmt: skip
KINDS = (*USUAL, "duress")

NEEDS = {
    "lan": "It works without the internet.",
    "internet": "It needs the internet, unless the name leads into your own network.",
    "push_service": "It needs the internet and the push service of the browser's maker.",
    None: "What it needs cannot be told.",
}
NEEDS_SHORT = {
    "lan": "needs nothing",
    "internet": "needs the internet",
    "push_service": "needs a push service",
    None: "-",
}


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command."""
    parser = subparsers.add_parser(
        "channel", help="ways to tell people and programs", description="Manages channels for messages."
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    makers = (_add_add, _add_list, _add_on, _add_off, _add_remove, _add_test, _add_address, _add_snooze)
    for action in [make(actions) for make in makers]:
        add_data(action)
        action.add_argument("--json", action="store_true", help="JSON on standard output")


def _add_add(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    parser = actions.add_parser("add", help="add a way to tell; a secret is shown once")
    parser.add_argument("url", metavar="ADDRESS", help="webhook: https://host/path that takes JSON by POST, also http;"
        " ntfy: https://host/topic; email: smtps://host or smtp://host")  # fmt: skip
    parser.add_argument(
        "--kind", default="webhook", metavar="KIND", help="webhook, ntfy or email (default: %(default)s)"
    )
    parser.add_argument(
        "--field", action="append", default=[], metavar="NAME=VALUE",
        help="what the kind wants to know beside the address, may be repeated",
    )  # fmt: skip
    parser.add_argument(
        "--ask", action="append", default=[], metavar="NAME",
        help="ask for this field, without a trace in the shell's history or the list of processes; may be repeated",
    )  # fmt: skip
    parser.add_argument(
        "--camera",
        action="append",
        help="only messages about this camera, may be repeated (default: about every)",
    )
    parser.add_argument("--zone", action="append", help="only events that touch this zone, may be repeated")
    parser.add_argument(
        "--hours", action="append", type=_hours, metavar="DAYS@FROM-TO",
        help="only in these hours, such as mon,tue@18:00-23:00 or daily@22:00-06:00; may be repeated",
    )  # fmt: skip
    parser.add_argument(
        "--quiet", action="append", type=_hours, metavar="DAYS@FROM-TO",
        help="wait in these hours and tell in one afterwards; may be repeated",
    )  # fmt: skip
    parser.add_argument(
        "--per-hour", type=int, help="the most messages an hour, more is bundled; 0: each by itself"
    )
    parser.add_argument(
        "--language", choices=("de", "en"), default="en", help="of its messages (default: %(default)s)"
    )
    parser.add_argument("--name", required=True, help="what people call it")
    parser.add_argument("--site", help="only messages of this site (default: of every site)")
    parser.add_argument(
        "--on", action="append", choices=KINDS, metavar="KIND",
        help=f"a kind of message it wants, may be repeated (default: all of {', '.join(USUAL)}; there is also duress)",
    )  # fmt: skip
    parser.set_defaults(run=add)
    return parser


def _add_list(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    parser = actions.add_parser("list", help="show the channels")
    parser.set_defaults(run=show)
    return parser


def _add_on(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    parser = actions.add_parser("on", help="switch a channel on: it hears of what happens from now on")
    parser.add_argument("channel", metavar="CHANNEL", help="its id or name")
    parser.set_defaults(run=lambda options: _switch(options, on=True))
    return parser


def _add_off(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    parser = actions.add_parser("off", help="switch a channel off and discard its waiting messages")
    parser.add_argument("channel", metavar="CHANNEL", help="its id or name")
    parser.set_defaults(run=lambda options: _switch(options, on=False))
    return parser


def _add_remove(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    parser = actions.add_parser("remove", help="remove a channel with its waiting messages")
    parser.add_argument("channel", metavar="CHANNEL", help="its id or name")
    parser.set_defaults(run=remove)
    return parser


def _add_test(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    parser = actions.add_parser("test", help="send a test message now, by the running server")
    parser.add_argument("channel", metavar="CHANNEL", help="its id or name")
    parser.set_defaults(run=test)
    return parser


def _add_address(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    parser = actions.add_parser(
        "page-address", help="show or say under which address people reach the page, for links in messages"
    )
    parser.add_argument("address", nargs="?", metavar="ADDRESS", help="such as https://wachtel.example.org")
    parser.add_argument("--forget", action="store_true", help="find it out again")
    parser.set_defaults(run=page_address)
    return parser


def _add_snooze(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    parser = actions.add_parser("snooze", help="let a channel, or all about a camera, be quiet for a while")
    parser.add_argument("channel", metavar="CHANNEL", help="its id or name, or all, with --camera")
    parser.add_argument("--camera", help="only about this camera")
    parser.add_argument("--minutes", type=int, default=60, help="for so long (default: %(default)s)")
    parser.add_argument("--end", action="store_true", help="end it now")
    parser.set_defaults(run=snooze)
    return parser


def add(options: argparse.Namespace) -> int:
    """Adds a channel; typing the address is consent to it, this machine's own included."""
    from wachtel.app.api_client import open_api

    body: dict[str, Any] = {
        "kind": options.kind,
        "url": options.url,
        "name": options.name,
        "allow_local": True,
    }
    body |= {"language": options.language, "fields": _fields(options)}
    chosen = {
        "site": options.site,
        "kinds": options.on,
        "cameras": options.camera,
        "zones": options.zone,
        "schedule": options.hours,
        "quiet": options.quiet,
        "per_hour": options.per_hour,
    }
    body |= {name: value for name, value in chosen.items() if value is not None}
    with open_api(options.data) as api:
        channel = api.call("POST", "/api/v1/channels", body)
    if options.json:
        print(json.dumps(channel))
        return 0
    if channel["secret"]:
        say(f"Added the channel {channel['name']} ({channel['id']}). Its secret, shown only this once:")
        print(channel["secret"])
    else:
        say(f"Added the channel {channel['name']} ({channel['id']}). {NEEDS[channel['needs']]}")
    return 0


def _hours(text: str) -> dict[str, Any]:
    """``mon,tue@18:00-23:00`` as the API takes it; the server looks at the rest."""
    days, at, times = text.partition("@")
    start, dash, end = times.partition("-")
    if not (at and dash):
        raise argparse.ArgumentTypeError("hours look like mon,tue@18:00-23:00 or daily@22:00-06:00")
    every = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    return {"days": every if days == "daily" else days.split(","), "start": start, "end": end}


def _fields(options: argparse.Namespace) -> dict[str, str]:
    """Raises `WachtelError` (invalid) for one that is no NAME=VALUE, or cannot be asked for."""
    fields = {}
    for text in options.field:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise WachtelError(ErrorKind.INVALID, f"{name} is no field.", hint="Write --field NAME=VALUE.")
        fields[name] = value
    return fields | {name: _asked(name) for name in options.ask}


def _asked(name: str) -> str:
    import getpass
    import sys

    if sys.stdin.isatty():
        return getpass.getpass(f"{name}: ")
    return sys.stdin.readline(1002).rstrip("\r\n")


def show(options: argparse.Namespace) -> int:
    """Lists the channels with what waits and how the last try went."""
    from wachtel.app.api_client import open_api

    with open_api(options.data) as api:
        channels = api.call("GET", "/api/v1/channels")
    if options.json:
        print(json.dumps(channels))
        return 0
    for channel in channels:
        last = channel["last"]["result"] if channel["last"] else "-"
        columns = (channel["id"], channel["name"], channel["site"] or "*", channel["address"])
        state = f"{channel['waiting']} waiting" if channel["enabled"] else "off"
        print("\t".join((*columns, state, last, channel["kind"], NEEDS_SHORT[channel["needs"]])))
    return 0


def _switch(options: argparse.Namespace, *, on: bool) -> int:
    """Switches a channel off or on."""
    from wachtel.app.api_client import named, open_api

    with open_api(options.data) as api:
        found = _find(api, options.channel)
        channel = api.call("PATCH", f"/api/v1/channels/{named(found['id'])}", {"enabled": on})
    del channel["secret"]
    text = f"The channel {channel['name']} ({channel['id']}) is {'on' if on else 'off'}."
    print(json.dumps(channel) if options.json else text)
    return 0


def remove(options: argparse.Namespace) -> int:
    """Removes a channel."""
    from wachtel.app.api_client import named, open_api

    with open_api(options.data) as api:
        channel = _find(api, options.channel)
        api.call("DELETE", f"/api/v1/channels/{named(channel['id'])}")
    text = f"Removed the channel {channel['name']} ({channel['id']})."
    print(json.dumps({"id": channel["id"], "name": channel["name"]}) if options.json else text)
    return 0


def test(options: argparse.Namespace) -> int:
    """Sends a test message; ends 1 when it was not delivered."""
    from wachtel.app.api_client import named, open_api

    with open_api(options.data) as api:
        channel = _find(api, options.channel)
        delivery = api.call("POST", f"/api/v1/channels/{named(channel['id'])}/test")
    delivered = delivery["result"] == "delivered"
    if options.json:
        print(json.dumps(delivery))
    elif delivered:
        print(f"{channel['name']} took the message within {delivery['duration_ms']} ms.")
    else:
        say(delivery["what"])
    return 0 if delivered else 1


def snooze(options: argparse.Namespace) -> int:
    """Begins to be quiet, or ends that."""
    from wachtel.app.api_client import named, open_api

    if options.channel == "all" and not options.camera:
        raise WachtelError(
            ErrorKind.INVALID, "All channels are quiet about one camera only.", hint="Name it with --camera."
        )
    with open_api(options.data) as api:
        if options.channel == "all":
            path, camera = f"/api/v1/cameras/{named(options.camera)}/snooze", {}
        else:
            path = f"/api/v1/channels/{named(_find(api, options.channel)['id'])}/snooze"
            camera = {"camera": options.camera} if options.camera else {}
        if options.end:
            query = f"?camera={named(options.camera)}" if camera else ""
            api.call("DELETE", path + query)
            print(json.dumps({}) if options.json else "It is told again.")
            return 0
        answer = api.call("PUT", path, {"minutes": options.minutes} | camera)
    print(json.dumps(answer) if options.json else f"Quiet until {answer['until']}; told in one message then.")
    return 0


def page_address(options: argparse.Namespace) -> int:
    """Shows, says or forgets the address for links."""
    from wachtel.app.api_client import open_api

    with open_api(options.data) as api:
        if options.address or options.forget:
            answer = api.call("PUT", "/api/v1/page-address", {"said": options.address})
        else:
            answer = api.call("GET", "/api/v1/page-address")
    print(json.dumps(answer) if options.json else answer["address"] or "not known while the server is off")
    return 0


def _find(api: "Api", wanted: str) -> dict[str, Any]:
    """By id, else by a name that only one channel has."""
    channels: list[dict[str, Any]] = api.call("GET", "/api/v1/channels")
    for key in ("id", "name"):
        found = [channel for channel in channels if channel[key] == wanted]
        if len(found) == 1:
            return found[0]
        if found:
            ids = ", ".join(channel["id"] for channel in found)
            raise WachtelError(
                ErrorKind.CONFLICT, f"Several channels have that name: {ids}.", hint="Say which by its id."
            )
    raise WachtelError(
        ErrorKind.NOT_FOUND, f"There is no channel {wanted!r}.", hint="`wachtel channel list` shows them."
    )
