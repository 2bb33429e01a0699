"""The page about quirks is made of the marks of their tests, and every recorded exchange has a test that names it."""

from pathlib import Path

import pytest
from quirk_list import KINDS, PAGE, ROOT, marked_quirks, page

AT_LEAST = 25
FOOTAGE = ROOT.parent / "shared/footage"


def test_the_page_is_what_the_tests_say() -> None:
    assert PAGE.read_text() == page(), "run: python tests/unit/docs/quirk_list.py"


def test_there_are_enough_of_them_each_once_and_with_a_source() -> None:
    found = marked_quirks()
    assert len(found) >= AT_LEAST
    assert len({(one.kind, one.what) for one in found}) == len(found)
    for one in found:
        assert one.kind in KINDS and one.sources and all(one.sources), one


@pytest.mark.parametrize("folder", ["rtsp", "pcap", "onvif"])
def test_every_recorded_exchange_has_a_test_that_names_it(folder: str) -> None:
    if not (FOOTAGE / folder).is_dir():
        pytest.skip(f"the recorded exchanges are not here (../shared/footage/{folder})")
    own = Path(__file__)
    tests = [path.read_text() for path in (ROOT / "tests").rglob("test_*.py") if path != own]
    quoted = {f'"{name}"' for path in (FOOTAGE / folder).iterdir() for name in (path.stem, path.name)}
    named = {name.strip('"') for name in quoted if any(name in text for text in tests)}
    missing = [path.name for path in (FOOTAGE / folder).iterdir() if not {path.stem, path.name} & named]
    assert sorted(missing) == [], "new captures need a test that says what is to be read from them"
