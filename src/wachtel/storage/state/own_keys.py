"""Keys that an installation makes for itself once, sealed in state.sqlite."""

import base64
from collections.abc import Callable

from wachtel.storage.state.database import Database
from wachtel.storage.state.sealing import Sealer
from wachtel.storage.state.settings import Settings

LINKS = "key_links"
"""Signs links that whoever has them may open."""

PUSH = "key_push"
"""By it the push services of browser makers know this installation (RFC 8292)."""


class OwnKeys:
    """Blocking; usable by any thread."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._settings = Settings(database)
        self._sealer = sealer

    def get(self, name: str, make: Callable[[], str]) -> str:
        """The key; made anew when there is none, or it was sealed with a key file that is gone.

        Raises `WachtelError` (disk_error) when there is no key file to seal with.
        """
        stored = self._settings.get(name, str)
        found = None if stored is None else self._sealer.open(base64.b64decode(stored), name)
        if found is None:
            found = make()
            self._settings.put(name, base64.b64encode(self._sealer.seal(found, name)).decode())
        return found
