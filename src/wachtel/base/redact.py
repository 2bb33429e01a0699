"""Keeps secrets out of logs, answers and error texts."""

import logging
import re

_CREDENTIALS = re.compile(r"(?P<scheme>\b[a-z][a-z0-9+.-]*://)[^\s/@]*(?:@[^\s/@]*)*@", re.IGNORECASE)
_SECRET_FIELDS = re.compile(
    r"(?P<name>(?:password|passwd|pwd|token|secret|authorization)[\"']?\s*[=:]\s*[\"']?)[^\s\"'&,}]+",
    re.IGNORECASE,
)


def redact(text: str) -> str:
    """The text with user names and passwords in URLs, and values of fields named like a secret, replaced by ``***``."""
    return _SECRET_FIELDS.sub(r"\g<name>***", _CREDENTIALS.sub(r"\g<scheme>***@", text))


class RedactingFilter(logging.Filter):
    """Redacts the finished line, so that no argument of a log call can slip through."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = redact(record.getMessage())
        record.args = ()
        return True
