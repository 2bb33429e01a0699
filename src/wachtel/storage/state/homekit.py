"""HomeKit in state.sqlite: what the owner set up, and sealed the setup code and the pairings."""

import base64

import msgspec

from wachtel.model.homekit import HomeKit, Setup
from wachtel.storage.state.sealing import Sealer
from wachtel.storage.state.settings import Settings

HOMEKIT, SETUP, PAIRINGS = "homekit", "homekit_setup", "homekit_pairings"


class HomeKitBook:
    """Blocking; usable by any thread."""

    def __init__(self, settings: Settings, sealer: Sealer) -> None:
        self._settings = settings
        self._sealer = sealer

    def get(self) -> HomeKit | None:
        """None when nobody ever switched it on."""
        return self._settings.get(HOMEKIT, HomeKit)

    def put(self, wanted: HomeKit) -> None:
        self._settings.put(HOMEKIT, wanted)

    def setup(self) -> Setup | None:
        """None when there is none yet, or the key file is gone."""
        text = self._opened(SETUP)
        return None if text is None else msgspec.json.decode(text, type=Setup)

    def put_setup(self, setup: Setup) -> None:
        """Raises `WachtelError` (disk_error) when there is no key to seal with."""
        self._seal(SETUP, msgspec.json.encode(setup).decode())

    def pairings(self) -> str | None:
        """The bridge's keys and who is paired with it; None when there are none, or the key file is gone."""
        return self._opened(PAIRINGS)

    def put_pairings(self, text: str) -> None:
        """Raises `WachtelError` (disk_error) when there is no key to seal with."""
        self._seal(PAIRINGS, text)

    def reset(self) -> None:
        """Nobody is paired any more; the next code and the next keys are new ones."""
        self._settings.put(SETUP, None)
        self._settings.put(PAIRINGS, None)

    def _seal(self, name: str, text: str) -> None:
        self._settings.put(name, base64.b64encode(self._sealer.seal(text, name)).decode())

    def _opened(self, name: str) -> str | None:
        sealed = self._settings.get(name, str)
        return None if sealed is None else self._sealer.open(base64.b64decode(sealed), name)
