"""``/api/v1/tokens``: the right to come in, for other programs."""

from typing import Annotated

from fastapi import Path

from wachtel.accounts.tokens import AccessTokens
from wachtel.model.access import Permission, Scope
from wachtel.storage.state.tokens import Token, Tokens
from wachtel.web.answers import Answer, Name, Question, moment
from wachtel.web.door import Door
from wachtel.web.guard import On
from wachtel.web.threads import OneThread


class TokenAnswer(Answer):
    id: str
    name: str
    scope: Scope
    created: str


class NewTokenAnswer(Answer):
    """``token`` is shown this once."""

    id: str
    name: str
    scope: Scope
    token: str


class NewToken(Question):
    name: Name
    scope: Scope = Scope.VIEW


class TokenRoutes:
    """Making and withdrawing tokens."""

    def __init__(self, tokens: Tokens, access_tokens: AccessTokens, database: OneThread) -> None:
        self._tokens = tokens
        self._access_tokens = access_tokens
        self._database = database

    def add_to(self, door: Door) -> None:
        everything = On.INSTALLATION
        door.route("GET", "/api/v1/tokens", self.all, needs=Permission.ADMIN, on=everything)
        door.route("POST", "/api/v1/tokens", self.add, needs=Permission.ADMIN, on=everything, status=201)
        door.route(
            "DELETE", "/api/v1/tokens/{token}", self.remove, needs=Permission.ADMIN, on=everything, status=204
        )

    async def all(self) -> list[TokenAnswer]:
        """Every token, without its secret."""
        return [_answer(token) for token in await self._database.run(self._tokens.all)]

    async def add(self, asked: NewToken) -> NewTokenAnswer:
        """Makes a token; its name is the user name for RTSP and HTTP Basic."""
        issued = await self._database.run(self._access_tokens.issue, asked.name, asked.scope)
        token = issued.token
        return NewTokenAnswer(id=token.id, name=token.name, scope=token.scope, token=issued.secret)

    async def remove(self, token: Annotated[str, Path(max_length=64)]) -> None:
        """Withdraws a token at once."""
        await self._database.run(self._tokens.remove, token)


def _answer(token: Token) -> TokenAnswer:
    return TokenAnswer(id=token.id, name=token.name, scope=token.scope, created=moment(token.created))
