"""Every package we depend on has its reason in docs/adr/0001-dependencies.md."""

import re
import tomllib

import pytest
from docs_pages import ROOT, Page

PATH = ROOT / "docs/adr/0001-dependencies.md"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def declared(requirements: list[str]) -> set[str]:
    return {re.split(r"[^A-Za-z0-9_.-]", requirement)[0].lower() for requirement in requirements}


def written(heading_row: str) -> set[str]:
    """The names in the first column of the table that begins with this row."""
    text = Page(PATH, PATH.read_text()).text
    table = text[text.index(heading_row) :].split("\n\n")[0]
    cells = [row.split("|")[1] for row in table.splitlines()[2:]]
    return {name.strip() for cell in cells for name in cell.split(",")}


def test_every_run_time_dependency_has_a_reason() -> None:
    assert written("| package | for | why not without |") == declared(PROJECT["dependencies"])


@pytest.mark.parametrize("extra", ["dev"])
def test_every_development_dependency_has_a_reason(extra: str) -> None:
    assert written("| package | for |\n") == declared(PROJECT["optional-dependencies"][extra])


def test_everything_we_only_compare_with_has_a_reason() -> None:
    compared = (ROOT / "requirements/rivals.in").read_text().splitlines()
    assert written("| package | compared with |") == declared(compared)
