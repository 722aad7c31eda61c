"""Losses are the same with and without books: waterfall, Pareto, and whatever people say of stops."""

import numpy as np
import pytest
from sqlalchemy import Engine, insert, update

from benchmarks.year import RUN
from dashboard.history import tables
from dashboard.history.lost import LossBook, Lost
from dashboard.losses.reasons import Reasons
from dashboard.losses.stops import MachineStop
from tests.history.both import BASIS, DAY_MS, HOUR_MS, SMALL, Both, rewrite, windows

REASONS = Reasons.of("""
[[reason]]
name = "coffee"
loss = "idle"
[[reason]]
name = "die change"
loss = "setup"
[[reason]]
name = "broken"
loss = "down"
[[reason]]
name = "anything"
[[rule]]
if = { state = "stopped", from = "20:00", to = "07:30", longer_than_s = 60 }
reason = "coffee"
[[rule]]
if = { state = "stopped", longer_than_s = 400 }
reason = "broken"
[[rule]]
if = { cause = ["jam", ""], shorter_than_s = 90, line = "pressing" }
reason = "anything"
[[rule]]
if = { cause = "starved", machine = "machine-001" }
reason = "die change"
""")


class Losses:
    """The losses of a history, with books and without."""

    def __init__(self, both: Both) -> None:
        self.both = both
        self.quick, self.plain = (
            LossBook(reader=reader, basis=BASIS, reasons=REASONS) for reader in (both.quick, both.plain)
        )

    def agree(self, from_ms: int, to_ms: int) -> Lost:
        """See that both say the same; returns what they say."""
        machines = self.both.machines()
        quick, plain = (book.lost(machines, from_ms, to_ms) for book in (self.quick, self.plain))
        assert quick.totals == plain.totals
        assert quick.rows == plain.rows
        assert quick.booked.entries == plain.booked.entries
        assert quick.pareto("time") == plain.pareto("time")
        assert quick.pareto("count") == plain.pareto("count")
        return quick

    def stops(self, number: int) -> list[MachineStop]:
        """All stops of a machine."""
        return self.plain.stops([self.both.machines()[number]], SMALL.from_ms, SMALL.to_ms)


@pytest.fixture
def losses(both: Both) -> Losses:
    both.books.keep()
    return Losses(both)


def say(engine: Engine, stop: MachineStop, reason: str) -> None:
    """Give a stop a reason, as the page does: at its last moment."""
    row = {"run": RUN, "machine": stop.machine, "at_ms": stop.end_ms - 1, "reason": reason}
    with engine.begin() as connection:
        connection.execute(insert(tables.reasons), {**row, "note": "", "wall_ms": 0})


def test_the_losses_of_any_window_are_the_same_with_and_without_books(losses: Losses) -> None:
    for window in windows(12):
        losses.agree(*window)

    said = {words for (_, _, words) in losses.agree(SMALL.from_ms, SMALL.to_ms).booked.entries}
    assert {"coffee", "broken", "anything", "die change", "jam", "starved", "cause not told"} <= said


def test_windows_that_begin_and_end_with_a_stop_or_within_one(losses: Losses) -> None:
    stops = losses.stops(0)[40:44] + losses.stops(2)[40:42]
    for stop in stops:
        for from_ms, to_ms in (
            (stop.start_ms, stop.end_ms),
            (stop.start_ms, stop.end_ms + 1),
            (stop.start_ms - 1, stop.end_ms),
            (stop.start_ms + 1, stop.end_ms - 1),
            (stop.start_ms + 1, stop.end_ms + DAY_MS),
            (stop.start_ms - DAY_MS, stop.end_ms - 1),
            (stop.start_ms - DAY_MS, stop.start_ms),
            (stop.end_ms, stop.end_ms + DAY_MS),
        ):
            if from_ms < to_ms:
                losses.agree(from_ms, to_ms)


def test_what_people_say_of_settled_stops_counts_at_once_and_can_be_taken_back(losses: Losses) -> None:
    engine = losses.both.writing()
    before = losses.agree(SMALL.from_ms, SMALL.to_ms)
    sensed = [one for one in losses.stops(2) if one.use == "stopped"]
    chosen = [*losses.stops(0)[::40], *sensed[::40], losses.stops(1)[0], losses.stops(3)[-1]]

    for place, stop in enumerate(chosen):
        say(engine, stop, ("die change", "coffee", "words of one's own")[place % 3])
    given = losses.agree(SMALL.from_ms, SMALL.to_ms)
    for stop in chosen[:5]:
        losses.agree(stop.start_ms + 1, stop.end_ms + 5 * HOUR_MS)
        losses.agree(stop.start_ms - 9 * HOUR_MS, stop.end_ms - 1)
    say(engine, chosen[1], "broken")
    losses.agree(SMALL.from_ms, SMALL.to_ms)
    for stop in chosen:
        say(engine, stop, "")
    engine.dispose()

    assert given.booked.entries != before.booked.entries
    assert losses.agree(SMALL.from_ms, SMALL.to_ms).booked.entries == before.booked.entries


def test_losses_follow_what_is_rewritten_and_grow_with_the_machine(both: Both) -> None:
    engine, t = both.writing(), tables.machines
    losses = Losses(both)
    for hours in (100, 100.3, 101.1, 150, 190):
        known_ms = SMALL.from_ms + int(hours * HOUR_MS)
        with engine.begin() as connection:
            connection.execute(update(t).values(known_until_ms=known_ms))
        both.books.keep()
        losses.agree(SMALL.from_ms, known_ms)
        losses.agree(known_ms - HOUR_MS, known_ms + 1_000)
        rewrite(both, "machine-002", known_ms - 3 * HOUR_MS)
        losses.agree(SMALL.from_ms + 1, known_ms)
    engine.dispose()


def test_a_stop_that_lasts_for_days_is_looked_for_as_far_as_without_books(both: Both) -> None:
    # Down from a moment on for five days, of which a window sees the middle.
    begun_ms = SMALL.from_ms + DAY_MS + 123
    engine, machines = both.writing(), both.machines()
    t = tables.intervals
    with engine.begin() as connection:
        connection.execute(t.delete().where(t.c.start_ms >= begun_ms, t.c.start_ms < begun_ms + 5 * DAY_MS))
        for machine in machines:
            row = {"run": RUN, "machine": machine.name, "start_ms": begun_ms}
            connection.execute(insert(t), {**row, "state": "down", "cause": "late"})
    engine.dispose()
    both.books.keep()
    losses = Losses(both)

    random = np.random.default_rng(4)
    for from_ms in (begun_ms + random.integers(0, 4 * DAY_MS, 4)).tolist():
        losses.agree(from_ms, from_ms + HOUR_MS)
        losses.agree(from_ms, SMALL.to_ms)
        losses.agree(SMALL.from_ms, from_ms)
