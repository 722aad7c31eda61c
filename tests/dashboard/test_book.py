"""An account from a book of sums equals the one worked out directly, in every field, to the millisecond."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.calendar.places import Calendar
from dashboard.calendar.schedule import Schedule
from dashboard.intervals import STATES, Intervals
from dashboard.kpi.account import FIELDS, account, reach_ms
from dashboard.kpi.blocks import APART_MS, SIZE, FullError
from dashboard.kpi.book import Book, Library, Lookup
from dashboard.kpi.causes import Causes
from dashboard.kpi.chain import Chain, Evidence, Link, chain_of
from dashboard.kpi.choices import Choices
from dashboard.parts import SILENT, Counts
from dashboard.states.knowledge import Knowledge
from protocol.messages import Threshold
from tests.dashboard.letters import LAW

SECOND = 1_000
MINUTE = 60 * SECOND
SENSED = Threshold(signal="power_kw", above=6.0, below=3.0)
SITE = Calendar.of(
    '[[shift]]\nname = "early"\nstarts = "00:00"\nends = "01:00"\n'
    '[[shift]]\nname = "late"\nstarts = "01:30"\n'
    '[[break]]\nname = "meal"\nstarts = "00:20"\nends = "00:27"\n'
    '[[break]]\nname = "tea"\nstarts = "02:20"\nends = "02:21"\n'
    '[[maintenance]]\nname = "oil"\nstarts = "00:40"\nends = "00:43"\n'
).site
CAUSES = ("", "", "jam", "starved by mill-1", "blocked")


@dataclass(frozen=True)
class Past:
    """A machine's past, and by which rules it is worked out."""

    intervals: Intervals
    counts: Counts
    schedule: Schedule
    choices: Choices
    knowledge: Knowledge

    @property
    def reach_ms(self) -> int:
        """How far beyond a window its surroundings matter."""
        return reach_ms(self.choices, self.knowledge)

    def counts_for(self, from_ms: int, to_ms: int) -> Counts:
        """From the newest value of each counter at or before a moment on."""
        at = self.counts.at_ms
        newest = [
            np.flatnonzero((at <= from_ms) & (column != SILENT))
            for column in (self.counts.parts, self.counts.rejects)
        ]
        first = min(
            (int(one[-1]) for one in newest if len(one)), default=int(at.searchsorted(from_ms, "right"))
        )
        kept = slice(first, int(at.searchsorted(to_ms, "right")))
        return Counts(at[kept], self.counts.parts[kept], self.counts.rejects[kept])

    def surroundings(self, from_ms: int, to_ms: int, counts: Counts) -> Intervals:
        """What the history would be asked for."""
        first = min(from_ms - self.reach_ms, int(counts.at_ms[0])) if len(counts) else from_ms - self.reach_ms
        return self.intervals.clip(first, to_ms + self.reach_ms)

    def directly(self, from_ms: int, to_ms: int) -> list[int]:
        """The account of a window as it is worked out without a book, less what needs an ideal cycle."""
        counts = self.counts_for(from_ms, to_ms)
        margin = self.choices.margin_ms + 1
        found = account(
            self.surroundings(from_ms, to_ms, counts),
            counts,
            spans=self.schedule.spans(from_ms - margin, to_ms + margin),
            choices=self.choices,
            knowledge=self.knowledge,
            ideal_us=None,
            from_ms=from_ms,
            to_ms=to_ms,
        )
        return [*found.vector.tolist()[: len(FIELDS) - 3], found.counts_parts, found.counts_rejects]

    def extended(self, book: Book, to_ms: int) -> Book:
        """The book up to a later moment."""
        if to_ms <= book.until_ms:
            return book
        return book.joined(chained([(self, book.until_ms, to_ms)]), 0)


def chained(stretches: Sequence[tuple[Past, int, int]]) -> Chain:
    """Stretches of several machines laid end to end, of which the history tells no more than it does."""
    links, rows, counted = [], [], []
    for owner, (past, from_ms, to_ms) in enumerate(stretches):
        counts = past.counts_for(from_ms, to_ms)
        low_ms, margin = from_ms - past.reach_ms, past.choices.margin_ms + 1
        if len(counts):
            low_ms = min(low_ms, int(counts.at_ms[0]))
        starts = past.intervals.start_ms
        first = max(int(starts.searchsorted(low_ms, "right")) - 1, 0)
        last = int(starts.searchsorted(to_ms + past.reach_ms))
        rows += [
            (owner, int(starts[place]), past.intervals.states[place], past.intervals.causes[place])
            for place in range(first, last)
        ]
        counted.append((owner, counts))
        links.append(
            Link(
                from_ms=from_ms, to_ms=to_ms, low_ms=low_ms, known_until_ms=past.intervals.end_ms,
                spans=past.schedule.spans(from_ms - margin, to_ms + margin), knowledge=past.knowledge,
            )
        )  # fmt: skip
    evidence = Evidence(
        owners=np.array([row[0] for row in rows], np.int64),
        start_ms=np.array([row[1] for row in rows], np.int64),
        states=np.array([row[2] for row in rows], np.int8),
        causes=[row[3] for row in rows],
        counters=np.repeat([owner for owner, _ in counted], [len(counts) for _, counts in counted]),
        counts=Counts(
            np.concatenate([counts.at_ms for _, counts in counted]),
            np.concatenate([counts.parts for _, counts in counted]),
            np.concatenate([counts.rejects for _, counts in counted]),
        ),
    )
    return chain_of(links, evidence, stretches[0][0].choices, Causes())


def library() -> Library:
    """Room for a few books."""
    return Library(1_000, 1_000)


def from_book(book: Book, windows: list[tuple[int, int]]) -> list[list[int]]:
    """The same of each window, from the book."""
    upto = Lookup.of([book]).upto(np.array(windows).reshape(1, -1))[0]
    sums = upto[1::2] - upto[::2]
    return [
        [
            *row,
            book.parts_from_ms is not None and book.parts_from_ms <= to_ms,
            book.rejects_from_ms is not None and book.rejects_from_ms <= to_ms,
        ]
        for row, (_, to_ms) in zip(sums.tolist(), windows, strict=True)
    ]


@st.composite
def pasts(draw: st.DrawFn) -> Past:
    """Four hours of anything, in steps short enough for micro-stops; numpy draws, from a seed."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    steps = draw(st.sampled_from([5, 40, 400]))
    lengths = random.choice([7, 900, 20 * SECOND, 70 * SECOND, 10 * MINUTE], steps)
    lengths += random.integers(0, 3, steps)
    starts = np.cumsum(lengths) - lengths[0]
    codes = random.choice(len(STATES), steps, p=draw(st.sampled_from(WEIGHTS)))
    causes = random.choice(CAUSES, steps).tolist()
    end_ms = int(starts[-1]) + draw(st.sampled_from([1, SECOND, 20 * MINUTE]))
    pieces = [
        (start, STATES[code], cause)
        for start, code, cause in zip(starts.tolist(), codes, causes, strict=True)
    ]
    entries = draw(st.sampled_from([0, 1, 10, 300]))
    at = np.unique(
        np.concatenate((random.integers(-MINUTE, end_ms, entries), random.choice(starts, entries // 3)))
    )
    columns = [_counter(random, len(at), draw(st.sampled_from([0.0, 0.2, 1.0]))) for _ in range(2)]
    return Past(
        Intervals.of(pieces, end_ms),
        Counts(at, *columns),
        draw(st.sampled_from([SITE, Calendar.read().site])),
        draw(CHOICES),
        draw(
            st.sampled_from(
                [
                    Knowledge.reported(1_000),
                    Knowledge.sensed(SENSED, 500),
                    Knowledge.sensed(SENSED, 90 * SECOND),
                ]
            )
        ),
    )


WEIGHTS = [
    (1 / len(STATES),) * len(STATES),
    tuple(0.5 if code < 1 else 0.5 / (len(STATES) - 1) for code in range(len(STATES))),
]
CHOICES = st.builds(
    Choices,
    breaks=st.sampled_from(["excluded", "loss"]),
    maintenance=st.sampled_from(["excluded", "loss"]),
    micro_stop_ms=st.sampled_from([0, 1_000, 60_000]),
    debounce_ms=st.sampled_from([0, 0, 950, 30_000]),
)


def _counter(random: np.random.Generator, count: int, silent: float) -> np.ndarray:
    """A counter that adds, begins again now and then, and says nothing now and then."""
    values = np.cumsum(random.integers(0, 3, count)) % 40
    return np.where(random.random(count) < silent, SILENT, values).astype(np.int64)


@LAW
@given(pasts(), st.data())
def test_any_window_from_a_book_is_what_it_is_directly(past: Past, data: st.DataObject) -> None:
    until_ms = past.intervals.end_ms
    moments = st.one_of(
        st.integers(0, until_ms), st.sampled_from(past.intervals.start_ms.tolist()), st.just(until_ms)
    )
    book = Book.empty(data.draw(st.sampled_from([0, 1, 3_333])), library())
    for edge in sorted(data.draw(st.lists(moments, max_size=3))):
        book = past.extended(book, edge)
    if data.draw(st.booleans()):
        book = past.extended(book.cut(data.draw(moments)), until_ms)
    book = past.extended(book, until_ms)
    edges = st.tuples(moments, moments).map(sorted).filter(lambda pair: book.from_ms <= pair[0] < pair[1])
    windows = [(begun, ended) for begun, ended in data.draw(st.lists(edges, min_size=1, max_size=5))]

    assert from_book(book, windows) == [past.directly(*window) for window in windows]


@LAW
@given(pasts(), st.floats(0, 1))
def test_a_book_that_was_cut_and_grew_again_is_the_same_book(past: Past, share: float) -> None:
    whole = past.extended(Book.empty(0, library()), past.intervals.end_ms)
    if whole.until_ms == 0:
        return

    again = past.extended(whole.cut(int(whole.until_ms * share)), whole.until_ms)

    windows = [(0, at_ms) for at_ms in range(1, whole.until_ms + 1, whole.until_ms // 8 + 1)]
    assert from_book(again, windows) == from_book(whole, windows)


@LAW
@given(st.lists(pasts(), min_size=2, max_size=4), st.data())
def test_machines_laid_end_to_end_are_what_each_is_by_itself(pasts: list[Past], data: st.DataObject) -> None:
    pasts = [replace(past, choices=pasts[0].choices) for past in pasts]
    stretches = []
    for past in pasts:
        moments = st.integers(0, past.intervals.end_ms + MINUTE)
        from_ms, to_ms = sorted(data.draw(st.lists(moments, min_size=2, max_size=2, unique=True)))
        stretches.append((past, from_ms, to_ms))
    chain = chained(stretches)
    whole = Book.of(chain)

    for link, (past, from_ms, to_ms) in enumerate(stretches):
        expected, offset = past.directly(from_ms, to_ms), int(chain.offsets_ms[link])
        assert from_book(whole, [(from_ms + offset, to_ms + offset)])[0][:-2] == expected[:-2]
        assert from_book(Book.empty(from_ms, library()).joined(chain, link), [(from_ms, to_ms)]) == [expected]


def test_a_book_is_tried_with_many_blocks() -> None:
    random = np.random.default_rng(1)
    codes = random.choice(2, 1_000)
    pieces = [(place * 20_000, STATES[code], "") for place, code in enumerate(codes.tolist())]
    counts = Counts(np.arange(1, 1_000) * 15_000, np.arange(1, 1_000), np.arange(1, 1_000) // 9)
    past = Past(Intervals.of(pieces, 20_000_000), counts, SITE, Choices(), Knowledge.sensed(SENSED, SECOND))

    book = past.extended(Book.empty(0, library()), 20_000_000)

    assert len(book.pieces.blocks) > 10
    assert len(book.counts.blocks) == 999 // SIZE + 1
    edges = sorted(random.integers(0, 20_000_001, 400).tolist())
    windows = [(begun, ended) for begun, ended in zip(edges[::2], edges[1::2], strict=True) if begun < ended]
    assert from_book(book, windows) == [past.directly(*window) for window in windows]


def steady(step_ms: int, count: int, made: int = 1) -> Past:
    """A machine that runs and idles in turn, and makes some parts with each step."""
    pieces = [(place * step_ms, STATES[place % 2], "") for place in range(count)]
    at = np.arange(1, count) * step_ms
    counts = Counts(at, np.arange(1, count) * made, np.arange(1, count) * made // 7)
    return Past(Intervals.of(pieces, count * step_ms), counts, SITE, Choices(), Knowledge.reported(SECOND))


def windows_of(past: Past, count: int) -> list[tuple[int, int]]:
    """Some windows of its time."""
    edges = np.random.default_rng(2).integers(0, past.intervals.end_ms + 1, (count, 2))
    return [(begun, ended) for begun, ended in np.sort(edges, axis=1).tolist() if begun < ended]


def test_a_state_may_last_for_months_and_a_counter_be_silent_for_as_long() -> None:
    past = replace(steady(40 * 24 * 60 * MINUTE, 9), schedule=Calendar.read().site)
    book = past.extended(past.extended(Book.empty(0, library()), APART_MS // 2), 3 * APART_MS)

    whole = past.extended(book, past.intervals.end_ms)

    assert from_book(whole, windows_of(past, 60)) == [past.directly(*one) for one in windows_of(past, 60)]


def test_a_counter_may_rise_by_more_than_a_column_holds() -> None:
    for made in (2**16 - 1, 2**16, 2**33 + 5, 2**52):
        past = steady(MINUTE, 3 if made == 2**52 else 70, made)
        book = past.extended(Book.empty(0, library()), past.intervals.end_ms)

        assert from_book(book, windows_of(past, 40)) == [past.directly(*one) for one in windows_of(past, 40)]


def test_many_books_and_many_moments_are_summed_as_each_by_itself() -> None:
    shared, pasts = library(), [steady(SECOND * step, 500) for step in (7, 20, 61)]
    books = [past.extended(Book.empty(0, shared), past.intervals.end_ms) for past in pasts]
    # More than are added up at once.
    at = np.stack([np.linspace(0, past.intervals.end_ms, 2_000).astype(np.int64) for past in pasts])

    found = Lookup.of(books).upto(at)

    assert found.shape[:2] == (3, 2_000)
    for book, row, moments in zip(books, found, at, strict=True):
        assert [
            Lookup.of([book]).upto(moments[[place]][np.newaxis])[0, 0].tolist()
            for place in range(0, 2_000, 97)
        ] == (row[::97].tolist())


def test_a_book_that_is_read_keeps_what_was_given_back() -> None:
    kept, past, other = library(), steady(20 * SECOND, 900), steady(33 * SECOND, 900)
    book = past.extended(Book.empty(0, kept), past.intervals.end_ms)
    expected, taken = from_book(book, windows_of(past, 30)), kept.nbytes

    with kept.reading():
        shorter = book.cut(past.intervals.end_ms // 3)
        book.give_back(shorter)
        other.extended(Book.empty(0, kept), other.intervals.end_ms)
        assert from_book(book, windows_of(past, 30)) == expected
        both = kept.nbytes
    again = past.extended(shorter, past.intervals.end_ms)

    assert taken < both
    assert from_book(again, windows_of(past, 30)) == expected
    # What the first book gave back holds the end of the new one, but for blocks that were cut in two.
    assert kept.nbytes <= both + kept.pieces.block_bytes + kept.counts.block_bytes


def test_two_books_may_grow_from_one_and_neither_knows_of_the_other() -> None:
    past = steady(20 * SECOND, 300)
    late = replace(past, counts=Counts.empty(), knowledge=Knowledge.sensed(SENSED, SECOND))
    half = past.extended(Book.empty(0, library()), past.intervals.end_ms // 2)
    begun = from_book(half, [(0, half.until_ms)])

    one = past.extended(half, past.intervals.end_ms)
    other = late.extended(half, past.intervals.end_ms)

    assert from_book(half, [(0, half.until_ms)]) == begun
    window = (half.until_ms, past.intervals.end_ms)
    assert from_book(one, [window])[0][:-2] == past.directly(*window)[:-2]
    assert from_book(other, [window])[0][:-2] == late.directly(*window)[:-2]


def test_where_there_is_no_room_a_book_stays_as_it_was() -> None:
    past, small = steady(20 * SECOND, 300), Library(20, 2)
    book = past.extended(Book.empty(0, small), 40 * 20 * SECOND)
    expected, taken = from_book(book, [(0, book.until_ms)]), small.nbytes

    with pytest.raises(FullError):
        past.extended(book, past.intervals.end_ms)

    assert from_book(book, [(0, book.until_ms)]) == expected
    assert small.nbytes == taken
