"""Messages that could not be used: counted, kept with the reason, shown."""

import logging
from collections import deque

from dashboard.conclusions import Refusal, Refusals
from dashboard.history.store import Row

logger = logging.getLogger(__name__)

SHOWN = 20
LOGGED = 100
"""So many refusals are logged one by one, then one of them now and then."""
SELDOM_MS = 10_000
"""Between two of those, however many come."""
MAX_TOPIC = 160
MAX_REASON = 400
MAX_HEAD = 200
MAX_PENDING = 100


class RefusedMessages:
    """All refusals since the office began: how many, the newest, and those not yet in the history."""

    def __init__(self) -> None:
        self.total = 0
        self._logged, self._logged_wall_ms = 0, 0
        self._newest: deque[Refusal] = deque(maxlen=SHOWN)
        # A flood of bad messages is counted in full but kept in samples.
        self._pending: deque[Row] = deque(maxlen=MAX_PENDING)

    def add(
        self,
        topic: str,
        payload: bytes,
        reason: str,
        *,
        wall_ms: int,
        retained: bool = False,
        count: int = 1,
    ) -> None:
        """Count one, or as many as the reason is about, and keep its beginning with the reason in words."""
        self.total += count
        self._logged += 1
        # A device that sends nothing else would fill the log as well.
        if self._logged <= LOGGED or abs(wall_ms - self._logged_wall_ms) >= SELDOM_MS:
            self._logged_wall_ms = wall_ms
            logger.warning(
                "refused %d so far, now on %s: %s",
                self.total,
                shown(topic, MAX_TOPIC),
                shown(reason, MAX_REASON),
            )
        refusal = Refusal(
            wall_ms=wall_ms,
            topic=shown(topic, MAX_TOPIC),
            reason=shown(reason, MAX_REASON),
            head=shown(payload[:MAX_HEAD].decode("utf-8", "replace"), MAX_HEAD),
        )
        self._newest.appendleft(refusal)
        self._pending.append(
            {
                "wall_ms": refusal.wall_ms,
                "topic": refusal.topic,
                "reason": refusal.reason,
                "head": refusal.head,
                "retained": retained,
            }
        )

    def newest(self) -> Refusals:
        """What pages are told of them."""
        return Refusals(total=self.total, newest=list(self._newest))

    def take_rows(self) -> list[Row]:
        """Rows for the history that have not been taken before."""
        rows = list(self._pending)
        self._pending.clear()
        return rows


def shown(text: str, length: int) -> str:
    """A text from outside, shortened, with a sign for each character that cannot be printed."""
    clean = "".join(one if one.isprintable() else "�" for one in text[: length + 1])
    return clean if len(clean) <= length else clean[: length - 1] + "…"
