"""What the rules make of the machines that ingest holds in memory: calls that begin, go on and end.

Whoever goes through the calls given here takes each into the book before asking for the next.
It knows neither history nor broker, so a study can have the very same calls in one process.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from math import inf

from dashboard.calendar.places import Calendar
from dashboard.calls.judging import called_for, cause_of, lookback_ms, looked_for, rules_on, signs_of
from dashboard.calls.record import CallRecord, closed_at
from dashboard.calls.rules import TREND, CallRules, Rule, RulesOfOne
from dashboard.calls.signs import Signs
from dashboard.calls.slow import may_be as may_be_slow
from dashboard.calls.storm import Find, Neighbour, excused
from dashboard.calls.view import View
from dashboard.calls.walk import Raised, Standing, closing, is_right, overlooked, walk
from dashboard.condition.followed import Limits
from dashboard.condition.outlook import WINDOW_MS, moments
from dashboard.ingest.call_book import CallBook
from dashboard.ingest.machine import MachineRecord
from dashboard.intervals import Intervals
from protocol.states import State

LONGEST_CAUSE = 128


class Judge:
    """Judges machines.

    Args:
        machines: The machines in memory, by run and name; they may come and go.
        rules: When a person is called for.
        calendar: When production is planned.
    """

    def __init__(
        self,
        machines: Mapping[str, Mapping[str, MachineRecord]],
        *,
        rules: CallRules,
        calendar: Calendar,
    ) -> None:
        self._machines = machines
        self._rules = rules
        self._calendar = calendar
        self._known: dict[tuple[str, str, str], RulesOfOne] = {}

    def limits(self, record: MachineRecord) -> dict[str, Limits]:
        """The signals of a machine in which a trend is looked for: what its birth says of them."""
        rule = self._of(record).trend
        if record.birth is None or not rule.on:
            return {}
        return {
            name: Limits(one.unit, one.low, one.high)
            for name, one in record.birth.signals.items()
            if one.unit in rule.units and (one.low is not None or one.high is not None)
        }

    def judge(
        self, book: CallBook, records: Iterable[MachineRecord], *, after_ms: int, until_ms: int
    ) -> Iterator[CallRecord]:
        """The calls that begin, escalate or end in (`after_ms`, `until_ms`]; before that all were judged."""
        # Without a plant nobody repeats the time in which there was no office: it is looked back upon.
        returned = not book.run and book.judged_ms is None
        book.judged_ms = until_ms if returned else after_ms
        for record in records:
            if returned:
                record.unjudged_from_ms = after_ms
            if record.unjudged_from_ms is not None:
                yield from self.look_back(book, record)
            record.unjudged_from_ms = None
            yield from self.onward(book, record, book.judged_ms, until_ms)
        book.judged_ms = until_ms
        yield from self.unheard(book, until_ms)

    def look_back(self, book: CallBook, record: MachineRecord) -> Iterator[CallRecord]:
        """The calls that change because a machine's time changed although it had been judged."""
        from_ms = record.unjudged_from_ms
        if book.judged_ms is None or from_ms is None:
            return
        if from_ms < book.judged_ms - record.knowledge.least_ms:
            # What is later is judged by the next tick.
            record.unjudged_from_ms = None
            yield from self.backward(book, record, from_ms)

    def onward(
        self, book: CallBook, record: MachineRecord, after_ms: int, until_ms: int
    ) -> Iterator[CallRecord]:
        """The calls for a machine that begin or end in (`after_ms`, `until_ms`], as time goes on."""
        rules, ideal_ms = self._of(record), _ideal_cycle_ms(record)
        for name, rule in self._judged(record, rules):
            newest = book.newest(record.name, name)
            closed = newest is None or newest.closed_ms is not None
            if (closed or name == TREND) and not _may_be_called_for(name, rules, record, after_ms, until_ms):
                continue
            begun_ms = after_ms - lookback_ms(name, rules, ideal_ms)
            signs, view = self._signs(book, name, record, begun_ms, until_ms)
            if closed and not signs.ready:
                continue
            standing = Standing()
            if newest is not None:
                opened = newest.closed_ms is None
                standing = Standing(open_ms=newest.raised_ms if opened else None, closed_ms=newest.closed_ms)
            for event in walk(signs, standing, after_ms=after_ms, until_ms=until_ms, quiet_ms=rule.quiet_ms):
                if isinstance(event, Raised):
                    newest = self._call(book, record, name, event, view)
                elif newest is not None:
                    newest = closed_at(newest, event.closed_ms)
                if newest is not None:
                    yield newest

    def backward(self, book: CallBook, record: MachineRecord, from_ms: int) -> Iterator[CallRecord]:
        """The calls for a machine that change because its time from a moment on is not what was judged.

        What should have been called for and is over by now is missed: it is sent to nobody. What still
        lasts is called for now. A call that turns out wrong is closed.
        """
        judged_ms = book.judged_ms
        if judged_ms is None:
            return
        rules, ideal_ms, changed_ms = self._of(record), _ideal_cycle_ms(record), from_ms
        for name, rule in self._judged(record, rules):
            lookback = lookback_ms(name, rules, ideal_ms)
            # Of what is no longer in memory nothing is told anew.
            if record.remembered_from_ms is not None:
                from_ms = max(changed_ms, record.remembered_from_ms + lookback)
            newest = book.newest(record.name, name)
            opened = newest if newest is not None and newest.closed_ms is None else None
            doubted = opened is not None and _is_in_memory(name, record, opened.raised_ms - lookback)
            begun_ms = min(from_ms, opened.raised_ms) if opened is not None and doubted else from_ms
            signs, view = self._signs(book, name, record, begun_ms - lookback, judged_ms)
            if opened is not None:
                over_ms = closing(signs.clear, opened.raised_ms, judged_ms)
                if doubted and not is_right(signs, opened.raised_ms):
                    over_ms = opened.raised_ms
                if over_ms is not None:
                    yield closed_at(opened, over_ms)
            judged = [one.span for one in book.of(record.name, name)]
            for raised, closed_ms in overlooked(
                signs, judged, from_ms=from_ms, until_ms=judged_ms, quiet_ms=rule.quiet_ms
            ):
                call = self._call(book, record, name, raised, view)
                yield call if closed_ms is None else replace(closed_at(call, closed_ms), missed=True)

    def unheard(self, book: CallBook, until_ms: int) -> Iterator[CallRecord]:
        """The open calls that nobody has acknowledged for too long by now."""
        records = self._machines.get(book.run, {})
        for call in book.open():
            record = records.get(call.machine)
            if call.escalated_ms is not None or record is None:
                continue
            asked_ms = call.raised_ms + self._of(record).named(call.rule).escalate_ms
            heard = book.replies(call.id).get("acknowledged")
            heard_ms = inf if heard is None else heard.at_ms
            if asked_ms > until_ms or heard_ms <= asked_ms:
                continue
            # Nobody is asked to come faster while nobody is meant to be there.
            schedule = self._calendar.schedule(record.path, record.name)
            due_ms = next((begun for begun, _ in schedule.planned(asked_ms, until_ms + 1)), None)
            if due_ms is not None and heard_ms > due_ms:
                yield replace(call, escalated_ms=due_ms)

    def _call(
        self, book: CallBook, record: MachineRecord, rule: str, raised: Raised, view: View
    ) -> CallRecord:
        known_ms = raised.raised_ms - _late_ms(rule, record)
        return CallRecord(
            run=book.run,
            machine=record.name,
            rule=rule,
            cause=(raised.cause or cause_of(rule, view, known_ms))[:LONGEST_CAUSE],
            since_ms=raised.since_ms,
            raised_ms=raised.raised_ms,
            # Of a trend nobody is told while there is no office, and afterwards it is told anyway.
            missed=rule != TREND and book.was_unattended(raised.since_ms, raised.raised_ms),
        )

    def _signs(
        self, book: CallBook, name: str, record: MachineRecord, begun_ms: int, until_ms: int
    ) -> tuple[Signs, View]:
        rules, late_ms = self._of(record), _late_ms(name, record)
        judged_from_ms = begun_ms + lookback_ms(name, rules, _ideal_cycle_ms(record)) - late_ms
        view = self._view(record, begun_ms - late_ms, until_ms - late_ms, judged_from_ms)
        signs = signs_of(name, rules, view, late_ms=late_ms)
        if name == TREND and book.unattended:
            ready = [one for one in signs.ready if not book.was_unattended(one.from_ms, one.from_ms)]
            signs = Signs(ready=ready, clear=signs.clear)
        return signs, view

    def _view(self, record: MachineRecord, begun_ms: int, until_ms: int, judged_from_ms: int) -> View:
        begun_ms = max(begun_ms, record.since_ms)
        if record.retired_ms is not None:
            until_ms = min(until_ms, record.retired_ms)

        def window(from_ms: int, to_ms: int) -> Intervals:
            return record.timeline.window(max(from_ms, record.since_ms), max(to_ms, record.since_ms))

        return View(
            intervals=record.timeline.window(begun_ms, max(begun_ms, until_ms)),
            state_at=record.timeline.state_at,
            planned=self._calendar.schedule(record.path, record.name).planned,
            excused=lambda start, end: excused(self._neighbours(record.run), record.name, start, end),
            counts=record.tally.since,
            ideal_cycle_ms=_ideal_cycle_ms(record),
            judged_from_ms=judged_from_ms,
            foreseen=lambda now_ms: record.followed.foreseen(now_ms, window, window_ms=WINDOW_MS),
        )

    def _neighbours(self, run: str) -> Find:
        records = self._machines.get(run, {})

        def find(name: str) -> Neighbour | None:
            record = records.get(name)
            if record is None:
                return None
            return Neighbour(record.timeline.window, called_for(self._of(record)))

        return find

    def _judged(self, record: MachineRecord, rules: RulesOfOne) -> list[tuple[str, Rule]]:
        """The rules by which a machine is judged."""
        if record.birth is not None and record.birth.answer:
            # A machine of the calibration bench stops as it is told to, and needs nobody.
            return []
        tells = record.knowledge.how == "reported" or record.knowledge.threshold is not None
        found = [(name, rule) for name, rule in rules_on(rules) if tells or name != "no-data"]
        return found if record.followed else [one for one in found if one[0] != TREND]

    def _of(self, record: MachineRecord) -> RulesOfOne:
        key = record.path, record.name, record.kind
        rules = self._known.get(key)
        if rules is None:
            rules = self._known[key] = self._rules.rules(*key)
        return rules


def _may_be_called_for(
    name: str, rules: RulesOfOne, record: MachineRecord, after_ms: int, until_ms: int
) -> bool:
    """Whether there is anything in a span that a rule looks for: mostly there is not."""
    late_ms = _late_ms(name, record)
    begun_ms, ended_ms = after_ms - late_ms - 2, until_ms - late_ms
    if name == TREND:
        return bool(moments(begun_ms, ended_ms))
    if name == "slow-cycle":
        rule = rules.slow_cycle
        made = record.tally.last_parts(rule.parts, begun_ms, ended_ms)
        return may_be_slow(
            rule, _ideal_cycle_ms(record), made, partial(record.timeline.lasted, State.RUNNING)
        )
    return not looked_for(name, rules).isdisjoint(record.timeline.states_in(begun_ms, ended_ms))


def _is_in_memory(rule: str, record: MachineRecord, from_ms: int) -> bool:
    """Whether what a rule looks at from a moment on is in memory; of a state its beginning will do."""
    return rule != TREND or record.remembered_from_ms is None or record.remembered_from_ms <= from_ms


def _late_ms(rule: str, record: MachineRecord) -> int:
    """How much later than it happens it is known what a rule looks at, in milliseconds."""
    return 0 if rule == "no-data" else record.knowledge.least_ms


def _ideal_cycle_ms(record: MachineRecord) -> float | None:
    birth = record.birth
    return None if birth is None or birth.ideal_cycle_s is None else birth.ideal_cycle_s * 1_000
