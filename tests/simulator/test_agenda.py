from simulator.behaviour.agenda import FIRST, Agenda, Days


def test_events_happen_in_the_order_of_their_moments_and_then_of_their_being_put_down() -> None:
    agenda = Agenda(0)
    said: list[str] = []
    agenda.at(20, lambda: said.append("late"))
    agenda.at(10, lambda: said.append("first"))
    agenda.at(10, lambda: said.append("second"))
    agenda.at(10, lambda: said.append("order"), rank=FIRST)

    agenda.run(10)

    assert said == ["order", "first", "second"]
    assert agenda.now_ms == 10


def test_an_event_that_is_called_off_does_not_happen() -> None:
    agenda = Agenda(0)
    said: list[int] = []
    event = agenda.at(5, lambda: said.append(5))
    agenda.at(3, event.call_off)

    agenda.run(100)

    assert said == []


def test_a_process_goes_on_when_it_says_or_earlier_when_it_is_woken() -> None:
    agenda = Agenda(0)
    went_on: list[int] = []

    def days() -> Days:
        while True:
            went_on.append(agenda.now_ms)
            yield agenda.now_ms + 10

    process = agenda.start(days())
    agenda.at(13, process.wake)
    agenda.at(13, process.wake)
    agenda.run(40)

    assert went_on == [0, 10, 13, 23, 33]


def test_a_process_goes_on_at_the_moment_it_was_put_off_to_sooner_or_later() -> None:
    agenda = Agenda(0)
    went_on: list[int] = []

    def days() -> Days:
        while True:
            went_on.append(agenda.now_ms)
            yield agenda.now_ms + 10

    process = agenda.start(days())
    agenda.at(4, lambda: process.put_off(7))
    agenda.at(8, lambda: process.put_off(30))
    agenda.at(31, lambda: process.put_off(None))
    agenda.run(100)
    slept_to_ms = agenda.now_ms
    process.wake()
    agenda.run(105)

    assert went_on == [0, 7, 30, slept_to_ms]


def test_a_process_that_waits_for_nothing_sleeps_until_it_is_woken_and_a_stopped_one_for_ever() -> None:
    agenda = Agenda(0)
    went_on: list[int] = []

    def days() -> Days:
        while True:
            went_on.append(agenda.now_ms)
            yield None

    process = agenda.start(days())
    agenda.at(5, process.wake)
    agenda.at(7, process.stop)
    agenda.at(9, process.wake)
    agenda.run(100)

    assert went_on == [0, 5]
