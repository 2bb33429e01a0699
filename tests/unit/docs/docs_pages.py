"""The pages of the documentation, read for tests."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
REFERENCE = ROOT / "docs/reference"

_FENCE = re.compile(r"^```[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^(#{1,6}) +(.+?)\s*$", re.MULTILINE)
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)|<img[^>]+src=\"([^\"]+)\"")


@dataclass(frozen=True)
class Page:
    """One page of Markdown."""

    path: Path
    text: str

    @property
    def name(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    @property
    def prose(self) -> str:
        """The text without examples in fences and with their places kept."""
        return _FENCE.sub(lambda found: "\n" * found.group().count("\n"), self.text)

    @property
    def links(self) -> list[str]:
        return [first or second for first, second in _LINK.findall(self.prose)]

    @property
    def anchors(self) -> set[str]:
        """The fragments that its headings get."""
        return {anchor(heading) for _, heading in _HEADING.findall(self.prose)}

    def section(self, heading: str) -> str:
        """The text below a heading, up to the next heading of any level. Fails when there is none."""
        found = list(_HEADING.finditer(self.prose))
        for number, match in enumerate(found):
            if match.group(2) == heading:
                end = found[number + 1].start() if number + 1 < len(found) else len(self.prose)
                return self.prose[match.end() : end]
        raise AssertionError(f"{self.name} has no heading {heading!r}")

    def examples(self) -> list[str]:
        """The lines in fences, with lines that end in a backslash joined."""
        blocks = (block.replace("\\\n", " ") for block in _FENCE.findall(self.text))
        return [line.strip() for block in blocks for line in block.splitlines() if line.strip()]


def anchor(heading: str) -> str:
    """The fragment of a heading, as the usual renderers make it."""
    plain = re.sub(r"[`*]", "", heading).lower()
    return re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")


def first_cells(text: str) -> list[str]:
    """The words in backticks in the first cell of every row of the tables in a text, their headings left out."""
    lines = text.splitlines()
    rows = [line for line, below in zip(lines, [*lines[1:], ""], strict=True) if not below.startswith("|---")]
    rows = [line for line in rows if line.startswith("| `")]
    return [word for row in rows for word in re.findall(r"`([^`]+)`", row.split(" | ")[0])]


@cache
def reference(name: str) -> Page:
    """A page of docs/reference."""
    path = REFERENCE / name
    return Page(path, path.read_text())


@cache
def pages() -> tuple[Page, ...]:
    """All pages that people read."""
    found = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "templates").rglob("*.md")]
    return tuple(Page(path, path.read_text()) for path in sorted(found))
