"""``/api/v1/accounts``: people who may log in."""

from typing import Annotated

from fastapi import Path
from pydantic import Field

from wachtel.accounts.members import Members
from wachtel.accounts.passwords import check_new_password, hash_password
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.model.access import Permission, Scope
from wachtel.storage.state.accounts import Account, Accounts
from wachtel.web.answers import Answer, Name, Question, moment
from wachtel.web.door import Door
from wachtel.web.guard import On
from wachtel.web.threads import OneThread


class MemberAnswer(Answer):
    """``sites`` null: every site."""

    id: str
    name: str
    scope: Scope
    sites: list[str] | None
    created: str


class NewMember(Question):
    name: Name
    password: str = Field(max_length=1000)
    scope: Scope = Scope.VIEW


class MemberChange(Question):
    """Only the fields that are sent are changed; a new password ends every session of that account."""

    password: str | None = Field(default=None, max_length=1000)
    scope: Scope | None = None


class AccountRoutes:
    """Adding and removing people."""

    def __init__(self, accounts: Accounts, members: Members, database: OneThread, hashing: OneThread) -> None:
        self._accounts = accounts
        self._members = members
        self._database = database
        self._hashing = hashing

    def add_to(self, door: Door) -> None:
        path, everything = "/api/v1/accounts", On.INSTALLATION
        door.route("GET", path, self.all, needs=Permission.ADMIN, on=everything)
        door.route("POST", path, self.add, needs=Permission.ADMIN, on=everything, status=201)
        door.route(
            "DELETE", f"{path}/{{account}}", self.remove, needs=Permission.ADMIN, on=everything, status=204
        )
        door.route("PATCH", f"{path}/{{account}}", self.change, needs=Permission.ADMIN, on=everything)

    async def all(self) -> list[MemberAnswer]:
        """Everybody who may log in."""
        return [_answer(account) for account in await self._database.run(self._accounts.all)]

    async def add(self, asked: NewMember) -> MemberAnswer:
        """Adds somebody."""
        check_new_password(asked.password)
        hashed = await self._hashing.run(hash_password, asked.password)
        return _answer(await self._database.run(self._members.add, asked.name, asked.scope, hashed))

    async def change(self, asked: MemberChange, account: Annotated[str, Path(max_length=64)]) -> MemberAnswer:
        """Gives somebody a new password or another scope."""
        if asked.password is not None:
            check_new_password(asked.password)
            hashed = await self._hashing.run(hash_password, asked.password)
            await self._database.run(self._accounts.change_password, account, hashed)
        if asked.scope is not None:
            await self._database.run(self._accounts.change_scope, account, asked.scope)
        changed = await self._database.run(self._accounts.get, account)
        if changed is None:
            raise WachtelError(ErrorKind.NOT_FOUND, "There is no such account.")
        return _answer(changed)

    async def remove(self, account: Annotated[str, Path(max_length=64)]) -> None:
        """Removes somebody and ends their sessions; the last administrator stays."""
        await self._database.run(self._accounts.remove, account)


def _answer(account: Account) -> MemberAnswer:
    sites = None if account.sites is None else sorted(account.sites)
    created = moment(account.created)
    return MemberAnswer(id=account.id, name=account.name, scope=account.scope, sites=sites, created=created)
