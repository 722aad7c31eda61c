"""The commands with which a fault begins and ends."""

import argparse
from collections.abc import Callable
from typing import Any

from simulator.faults.catalogue import CATALOGUE


def add_faults(row: Callable[..., argparse.ArgumentParser]) -> None:
    """Add `fault` and `clear`."""
    begin = row(
        "fault",
        "let a machine, one of its sensors or its link fail: `simulator faults` lists what there is",
        _begun,
    )
    begin.add_argument("machine", metavar="MACHINE", help="the machine it is about, e.g. mill-1")
    begin.add_argument("fault", metavar="FAULT", help=", ".join(CATALOGUE))
    begin.add_argument(
        "--severity", type=float, help="from 0 (hardly) to 1 (as bad as it gets) (default: 0.5)"
    )
    begin.add_argument(
        "--duration",
        type=float,
        metavar="SECONDS",
        help="plant seconds until it clears itself (default: as `python -m simulator faults` says)",
    )
    begin.add_argument("--signal", default="", help="of a sensor's fault: the signal, e.g. power_kw")
    end = row("clear", "end a fault: one of a machine, all of a machine, or all", _cleared)
    which = end.add_mutually_exclusive_group(required=True)
    which.add_argument("machine", nargs="?", metavar="MACHINE", help="the machine it is about")
    which.add_argument("--all", action="store_true", help="every fault of every machine")
    end.add_argument("fault", nargs="?", default="", metavar="FAULT", help="that fault alone")
    end.add_argument("--signal", default="", help="that of this signal alone")


def _begun(asked: argparse.Namespace) -> dict[str, Any]:
    return {
        "machine": asked.machine,
        "fault": asked.fault,
        "severity": asked.severity,
        "duration_s": asked.duration,
        "signal": asked.signal,
    }


def _cleared(asked: argparse.Namespace) -> dict[str, Any]:
    return {"machine": asked.machine or "", "fault": asked.fault, "signal": asked.signal}
