"""PyPI's oee for what it can do: percentages from sums of time and counts, machine by machine, and rolled up.

It knows no intervals, so its input is what the books have added up already; and it caps performance at 100 %.
The program below runs in an environment of its own and reads the sums as JSON.
"""

import json
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.environments import environment

PACKAGE, PYTHON = "oee==0.2.0", "3.11"
PROGRAM = """
import json, sys, time
from oee import aggregate, oee
windows = json.load(sys.stdin)
spent, found = [], []
for rows in windows:
    began = time.process_time()
    parts = [
        oee(one["observed_ms"], run_time=one["running_ms"], ideal_cycle_time=one["ideal_ms"],
            total_count=one["parts"], reject_count=one["rejects"])
        for one in rows
    ]
    whole = aggregate(parts)
    spent.append(1e3 * (time.process_time() - began))
    found.append([one.oee for one in parts] + [whole.oee])
json.dump({"ms": spent, "oee": found}, sys.stdout)
"""

Sums = dict[str, float]
"""`observed_ms`, `running_ms`, `ideal_ms`, `parts`, `rejects` of one machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What it made of the sums of some windows."""

    ms: list[float]
    """CPU of each window, in milliseconds."""
    oee: list[list[float]]
    """Of each window the OEE of each machine, then that of all of them."""


def asked(windows: Sequence[Sequence[Sums]]) -> Answer:
    """Have it work out the OEE of machines in windows."""
    with tempfile.TemporaryDirectory() as folder:
        python = environment(Path(folder) / "environment", PACKAGE, python=PYTHON) / "python"
        done = subprocess.run(  # noqa: S603 - our own program
            [str(python), "-c", PROGRAM],
            input=json.dumps(windows),
            capture_output=True,
            text=True,
            check=True,
        )
    found = json.loads(done.stdout)
    return Answer(ms=found["ms"], oee=found["oee"])
