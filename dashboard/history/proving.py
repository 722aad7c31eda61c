"""One machine's numbers of any window beside the truth, from the history."""

from dataclasses import dataclass

from dashboard.history.numbers import lifetime, numbers_of
from dashboard.history.reader import Reader
from dashboard.history.rows import MachineRow
from dashboard.kpi.basis import Basis
from dashboard.proof.answers import Answer, answers, whole_hours
from dashboard.proof.differences import differences
from dashboard.proof.summary import Proof
from dashboard.proof.verdicts import Verdicts, balance, verdicts


@dataclass(frozen=True, slots=True, kw_only=True)
class Proving:
    """A proof with the verdicts it adds up."""

    machine: MachineRow
    """The machine."""
    proof: Proof
    """What the window adds up to."""
    verdicts: Verdicts
    """Every moment of the machine's own time in the window."""
    answers: list[Answer]
    """What is known beforehand of a machine of the calibration bench; empty for every other."""
    answers_from_ms: int
    """Beginning of the whole hours for which the answers are known, ms since 1970."""
    answers_to_ms: int
    """Their end; the same where the window has no whole hour."""


def proving(reader: Reader, basis: Basis, machine: MachineRow, from_ms: int, to_ms: int) -> Proving:
    """Lay one machine's window beside the truth, from its birth to its retirement."""
    begun_ms, ended_ms = lifetime(machine, from_ms, to_ms)
    knowledge = machine.knowledge
    run, name, margin = machine.run, machine.name, knowledge.reach_ms
    told = reader.since_of_truth(run, name) is not None
    found = verdicts(
        reader.intervals(run, name, begun_ms - margin, ended_ms + margin),
        reader.intervals(run, name, begun_ms - margin, ended_ms, source="truth"),
        knowledge,
        begun_ms,
        ended_ms,
        heard_ms=reader.heard_ms(run, name),
        learning=knowledge.how == "learned" and machine.learned is None,
    )
    planned = basis.planned(machine.path, machine.name, begun_ms, ended_ms)
    both = (
        differences(
            numbers_of(reader, basis, [machine], from_ms, to_ms),
            numbers_of(reader, basis, [machine], from_ms, to_ms, source="truth"),
        )
        if told
        else []
    )
    known = getattr(machine.birth, "answer", None) or {}
    first_ms, last_ms = whole_hours(begun_ms, ended_ms)
    hours = (
        [
            numbers_of(reader, basis, [machine], first_ms, last_ms),
            numbers_of(reader, basis, [machine], first_ms, last_ms, source="truth"),
        ]
        if known and last_ms > first_ms
        else []
    )
    return Proving(
        machine=machine,
        proof=Proof(
            machine=name,
            differences=tuple(both),
            balance=balance(found, planned),
            told=told,
            simulated=machine.simulated,
        ),
        verdicts=found,
        answers=answers(known, *hours) if hours else [],
        answers_from_ms=first_ms,
        answers_to_ms=last_ms,
    )
