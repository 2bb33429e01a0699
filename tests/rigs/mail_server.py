"""A mail server on loopback: it takes mail, or answers as it is told; plain, with STARTTLS, or with TLS."""

import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path
from typing import Any, Self, cast
from unittest.mock import patch

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


@dataclass
class MailServer:
    """``mails`` as they came; ``answer`` is what DATA is answered with, ``takes`` says which recipients exist."""

    certificate: Path | None = None
    from_first_byte: bool = False
    user: str = ""
    password: str = ""
    answer: Callable[[EmailMessage], str] = lambda mail: "250 OK"
    takes: Callable[[str], bool] = lambda address: True
    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    envelopes: list[Envelope] = field(default_factory=list)
    _controller: Controller | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def inbox(self) -> dict[str, EmailMessage]:
        """What a mail program shows that knows repeats by their Message-ID."""
        return {str(mail["Message-ID"]): mail for mail in self.mails}

    def start(self) -> None:
        """Listens, at the same port as before if there was one."""
        context = None
        if self.certificate is not None:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(self.certificate)
        options: dict[str, Any] = {"auth_require_tls": False, "timeout": 20}
        if self.user:
            options |= {"authenticator": self._check, "auth_required": True}
        if context is not None and not self.from_first_byte:
            options |= {"tls_context": context, "require_starttls": True}
        controller = _OnPort(
            self, "127.0.0.1", self.port, ssl_context=context if self.from_first_byte else None, **options
        )
        controller.start()
        self._controller = controller
        server = cast(Any, controller.server)
        self.port = server.sockets[0].getsockname()[1]

    def stop(self) -> None:
        """Nobody listens any more."""
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if not self.takes(address):
            return "550 no such person"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        mail = BytesParser(policy=default).parsebytes(cast(bytes, envelope.content))
        answer = self.answer(mail)
        if answer.startswith("250"):
            self.mails.append(mail)
            self.envelopes.append(envelope)
        return answer

    def _check(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        right = (data.login.decode(), data.password.decode()) == (self.user, self.password)
        return AuthResult(success=right, handled=False, message=None if right else "535 no")


class _OnPort(Controller):
    """On any free port: the original one tries to reach port 0. On loopback nobody minds a log-in without TLS."""

    def factory(self) -> SMTP:
        with patch("aiosmtpd.smtp.warn"):
            return cast(SMTP, super().factory())  # type: ignore[no-untyped-call]

    def _trigger_server(self) -> None:
        server = cast(Any, self.server)
        self.port = server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]
