"""A plant that lives through planned faults, and what came of each."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.chaos import acts
from tests.chaos.plant import MINUTE_MS
from tests.chaos.said import NotSaidError, wait_until_said, wait_until_well

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.chaos.faults import Episode, Fault
    from tests.chaos.plant import Plant


@dataclass(frozen=True, slots=True, kw_only=True)
class Befallen:
    """One fault as it came."""

    fault: Fault
    """What was planned."""
    at_ms: int
    """Plant time in the history when it came, in ms after the epoch."""
    back_s: float
    """Real seconds from the end of the last fault of its episode until the history had gone on."""
    said_s: float | None = None
    """Real seconds until the page had said it; None where it was not to."""
    said: str = ""
    """What it said."""
    unsaid: str = ""
    """What it said instead; empty where it said what it was to say."""


def lived_through(plant: Plant, episodes: list[Episode]) -> Iterator[Befallen]:
    """Let one episode after the other befall a plant; what came of each fault."""
    for episode in episodes:
        plant.reach(plant.committed_ms() + episode.after_minutes * MINUTE_MS)
        if any(fault.told for fault in episode.faults):
            wait_until_well(plant)
        time.sleep(episode.after_s)
        at_ms, told = plant.committed_ms(), _live(plant, episode)
        ended_s = time.monotonic()
        # What was on its way when it began may still come; this has not.
        plant.reach(plant.committed_ms() + 2 * MINUTE_MS)
        back_s = time.monotonic() - ended_s
        for fault in episode.faults:
            said_s, said, unsaid = told.get(fault, (None, "", ""))
            yield Befallen(fault=fault, at_ms=at_ms, back_s=back_s, said_s=said_s, said=said, unsaid=unsaid)


def _live(plant: Plant, episode: Episode) -> dict[Fault, tuple[float, str, str]]:
    """Begin and end the faults of an episode, each when it is due; what the page said of them, or instead."""
    told: dict[Fault, tuple[float, str, str]] = {}
    due = [(fault.begins_s, acts.begin, fault) for fault in episode.faults]
    due += [(fault.ends_s, acts.end, fault) for fault in episode.faults]
    begun_s = time.monotonic()
    for at_s, act, fault in sorted(due, key=lambda one: one[0]):
        time.sleep(max(0.0, begun_s + at_s - time.monotonic()))
        if fault.told and act is acts.end:
            said = unsaid = ""
            try:
                said = wait_until_said(plant, fault)
            except NotSaidError as error:
                unsaid = str(error)
            told[fault] = time.monotonic() - begun_s, said, unsaid
        act(plant, fault)
    return told
