"""Contract suites: what every driver of a kind must do, as classes of tests to inherit from.

Ours run on our own drivers and on the templates, yours run on yours. They need pytest. A suite is a class with
fixtures to fill in; the name of your class must begin with ``Test``.
"""

import pytest

pytest.register_assert_rewrite(
    *(f"wachtel.testing.contracts.{name}" for name in ("source", "camera", "detector", "notifier", "payment"))
)
