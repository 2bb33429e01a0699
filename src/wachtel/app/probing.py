"""Which prober is used: the one in a process of its own."""

from wachtel.sources.probe.worker import WorkerProber


def make_prober() -> WorkerProber:
    """A prober for the server and for commands."""
    return WorkerProber()
