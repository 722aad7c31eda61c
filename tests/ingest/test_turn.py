from dashboard.ingest.turn import Turn


def test_what_is_quick_comes_as_often_as_it_may() -> None:
    turn = Turn(every_s=0.25, share=0.2)

    turn.took(10.0, 10.01)

    assert not turn.is_due(10.24)
    assert turn.is_due(10.25)


def test_what_takes_long_takes_no_more_than_its_share_of_the_time() -> None:
    turn, now_s, spent_s = Turn(every_s=0.25, share=0.2), 0.0, 0.0
    while now_s < 100.0:
        if turn.is_due(now_s):
            turn.took(now_s, now_s + 0.5)
            now_s += 0.5
            spent_s += 0.5
        else:
            now_s += 0.01

    assert 19.0 < spent_s <= 20.5


def test_a_turn_may_ask_for_a_longer_rest() -> None:
    turn = Turn(every_s=0.25, share=0.2)

    turn.took(10.0, 10.01, rest_s=1.0)

    assert not turn.is_due(10.99)
    assert turn.is_due(11.0)
