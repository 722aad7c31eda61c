"""The pairs of one plan, lived one after the other, and what they say so far in one message."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dashboard.study import LineGain, Mean, Study
from demo.study.pair import Pair, live_pair
from demo.study.plan import HOUR_MS, Plan
from demo.study.study import PLANT, Findings, Versus, findings_of
from simulator.specs.assumptions import Assumptions
from simulator.study.estimate import CONFIDENCE, Estimate

logger = logging.getLogger(__name__)


class Studying:
    """The pairs of one plan after the other.

    Args:
        plan: What is lived until the plant says what it assumes.
        assumptions: What is assumed until then.
        pairs: After so many it rests.
        first_seed: Seed of the first.
    """

    def __init__(self, plan: Plan, assumptions: Assumptions, *, pairs: int, first_seed: int) -> None:
        self.plan = plan
        self._assumptions = assumptions
        self._in_all = pairs
        self._first_seed = first_seed
        self._pairs: list[Pair] = []
        self._known = 0
        """As many pairs were told before of the same plan, by whoever did this before."""

    @property
    def is_done(self) -> bool:
        """Whether all pairs were lived."""
        return len(self._pairs) >= self._in_all

    @property
    def is_news(self) -> bool:
        """Whether more is known than was told."""
        return len(self._pairs) > 0 and len(self._pairs) >= self._known

    def go_on(self) -> None:
        """Live one more pair."""
        self._pairs.append(live_pair(self.plan, self._first_seed + len(self._pairs)))

    def hear(self, said: Mapping[str, Any]) -> None:
        """What the plant assumes: with what changes people, all begins anew.

        Raises:
            ValueError: It is none that this program knows.
        """
        values = {key: tuple(value) if isinstance(value, list) else value for key, value in said.items()}
        unknown = sorted(values.keys() - self._assumptions.by_key.keys())
        if unknown:
            known = ", ".join(self._assumptions.by_key)
            raise ValueError(f"key {unknown[0]!r} is none of the assumptions: known are {known}")
        self._assumptions = self._assumptions.changed(values)
        plan = replace(self.plan, people=self.plan.people.assuming(self._assumptions))
        if plan.digest != self.plan.digest:
            logger.info("the plant assumes something else: the pairs begin anew")
            self.plan, self._pairs, self._known = plan, [], 0

    def recall(self, told: Study) -> None:
        """What was told before: of the same plan nothing is told anew until there is more to tell."""
        if told.digest == self.plan.digest and told.pairs <= self._in_all:
            self._known = told.pairs

    def study(self) -> Study:
        """What the pairs say so far; there is at least one."""
        return study_of(
            self.plan,
            findings_of(self._pairs),
            assumptions=self._assumptions.values,
            pairs_in_all=self._in_all,
        )


def study_of(plan: Plan, found: Findings, *, assumptions: Mapping[str, Any], pairs_in_all: int) -> Study:
    """Findings as they are told."""
    alone = len(found.good) == 1
    whole = next(iter(found.good)) if alone else PLANT
    return Study(
        digest=plan.digest,
        assumptions=dict(assumptions),
        hours=plan.length_ms / HOUR_MS,
        pairs=len(found.seeds),
        pairs_in_all=pairs_in_all,
        first_seed=found.seeds[0],
        confidence=CONFIDENCE,
        lines=[_line(found, line, line) for line in found.good if line != PLANT],
        plant=_line(found, whole, ""),
        phase_hours={phase.value: _mean(one.gain, sign=-1) for phase, one in found.phase_hours.items()},
    )


def _line(found: Findings, key: str, line: str) -> LineGain:
    one: Versus = found.good[key]
    return LineGain(
        line=line,
        plant=_mean(one.plant),
        twin=_mean(one.twin),
        gain=_mean(one.gain),
        ahead=found.ahead[key],
    )


def _mean(one: Estimate, *, sign: int = 1) -> Mean:
    if one.mean is None:
        raise ValueError("there is no pair to tell of")
    ends = None if one.low is None or one.high is None else sorted((sign * one.low, sign * one.high))
    # No gain is +0, whichever was taken from which.
    return Mean(mean=sign * one.mean + 0.0, low=ends[0] if ends else None, high=ends[1] if ends else None)
