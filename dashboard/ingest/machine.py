"""One machine as ingest knows it: its birth, its time so far, its counters, its newest minutes.

What the machine did is a function of the messages kept of it; a batch that comes in order only
extends it, and one that comes late has its surroundings worked out again from those messages.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from dashboard.condition.followed import Followed, Part
from dashboard.ingest.minutes import Minute, merged, minutes_of
from dashboard.ingest.numbering import Numbering
from dashboard.intervals import Splice, Timeline
from dashboard.parts import Counts, Tally
from dashboard.states.keeper import Keeper, derived
from dashboard.states.knowledge import Knowledge
from dashboard.states.lasting import Pending
from dashboard.states.learning import Learned, Learner, knowledge_with
from dashboard.states.rules import StateRule
from protocol.messages import MAX_SIGNALS, Birth, MessageError
from protocol.readings import Batch
from protocol.states import State

NEWEST_MINUTES = 2
"""Minutes of each signal kept at hand for the tile."""
POWER_NAMES = ("power_kw", "power_w", "current_a")
"""Signals a tile's spark line may show, the first that a machine has; otherwise its first signal."""


@dataclass(slots=True, kw_only=True)
class MachineRecord:
    """Everything ingest holds in memory of one machine."""

    run: str
    """The run whose time axis it is on; `""` without a simulated plant."""
    name: str
    """Its name."""
    path: str
    """Its location, `machining`."""
    since_ms: int
    """Since when it exists."""
    rule: StateRule = field(default_factory=StateRule)
    """How its readings become states."""
    least_ms: int = 0
    """The longest that a state of it ever had to last, in milliseconds."""
    retired_ms: int | None = None
    """When it was retired; None while it is there."""
    birth: Birth | None = None
    """What it said of itself; None for a machine that never did."""
    learned: Learned | None = None
    """What was learned from its power, if that is how its state is known."""
    online: bool | None = None
    """What it, or its will, last said of its link."""
    last_at_ms: int | None = None
    """When its newest reading was taken."""
    widest_ms: int | None = None
    """The longest that one of its kept messages tells of, in milliseconds; None until it was asked for."""
    last_digest: str = ""
    """Digest of the newest message that was taken in."""
    copied: bool = False
    """Whether that one has come more than once."""
    numbering: Numbering = field(default_factory=Numbering)
    """The numbers of its messages, and how many are missing."""
    ahead_ms: int = 0
    """By how much its clock is ahead of the plant's, in milliseconds; 0 while they agree."""
    timeline: Timeline = field(default_factory=Timeline)
    """Its time, tiled."""
    tally: Tally = field(default_factory=Tally)
    """Its counters."""
    newest: dict[str, list[Minute]] = field(default_factory=dict)
    """The newest minutes of each signal, in order."""
    remembered_from_ms: int | None = None
    """How far back its time is in memory; None when all of it is."""
    rewrite_from_ms: int | None = None
    """Intervals from here on are not yet in the history."""
    tell_from_ms: int | None = None
    """Intervals from here on have not been told to the pages."""
    told_state: tuple[State, str] | None = None
    """The newest state and its cause that pages have been told; None before they have been told any."""
    changed: bool = True
    """Whether its row in the history is out of date."""
    learners: dict[int, Learner] = field(default_factory=dict)
    """Learn from its readings, by the version that each is to find."""
    learnings_changed: bool = False
    """Whether what was learned, or is being learned anew, is not yet in the history."""
    committed_until_ms: int | None = None
    """Where its time ends in the history; None while that has none of it."""
    unjudged_from_ms: int | None = None
    """From here on its time may ask for calls that nobody has thought of yet."""
    counted_from_ms: int | None = None
    """Counters from here on are not yet in the history."""
    followed: Followed = field(default_factory=Followed)
    """The signals in which a trend is looked for."""
    _knowledge: dict[int, tuple[Birth | None, Learned | None, Knowledge]] = field(default_factory=dict)
    """What `knowledge` and `doubted` have found last."""
    keeper: Keeper = field(init=False)
    """Turns its readings into intervals."""

    def __post_init__(self) -> None:
        self.least_ms = max(self.least_ms, self.rule.least_ms)
        self.keeper = Keeper(self.knowledge)
        if self.to_be_learned:
            self.learners[1] = self.learner()

    @property
    def knowledge(self) -> Knowledge:
        """How its state is known."""
        return self._known(self.rule.least_ms)

    @property
    def doubted(self) -> Knowledge:
        """The same with the longest that a state ever had to last: by this what is kept is doubted."""
        return self._known(self.least_ms)

    def _known(self, least_ms: int) -> Knowledge:
        """How its state is known; worked out anew when what that follows from is another."""
        known = self._knowledge.get(least_ms)
        if known is None or known[0] is not self.birth or known[1] is not self.learned:
            known = self.birth, self.learned, knowledge_with(self.birth, self.learned, least_ms)
            self._knowledge[least_ms] = known
        return known[2]

    @property
    def to_be_learned(self) -> bool:
        """Whether nothing tells its state yet."""
        return self.learned is None and self.knowledge.how == "learned"

    @property
    def progress(self) -> str:
        """What is still missing before its power says whether it runs; `""` when nothing is."""
        if self.learners:
            return self.learners[max(self.learners)].progress()
        return self.learned.words if self.learned is not None and self.knowledge.how == "learned" else ""

    @property
    def how(self) -> str:
        """The same in a word, for the pages."""
        return self.birth.states if self.birth else "learned"

    @property
    def kind(self) -> str:
        """Sort of machine, `""` if it never said."""
        return self.birth.kind if self.birth else ""

    @property
    def gateway(self) -> str:
        """The gateway that speaks for it, `""` if it speaks for itself."""
        return self.birth.gateway if self.birth else ""

    @property
    def simulated(self) -> bool:
        """Whether it is a simulated machine."""
        return self.birth is not None and self.birth.simulated

    @property
    def power_signal(self) -> str | None:
        """The signal that its spark line shows."""
        known = [*(self.birth.signals if self.birth else ()), *self.newest]
        return next((name for name in POWER_NAMES if name in known), known[0] if known else None)

    def obey(self, rule: StateRule) -> None:
        """Let another rule hold from the next message on, where it has moved to a line with its own."""
        if rule != self.rule:
            self.rule, self.least_ms = rule, max(self.least_ms, rule.least_ms)
            self.go_on(self.keeper.pending)

    def adopt(self, birth: Birth) -> None:
        """Take over what the machine now says of itself; its time so far stays as it is."""
        self.birth, self.changed = birth, True
        self.go_on(self.keeper.pending)

    def learner(
        self, version: int = 1, kept: Iterable[tuple[int, Batch]] = (), since_ms: int | None = None
    ) -> Learner:
        """Learn a version of what tells its state, as it was set then, or for a new one as it is set now."""
        versions = self.learned.versions if self.learned is not None else []
        frozen = [one.hysteresis for one in versions if one.version == version]
        return Learner(version, kept, since_ms, frozen[0] if frozen else self.rule.hysteresis)

    def go_on(self, pending: Pending | None = None) -> None:
        """Conclude from here on by what is known now, from where the timeline ends.

        Args:
            pending: What its last readings tell that later ones may show not to have lasted.
        """
        knowledge = self.knowledge
        if not len(self.timeline):
            self.keeper = Keeper(knowledge)
        else:
            last_at_ms = self.timeline.known_until_ms - knowledge.period_ms
            state, cause, _ = self.timeline.state_at(last_at_ms)
            self.keeper = Keeper(knowledge, last_at_ms, state, cause, pending)
        if knowledge.how != "learned":
            self.learners.clear()
        elif self.learned is None and not self.learners:
            self.learners[1] = self.learner()

    def learn_anew(self, since_ms: int, kept: list[tuple[int, Batch]]) -> None:
        """Begin to learn again, from a moment on; until that is done, what was learned goes on to hold.

        Args:
            since_ms: The moment, ms since 1970.
            kept: All of its messages that are kept, each with its moment.
        """
        if self.learned is None:
            raise ValueError(f"{self.name} has learned nothing yet")
        version = self.learned.version + 1
        self.learners[version] = self.learner(version, kept, since_ms)
        self.learnings_changed = True

    def conclude(self, learned: Learned, kept: list[tuple[int, Batch]]) -> bool:
        """Work out again all of its time for which this was learned; False when it was known already.

        Args:
            learned: What tells its state from now on, or from a moment on.
            kept: All of its messages that are kept, each with its moment.
        """
        self.learners.pop(learned.version, None)
        known = learned if self.learned is None else self.learned.with_version(learned)
        if known == self.learned:
            return False
        self.learned, self.changed, self.learnings_changed = known, True, True
        knowledge = self.knowledge
        intervals, pending = derived(kept, knowledge)
        if len(intervals):
            begun_ms = intervals.from_ms
            # What begins just before the moment lasts or not by what comes after it.
            since_ms = begun_ms if learned.since_ms is None else learned.since_ms - knowledge.least_ms
            from_ms = max(begun_ms, since_ms)
            until_ms = max(intervals.end_ms, self.timeline.known_until_ms)
            self.splice(Splice(from_ms, until_ms, intervals.clip(from_ms, until_ms)))
            self._end_at(intervals.end_ms)
        self.go_on(pending)
        return True

    def forget(self, before_ms: int) -> None:
        """Hold nothing in memory from before a moment; the history has it."""
        self.timeline.forget(before_ms)
        self.tally.forget(before_ms)
        self.followed.forget(before_ms)
        self.numbering.forget(before_ms, self.last_at_ms or before_ms)
        self.remembered_from_ms = max(before_ms, self.remembered_from_ms or before_ms)

    def splice(self, splice: Splice) -> bool:
        """Take over what was worked out for a span; False when that was known already."""
        changed_from_ms = self.timeline.splice(splice)
        if changed_from_ms >= 0:
            self.rewrite_from_ms = _earlier(self.rewrite_from_ms, changed_from_ms)
            self.tell_from_ms = _earlier(self.tell_from_ms, changed_from_ms)
            self.unjudged_from_ms = _earlier(self.unjudged_from_ms, changed_from_ms)
            self.followed.changed(changed_from_ms)
        self.changed = True
        return changed_from_ms >= 0

    @property
    def has_turned(self) -> bool:
        """Whether it is in another state than pages have been told."""
        return self.tell_from_ms is not None and self._newest_state() != self.told_state

    def told(self) -> None:
        """Note that pages have been told all of it."""
        self.tell_from_ms, self.told_state = None, self._newest_state()

    def _newest_state(self) -> tuple[State, str]:
        state, cause, _ = self.timeline.state_at(self.timeline.known_until_ms - 1)
        return state, cause

    def counted_anew(self, counts: Counts) -> None:
        """Note entries of its counters that are not in the history."""
        if len(counts):
            begun_ms = int(counts.at_ms[0])
            self.counted_from_ms = _earlier(self.counted_from_ms, begun_ms)
            self.unjudged_from_ms = _earlier(self.unjudged_from_ms, begun_ms)

    def _end_at(self, end_ms: int) -> None:
        """Take back what the last reading was evidence for by a longer period than is known now."""
        if end_ms < self.timeline.known_until_ms:
            self.timeline = Timeline.of(self.timeline.window(self.timeline.from_ms, end_ms))
            self.rewrite_from_ms = _earlier(self.rewrite_from_ms, end_ms)
            self.tell_from_ms = _earlier(self.tell_from_ms, end_ms)
            self.unjudged_from_ms = _earlier(self.unjudged_from_ms, end_ms)
            self.followed.changed(end_ms)

    def check_signals(self, names: Collection[str]) -> None:
        """Refuse signals beyond those that a machine may have, however few come at a time.

        Raises:
            MessageError: They would be too many with those that it has shown before.
        """
        if self.newest.keys() >= set(names):
            return
        known = {*self.newest, *(self.birth.signals if self.birth else ())}
        if len(known | set(names)) > MAX_SIGNALS:
            more = next(iter(sorted(set(names) - known)), "")
            raise MessageError(
                f"signal {more!r} of {self.name!r} is one too many: allowed are {MAX_SIGNALS} of a machine"
            )

    def roll(self, at_ms: int, batch: Batch) -> dict[str, list[Minute]]:
        """Roll up a batch that came in order; the parts of minutes it adds, by signal."""
        additions = minutes_of(at_ms + batch.offsets_ms, batch.signals)
        for name, minutes in additions.items():
            mine = self.newest.setdefault(name, [])
            for minute in minutes:
                if mine and mine[-1].minute_ms == minute.minute_ms:
                    mine[-1] = merged(mine[-1], minute)
                elif not mine or minute.minute_ms > mine[-1].minute_ms:
                    mine.append(minute)
            del mine[:-NEWEST_MINUTES]
        self.follow(additions)
        return additions

    def follow(self, minutes: Mapping[str, Sequence[Minute]], *, whole: bool = False) -> None:
        """Take minutes of its signals, or new parts of them, into what is foreseen."""
        if self.followed:
            parts = {
                name: [Part(one.minute_ms, one.sum, one.count) for one in several]
                for name, several in minutes.items()
                if name in self.followed.names
            }
            self.followed.add(parts, whole=whole)

    def has_seen(self, at_ms: int, batch: Batch) -> bool:
        """Whether the batch begins at or before the newest reading: it is late, or a repeat."""
        first = at_ms + int(batch.offsets_ms[0]) if len(batch.offsets_ms) else at_ms
        return self.last_at_ms is not None and first <= self.last_at_ms

    def seen(self, at_ms: int, batch: Batch) -> None:
        """Note how far its readings reach."""
        reached = end_of(at_ms, batch)
        if self.last_at_ms is None or reached > self.last_at_ms:
            self.last_at_ms = reached
        if self.widest_ms is not None:
            self.widest_ms = max(self.widest_ms, reached - at_ms)
        self.changed = True


def end_of(at_ms: int, batch: Batch) -> int:
    """Moment of the last thing a batch says, ms since 1970."""
    last = int(batch.offsets_ms[-1]) if len(batch.offsets_ms) else 0
    if batch.changes:
        last = max(last, batch.changes[-1].offset_ms)
    return at_ms + last


def _earlier(one: int | None, other: int) -> int:
    return other if one is None else min(one, other)
