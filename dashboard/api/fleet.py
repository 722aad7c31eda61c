"""Which runs and machines there are, and which messages could not be used."""

from typing import Any

from dashboard.api.question import Question
from dashboard.history.rows import MachineRow, RunRow
from protocol.moments import to_text

REFUSALS = 50


def runs(question: Question) -> list[dict[str, Any]]:
    """All runs, newest first."""
    return [
        {
            "run": run.run,
            "epoch": to_text(run.epoch_ms),
            "now": to_text(run.now_ms),
            "seed": None if run.seed is None else str(run.seed),
        }
        for run in question.sources.reader.runs()
    ]


def machines(question: Question) -> list[dict[str, Any]]:
    """The machines of a run with their newest state."""
    run = question.newest_run
    if run is None:
        return []
    gone = question.choice("retired", ("no", "yes"), "no") == "yes"
    known = question.sources.reader.machines(run.run, retired=gone)
    return [_machine(question, run, machine) for machine in known if (machine.retired_ms is not None) == gone]


def refused(question: Question) -> list[dict[str, Any]]:
    """The newest messages that could not be used."""
    reader = question.sources.reader
    if not reader.runs():
        return []
    return [
        {"at": to_text(one.wall_ms), "topic": one.topic, "reason": one.reason, "head": one.head}
        for one in reader.refusals(REFUSALS)
    ]


def _machine(question: Question, run: RunRow, machine: MachineRow) -> dict[str, Any]:
    newest = question.sources.channel.newest(machine.name, run.run)
    if newest is not None:
        state, cause, since_ms, until_ms = newest
    else:
        # One interval back from the end: what the run's newest moment was.
        from_ms = min(machine.since_ms, run.now_ms - 1)
        intervals = list(question.sources.reader.intervals(run.run, machine.name, from_ms, run.now_ms))
        since_ms, _, last, cause = intervals[-1]
        state, until_ms = last.value, machine.known_until_ms
    return {
        "name": machine.name,
        "path": machine.path,
        "kind": machine.kind,
        "state": state,
        "since": to_text(since_ms),
        "simulated": machine.simulated,
        "cause": cause,
        "how": machine.how,
        "known_until": to_text(until_ms),
        "run": run.run,
    }
