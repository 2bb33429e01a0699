"""The page about streams names every finding and every source there is."""

import re
from pathlib import Path

import pytest

from wachtel.base import plugins
from wachtel.sources.probe import findings, trial

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "reference" / "sources.md").read_text()
KINDS = sorted(
    kind
    for module in (findings, trial)
    for kind in re.findall(r"\.(?:ok|warn)\(\s*\"(\w+)\"", Path(str(module.__file__)).read_text())
)


@pytest.mark.parametrize("kind", KINDS)
def test_every_finding_is_documented(kind: str) -> None:
    assert f"`{kind}`" in PAGE


def test_there_are_findings_at_all() -> None:
    assert {"video", "h265", "long_gop", "no_picture"} <= set(KINDS)


@pytest.mark.parametrize("name", sorted(plugins.available("wachtel.sources")))
def test_every_source_is_documented(name: str) -> None:
    assert f"| `{name}` |" in PAGE
