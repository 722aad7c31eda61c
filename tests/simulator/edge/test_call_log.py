"""What the plant takes of the office's calls, and what its people say of them."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from demo.study.life import Life
from protocol.messages import Call, Watermark
from protocol.moments import from_ms
from simulator.behaviour.job import Response, Step
from simulator.histories.run import Run, Settings, last_run, open_run
from simulator.telling.call_log import CallLog
from tests.gain.plants import shipped

EPOCH_MS = 1_767_592_800_000
MINUTE_MS = 60_000
LOOKAHEAD_MS = 60_000
RAISED_MS = EPOCH_MS + 10 * MINUTE_MS
EFFECT_MS = RAISED_MS + LOOKAHEAD_MS - 1


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A run that has just begun."""
    settings = Settings(catch_up_to=from_ms(EPOCH_MS), kinds="", machines={"mill-1": "", "mill-2": ""})
    return open_run(tmp_path, seed=1, epoch_ms=EPOCH_MS, settings=settings)


def call(run: str, *, machine: str = "mill-1", closed: bool = False, name: str = "a1") -> Call:
    """A call for a machine that has stood for two minutes."""
    return Call(
        id=name,
        run=run,
        machine=machine,
        rule="stopped",
        cause="jam",
        since=from_ms(RAISED_MS - 2 * MINUTE_MS),
        raised=from_ms(RAISED_MS),
        closed=from_ms(RAISED_MS + 1) if closed else None,
    )


def done(step: Step, minute: float, *, stopped: float = 8, machine: str = "mill-1") -> Response:
    """What somebody did, by minutes after the epoch."""
    return Response(
        machine=machine,
        stopped_ms=EPOCH_MS + round(stopped * MINUTE_MS),
        step=step,
        at_ms=EPOCH_MS + round(minute * MINUTE_MS),
        person="" if step == "acknowledged" else "anna",
        called_ms=None,
    )


def heard(run: Run) -> CallLog:
    """The log of a run that has heard the call."""
    log = CallLog(run, lookahead_ms=LOOKAHEAD_MS)
    assert log.hear(call(run.id), {"mill-1"})
    return log


def said(log: CallLog, lived: list[Response], begin: float, end: float) -> list[tuple[str, float, str]]:
    """What is said in a span of minutes: what, when, by whom."""

    def responses(from_ms_: int, until_ms: int) -> list[Response]:
        return [one for one in lived if from_ms_ < one.at_ms <= until_ms]

    span = (EPOCH_MS + round(begin * MINUTE_MS), EPOCH_MS + round(end * MINUTE_MS))
    return [
        (one.what, (one.at - from_ms(EPOCH_MS)).total_seconds() / 60, one.by)
        for one in log.said(responses, *span)
    ]


def test_a_call_takes_effect_at_a_plant_time_of_its_own_wherever_the_plant_is(run: Run) -> None:
    run.reach(RAISED_MS + 7_000)

    heard(run)

    (one,) = run.inputs
    assert (one.what, one.machine, one.at_ms) == ("call", "mill-1", EFFECT_MS)


def test_an_order_that_comes_after_a_call_but_takes_effect_before_it_stands_before_it(run: Run) -> None:
    heard(run)
    run.reach(RAISED_MS + 7_000)

    run.note("retired", machine="mill-2")

    assert [one.what for one in run.inputs] == ["retired", "call"]


def test_a_call_that_waits_for_its_moment_does_not_move_a_plant_that_crashed(
    run: Run, tmp_path: Path
) -> None:
    run.reach(RAISED_MS)
    heard(run)

    again = last_run(tmp_path)

    assert again is not None
    assert again.position_ms == RAISED_MS
    assert [one.at_ms for one in again.inputs] == [EFFECT_MS]
    assert not CallLog(again, lookahead_ms=LOOKAHEAD_MS).hear(call(run.id), {"mill-1"})


def test_what_is_no_call_for_this_plant_is_not_heard(run: Run) -> None:
    log = heard(run)

    assert not log.hear(call(run.id), {"mill-1"})  # again
    assert not log.hear(call("another"), {"mill-1"})
    assert not log.hear(call(run.id, machine="my-press"), {"mill-1"})
    run.reach(EFFECT_MS + 1)
    assert not log.hear(call(run.id, machine="mill-2"), {"mill-1", "mill-2"})
    assert len(run.inputs) == 1


def test_a_call_that_is_over_before_it_came_is_heard_as_if_it_had_come_in_time(run: Run) -> None:
    log = CallLog(run, lookahead_ms=LOOKAHEAD_MS)

    assert log.hear(call(run.id, closed=True), {"mill-1"})
    assert [one.at_ms for one in run.inputs] == [EFFECT_MS]


def test_every_call_that_came_is_counted_so_that_a_lost_one_is_noticed(run: Run) -> None:
    log = heard(run)
    log.hear(call(run.id, machine="my-press"), {"mill-1"})

    assert log.number(RAISED_MS - 1) == 0
    assert log.number(RAISED_MS) == 2


def test_a_call_that_one_of_several_offices_lost_is_noticed_although_another_came(run: Run) -> None:
    log = CallLog(run, lookahead_ms=LOOKAHEAD_MS)

    def lost(office: str, calls: int) -> int:
        at = from_ms(RAISED_MS + MINUTE_MS)
        return log.lost(Watermark(office=office, run=run.id, at=at, calls=calls))

    assert (lost("office-1-of-2", 0), lost("office-2-of-2", 0)) == (0, 0)
    log.hear(replace(call(run.id), office="office-2-of-2"), {"mill-1"})

    assert lost("office-2-of-2", 1) == 0
    assert lost("office-1-of-2", 1) == 1


def test_people_say_when_they_have_heard_when_they_are_there_and_when_it_runs_again(run: Run) -> None:
    lived = [
        done("acknowledged", 12),
        done("set out", 12),
        done("at the machine", 13),
        done("restored", 20),
    ]

    log = heard(run)

    assert said(log, lived, 11, 30) == [
        ("acknowledged", 12, ""),
        ("at-machine", 13, "anna"),
        ("restored", 20, "anna"),
    ]


def test_a_step_is_said_once_however_time_is_cut(run: Run) -> None:
    lived = [done("acknowledged", 12), done("at the machine", 13), done("restored", 20)]
    log = heard(run)

    cut = [one for minute in range(30) for one in said(log, lived, minute, minute + 1)]

    assert cut == said(log, lived, 0, 30)


def test_who_was_there_already_because_of_a_round_says_so_when_the_call_takes_effect(run: Run) -> None:
    lived = [done("acknowledged", 9), done("at the machine", 9.5), done("restored", 20)]
    log = heard(run)

    assert said(log, lived, 0, 10.5) == []
    assert said(log, lived, 10.5, 11) == [("acknowledged", 10, ""), ("at-machine", 10, "anna")]
    assert said(log, lived, 11, 30) == [("restored", 20, "anna")]


def test_another_stop_and_another_machine_are_no_answer_to_a_call(run: Run) -> None:
    lived = [
        done("acknowledged", 3, stopped=2),
        done("restored", 5, stopped=2),
        done("acknowledged", 12, machine="mill-2"),
        done("acknowledged", 26, stopped=25),
    ]

    assert said(heard(run), lived, 0, 30) == []


def test_what_is_said_of_a_trend_is_said_of_its_own_call_and_of_no_stop(run: Run) -> None:
    log = heard(run)
    drifts = replace(call(run.id, name="b2"), rule="trend", cause="vibration_mm_s reaches 4.5 mm/s in 6 h")
    later = replace(drifts, id="c3", raised=from_ms(RAISED_MS + MINUTE_MS))
    for one in (drifts, later):
        assert log.hear(one, {"mill-1"})
    lived = [
        done("acknowledged", 12),
        done("at the machine", 13),
        done("restored", 20),
        looked_into("acknowledged", 11, raised=10),
        looked_into("restored", 30, raised=10),
        looked_into("acknowledged", 12, raised=11),
    ]
    span = (EPOCH_MS, EPOCH_MS + 40 * MINUTE_MS)

    told = [
        (one.call, one.what)
        for one in log.said(lambda begin, end: [r for r in lived if begin < r.at_ms <= end], *span)
    ]

    assert told == [
        ("b2", "acknowledged"),
        ("a1", "acknowledged"),
        ("c3", "acknowledged"),
        ("a1", "at-machine"),
        ("a1", "restored"),
        ("b2", "restored"),
    ]


def looked_into(step: Step, minute: float, *, raised: float) -> Response:
    """What somebody did about a trend, by minutes after the epoch."""
    raised_ms = EPOCH_MS + round(raised * MINUTE_MS)
    return Response(
        machine="mill-1",
        stopped_ms=raised_ms,
        step=step,
        at_ms=EPOCH_MS + round(minute * MINUTE_MS),
        person="",
        called_ms=raised_ms,
        trend=True,
    )


HOURS = 8


def test_of_a_day_of_calls_the_few_that_are_open_say_what_all_would(run: Run) -> None:
    life = Life(shipped(HOURS), 1, monitored=True)
    log = CallLog(run, lookahead_ms=LOOKAHEAD_MS)
    known, told = 0, []
    for minute in range(HOURS * 60):
        span = life.plant.now_ms, life.plant.now_ms + MINUTE_MS
        life.live(span[1])
        for one in life.sent[known:]:
            raised = from_ms(one.raised_ms)
            new = replace(call(run.id), id=one.id, machine=one.machine, rule=one.rule, raised=raised)
            log.hear(new, life.plant.names())
        known = len(life.sent)
        told.append((span, list(log.said(life.plant.responses, *span))))
        if minute % 9 == 0:
            assert told[-1][1] == list(
                CallLog(run, lookahead_ms=LOOKAHEAD_MS).said(life.plant.responses, *span)
            )

    assert len(log._calls) > 60
    assert len(log._open) < 20
    assert sum(len(said) for _, said in told) > 90
    # Asked for again, from long before on.
    back = told[len(told) // 2 :]
    assert [list(log.said(life.plant.responses, *span)) for span, _ in back] == [said for _, said in back]


def test_a_call_is_counted_once_by_whom_it_was_said_last(run: Run) -> None:
    log = heard(run)
    again = replace(call(run.id), office="one")

    assert log.number(RAISED_MS) == 1
    assert log.number(RAISED_MS - 1) == 0
    log.hear(again, {"mill-1"})

    assert log.number(RAISED_MS, "one") == 1
    assert log.number(RAISED_MS, "other") == 0
