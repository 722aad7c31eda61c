"""Where the office takes in what people ask of it: reasons, hearing calls, forgetting and relearning.

What is asked is written with the next commit, and with it the answer, which is given after the commit.
"""

from collections.abc import Callable
from typing import Any

from dashboard.commands import (
    Acknowledge,
    Command,
    CommandError,
    CommandResult,
    Forget,
    GiveReason,
    Relearn,
    decode_command,
)
from dashboard.ingest.call_book import Reply
from dashboard.ingest.machine import MachineRecord
from dashboard.ingest.office import Office
from dashboard.ingest.recall import kept_batches
from protocol.moments import to_ms, to_text
from protocol.states import State

AT_THE_PAGE = "somebody at the page"
"""Who acknowledged a call where no name was given."""


class RefusedError(Exception):
    """Raised when a command cannot be done; says why, and what to do instead."""


class Desk:
    """Takes in commands, each once.

    Args:
        office: Whose machines they are about.
    """

    def __init__(self, office: Office) -> None:
        self._office = office
        self._results: list[CommandResult] = []

    def take(self, payload: bytes, *, wall_ms: int) -> None:
        """Do what a command asks, or find out why not; the answer waits for the commit."""
        try:
            command = decode_command(payload)
        except CommandError as error:
            if self._office.share.leads:
                self._results.append(CommandResult(id=error.command, ok=False, message=str(error)))
            return
        if not self._is_mine(command):
            return
        # Of what is not in the history yet a copy would not be known.
        self._office.commit()
        known = self._office.store.answer(command.id)
        if known is not None:
            self._results.append(CommandResult(id=command.id, ok=known.ok, message=known.message))
            return
        try:
            result = CommandResult(id=command.id, ok=True, message=self._do(command, wall_ms))
        except RefusedError as error:
            result = CommandResult(id=command.id, ok=False, message=str(error))
        self._office.writes.commands.append(
            {"id": result.id, "ok": result.ok, "message": result.message, "wall_ms": wall_ms}
        )
        self._results.append(result)

    def _is_mine(self, command: Command) -> bool:
        """Whether it is about a machine of this worker; what is about none is the first one's."""
        office = self._office
        if office.share.alone:
            return True
        run, machine = office.time.run, None
        if isinstance(command, Acknowledge):
            machine = office.calls.machine_of(command.call) if office.calls is not None else None
        else:
            machine = command.machine
            run = command.run if isinstance(command, GiveReason) else run
        return office.share.leads if machine is None else office.fleet.is_mine(run, machine)

    def take_results(self) -> list[CommandResult]:
        """The answers that have not been taken before; true once they are committed."""
        results, self._results = self._results, []
        return results

    def _do(self, command: Command, wall_ms: int) -> str:
        do: dict[type[Any], Callable[[Any, int], str]] = {
            GiveReason: self._give_reason,
            Forget: self._forget,
            Relearn: self._relearn,
            Acknowledge: self._acknowledge,
        }
        return do[type(command)](command, wall_ms)

    def _give_reason(self, command: GiveReason, wall_ms: int) -> str:
        at_ms, named = to_ms(command.at), _named(command.machine, command.run)
        row = self._office.store.machine(command.run, command.machine)
        if row is None:
            raise RefusedError(f"there is no {named}")
        state = self._office.store.state_at(command.run, command.machine, at_ms)
        if state in {State.RUNNING, State.UNKNOWN} or at_ms >= row.known_until_ms:
            what = "running" if state == State.RUNNING else "in a state that is not known"
            raise RefusedError(
                f"{command.machine} was {what} at {to_text(at_ms)}: a reason belongs to a moment of a stop"
            )
        self._office.writes.reasons.append(
            {
                "run": command.run,
                "machine": command.machine,
                "at_ms": at_ms,
                "reason": command.reason,
                "note": command.note,
                "wall_ms": wall_ms,
            }
        )
        stop = f"the stop of {command.machine} at {to_text(at_ms)}"
        return f"{stop}: {command.reason}" if command.reason else f"{stop}: the reason is taken back"

    def _forget(self, command: Forget, _wall_ms: int) -> str:
        record = self._known(command.machine)
        if record.simulated:
            raise RefusedError(
                f"{record.name} is a simulated machine, which its plant would tell of again: "
                f"delete its file simulator/machines/{record.name}.toml instead"
            )
        self._office.fleet.forget(record)
        self._office.heard.forget(record.name)
        return f"{record.name} is forgotten; if it sends again, it begins anew"

    def _relearn(self, command: Relearn, wall_ms: int) -> str:
        record, since_ms = self._known(command.machine), to_ms(command.since)
        how, learned = record.knowledge.how, record.learned
        if how != "learned":
            says = "reports its states itself" if how == "reported" else "says in its birth what tells them"
            raise RefusedError(f"{record.name} {says}: there is nothing to learn")
        if learned is None:
            raise RefusedError(f"{record.name} has learned nothing yet: {record.progress}")
        now_ms = self._office.now_ms(wall_ms)
        if since_ms > now_ms:
            raise RefusedError(
                f"since {to_text(since_ms)} is ahead of the plant clock, which shows {to_text(now_ms)}"
            )
        kept = kept_batches(self._office.store, record)
        kept_from_ms = min((at_ms for at_ms, _ in kept), default=now_ms)
        if max(since_ms, record.since_ms) < kept_from_ms:
            raise RefusedError(
                f"since {to_text(since_ms)}: messages of {record.name} are kept "
                f"from {to_text(kept_from_ms)} on"
            )
        record.learn_anew(since_ms, kept)
        self._office.intake.watch(record)
        return (
            f"{record.name} is learned anew from {to_text(since_ms)} on; "
            f"until that is done, version {learned.version} goes on to hold"
        )

    def _acknowledge(self, command: Acknowledge, wall_ms: int) -> str:
        calls, run = self._office.calls, self._office.time.run
        heard = Reply(at_ms=self._office.now_ms(wall_ms), by=command.by or AT_THE_PAGE)
        call = None if calls is None else calls.acknowledge(run, command.call, heard)
        if call is None or calls is None or call.missed or call.run != run:
            raise RefusedError(f"there is no call {command.call!r} that is open")
        named = f"the call for {call.machine} of {to_text(call.raised_ms)}"
        if call.closed_ms is not None:
            raise RefusedError(f"{named} was closed at {to_text(call.closed_ms)}")
        first = calls.acknowledged(call)
        who = f" by {first.by}" if first is not None and first.by else ""
        return f"{named} is acknowledged{who}"

    def _known(self, machine: str) -> MachineRecord:
        record = self._office.fleet.machine(machine)
        if record is None:
            raise RefusedError(f"there is no {_named(machine, self._office.time.run)}")
        return record


def _named(machine: str, run: str) -> str:
    return f"machine {machine!r} in run {run!r}" if run else f"machine {machine!r}"
