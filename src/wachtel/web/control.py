"""The door for the command line: whoever may open the control socket owns the box."""

from starlette.types import ASGIApp, Receive, Scope, Send

from wachtel.web.identify import CONTROL


def control_app(app: ASGIApp) -> ASGIApp:
    """The same application, to be served on ``DATA/run/control.sock`` (mode 0600) and nowhere else.

    The right comes from the permission of the socket file; nothing a client sends over TCP leads here.
    """

    async def controlled(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, CONTROL: True}, receive, send)

    return controlled
