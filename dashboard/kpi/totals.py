"""Accounts from columns of numbers: of each machine, and of many machines added up, window by window."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dashboard.intervals import STATES, Int64s
from dashboard.kpi.account import FIELDS, Account, total
from dashboard.kpi.pieces import USES, Bools

_PARTS, _REJECTS, _SILENT_PARTS, _IDEAL = (
    FIELDS.index(name) for name in ("parts", "rejects", "silent_parts", "ideal_run_us")
)
_STATES = slice(len(USES), len(USES) + len(STATES))
Ideals = Sequence[int | None]
"""The ideal cycle of each machine, in microseconds; None without one."""


class Flags(NamedTuple):
    """What is known of each machine in a window, or in each of several, beside what adds up."""

    parts: Bools
    """Whether anything counts its parts up to the end of the window."""
    rejects: Bools
    """Whether anything counts its rejects."""
    there: Bools
    """Whether it existed at all."""


def accounts_with(sums: Int64s, ideals_us: Ideals, flags: Flags) -> list[Account]:
    """The account of each machine.

    Args:
        sums: What adds up, in the order of `FIELDS` up to those that need an ideal cycle; one row a machine.
        ideals_us: The ideal cycles.
        flags: In columns of shape (machines,).
    """
    vectors = _with_ideals(sums, ideals_us)
    nothing = np.zeros(len(FIELDS), np.int64)
    planned = vectors[:, _STATES].sum(axis=1).tolist()
    found = []
    for vector, planned_ms, ideal_us, counts_parts, counts_rejects, is_there in zip(
        vectors, planned, ideals_us, *(column.tolist() for column in flags), strict=True
    ):
        if not is_there:
            found.append(Account.empty())
            continue
        paced = vector if ideal_us is not None and counts_parts else nothing
        judged = paced if counts_rejects else nothing
        target = planned_ms * 1_000 / ideal_us if ideal_us is not None else None
        found.append(Account(vector, paced, judged, counts_parts, counts_rejects, ideal_us, target))
    return found


def totals_with(
    sums: Int64s,
    ideals_us: Ideals,
    flags: Flags,
    others: Sequence[Mapping[int, Account]],
) -> list[Account]:
    """The account of all machines together in each window: what `total` makes of the account of each.

    Args:
        sums: What adds up, as in `accounts_with`; shape (windows, machines, fields).
        ideals_us: The ideal cycles.
        flags: In columns of shape (windows, machines).
        others: For each window the accounts of some machines by place, of which the columns say nothing.
    """
    if len(ideals_us) == 1 or any(others):
        # Of one machine everything is as it is, and what is worked out directly is added as it comes.
        return [
            total([mine.get(place, one) for place, one in enumerate(accounts_with(row, ideals_us, said))])
            for row, said, mine in zip(sums, map(Flags._make, zip(*flags, strict=True)), others, strict=True)
        ]
    parts, rejects, there = flags
    has_ideal = np.array([one is not None for one in ideals_us])
    paced = parts & has_ideal
    whole = _sum_of(sums, ideals_us, None)
    of_paced, of_judged = (
        whole if chosen.all() else _sum_of(sums, ideals_us, chosen) for chosen in (paced, paced & rejects)
    )
    # A machine that was not there has no say; one that was has calendar time.
    kinds = np.array([-1 if one is None else one for one in ideals_us])
    planned = sums[..., _STATES].sum(axis=2)
    found = []
    for place in range(len(sums)):
        here = there[place]
        shared, counting = set(kinds[here].tolist()), set(parts[place, here].tolist())
        targets = [
            planned_ms * 1_000 / ideal_us
            for planned_ms, ideal_us in zip(
                planned[place, here & has_ideal].tolist(), kinds[here & has_ideal].tolist(), strict=True
            )
        ]
        ideal_us = shared.pop() if len(shared) == 1 else -1
        found.append(
            Account(
                whole[place],
                of_paced[place],
                of_judged[place],
                bool(parts[place].any()),
                bool(rejects[place].any()),
                None if ideal_us < 0 else ideal_us,
                sum(targets) if targets else None,
                len(counting) > 1,
            )
        )
    return found


def _sum_of(sums: Int64s, ideals_us: Ideals, chosen: Bools | None) -> Int64s:
    """The vector of all machines together in each window, or of those chosen; shape (windows, FIELDS)."""
    if chosen is not None:
        sums = sums * chosen[..., np.newaxis]
    ideal = np.array([one or 0 for one in ideals_us], np.int64)
    vectors = np.empty((len(sums), len(FIELDS)), np.int64)
    vectors[:, :_IDEAL] = sums.sum(axis=1)
    made, scrapped, silent = (sums[..., place] @ ideal for place in (_PARTS, _REJECTS, _SILENT_PARTS))
    vectors[:, _IDEAL:] = np.stack((made - silent, made, made - scrapped), axis=1)
    return vectors


def _with_ideals(sums: Int64s, ideals_us: Ideals) -> Int64s:
    """The same with the fields that need an ideal cycle."""
    ideal: npt.NDArray[np.int64] = np.array([one or 0 for one in ideals_us], np.int64)
    vectors = np.empty((*sums.shape[:-1], len(FIELDS)), np.int64)
    vectors[..., :_IDEAL] = sums
    made, scrapped, silent = (sums[..., place] for place in (_PARTS, _REJECTS, _SILENT_PARTS))
    vectors[..., _IDEAL] = ideal * (made - silent)
    vectors[..., _IDEAL + 1] = ideal * made
    vectors[..., _IDEAL + 2] = ideal * (made - scrapped)
    return vectors
