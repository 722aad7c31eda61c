"""A question to a history that may give no answer at all: its server hangs, or is cut off."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TooLateError
from typing import Any, Generic, TypeVar

from sqlalchemy.exc import SQLAlchemyError

_T = TypeVar("_T")

ANSWER_S = 2.0
"""What has not been answered within this many real seconds is taken for not answered."""


class NoAnswerError(SQLAlchemyError):
    """Raised when a history gives no answer."""


class Asking:
    """Questions of which one at most is on its way: while that is not answered, no other is asked.

    Args:
        patience_s: Real seconds in which each has to be answered.
    """

    def __init__(self, *, patience_s: float = ANSWER_S) -> None:
        self._patience_s = patience_s
        self._on_its_way: Future[Any] | None = None

    def ask(self, question: Callable[[], _T]) -> _T:
        """What the history answers; asked from one thread alone.

        Raises:
            NoAnswerError: It does not answer in time, or has not answered the last question yet.
            SQLAlchemyError: It refuses.
        """
        if self._on_its_way is not None and not self._on_its_way.done():
            raise NoAnswerError("it has not answered the last question yet")
        asking: Future[_T] = Future()
        self._on_its_way = asking
        threading.Thread(target=_answer, args=(question, asking), daemon=True).start()
        return _in_time(asking, self._patience_s)


class Answering(Generic[_T]):
    """One question, of which one at most is on its way however often it is asked.

    Args:
        ask: Asks the history.
        patience_s: Real seconds in which it has to answer.
    """

    def __init__(self, ask: Callable[[], _T], *, patience_s: float = ANSWER_S) -> None:
        self._ask = ask
        self._patience_s = patience_s
        self._asking: Future[_T] | None = None
        self._lock = threading.Lock()

    def answer(self) -> _T:
        """What the history answers.

        Raises:
            NoAnswerError: It does not answer in time.
            SQLAlchemyError: It refuses.
        """
        with self._lock:
            # Whoever asks while nobody is answered waits with the one who asked first.
            asking = self._asking
            if asking is None:
                asking = self._asking = Future()
                threading.Thread(target=self._find_out, args=(asking,), daemon=True).start()
        return _in_time(asking, self._patience_s)

    def _find_out(self, asking: "Future[_T]") -> None:
        _answer(self._asked, asking)

    def _asked(self) -> _T:
        try:
            return self._ask()
        finally:
            # Who asks from now on is not told what was so before.
            with self._lock:
                self._asking = None


def _answer(question: Callable[[], _T], asking: "Future[_T]") -> None:
    try:
        found = question()
    except Exception as error:  # noqa: BLE001 - whoever asked is told
        asking.set_exception(error)
    else:
        asking.set_result(found)


def _in_time(asking: "Future[_T]", patience_s: float) -> _T:
    try:
        return asking.result(patience_s)
    except TooLateError:
        raise NoAnswerError(f"no answer within {patience_s:g} s") from None
