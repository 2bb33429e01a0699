"""What is said where no engine runs: the command line works on the data folder alone."""

from wachtel.base.errors import ErrorKind, WachtelError


def not_running() -> WachtelError:
    """There is no engine to ask."""
    return WachtelError(ErrorKind.BUSY, "The server is not running.", hint="Start it with `wachtel serve`.")
