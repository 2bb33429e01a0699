"""Every command and option is in docs/reference/commands.md, and every command in an example can be typed."""

import argparse
import re
import shlex
from collections.abc import Iterator

import pytest
from docs_pages import ROOT, pages, reference

from wachtel.app.cli import parser

PAGE = reference("commands.md")
EVERYWHERE = {"--help"}


def commands(
    root: argparse.ArgumentParser, words: str = "wachtel"
) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Every command that can be typed, with its parser."""
    deeper = [action for action in root._actions if isinstance(action, argparse._SubParsersAction)]
    for action in deeper:
        for name, child in action.choices.items():
            yield from commands(child, f"{words} {name}")
    if not deeper:
        yield words, root


COMMANDS = dict(commands(parser()))


@pytest.mark.parametrize("words", COMMANDS)
def test_every_command_and_option_is_on_the_page(words: str) -> None:
    section = PAGE.section(words)
    for action in COMMANDS[words]._actions:
        if action.help is argparse.SUPPRESS or EVERYWHERE & set(action.option_strings):
            continue
        long = [option for option in action.option_strings if option.startswith("--")]
        wanted = long[0] if long else str(action.metavar or action.dest)
        missing = wanted not in section and wanted.upper() not in section
        assert not missing, f"{words}: {wanted} is not documented"


def test_no_option_is_documented_that_does_not_exist() -> None:
    for words, command in COMMANDS.items():
        known = {option for action in command._actions for option in action.option_strings}
        written = set(re.findall(r"`(--[a-z-]+)", PAGE.section(words)))
        assert written <= known | {"--help"}, words


def test_no_command_is_documented_that_does_not_exist() -> None:
    written = {line.lstrip("# ") for line in PAGE.text.splitlines() if line.startswith("#")}
    groups = {words.rpartition(" ")[0] for words in COMMANDS}
    assert {words for words in written if words.startswith("wachtel ")} <= COMMANDS.keys() | groups


def typed() -> list[tuple[str, str]]:
    """The commands in examples of all pages."""
    lines = [(page.name, line.removeprefix("$ ")) for page in pages() for line in page.examples()]
    return [(name, line) for name, line in lines if line.startswith(("wachtel ", "scripts/"))]


@pytest.mark.parametrize(("page", "line"), typed())
def test_every_command_in_an_example_can_be_typed(page: str, line: str) -> None:
    words = shlex.split(re.split(r" [|>&]| 2>", line)[0], comments=True)
    if words[0].startswith("scripts/"):
        assert (ROOT / words[0]).is_file(), page
        words = ["wachtel", "demo", *words[1:]] if words[0] == "scripts/demo" else ["wachtel", "demo"]
    try:
        parser().parse_args(words[1:])
    except SystemExit as ended:
        assert ended.code == 0, f"{page}: {line}"


def test_the_readme_names_the_commands_to_begin_with() -> None:
    readme = next(page for page in pages() if page.name == "README.md")
    assert {"scripts/demo", "scripts/test", "wachtel serve"} <= set(readme.examples())
