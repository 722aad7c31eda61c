"""Reasons and rules: what a person says wins, then the first rule that fits, then nothing."""

from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from dashboard.losses.reasons import DEFAULT_FILE, Reasons, ReasonsError
from dashboard.losses.stops import MachineStop
from protocol.moments import to_ms

BERLIN = ZoneInfo("Europe/Berlin")
MINUTE = 60_000
LIST = """
[[reason]]
name = "coffee"
[[reason]]
name = "broken"
loss = "down"
"""


@dataclass(frozen=True)
class Given:
    """What a person gave."""

    at_ms: int
    reason: str
    note: str = ""


def stop_at(text: str, minutes: int = 10, **said: str) -> MachineStop:
    """A stop of mill-1 that begins at a local time in Berlin."""
    begun_ms = to_ms(datetime.fromisoformat(text).replace(tzinfo=BERLIN))
    stop = MachineStop(
        machine="mill-1", path="hall-1/machining", kind="cnc-mill",
        start_ms=begun_ms, end_ms=begun_ms + minutes * MINUTE,
        begun_ms=begun_ms, ended_ms=begun_ms + minutes * MINUTE,
        begun=True, over=True, micro=False, use="idle", state="idle", cause="no operator",
        parts=(("idle", "idle", "no operator", minutes * MINUTE),),
    )  # fmt: skip
    return replace(stop, **said)  # type: ignore[arg-type]


STOP = stop_at("2026-01-05T10:00")


def rule(asked: str) -> Reasons:
    return Reasons.of(f'{LIST}[[rule]]\nif = {{ {asked} }}\nreason = "coffee"\n')


def test_a_person_wins_over_a_rule_and_taken_back_the_rule_speaks_again() -> None:
    reasons = rule('cause = "no operator"')
    at_ms = STOP.start_ms + MINUTE

    def told(*given: Given) -> tuple[str, str]:
        [stop] = reasons.told([STOP], given, BERLIN)
        return stop.reason, stop.given_by

    assert told() == ("coffee", "rule")
    assert told(Given(at_ms, "broken")) == ("broken", "person")
    assert told(Given(at_ms, "broken"), Given(at_ms, "talking")) == ("talking", "person")
    assert told(Given(at_ms, "broken"), Given(at_ms + MINUTE, "")) == ("coffee", "rule")
    assert told(Given(STOP.end_ms, "broken")) == ("coffee", "rule")


def test_the_first_rule_that_fits_speaks() -> None:
    reasons = Reasons.of(
        LIST
        + '[[rule]]\nif = { state = "down" }\nreason = "broken"\n'
        + '[[rule]]\nif = { cause = ["no operator", "meeting"] }\nreason = "coffee"\n'
        + '[[rule]]\nif = { machine = "mill-1" }\nreason = "broken"\n'
    )

    assert reasons.by_rule(STOP, BERLIN) == "coffee"


@pytest.mark.parametrize(
    ("asked", "fits"),
    [
        ('state = "idle"', True),
        ('state = ["down", "setup"]', False),
        ('machine = "mill-1", cause = "no operator"', True),
        ('machine = "mill-1", cause = "jam"', False),
        ('line = "machining"', True),
        ('line = "hall-1/machining"', True),
        ('line = "pressing"', False),
        ('kind = "cnc-mill"', True),
        ("longer_than_s = 599", True),
        ("longer_than_s = 600", False),
        ("shorter_than_s = 600", False),
        ("shorter_than_s = 600.5", True),
        ('from = "09:30", to = "10:30"', True),
        ('from = "10:00", to = "10:01"', True),
        ('from = "09:00", to = "10:00"', False),
    ],
)
def test_all_that_a_rule_names_must_fit(asked: str, fits: bool) -> None:  # noqa: FBT001
    assert rule(asked).by_rule(STOP, BERLIN) == ("coffee" if fits else "")


@pytest.mark.parametrize(
    ("begins", "fits"),
    [
        ("2026-01-05T22:00", True),
        ("2026-01-06T05:59", True),
        ("2026-01-06T06:00", False),
        ("2026-07-05T22:00", True),
        ("2026-07-05T21:59", False),
    ],
)
def test_a_time_of_day_is_local_and_may_go_over_midnight(begins: str, fits: bool) -> None:  # noqa: FBT001
    assert rule('from = "22:00", to = "06:00"').by_rule(stop_at(begins), BERLIN) == ("coffee" if fits else "")


def test_a_stop_that_goes_on_is_not_shorter_than_anything() -> None:
    assert rule("shorter_than_s = 9000").by_rule(replace(STOP, over=False), BERLIN) == ""


def test_a_rule_looks_at_the_whole_stop_and_not_at_what_a_window_shows_of_it() -> None:
    clipped = replace(STOP, start_ms=STOP.start_ms + 9 * MINUTE)

    assert rule("longer_than_s = 300").by_rule(clipped, BERLIN) == "coffee"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("reason = 1", "key 'reason' is no list of tables"),
        ("[[reason]]\nname = ''", "reason 1: key 'name': '' is no name"),
        (
            "[[reason]]\nname = 'a'\nloss = 'running'",
            "key 'loss': 'running' is none: allowed are setup, down",
        ),
        ("[[reason]]\nname = 'a'\n[[reason]]\nname = 'a'", "reason 2: key 'name': 'a' is there already"),
        ("[[reason]]\nword = 'a'", "unknown key 'word': allowed are name, loss"),
        ("[[rule]]\nif = {state = 'idle'}\nreason = 'x'", "key 'reason': 'x' is no reason"),
        (f"{LIST}[[rule]]\nreason = 'coffee'", "rule 1: key 'if': None asks nothing"),
        (f"{LIST}[[rule]]\nif = {{}}\nreason = 'coffee'", "rule 1: key 'if': {} asks nothing"),
        (f"{LIST}[[rule]]\nif = {{state = 'running'}}\nreason = 'coffee'", "'running' is no state of a stop"),
        (f"{LIST}[[rule]]\nif = {{mood = 'bad'}}\nreason = 'coffee'", "unknown key 'mood'"),
        (f"{LIST}[[rule]]\nif = {{from = '22:00'}}\nreason = 'coffee'", "from and to go together"),
        (f"{LIST}[[rule]]\nif = {{from = '25:00', to = '01:00'}}\nreason = 'coffee'", "'25:00' is no time"),
        (f"{LIST}[[rule]]\nif = {{from = '01:00', to = '01:00'}}\nreason = 'coffee'", "are both 01:00"),
        (f"{LIST}[[rule]]\nif = {{longer_than_s = -1}}\nreason = 'coffee'", "allowed are seconds"),
        (
            f"{LIST}[[rule]]\nif = {{longer_than_s = 9, shorter_than_s = 9}}\nreason = 'coffee'",
            "no stop is longer",
        ),
        (f"{LIST}[[rule]]\nif = {{cause = 3}}\nreason = 'coffee'", "key 'cause': 3: allowed is text"),
        ("x =", "not TOML"),
    ],
)
def test_a_file_that_cannot_be_understood_is_refused_in_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(ReasonsError, match=r"^mine.toml: ") as refused:
        Reasons.of(text, "mine.toml")

    assert sentence in str(refused.value)


def test_the_reasons_that_are_shipped_can_be_read() -> None:
    shipped = Reasons.read(DEFAULT_FILE)

    assert len(shipped.reasons) >= 10
    assert shipped.by_rule(STOP, BERLIN) == "no operator at the machine"
