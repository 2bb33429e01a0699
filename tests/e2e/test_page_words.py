"""The page has a word for everything the server has a kind for."""

import re
from pathlib import Path

from wachtel.base.errors import ErrorKind
from wachtel.model.message import MessageKind

ROOT = Path(__file__).parents[2]
TYPES = ROOT / "ui/src/api/types.ts"
PROBE = ROOT / "src/wachtel/sources/probe"


def kinds_of_the_page(name: str) -> set[str]:
    """The words in a list of ``ui/src/api/types.ts``; that each has a translation is for its compiler to see."""
    found = re.search(rf"const {name} = \[(.*?)\] as const", TYPES.read_text(), re.DOTALL)
    assert found, name
    return set(re.findall(r'"(\w+)"', found.group(1)))


def test_errors() -> None:
    assert kinds_of_the_page("ERROR_KINDS") == {kind.value for kind in ErrorKind}


def test_what_a_probe_remarks_on() -> None:
    source = "".join(file.read_text() for file in PROBE.glob("*.py"))
    remarks = set(re.findall(r'\.(?:ok|warn)\(\s*"(\w+)"', source))
    assert remarks
    assert kinds_of_the_page("REMARK_KINDS") == remarks


def test_messages() -> None:
    assert kinds_of_the_page("MESSAGE_KINDS") == {kind.value for kind in MessageKind}
