"""How a machine's state is known: its control reports it, a threshold tells it, or it is being learned."""

from dataclasses import dataclass, replace
from typing import Literal

from protocol.messages import Birth, Threshold

LEARNING_PERIOD_MS = 60_000
"""For how long a reading of a machine without a birth is evidence, until its period is learned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """How the state of one machine is known."""

    how: Literal["reported", "sensed", "learned"]
    """The word for it, as a birth has it."""
    period_ms: int
    """For how long one reading is evidence of a state, in milliseconds."""
    threshold: Threshold | None = None
    """The signal and the levels that tell running from stopped; None while nothing tells."""
    since_ms: int | None = None
    """From which moment on this holds, ms since 1970; None where it holds for all time."""
    earlier: "Knowledge | None" = None
    """What holds before `since_ms`."""
    least_ms: int = 0
    """How long a state must last that readings alone tell, in milliseconds; a report always counts."""

    @property
    def reach_ms(self) -> int:
        """How far before an edge another state may have begun, in milliseconds."""
        return self.period_ms + self.least_ms

    @property
    def unsure_ms(self) -> int:
        """How much of the newest known time the orderly stream itself may still change, in milliseconds."""
        return 2 * self.period_ms + self.least_ms

    def at(self, at_ms: int) -> "Knowledge":
        """What holds at a moment."""
        knowledge = self
        while knowledge.earlier is not None and knowledge.since_ms is not None and at_ms < knowledge.since_ms:
            knowledge = knowledge.earlier
        return knowledge

    @classmethod
    def reported(cls, period_ms: int) -> "Knowledge":
        """A control reports the state and its changes."""
        return cls(how="reported", period_ms=period_ms)

    @classmethod
    def sensed(cls, threshold: Threshold, period_ms: int) -> "Knowledge":
        """A threshold on a signal tells running from stopped, as the birth says."""
        return cls(how="sensed", period_ms=period_ms, threshold=threshold)

    @classmethod
    def learning(cls, period_ms: int = LEARNING_PERIOD_MS) -> "Knowledge":
        """Nothing tells yet; only what a message itself states is known."""
        return cls(how="learned", period_ms=period_ms)

    @classmethod
    def learned(
        cls,
        threshold: Threshold | None,
        period_ms: int,
        since_ms: int | None = None,
        earlier: "Knowledge | None" = None,
    ) -> "Knowledge":
        """A threshold was learned, or could not be; anew from a moment on where it is not the first."""
        return cls(
            how="learned", period_ms=period_ms, threshold=threshold, since_ms=since_ms, earlier=earlier
        )


def lasting_at_least(knowledge: Knowledge, least_ms: int) -> Knowledge:
    """The same, where readings tell a state only when it lasts."""
    return knowledge if knowledge.how == "reported" else replace(knowledge, least_ms=least_ms)


def knowledge_of(birth: Birth | None) -> Knowledge:
    """How the state of a machine with this birth is known; without one it has to be learned."""
    if birth is None:
        return Knowledge.learning()
    if birth.states == "reported":
        return Knowledge.reported(birth.period_ms)
    if birth.states == "sensed" and birth.threshold is not None:
        return Knowledge.sensed(birth.threshold, birth.period_ms)
    # A birth carries a period even where its sender did not think of one.
    return Knowledge.learning(birth.period_ms)
