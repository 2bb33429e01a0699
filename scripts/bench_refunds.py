"""Refund claims decided by ``wachtel refund``: scripts/bench refunds [CLAIMS]. JSON lines.

The command runs as its own process over a file of valid claims; its peak memory is compared with that for a tenth of
them.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

GOAL_S = 20.0
GOAL_GROWTH_KB = 4096
PLANS = ("yearly", "monthly", "yearly")
PLACES = (("DE", "EUR"), ("US", "USD"), ("FR", "EUR"))


def main() -> None:
    """Prints a line for each size, and one for the growth of memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("claims", type=int, nargs="?", default=100_000)
    claims = parser.parse_args().claims
    with tempfile.TemporaryDirectory() as folder:
        small, large = (measure(Path(folder), number) for number in (claims // 10, claims))
    growth = large - small
    print(
        json.dumps(
            {
                "figure": "refunds.growth_kb",
                "value": growth,
                "goal": GOAL_GROWTH_KB,
                "met": growth <= GOAL_GROWTH_KB,
            }
        )
    )


def measure(folder: Path, claims: int) -> int:
    """Decides so many claims; the answer is the peak of memory in KB."""
    path, decided = folder / "claims.json", folder / "decisions.json"
    write(path, claims)
    begin = time.perf_counter()
    with decided.open("wb") as out:
        command = [sys.executable, "-m", "wachtel", "refund", "--policy", "belkin-2020", str(path)]
        process = subprocess.Popen(command, stdout=out)
        _, status, usage = os.wait4(process.pid, 0)
    took = time.perf_counter() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    answered = sum(line.startswith(b'{"id"') and b'"DECIDED"' in line for line in decided.open("rb"))
    if process.returncode or answered != claims:
        raise SystemExit(f"ended with {process.returncode}, {answered} of {claims} decided")
    line = {
        "figure": "refunds.decide_s", "claims": claims, "value": round(took, 2), "goal": GOAL_S, "met": took <= GOAL_S,
        "cpu_s": round(usage.ru_utime + usage.ru_stime, 2), "peak_kb": usage.ru_maxrss,
        "file_mb": round(path.stat().st_size / 1e6, 1),
    }  # fmt: skip
    print(json.dumps(line), flush=True)
    return int(usage.ru_maxrss)


def write(path: Path, claims: int) -> None:
    """Valid claims, each with a subscription and a camera."""
    with path.open("w") as file:
        for number in range(claims):
            file.write(("[" if not number else ",\n") + json.dumps(claim(number)))
        file.write("]\n")


def claim(number: int) -> dict[str, object]:
    """One of many claims that differ."""
    residence, currency = PLACES[number % len(PLACES)]
    camera = {
        "serial": f"SN{number:08d}", "kind": "refund", "bought_on": f"2019-{number % 12 + 1:02d}-11",
        "price": f"{80 + number % 90}.99", "currency": currency, "voucher": "20.00", "dealer_receipt": True,
        "label_received_on": "2020-06-20", "returned_on": "2020-06-25",
    }  # fmt: skip
    plan = {
        "plan": PLANS[number % len(PLANS)], "starts_on": "2019-11-15",
        "ends_on": f"2020-{number % 7 + 6:02d}-15", "receipt": True,
    }  # fmt: skip
    return {
        "id": f"c{number}", "residence": residence, "submitted_at": "2020-06-10T12:00:00",
        "subscription": plan, "cameras": [camera],
    }  # fmt: skip


if __name__ == "__main__":
    main()
