"""``wachtel camera``: add, list, remove and try cameras."""

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

from wachtel.app.cli import camera_controls, camera_trust
from wachtel.app.cli.options import add_data, say
from wachtel.base.errors import ErrorKind, WachtelError

if TYPE_CHECKING:
    from wachtel.app.api_client import Api


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command."""
    parser = subparsers.add_parser(
        "camera", help="add, list, remove and try cameras", description="Manages cameras."
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    plain = (
        _add_add(actions),
        _add_list(actions),
        _add_remove(actions),
        _add_record_as(actions),
        _add_probe(actions),
    )
    for action in (*plain, *camera_controls.add_actions(actions), camera_trust.add_action(actions)):
        add_data(action)
        action.add_argument("--json", action="store_true", help="JSON on standard output")
    _add_dump(actions)


def _add_add(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    parser = actions.add_parser("add", help="add a camera; recording begins at once")
    parser.add_argument(
        "url",
        metavar="URL",
        help="rtsp://user:password@host/path, also rtsps, http, https; onvif://user:password@host asks the camera",
    )
    parser.add_argument("--name", required=True, help="what people call it")
    parser.add_argument("--site", help="id of its site (default: the first one)")
    parser.add_argument("--sub", metavar="URL", help="its second, smaller stream")
    parser.add_argument(
        "--mode", choices=("continuous", "events", "off"), help="when to record (default: continuous)"
    )
    parser.set_defaults(run=add)
    return parser


def _add_list(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    parser = actions.add_parser("list", help="show the cameras")
    parser.set_defaults(run=show)
    return parser


def _add_remove(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    parser = actions.add_parser("remove", help="forget a camera; its footage stays")
    parser.add_argument("camera", metavar="CAMERA", help="id or name")
    parser.set_defaults(run=remove)
    return parser


def _add_record_as(
    actions: "argparse._SubParsersAction[argparse.ArgumentParser]",
) -> argparse.ArgumentParser:
    parser = actions.add_parser("record-as", help="in which form Motion JPEG is recorded")
    parser.add_argument("camera", metavar="CAMERA", help="id or name")
    parser.add_argument("form", choices=("as_sent", "h264"), metavar="FORM", help="as_sent or h264")
    parser.set_defaults(run=record_as)
    return parser


def _add_probe(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    parser = actions.add_parser(
        "probe", help="try an address and say in words what is found and what is wrong"
    )
    parser.add_argument("url", metavar="URL")
    parser.set_defaults(run=probe)
    return parser


def _add_dump(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = actions.add_parser("dump", help="write down what a camera is, without a word about you")
    parser.add_argument("url", metavar="URL")
    parser.add_argument("-o", "--output", metavar="FILE", help="where to (default: standard output)")
    parser.set_defaults(run=dump)


def dump(options: argparse.Namespace) -> int:
    """Tries an address and writes a fixture that can be sent to anybody; ends 1 when it gives no picture."""
    import asyncio
    from pathlib import Path

    from wachtel.app.probing import make_prober
    from wachtel.cameras.fixture import fixture_of, write_fixture

    report = asyncio.run(make_prober().probe(options.url, allow_local=True))
    written = write_fixture(fixture_of(options.url, report))
    if options.output is None:
        sys.stdout.write(written.decode())
    else:
        Path(options.output).write_bytes(written)
        say("Look at the file before you send it anywhere: it should hold nothing of yours.")
    return 0 if report.ok else 1


def add(options: argparse.Namespace) -> int:
    """Adds a camera; typing the address is consent to it, this machine's own included."""
    from wachtel.app.api_client import open_api

    body = {"url": options.url, "name": options.name, "allow_local": True}
    chosen = {"site": options.site, "sub_url": options.sub, "mode": options.mode}
    body |= {name: value for name, value in chosen.items() if value is not None}
    with open_api(options.data) as api:
        camera = api.call("POST", "/api/v1/cameras", body)
    if options.json:
        print(json.dumps(camera))
        return 0
    print(f"Added the camera {camera['name']} ({camera['id']}).")
    for one in camera["certificates"]:
        print(f"{one['at']} is known by the certificate {camera_trust.shown(one['sha256'])} from now on.")
    return 0


def show(options: argparse.Namespace) -> int:
    """Lists the cameras with the state of their main stream."""
    from wachtel.app.api_client import open_api

    with open_api(options.data) as api:
        cameras = api.call("GET", "/api/v1/cameras")
    if options.json:
        print(json.dumps(cameras))
        return 0
    for camera in cameras:
        state = camera["streams"]["main"]
        columns = (
            camera["id"],
            camera["name"],
            camera["site"],
            camera["mode"],
            state["condition"],
            camera["url"],
        )
        print("\t".join(columns))
    return 0


def remove(options: argparse.Namespace) -> int:
    """Forgets a camera."""
    from wachtel.app.api_client import named, open_api

    with open_api(options.data) as api:
        camera = find(api, options.camera)
        api.call("DELETE", f"/api/v1/cameras/{named(camera['id'])}")
    text = f"Removed the camera {camera['name']} ({camera['id']}). Its footage stays."
    print(json.dumps({"id": camera["id"], "name": camera["name"]}) if options.json else text)
    return 0


def record_as(options: argparse.Namespace) -> int:
    """Chooses in which form the camera's Motion JPEG is recorded from now on."""
    from wachtel.app.api_client import named, open_api

    with open_api(options.data) as api:
        camera = find(api, options.camera)
        changed = api.call("PATCH", f"/api/v1/cameras/{named(camera['id'])}", {"record_as": options.form})
    form = "H.264" if changed["record_as"] == "h264" else "it sends"
    print(json.dumps(changed) if options.json else f"{changed['name']} is recorded as {form} from now on.")
    return 0


def probe(options: argparse.Namespace) -> int:
    """Tries an address; ends 1 when it gives no picture."""
    report = _probe(options)
    picture = report.pop("picture")
    if options.json:
        print(json.dumps(report | {"has_picture": picture is not None}))
        return 0 if report["ok"] else 1
    for finding in report["findings"]:
        line = " ".join(part for part in (finding["what"], finding["hint"]) if part)
        print(f"{finding['level']}: {line}")
    sys.stdout.flush()
    if not report["ok"]:
        say("This address gives no picture.")
    return 0 if report["ok"] else 1


def _probe(options: argparse.Namespace) -> dict[str, Any]:
    """Asks the running server, which also has the right network; without one tries it here."""
    from wachtel.app.api_client import open_api, server_runs

    if server_runs(options.data):
        with open_api(options.data) as api:
            answer = api.call("POST", "/api/v1/cameras/probe", {"url": options.url, "allow_local": True})
            assert isinstance(answer, dict)
            return answer
    import asyncio

    from wachtel.app.probing import make_prober
    from wachtel.web.cameras import probe_answer

    report = asyncio.run(make_prober().probe(options.url, allow_local=True))
    return probe_answer(report).model_dump()


def find(api: "Api", wanted: str) -> dict[str, Any]:
    """By id, else by a name that only one camera has."""
    cameras: list[dict[str, Any]] = api.call("GET", "/api/v1/cameras")
    for key in ("id", "name"):
        found = [camera for camera in cameras if camera[key] == wanted]
        if len(found) == 1:
            return found[0]
        if found:
            ids = ", ".join(camera["id"] for camera in found)
            raise WachtelError(
                ErrorKind.CONFLICT, f"Several cameras have that name: {ids}.", hint="Say which by its id."
            )
    raise WachtelError(
        ErrorKind.NOT_FOUND, f"There is no camera {wanted!r}.", hint="`wachtel camera list` shows them."
    )
