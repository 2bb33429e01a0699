"""Journal kinds, reasons and entry-point groups are on their page, and the page names nothing else."""

import re
import tomllib

from docs_pages import ROOT, first_cells, reference

from wachtel.base.plugins import GROUPS
from wachtel.media import journal
from wachtel.model.footage import GapReason

PAGE = reference("events.md")


def kinds() -> set[str]:
    """The tags of all lines a journal can hold."""
    lines = (
        kind for kind in vars(journal).values() if isinstance(kind, type) and issubclass(kind, journal.Entry)
    )
    return {
        str(kind.__struct_config__.tag) for kind in lines if kind not in (journal.Entry, journal.UnknownLine)
    }


def test_every_kind_of_line_is_documented_and_no_other() -> None:
    assert set(first_cells(PAGE.section("Journals"))) == kinds()


def test_every_reason_is_documented_and_no_other() -> None:
    assert set(first_cells(PAGE.section("Reasons of a gap"))) == {reason.value for reason in GapReason}
    ends = PAGE.section("Why a file of footage ended")
    assert set(first_cells(ends)) == {closed.value for closed in journal.Closed}


def test_every_entry_point_group_is_documented_with_our_drivers() -> None:
    section = PAGE.section("Entry points")
    assert tuple(sorted(first_cells(section))) == tuple(sorted(GROUPS))
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]
    assert declared.keys() <= set(GROUPS)
    for group in GROUPS:
        row = next(row for row in section.splitlines() if row.startswith(f"| `{group}`"))
        written = set(re.findall(r"`([a-z]+)`", row.partition("installed:")[2]))
        assert written == declared.get(group, {}).keys(), group
