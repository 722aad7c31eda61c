"""All machines in one sentence, for who wants to know whether the numbers can be trusted."""

from collections.abc import Iterable
from dataclasses import dataclass

from dashboard.proof.differences import Difference
from dashboard.proof.verdicts import Balance, Verdict

HIDES_NOTHING = frozenset({Verdict.SAME, Verdict.NO_TRUTH})
SECOND_MS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """One machine in one window, measured against the truth."""

    machine: str
    """Its name."""
    differences: tuple[Difference, ...]
    """Each KPI; empty where there is no truth."""
    balance: dict[Verdict, Balance]
    """What each verdict adds up to in planned time."""
    told: bool
    """Whether there is any truth to compare with."""

    @property
    def exact(self) -> bool:
        """Whether nothing differs in any millisecond."""
        return self.told and not any(
            sums.ms for verdict, sums in self.balance.items() if verdict not in HIDES_NOTHING
        )

    @property
    def unexplained_ms(self) -> int:
        """Time that differs without a reason."""
        return self.balance[Verdict.UNEXPLAINED].ms

    @property
    def utilization_off(self) -> float | None:
        """By how much utilization is off, without its sign; None where it is not defined on both sides."""
        found = next((one.difference for one in self.differences if one.kpi == "utilization"), None)
        return None if found is None else abs(found)


def summary(proofs: Iterable[Proof]) -> str:
    """What the machines of a plant prove together.

    >>> summary([])
    'No machine has been heard of in this window.'
    """
    every = list(proofs)
    if not every:
        return "No machine has been heard of in this window."
    told = [proof for proof in every if proof.told]
    if not told:
        return "Nobody told what really happened in this window, so there is nothing to compare with."
    unexplained = [proof for proof in told if proof.unexplained_ms]
    exact = [proof for proof in told if proof.exact]
    agreeing = [proof for proof in told if not proof.unexplained_ms]
    rest = [proof for proof in agreeing if not proof.exact]
    sentences = [_agreement(len(told), len(agreeing), len(exact), rest)]
    for proof in unexplained:
        sentences.append(
            f"{proof.machine} differs for {proof.unexplained_ms / SECOND_MS:g} s that nothing explains."
        )
    without = len(every) - len(told)
    if without:
        sentences.append(
            f"{without} real {_machines(without)} no truth to compare with."
            if without > 1
            else "1 real machine has no truth to compare with."
        )
    return " ".join(sentences)


def _agreement(told: int, agreeing: int, exact: int, rest: list[Proof]) -> str:
    who = (
        f"{'All' if told > 1 else 'The'} {told if told > 1 else 'one'} {'machines' if told > 1 else 'machine'}"
        if agreeing == told
        else f"{agreeing} of {told} machines"
    )
    verb = "agrees" if told == 1 else "agree"
    parts = []
    if exact == agreeing:
        return f"{who} {verb} with what really happened to the millisecond."
    if exact:
        parts.append(f"{exact} to the millisecond")
    offs = [off for proof in rest if (off := proof.utilization_off) is not None]
    if offs:
        points = max(offs) * 100
        within = "0.1 points" if points <= 0.1 else f"{_up(points)} points"
        parts.append(f"{len(offs)} within {within} of utilization")
    if len(rest) > len(offs):
        parts.append(f"{len(rest) - len(offs)} not measured long enough for a number")
    return f"{who} {verb} with what really happened: {', '.join(parts)}."


def _up(points: float) -> str:
    """Rounded up to a tenth: what is claimed is true."""
    tenths = int(points * 10)
    return f"{(tenths + (points * 10 > tenths)) / 10:.1f}"


def _machines(count: int) -> str:
    return "machines have" if count > 1 else "machine has"
