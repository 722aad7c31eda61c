"""The watch: from the moment in which a fault is heard of to the moment in which it shows."""

from dashboard.faultlab.shown import Shown
from dashboard.faultlab.watch import Seen, Watch, key_of
from protocol.faults import FaultSpell
from protocol.moments import from_ms

MINUTE = 60_000
BEGUN_MS = 100 * MINUTE
JAM = FaultSpell(
    machine="mill-1",
    fault="jam",
    severity=1.0,
    words="",
    begun=from_ms(BEGUN_MS),
    until=from_ms(BEGUN_MS + 5 * MINUTE),
)


class Page:
    """What is shown of mill-1."""

    def __init__(self) -> None:
        self.shown: Shown | None = Shown(at_ms=BEGUN_MS, state="running")
        self.watch = Watch(lambda machine: self.shown if machine == "mill-1" else None)

    def show(self, minute: int, state: str, cause: str, real_s: float) -> Seen:
        """Show something so many minutes after the jam began, at a real time."""
        since_ms = BEGUN_MS + minute * MINUTE
        self.shown = Shown(at_ms=since_ms, state=state, cause=cause, since_ms=since_ms)
        self.watch.look(real_s)
        return self.watch.seen(key_of(JAM))


def test_a_fault_is_seen_when_its_sign_is_first_shown_and_stays_so() -> None:
    page = Page()
    page.watch.hear("r", [JAM], 10.0, live=True)

    before = page.show(1, "running", "", 11.0)
    first = page.show(2, "down", "jam", 12.5)
    later = page.show(4, "down", "jam", 14.5)

    assert before == Seen(reason="nothing of it has shown so far")
    assert first == Seen(words="down, cause jam", plant_ms=2 * MINUTE, real_s=2.5)
    assert later == first


def test_what_the_broker_had_kept_may_have_begun_any_time_before() -> None:
    page = Page()
    page.watch.hear("r", [JAM], 10.0, live=False)

    assert page.show(2, "down", "jam", 12.5) == Seen(reason="this page began to watch after it had begun")


def test_a_fault_of_a_machine_that_is_not_shown_cannot_be_seen() -> None:
    page = Page()
    page.shown = None
    page.watch.hear("r", [JAM], 10.0, live=True)

    assert (
        page.show(2, "down", "jam", 12.5).reason == "the office had said nothing of this machine as it began"
    )


def test_what_shows_ten_minutes_after_its_end_is_not_taken_for_it() -> None:
    page = Page()
    page.watch.hear("r", [JAM], 10.0, live=True)

    assert page.show(15, "running", "", 25.0).reason == "nothing of it has shown so far"
    assert page.show(16, "down", "jam", 26.0) == Seen(reason="nothing of it showed while it was on")


def test_a_word_that_comes_again_begins_no_second_watch_and_another_run_forgets_all() -> None:
    page = Page()
    page.watch.hear("r", [JAM], 10.0, live=True)
    page.watch.hear("r", [JAM], 11.0, live=False)

    assert page.show(2, "down", "jam", 12.5).real_s == 2.5
    page.watch.hear("s", [], 13.0, live=True)
    assert page.watch.seen(key_of(JAM)).reason == "the page has not heard of it yet"
