"""Which machines a worker has: every line is one worker's, and what there is once is the first one's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.history.store import Store
from dashboard.history.version import HistoryError
from dashboard.ingest.elsewhere import Elsewhere
from dashboard.ingest.share import Share, ShareError

LINES = ("machining", "moulding", "packing", "hall-a/machining", "")
NAMES = st.text(st.characters(exclude_characters="/"), min_size=1, max_size=12)


def workers(count: int) -> list[Share]:
    return [Share(number=number + 1, count=count) for number in range(count)]


@given(st.lists(NAMES, max_size=3), st.integers(1, 9))
def test_a_line_is_exactly_one_workers(levels: list[str], count: int) -> None:
    assert sum(one.has("/".join(levels)) for one in workers(count)) == 1


@given(st.lists(NAMES, min_size=1, max_size=7), st.integers(1, 5))
def test_whatever_is_said_under_a_root_is_for_one_worker_or_for_all(levels: list[str], count: int) -> None:
    having = sum(one.has_topic("/".join(("shopfloor", *levels))) for one in workers(count))

    assert having == (count if levels[0] in {"_plant", "_call", "_office", "_truth"} else 1)


@pytest.mark.parametrize("line", LINES)
def test_all_that_is_said_of_a_line_goes_to_one_worker(line: str) -> None:
    at = f"shopfloor/{line}/" if line else "shopfloor/"
    topics = [f"{at}mill-1/birth", f"{at}mill-2/readings", f"{at}_batch/readings", f"{at}_gateway/online"]

    for worker in workers(3):
        assert {worker.has_topic(topic) for topic in topics} == {worker.has(line)}


def test_the_lines_of_the_demo_are_divided_the_same_on_every_computer() -> None:
    first = Share.of("1/2")

    assert {line for line in ("machining", "moulding", "packing", "recorded") if first.has(line)} == {
        "machining", "packing", "recorded",
    }  # fmt: skip


def test_one_worker_is_the_office_and_several_are_named_by_place_and_number() -> None:
    assert Share().everybody == ("office", "proof")
    assert Share.of("1/3").everybody == ("office-1-of-3", "proof", "office-2-of-3", "office-3-of-3")
    assert Share.of("2/3").everybody == Share.of("1/3").everybody
    assert [one.roles for one in workers(2)] == [("office",), ("office", "proof")]
    assert [sum(one.proves for one in workers(count)) for count in (1, 2, 3)] == [1, 1, 1]


@pytest.mark.parametrize("text", ["", "1", "0/2", "3/2", "1/65", "-1/2", "a/b", "1/2/3", "²/2"])
def test_a_worker_that_there_cannot_be_is_refused_with_what_is_allowed(text: str) -> None:
    with pytest.raises(ShareError, match=r"allowed is K/N"):
        Share.of(text)


def test_several_workers_cannot_write_to_a_file(tmp_path: object) -> None:
    with pytest.raises(
        HistoryError, match="has room for one worker: allowed for several is one in PostgreSQL"
    ):
        Store(f"sqlite:///{tmp_path}/history.db", alone=False)


def test_a_machine_of_another_worker_is_known_by_what_is_said_of_it_until_its_birth_is_cleared() -> None:
    elsewhere = Elsewhere()
    elsewhere.hear("shopfloor/moulding/press-1/readings", b"{}")
    elsewhere.hear("shopfloor/moulding/_batch/readings", b"{}")

    assert elsewhere.path("press-1") == "moulding"
    assert elsewhere.path("_batch") is None
    assert elsewhere.is_twofold("moulding", ())
    assert elsewhere.is_twofold("saw-1", ("press-1",))
    elsewhere.hear("shopfloor/moulding/press-1/birth", b"")
    assert elsewhere.path("press-1") is None
    assert not elsewhere.is_twofold("moulding", ())
