"""A question to a history that may give no answer at all: its server hangs, or is cut off."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TooLateError
from typing import Generic, TypeVar

from sqlalchemy.exc import SQLAlchemyError

_T = TypeVar("_T")

ANSWER_S = 2.0
"""What has not been answered within this many real seconds is taken for not answered."""


class NoAnswerError(SQLAlchemyError):
    """Raised when a history gives no answer."""


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
        try:
            return asking.result(self._patience_s)
        except TooLateError:
            raise NoAnswerError(f"no answer within {self._patience_s:g} s") from None

    def _find_out(self, asking: "Future[_T]") -> None:
        try:
            found = self._ask()
        except Exception as error:  # noqa: BLE001 - whoever asked is told
            self._done()
            asking.set_exception(error)
        else:
            self._done()
            asking.set_result(found)

    def _done(self) -> None:
        with self._lock:
            self._asking = None
