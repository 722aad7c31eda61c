"""`make fuzz`: hostile inputs for everything that takes some, and a table of what came of them."""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
import time
import warnings
from pathlib import Path

from tests.fuzz.against_document import API_NAME, api_against_its_document
from tests.fuzz.target import Tally, tried
from tests.fuzz.targets import targets
from tests.fuzz.wire import MIB, through_the_wire

ROUND = 200
"""Examples of each target before the next: what time allows is shared among all."""


def main(arguments: list[str] | None = None) -> int:
    """Give everything its hostile inputs, and return the exit code: 1 with any finding."""
    asked = _asked(arguments)
    begun_s = time.monotonic()
    # What is refused is logged as it is for a person who runs it; here it is counted.
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    tallies = _in_process(asked, begun_s)
    memory = ""
    if asked.wire and asked.only in WIRE_NAME:
        with tempfile.TemporaryDirectory() as folder:
            tally, memory = _on_the_wire(Path(folder), asked.seed, asked.wire)
            tallies.append(tally)
    if asked.api and asked.only in API_NAME:
        tallies.append(api_against_its_document(asked.seed, asked.api))
    print(f"\nseed {asked.seed}, {time.monotonic() - begun_s:,.0f} s{memory}\n")
    print(f"{'what':<36} {'tried':>9} {'refused':>9} {'taken':>9} {'exceptions':>10}")
    for one in tallies:
        print(f"{one.name:<36} {one.tried:9,} {one.refused:9,} {one.taken:9,} {len(one.findings):10,}")
    sums = [sum(getattr(one, name) for one in tallies) for name in ("tried", "refused", "taken")]
    findings = [(one.name, finding) for one in tallies for finding in one.findings]
    print(f"{'together':<36} " + " ".join(f"{one:9,}" for one in sums) + f" {len(findings):10,}")
    for name, finding in findings:
        print(f"\n{name}: {finding}")
    return 1 if findings else 0


WIRE_NAME = "broker, ingest and web process"


def _asked(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="of all inputs (default: 1)")
    parser.add_argument(
        "--examples", type=int, default=1_000, help="inputs of each target in this process (default: 1000)"
    )
    parser.add_argument(
        "--seconds",
        type=float,
        default=None,
        help="go on with further seeds for so long (default: one round)",
    )
    parser.add_argument(
        "--wire", type=int, default=5_000, help="messages through a real broker; 0 for none (default: 5000)"
    )
    parser.add_argument(
        "--api",
        type=int,
        default=30,
        help="schemathesis: examples of each operation; 0 for none (default: 30)",
    )
    parser.add_argument("--only", default="", help="targets whose name has this in it")
    return parser.parse_args(arguments)


def _in_process(asked: argparse.Namespace, begun_s: float) -> list[Tally]:
    """Rounds over all targets, until each had its examples or time is over; one that fails is left out."""
    chosen = [(one, Tally(name=one.name)) for one in targets() if asked.only in one.name]
    done = number = 0
    while chosen and (
        done < asked.examples if asked.seconds is None else time.monotonic() - begun_s < asked.seconds
    ):
        examples = ROUND if asked.seconds is not None else min(ROUND, asked.examples - done)
        for target, tally in chosen:
            if not tally.findings:
                tried(target, tally, examples=examples, number=asked.seed * 1_000_000 + number)
        done += examples
        number += 1
        print(f"{done:,} examples of each target, {time.monotonic() - begun_s:,.0f} s", flush=True)
    return [tally for _, tally in chosen]


def _on_the_wire(folder: Path, number: int, messages: int) -> tuple[Tally, str]:
    begun_s = time.monotonic()
    came = through_the_wire(folder, number=number, messages=messages)
    tally = Tally(
        name=WIRE_NAME,
        tried=came.tried,
        refused=came.refused,
        taken=max(came.tried - came.refused, 0),
        took_s=time.monotonic() - begun_s,
        findings=list(came.findings),
    )
    same = "not as without" if came.findings else "the same as without"
    return tally, (
        f"; beside them {came.rows:,} rows of two machines that behave, {same}; "
        f"{came.memory_bytes / MIB:.0f} MiB of memory at most"
    )


if __name__ == "__main__":
    sys.exit(main())
