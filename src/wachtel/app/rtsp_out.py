"""RTSP out as main takes part in it: which cameras there are, and what a token may see."""

import asyncio
import socket
from pathlib import Path

from msgspec import structs

from wachtel.accounts.authorisation import may
from wachtel.base.clock import Clock
from wachtel.model.access import Permission, Principal
from wachtel.model.live import CameraChanged
from wachtel.pipeline.engine import Engine
from wachtel.pipeline.gateway.desk import GatewayDesk
from wachtel.pipeline.gateway.messages import AskToken, TokenAnswer
from wachtel.storage.state import State


class RtspOut:
    """Between the engine, the accounts and the gateway worker."""

    def __init__(
        self,
        state: State,
        engine: Engine,
        listener: socket.socket,
        clock: Clock,
        certificate: Path | None = None,
    ) -> None:
        self._state = state
        self._engine = engine
        self.desk = GatewayDesk(listener, clock, self._answer, certificate)
        self._listening: asyncio.Task[None] | None = None
        self._known: dict[tuple[str, str], TokenAnswer] = {}
        self._known_at = -1

    def start(self) -> None:
        """Serves the cameras that run, and those that come."""
        for camera in self._engine.states.cameras():
            self._changed(camera)
        self._listening = asyncio.create_task(self._listen(), name="rtsp cameras")
        self.desk.start()

    async def _listen(self) -> None:
        async for news in self._engine.announcements.subscribe():
            if isinstance(news, CameraChanged):
                self._changed(news.camera)

    def _changed(self, camera: str) -> None:
        streams = tuple(self._engine.states.of(camera))
        tap = self._engine.media.tap_of(camera)
        if streams and tap is not None:
            self.desk.offer(camera, streams, tap)
        else:
            self.desk.withdraw(camera)

    async def _answer(self, question: AskToken) -> TokenAnswer:
        """The gateway asks for each session several times a second: while nobody writes the answer is the same."""
        version = self._state.database.version()
        if version != self._known_at:
            self._known.clear()
            self._known_at = version
        known = self._known.get((question.name, question.camera))
        if known is not None:
            return structs.replace(known, ticket=question.ticket)
        answer = await asyncio.to_thread(self._look_up, question)
        # Only of names there are, so that strangers cannot fill the memory.
        if answer.id and self._known_at == version:
            self._known[(question.name, question.camera)] = answer
        return answer

    def _look_up(self, question: AskToken) -> TokenAnswer:
        known = self._state.tokens.rtsp_secret(question.name)
        if known is None:
            return TokenAnswer(question.ticket)
        token = known.token
        principal = Principal(f"token:{token.id}", token.name, token.scope, token.sites)
        camera = self._state.cameras.get(question.camera)
        allowed = camera is not None and may(principal, Permission.VIEW, camera.site)
        md5, sha256 = (known.digest.md5, known.digest.sha256) if known.digest else ("", "")
        return TokenAnswer(question.ticket, token.id, known.hash, md5, sha256, allowed)

    async def close(self) -> None:
        """Ends all sessions."""
        if self._listening is not None:
            self._listening.cancel()
        await self.desk.stop()
