"""What processes cost: CPU seconds and memory of a whole group, as the kernel counts them."""

import os
from pathlib import Path

TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def cpu_s(pid: int) -> float:
    """User and system seconds of a process so far; 0 when it is gone."""
    try:
        fields = (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_S


def pss_mb(pid: int) -> float:
    """Proportional set size: shared pages are divided among those who share them."""
    return _rollup_mb(pid).get("Pss", 0.0)


def own_mb(pid: int) -> float:
    """What a process has written and shares with nobody, whoever else runs the same program meanwhile."""
    return _rollup_mb(pid).get("Private_Dirty", 0.0)


def _rollup_mb(pid: int) -> dict[str, float]:
    """The kernel's sums over all mappings; empty when the process is gone."""
    try:
        text = (Path("/proc") / str(pid) / "smaps_rollup").read_text()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return {}
    lines = (line.split() for line in text.splitlines()[1:])
    return {name.rstrip(":"): int(number) / 1024 for name, number, *_ in lines}
