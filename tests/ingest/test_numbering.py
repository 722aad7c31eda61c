import pytest

from dashboard.ingest.numbering import Numbering


def heard(*numbers: int | None) -> Numbering:
    numbering = Numbering()
    for number in numbers:
        numbering.hear(number)
    return numbering


@pytest.mark.parametrize(
    ("numbers", "gaps"),
    [
        ([0, 1, 2], 0),
        ([0, 3], 2),
        ([0, 3, 2, 1], 0),
        ([0, 4, 3, 2, 1, 5], 0),
        ([0, 3, 1], 1),
        ([7, 0, 1], 0),
        ([7, None, 9], 1),
    ],
)
def test_what_comes_late_fills_its_gap_and_a_number_from_before_begins_anew(
    numbers: list[int | None], gaps: int
) -> None:
    assert heard(*numbers).gaps == gaps


def test_what_is_missing_is_asked_for_once() -> None:
    numbering = heard(0, 2)
    lost = [numbering.lost]
    numbering.asked()
    lost.append(numbering.lost)
    for number in (4, 3, 1):
        numbering.hear(number)
        lost.append(numbering.lost)

    assert lost == [True, False, True, False, False]
    assert numbering.gaps == 0


def test_more_missing_messages_than_can_be_remembered_are_counted() -> None:
    numbering = heard(0, 1_000_000, 5)

    assert numbering.gaps == 999_999
    assert numbering.newest == 5


HOUR = 3_600_000


def test_what_is_waited_for_no_longer_is_missing_still_and_takes_no_room() -> None:
    numbering = Numbering()
    known = []
    for hour in range(24 * 10):
        numbering.hear(hour * 100)
        numbering.asked()
        numbering.forget((hour - 26) * HOUR, hour * HOUR)
        known.append(numbering._known)

    assert numbering.gaps == 99 * (24 * 10 - 1)
    assert max(known) <= 99 * 2 * 27
    assert not numbering.lost


def test_one_that_comes_after_all_fills_a_gap_and_begins_no_counting_anew() -> None:
    numbering = heard(0, 10)
    numbering.asked()
    for hour in (0, 26, 52, 78):
        numbering.forget((hour - 26) * HOUR, hour * HOUR)

    numbering.hear(4, late=True)
    numbering.hear(11)

    assert (numbering.gaps, numbering.newest) == (8, 11)
    # Counted anew, nothing of before is waited for.
    numbering.hear(0)
    numbering.hear(2)
    assert (numbering.gaps, numbering.newest, numbering.lost) == (9, 2, True)
    numbering.hear(0, late=True)
    assert (numbering.gaps, numbering.newest, numbering.lost) == (9, 0, False)
