"""The group of pictures a newcomer begins with: everything since the last key frame."""

from typing import Generic, TypeVar

Item = TypeVar("Item")

LARGEST_GROUP_BYTES = 8 << 20
"""A group that grows beyond this is not kept; newcomers begin with the next key frame."""


class NewestGroup(Generic[Item]):
    """Not thread-safe. Empty until a key frame comes, and again after a group that was too large."""

    def __init__(self) -> None:
        self.items: list[Item] = []
        self.size = 0

    def __bool__(self) -> bool:
        return bool(self.items)

    def add(self, item: Item, size: int, *, key: bool) -> None:
        """The next item of ``size`` bytes; a ``key`` begins the group anew."""
        if key:
            self.forget()
        if not key and not self.items:
            return
        self.items.append(item)
        self.size += size
        if self.size > LARGEST_GROUP_BYTES:
            self.forget()

    def forget(self) -> None:
        """What came so far leads to nothing that comes; lists handed out before stay as they are."""
        self.items = []
        self.size = 0
