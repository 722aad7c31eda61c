"""A history that hangs keeps nobody waiting who asks how it is."""

import threading

import pytest
from sqlalchemy.exc import OperationalError

from dashboard.history.answering import Answering, Asking, NoAnswerError


def test_what_is_answered_is_told_and_asked_anew_each_time() -> None:
    asked: list[int] = []

    def ask() -> int:
        asked.append(len(asked))
        return len(asked)

    answering = Answering(ask, patience_s=60.0)

    assert [answering.answer(), answering.answer()] == [1, 2]


def test_a_refusal_is_told() -> None:
    def ask() -> int:
        raise OperationalError("SELECT", {}, Exception("server closed the connection"))

    with pytest.raises(OperationalError, match="server closed"):
        Answering(ask, patience_s=60.0).answer()


def test_one_question_at_most_is_on_its_way_while_there_is_no_answer() -> None:
    asked: list[int] = []
    begun, there = threading.Event(), threading.Event()

    def ask() -> int:
        asked.append(1)
        begun.set()
        there.wait()
        return 7

    answering = Answering(ask, patience_s=0.01)
    for _ in range(3):
        with pytest.raises(NoAnswerError, match="no answer within"):
            answering.answer()

    # The thread that asks may not have come to it yet.
    assert begun.wait(60.0)
    assert asked == [1]
    there.set()
    assert Answering(ask, patience_s=60.0).answer() == 7


def test_who_asks_for_something_else_is_not_kept_waiting_by_a_question_that_is_not_answered() -> None:
    there, asking = threading.Event(), Asking(patience_s=0.01)

    def hang() -> int:
        there.wait()
        return 1

    with pytest.raises(NoAnswerError, match="no answer within"):
        asking.ask(hang)
    with pytest.raises(NoAnswerError, match="has not answered the last question yet"):
        asking.ask(lambda: 2)
    there.set()
    with pytest.raises(OperationalError):
        Asking(patience_s=60.0).ask(refuse)
    assert Asking(patience_s=60.0).ask(lambda: 3) == 3


def refuse() -> int:
    raise OperationalError("SELECT", {}, Exception("server closed the connection"))
