"""Pictures that rules asked for, in ``DATA/rule-pictures/RULE/``; the newest of each rule are kept."""

import re
from pathlib import Path

from wachtel.base.errors import ErrorKind, WachtelError

MOST = 200
_NAME = re.compile(r"[A-Za-z0-9-]{1,100}")


class RulePictures:
    """Blocking; usable by any thread. ``data`` is the data folder."""

    def __init__(self, data: Path) -> None:
        self._root = data / "rule-pictures"

    def keep(self, rule: str, name: str, jpeg: bytes) -> None:
        """Keeping one under a name again replaces it. Raises `WachtelError` (disk_error)."""
        if not (_NAME.fullmatch(rule) and _NAME.fullmatch(name)):
            raise WachtelError(ErrorKind.INVALID, "A picture cannot be kept under this name.")
        folder = self._root / rule
        try:
            folder.mkdir(parents=True, exist_ok=True)
            unfinished = folder / f".{name}.part"
            unfinished.write_bytes(jpeg)
            unfinished.rename(folder / f"{name}.jpg")
            for old in sorted(folder.glob("*.jpg"))[:-MOST]:
                old.unlink(missing_ok=True)
        except OSError as error:
            raise WachtelError(
                ErrorKind.DISK_ERROR, f"A picture cannot be kept: {error.strerror}.", hint="Look at the disk."
            ) from error

    def names(self, rule: str) -> list[str]:
        """The names of a rule's pictures, newest first."""
        return [path.stem for path in reversed(self.all(rule))]

    def read(self, rule: str, name: str) -> bytes | None:
        """A JPEG; None when there is none by that name."""
        if not (_NAME.fullmatch(rule) and _NAME.fullmatch(name)):
            return None
        try:
            return (self._root / rule / f"{name}.jpg").read_bytes()
        except OSError:
            return None

    def all(self, rule: str) -> list[Path]:
        """The pictures of a rule, oldest first."""
        return sorted((self._root / rule).glob("*.jpg")) if _NAME.fullmatch(rule) else []
