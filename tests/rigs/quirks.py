"""``@quirk("what the device does", "where that is known from")``: marks the test of something real devices do.

The table in docs/reference/quirks.md is made of these marks; see tests/unit/docs/quirk_list.py. A source is an issue or
pull request (``owner/repo#number``), a recorded exchange, or a page with its date.
"""

import pytest


def quirk(what: str, *sources: str) -> pytest.MarkDecorator:
    """For a test, or for one case of `pytest.mark.parametrize` by ``pytest.param(..., marks=quirk(...))``."""
    assert what and sources
    return pytest.mark.quirk(what, *sources)
