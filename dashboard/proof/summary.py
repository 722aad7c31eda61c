"""All machines in one sentence, for who wants to know whether the numbers can be trusted."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil

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
    simulated: bool = True
    """Whether it is a simulated machine; nobody knows the truth of a real one."""

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
    agreeing = [proof for proof in told if not proof.unexplained_ms]
    sentences = [_agreement(len(told), agreeing)]
    sentences += [
        f"{proof.machine} differs for {proof.unexplained_ms / SECOND_MS:g} s that nothing explains."
        for proof in told
        if proof.unexplained_ms
    ]
    for what, simulated in (("real", False), ("simulated", True)):
        without = sum(not proof.told and proof.simulated == simulated for proof in every)
        if without:
            verb = "machine has" if without == 1 else "machines have"
            sentences.append(f"{without} {what} {verb} no truth to compare with.")
    return " ".join(sentences)


def _agreement(told: int, agreeing: list[Proof]) -> str:
    who = f"All {told} machines agree" if told > 1 else "The one machine agrees"
    if len(agreeing) < told:
        who = f"{len(agreeing)} of {told} machines agree"
    exact = sum(proof.exact for proof in agreeing)
    if exact == len(agreeing):
        return f"{who} with what really happened, to the millisecond."
    parts = [f"{exact} to the millisecond"] if exact else []
    offs = [off for proof in agreeing if not proof.exact and (off := proof.utilization_off) is not None]
    if offs:
        parts.append(f"{len(offs)} within {_points(max(offs))} points of utilization")
    if exact + len(offs) < len(agreeing):
        parts.append(f"{len(agreeing) - exact - len(offs)} without a number to compare")
    return f"{who} with what really happened: {', '.join(parts)}."


def _points(off: float) -> str:
    """Percentage points, rounded up to a tenth, so that what is claimed is true."""
    return f"{max(ceil(off * 1_000), 1) / 10:.1f}"
