"""Which prober is used: the one in a process of its own."""

from wachtel.cameras.trial import DEADLINE_S, device_trial, trial
from wachtel.sources.probe.worker import WorkerProber


def make_prober() -> WorkerProber:
    """A prober for the server and for commands."""
    return WorkerProber(DEADLINE_S, trial=trial, device_trial=device_trial)
