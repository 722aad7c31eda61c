from protocol.messages import OfficeNotice, Watermark
from protocol.moments import from_ms
from simulator.telling.lockstep import ANSWER_S, Lockstep

EPOCH_MS = 1_767_225_600_000
MINUTE_MS = 60_000
RUN = "0badcafe"


def lockstep() -> Lockstep:
    return Lockstep(run=RUN, epoch_ms=EPOCH_MS, lookahead_ms=MINUTE_MS, now_s=0.0)


def notice(boot: str = "a", *names: str, online: bool = True) -> OfficeNotice:
    return OfficeNotice(names=names or ("office",), boot=boot, online=online)


def watermark(
    minutes: int, *, committed: int | None = None, office: str = "office", run: str = RUN
) -> Watermark:
    return Watermark(
        office=office,
        run=run,
        at=from_ms(EPOCH_MS + minutes * MINUTE_MS),
        committed=None if committed is None else from_ms(EPOCH_MS + committed * MINUTE_MS),
    )


def following(committed: int | None = None) -> Lockstep:
    one = lockstep()
    one.hear_notice(notice(), 0.0)
    one.asked(0.0)
    one.hear_watermark(watermark(0, committed=committed), 0.1)
    assert one.take_up() is not None
    return one


def test_without_an_office_nobody_is_asked_and_time_without_one_counts() -> None:
    one = lockstep()

    assert not one.should_ask(3.0)
    assert one.missed_s(3.0) == 3.0


def test_the_plant_asks_first_and_begins_at_what_is_committed() -> None:
    one = lockstep()
    one.hear_notice(notice(), 1.0)
    assert one.should_ask(1.0)
    one.asked(1.0)
    assert one.take_up() is None

    one.hear_watermark(watermark(0, committed=5), 1.1)

    assert one.take_up() == EPOCH_MS + 5 * MINUTE_MS
    assert one.limit_ms == EPOCH_MS + 6 * MINUTE_MS
    assert one.missed_s(9.0) == 0.0


def test_an_office_that_has_nothing_of_the_run_gets_everything() -> None:
    one = lockstep()
    one.hear_notice(notice(), 0.0)
    one.asked(0.0)
    one.hear_watermark(watermark(0), 0.1)

    assert one.take_up() == EPOCH_MS


def test_the_slowest_of_several_offices_counts() -> None:
    one = lockstep()
    one.hear_notice(notice("a", "office", "proof"), 0.0)
    one.asked(0.0)
    one.hear_watermark(watermark(0, committed=9), 0.1)
    assert one.take_up() is None
    one.hear_watermark(watermark(0, committed=3, office="proof"), 0.1)
    assert one.take_up() == EPOCH_MS + 3 * MINUTE_MS

    one.sent(EPOCH_MS + 4 * MINUTE_MS, 0.2)
    one.hear_watermark(watermark(4, committed=4), 0.3)

    assert not one.answered
    assert one.limit_ms == EPOCH_MS + 4 * MINUTE_MS


def test_the_plant_goes_no_further_than_watermark_and_lookahead() -> None:
    one = following()

    one.sent(EPOCH_MS + MINUTE_MS, 0.2)
    assert one.limit_ms == EPOCH_MS + MINUTE_MS
    one.hear_watermark(watermark(1), 0.3)
    assert one.limit_ms == EPOCH_MS + 2 * MINUTE_MS


def test_a_watermark_from_before_a_rewind_lets_nobody_run_ahead() -> None:
    one = following(committed=2)

    one.sent(EPOCH_MS + 3 * MINUTE_MS, 0.2)
    one.hear_watermark(watermark(90, committed=3), 0.3)

    assert one.limit_ms == EPOCH_MS + 4 * MINUTE_MS


def test_another_boot_means_asking_again() -> None:
    one = following(committed=2)

    one.hear_notice(notice("b"), 1.0)

    assert not one.following
    assert one.should_ask(1.0)


def test_the_same_notice_again_changes_nothing() -> None:
    one = following(committed=2)

    one.hear_notice(notice(), 1.0)

    assert one.following


def test_an_unanswered_tick_is_taken_for_lost_after_two_seconds() -> None:
    one = following()
    one.sent(EPOCH_MS + MINUTE_MS, 1.0)

    assert not one.check(1.0 + ANSWER_S - 0.1)
    assert one.check(1.0 + ANSWER_S)
    assert one.should_ask(1.0 + ANSWER_S)
    assert one.missed_s(1.0 + ANSWER_S) == ANSWER_S


def test_ticks_that_follow_each_other_do_not_hide_that_nobody_answers() -> None:
    one = following()
    for second in range(10):
        one.sent(EPOCH_MS + second * 1_000, 1.0 + second * 0.25)

    assert one.check(3.0)


def test_questions_come_less_often_while_nobody_answers() -> None:
    one = lockstep()
    one.hear_notice(notice(), 0.0)
    asked = []
    for quarter in range(200):
        if one.should_ask(quarter / 4):
            one.asked(quarter / 4)
            asked.append(quarter / 4)

    assert asked == [0, 2, 6, 14, 22, 30, 38, 46]


def test_a_will_means_that_there_is_no_office() -> None:
    one = following()

    one.hear_notice(notice(online=False), 4.0)

    assert not one.present
    assert not one.should_ask(5.0)
    assert one.missed_s(6.0) == 2.0


def test_other_runs_and_strangers_are_not_listened_to() -> None:
    one = lockstep()
    one.hear_notice(notice(), 0.0)
    one.asked(0.0)
    one.hear_watermark(watermark(4, committed=4, run="another"), 0.1)
    one.hear_watermark(watermark(4, committed=4, office="stranger"), 0.1)

    assert one.take_up() is None
