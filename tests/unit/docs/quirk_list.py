"""Reads the marks ``quirk(...)`` out of the tests, and writes the page about them: ``python quirk_list.py``."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs/reference/quirks.md"
KINDS = {"rtsp": "RTSP and SDP", "mjpeg": "Motion JPEG", "onvif": "ONVIF", "netcam": "Wemo NetCam"}
INTRO = """# Quirks of real devices

What cameras do otherwise than they should, and Wachtel takes all the same. Every line has a test, which marks itself;
this page is made of the marks (`python tests/unit/docs/quirk_list.py`). A source is an issue or pull request in a
public repository, a recorded exchange, or a page with its date.
"""


@dataclass(frozen=True, slots=True)
class MarkedQuirk:
    """``test`` is ``path::name``."""

    kind: str
    what: str
    sources: tuple[str, ...]
    test: str


def marked_quirks() -> list[MarkedQuirk]:
    """All of them, in the order of the files."""
    files = sorted(path for path in (ROOT / "tests").rglob("test_*.py") if "quirk(" in path.read_text())
    return [found for path in files for found in _in_file(path)]


def _in_file(path: Path) -> Iterator[MarkedQuirk]:
    for function in ast.walk(ast.parse(path.read_text())):
        if isinstance(function, ast.FunctionDef) and function.name.startswith("test_"):
            for decorator in function.decorator_list:
                for call in ast.walk(decorator):
                    if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "quirk":
                        texts = [ast.literal_eval(one) for one in call.args]
                        kind, _, what = texts[0].partition(": ")
                        test = f"{path.relative_to(ROOT)}::{function.name}"
                        yield MarkedQuirk(kind, what, tuple(texts[1:]), test)


def page() -> str:
    """The whole page."""
    lines = [INTRO]
    for kind, title in KINDS.items():
        rows = [one for one in marked_quirks() if one.kind == kind]
        lines += [f"## {title}\n", "| what it does | known from |", "|---|---|"]
        lines += [f"| {one.what} | {', '.join(map(_link, one.sources))} |" for one in rows]
        lines.append("")
    return "\n".join(lines)


def _link(source: str) -> str:
    repository, sharp, number = source.partition("#")
    if not sharp or not number.isdigit() or repository.count("/") != 1:
        return source
    return f"[{source}](https://github.com/{repository}/issues/{number})"


if __name__ == "__main__":
    PAGE.write_text(page())
