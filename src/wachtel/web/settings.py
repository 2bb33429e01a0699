"""What the owner of the installation decides about the web door."""

from dataclasses import dataclass
from pathlib import Path

BUILT_PAGE = Path(__file__).parent / "ui"


@dataclass(frozen=True, slots=True)
class WebSettings:
    """``hosts``: further names under which the page may be opened, without port.

    ``page``: folder of the built page.
    """

    hosts: frozenset[str] = frozenset()
    page: Path = BUILT_PAGE


DEFAULT_SETTINGS = WebSettings()
