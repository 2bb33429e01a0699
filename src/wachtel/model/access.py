"""Who may do what."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Scope(StrEnum):
    """What a token or a member may do: look, operate, administer."""

    VIEW = "view"
    CONTROL = "control"
    ADMIN = "admin"


class Permission(IntEnum):
    """What a route asks for. PUBLIC asks for nothing and is declared like every other."""

    PUBLIC = 0
    VIEW = 1
    CONTROL = 2
    ADMIN = 3


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody who proved who they are.

    ``scope`` is what they may do; ``sites`` limits it to some sites, None means all.
    """

    id: str
    name: str
    scope: Scope
    sites: frozenset[str] | None = None
    session: str | None = None
