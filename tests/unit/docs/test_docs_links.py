"""Links lead somewhere, and the pages are written plainly."""

import re

import pytest
from docs_pages import ROOT, Page, anchor, pages

PAGES = pages()
LONGEST_LINE = 125
OUTSIDE = ("http://", "https://", "mailto:")
LOUD = re.compile(
    r"\b(seamless\w*|effortless\w*|blazing\w*|cutting-edge|revolutionary|world-class|game-changing|robust|leverag\w+"
    r"|unleash\w*|supercharg\w*|delightful\w*|powerful)\b",
    re.IGNORECASE,
)


def by_name(page: Page) -> str:
    return page.name


@pytest.mark.parametrize("page", PAGES, ids=by_name)
def test_links_between_pages_resolve(page: Page) -> None:
    for link in page.links:
        if link.startswith(OUTSIDE):
            continue
        path, _, fragment = link.partition("#")
        target = (page.path.parent / path).resolve() if path else page.path
        assert target.exists() and target.is_relative_to(ROOT), f"{page.name}: {link}"
        if fragment:
            aimed = Page(target, target.read_text())
            assert fragment in aimed.anchors, f"{page.name}: {link}"


@pytest.mark.parametrize("page", PAGES, ids=by_name)
def test_pages_are_written_plainly(page: Page) -> None:
    assert "\N{EM DASH}" not in page.text, f"{page.name} has a dash where a full stop would do"
    assert LOUD.findall(page.prose) == [], page.name
    longest = max(
        (len(line) for line in page.prose.splitlines() if not line.startswith(("|", "!", "<"))), default=0
    )
    assert longest <= LONGEST_LINE, f"{page.name} has a line of {longest} characters"


@pytest.mark.parametrize("page", PAGES, ids=by_name)
def test_every_page_begins_with_its_title(page: Page) -> None:
    first, *others = (line for line in page.prose.splitlines() if re.match(r"#{1,6} ", line))
    assert first.startswith("# ") and page.text.startswith(first)
    assert not any(line.startswith("# ") for line in others), "one title a page"


def test_every_page_of_the_documentation_is_linked_from_somewhere() -> None:
    linked = {
        (page.path.parent / link.partition("#")[0]).resolve()
        for page in PAGES
        for link in page.links
        if not link.startswith(OUTSIDE)
    }
    folders = {path for path in linked if path.is_dir()}
    lost = [
        page.name
        for page in PAGES
        if page.path.is_relative_to(ROOT / "docs")
        and page.path not in linked
        and page.path.parent not in folders
    ]
    assert lost == []


def test_pictures_are_small() -> None:
    sizes = {path.name: path.stat().st_size for path in (ROOT / "docs/images").iterdir()}
    assert sizes and all(size < 300_000 for size in sizes.values())


def test_anchors_are_made_as_renderers_make_them() -> None:
    assert anchor("Server-sent events") == "server-sent-events"
    assert anchor("`wachtel check`, and more") == "wachtel-check-and-more"
