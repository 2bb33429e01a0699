"""``wachtel camera trust``: the certificates a camera is known by, and accepting another one."""

import argparse
import json


def add_action(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    """Adds the action."""
    parser = actions.add_parser(
        "trust", help="show the certificates a camera is known by, or accept another one"
    )
    parser.add_argument("camera", metavar="CAMERA", help="id or name")
    parser.add_argument("--accept", action="store_true", help="from now on accept what the camera shows now")
    parser.set_defaults(run=trust)
    return parser


def trust(options: argparse.Namespace) -> int:
    """Shows what is known and what the camera shows; ends 1 while something else is shown."""
    from wachtel.app.api_client import named, open_api
    from wachtel.app.cli.camera import find

    with open_api(options.data) as api:
        camera = find(api, options.camera)
        path = f"/api/v1/cameras/{named(camera['id'])}/certificates"
        found = api.call("GET", path)
        if options.accept:
            for one in found["other"]:
                found = api.call("POST", path, {"at": one["at"], "sha256": one["sha256"]})
    if options.json:
        print(json.dumps(found))
    else:
        for one in found["known"]:
            print("\t".join((one["at"], shown(one["sha256"]), f"since {one['since'][:10]}")))
        for one in found["other"]:
            print("\t".join((one["at"], shown(one["sha256"]), "shown now, not accepted")))
    return 1 if found["other"] else 0


def shown(sha256: str) -> str:
    """In pairs with colons."""
    return ":".join(sha256[place : place + 2] for place in range(0, len(sha256), 2)).upper()
