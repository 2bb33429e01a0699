"""Files of claims, sealed, in ``DATA/claims/CLAIM/SHA256``: receipts with names and addresses on them."""

import hashlib
import shutil
from pathlib import Path

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.storage.files.disk import trouble
from wachtel.storage.files.private_file import sync_folder, write_private
from wachtel.storage.state.sealing import Sealer


class ClaimFiles:
    """Blocking; usable by any thread. ``data`` is the data folder."""

    def __init__(self, data: Path, sealer: Sealer) -> None:
        self._root = data / "claims"
        self._sealer = sealer

    def keep(self, claim: str, content: bytes) -> str:
        """Keeps a file and says under which SHA-256; the same one again changes nothing. It is on the disk when this
        returns. Raises `WachtelError` (disk_error, disk_full)."""
        name = hashlib.sha256(content).hexdigest()
        folder = self._folder(claim)
        sealed = self._sealer.seal_bytes(content, _place(claim, name))
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_private(folder / name, sealed)
            sync_folder(folder.parent)
        except OSError as error:
            raise trouble(error, "keep a file of a claim") from error
        return name

    def read(self, claim: str, name: str) -> bytes:
        """Raises `WachtelError`: not_found, bad_data when it cannot be opened with this key."""
        try:
            sealed = (self._folder(claim) / name).read_bytes()
        except OSError as error:
            raise WachtelError(ErrorKind.NOT_FOUND, "This file is not there.") from error
        content = self._sealer.open_bytes(sealed, _place(claim, name))
        if content is None:
            raise WachtelError(
                ErrorKind.BAD_DATA, "This file cannot be opened.", hint="Put the key file back from a backup."
            )
        return content

    def forget(self, claim: str) -> None:
        """Deletes the files of a claim; harmless when there are none. Raises `WachtelError` (disk_error)."""
        try:
            shutil.rmtree(self._folder(claim))
        except FileNotFoundError:
            return
        except OSError as error:
            raise trouble(error, "delete the files of a claim") from error

    def _folder(self, claim: str) -> Path:
        return self._root / hashlib.sha256(claim.encode()).hexdigest()[:32]


def _place(claim: str, name: str) -> str:
    return f"claim {claim} file {name}"
