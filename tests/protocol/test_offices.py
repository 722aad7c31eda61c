"""Who the plant waits for, from what each worker of the office says of itself."""

from protocol.messages import OfficeNotice
from protocol.offices import Offices
from protocol.topics import plant_topic

TOPIC = plant_topic("shopfloor", "office")
SECOND = "office-2-of-2"
ALL = ("office-1-of-2", "proof", SECOND)
FIRST = OfficeNotice(names=ALL, elsewhere=(SECOND,), boot="a")
OFFLINE = OfficeNotice(names=(), boot="", online=False)


def second(boot: str) -> OfficeNotice:
    return OfficeNotice(names=ALL, boot=boot)


def test_one_office_is_what_it_says() -> None:
    offices, notice = Offices("shopfloor"), OfficeNotice(names=("office", "proof"), boot="a")

    assert offices.notice is None
    assert offices.hear(TOPIC, notice) == notice
    assert offices.hear(TOPIC, OFFLINE) == OFFLINE


def test_it_is_there_when_every_worker_is_and_away_when_one_is() -> None:
    offices = Offices("shopfloor")
    alone = offices.hear(TOPIC, FIRST)
    both = offices.hear(f"{TOPIC}/{SECOND}", second("x"))
    without = offices.hear(f"{TOPIC}/{SECOND}", OFFLINE)

    assert alone is not None
    assert not alone.online
    assert both is not None
    assert both.online
    assert both.names == ALL
    assert without is not None
    assert not without.online


def test_a_new_boot_of_any_worker_is_a_new_boot() -> None:
    offices = Offices("shopfloor")
    offices.hear(TOPIC, FIRST)
    before = offices.hear(f"{TOPIC}/{SECOND}", second("x"))

    again = offices.hear(f"{TOPIC}/{SECOND}", second("x"))
    after = offices.hear(f"{TOPIC}/{SECOND}", second("y"))

    assert before == again
    assert before is not None
    assert after is not None
    assert before.boot != after.boot


def test_a_worker_that_is_named_no_longer_is_not_waited_for() -> None:
    offices = Offices("shopfloor")
    offices.hear(f"{TOPIC}/{SECOND}", OFFLINE)

    notice = offices.hear(TOPIC, OfficeNotice(names=("office", "proof"), boot="b"))

    assert notice == OfficeNotice(names=("office", "proof"), boot="b")
