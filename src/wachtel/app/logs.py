"""Where log lines go: standard error, redacted."""

import logging
import sys

from wachtel.base.redact import RedactingFilter


def log_to_stderr(level: int = logging.WARNING) -> None:
    """Sets up logging of this process; secrets never pass."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(RedactingFilter())
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for noisy in ("uvicorn.access", "httpx", "httpcore", "libav"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
