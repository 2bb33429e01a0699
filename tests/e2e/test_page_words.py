"""The page has a word for everything the server has a kind for."""

import ast
import re
from pathlib import Path

import pytest

from wachtel.base.errors import ErrorKind
from wachtel.model.message import MessageKind

ROOT = Path(__file__).parents[2]
TYPES = ROOT / "ui/src/api/types.ts"
REASONS = ROOT / "ui/src/i18n/reasons.ts"
SERVER = ROOT / "src/wachtel"
PROBE = SERVER / "sources/probe"


def kinds_of_the_page(name: str) -> set[str]:
    """The words in a list of ``ui/src/api/types.ts``; that each has a translation is for its compiler to see."""
    found = re.search(rf"const {name} = \[(.*?)\] as const", TYPES.read_text(), re.DOTALL)
    assert found, name
    return set(re.findall(r'"(\w+)"', found.group(1)))


def test_errors() -> None:
    assert kinds_of_the_page("ERROR_KINDS") == {kind.value for kind in ErrorKind}


def codes_of_the_server() -> set[str]:
    """Every code an error can have, and what a probe remarks on."""
    source = "".join(file.read_text() for file in SERVER.rglob("*.py"))
    given = re.findall(r"""[(\s]code=(?:"(\w+)"(?: if \w+ else "(\w+)")?)""", source)
    remarks = re.findall(
        r'\.(?:ok|warn)\(\s*"(\w+)"', "".join(file.read_text() for file in PROBE.glob("*.py"))
    )
    assert given and remarks
    return {code for pair in given for code in pair if code} | set(remarks)


def test_every_code_has_german_words() -> None:
    """English readers get the server's own sentence."""
    german = set(re.findall(r"^  (\w+): \((?:of)?\) =>", REASONS.read_text(), re.MULTILINE))
    assert german == codes_of_the_server()


@pytest.mark.parametrize("folder", ["sources", "notifiers", "base"])
def test_every_error_of_a_camera_or_a_receiver_has_a_code(folder: str) -> None:
    """Without one, German readers would get half the truth, or English."""
    bare = [
        f"{file.name}:{call.lineno}"
        for file in (SERVER / folder).rglob("*.py")
        for call in ast.walk(ast.parse(file.read_text()))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "WachtelError"
        if "code" not in {keyword.arg for keyword in call.keywords}
    ]
    known = {"errors.py", "plugins.py", "wire.py", "secret_file.py", "process.py", "tls.py"}
    assert [place for place in bare if place.partition(":")[0] not in known] == []


def test_messages() -> None:
    assert kinds_of_the_page("MESSAGE_KINDS") == {kind.value for kind in MessageKind}
