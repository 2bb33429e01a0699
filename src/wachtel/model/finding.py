"""One thing a trial found, in words."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ProbeFinding:
    """``level`` is ok, warning or error.

    ``code`` names the sentence and ``details`` the values in it, for the same sentence in another language. The
    ``kind`` of an error is that of the error, of anything else it is the code.
    """

    level: str
    kind: str
    what: str
    hint: str = ""
    code: str = ""
    details: Mapping[str, str] = field(default_factory=dict)
