"""The lockstep of plant and office: how far the plant may go, and from where it has to send again.

The office answers each tick with its watermark. The plant goes no further than the watermark of the
slowest office plus its lookahead, so that what people do in answer to a call does not depend on how
fast the computer is. Whenever something may have been lost on the way, the plant asks with a tick at
the epoch, and sends again from what the office says that it has committed.
"""

from protocol.messages import OfficeNotice, Watermark
from protocol.moments import to_ms

ANSWER_S = 2.0
"""A tick that is not answered within this many real seconds is taken for lost."""
MAX_ASK_S = 8.0
"""Between two questions to an office that does not answer."""


class Lockstep:
    """What the plant knows of its office.

    Real seconds are handed in: they only decide what is lost, never what happens in the plant.

    Args:
        run: The run of the plant.
        epoch_ms: Plant time at which the run began.
        lookahead_ms: How far the plant may go beyond the watermark.
        now_s: Real seconds, going up.
    """

    def __init__(self, *, run: str, epoch_ms: int, lookahead_ms: int, now_s: float) -> None:
        self.names: tuple[str, ...] = ()
        """The offices that the plant waits for; empty when there is none."""
        self._run = run
        self._epoch_ms = epoch_ms
        self._lookahead_ms = lookahead_ms
        self._boot = ""
        self._watermarks: dict[str, Watermark] = {}
        self._following = False
        self._begun_ms = epoch_ms
        self._sent_ms = epoch_ms
        self._sent_s: float | None = None
        self._missed_since_s: float | None = now_s
        self._ask_s = ANSWER_S

    @property
    def present(self) -> bool:
        """Whether an office has said that it is there."""
        return bool(self.names)

    @property
    def following(self) -> bool:
        """Whether the office has said what it has committed, and answers since then."""
        return self._following

    def missed_s(self, now_s: float) -> float:
        """Real seconds for which no office has answered; 0 while one does."""
        if self._missed_since_s is not None:
            return now_s - self._missed_since_s
        if self._sent_s is not None:
            return now_s - self._sent_s
        return 0.0

    @property
    def notice(self) -> OfficeNotice:
        """Who is to be waited for, as it was last said: what the lockstep of the next run begins with."""
        return OfficeNotice(names=self.names, boot=self._boot)

    def hear_notice(self, notice: OfficeNotice, now_s: float) -> None:
        """Who is to be waited for; another boot says that what was on its way may be lost."""
        names = notice.names if notice.online else ()
        if names != self.names or notice.boot != self._boot:
            self.names, self._boot = names, notice.boot
            self.lose(now_s)

    def hear_watermark(self, watermark: Watermark, now_s: float) -> None:
        """How far an office has come, in answer to a tick."""
        if watermark.run != self._run or watermark.office not in self.names:
            return
        before_ms = self._processed_ms
        if self._following or self._sent_s is not None:
            self._watermarks[watermark.office] = watermark
        if self._following and self._processed_ms > before_ms:
            self._sent_s = None if self.answered else now_s

    def lose(self, now_s: float) -> None:
        """Follow no longer: something that was sent may be lost."""
        self._following = False
        self._watermarks = {}
        if self._missed_since_s is None:
            self._missed_since_s = self._sent_s if self._sent_s is not None else now_s
        self._sent_s = None

    def should_ask(self, now_s: float) -> bool:
        """Whether it is time for a tick at the epoch, with nothing before it."""
        if not self.names or self._following:
            return False
        return self._sent_s is None or now_s - self._sent_s >= self._ask_s

    def asked(self, now_s: float) -> None:
        """A tick at the epoch is on its way."""
        if self._sent_s is not None:
            self._ask_s = min(2 * self._ask_s, MAX_ASK_S)
        self._watermarks = {}
        self._sent_s = now_s

    def take_up(self) -> int | None:
        """Plant time to send from, once, when every office has said what it has committed."""
        if self._following or not self._all_said:
            return None
        self._following = True
        self._missed_since_s = None
        self._sent_s = None
        self._ask_s = ANSWER_S
        self.begin_at(self.committed_ms)
        return self._begun_ms

    def begin_at(self, at_ms: int) -> None:
        """Everything before this moment counts as sent and processed."""
        self._begun_ms = self._sent_ms = at_ms

    def sent(self, at_ms: int, now_s: float) -> None:
        """A tick is on its way, and the broker has everything up to it."""
        self._sent_ms = at_ms
        if self._sent_s is None:
            self._sent_s = now_s

    def check(self, now_s: float) -> bool:
        """Whether a tick has just been taken for lost; the plant then has to ask."""
        if not self._following or self._sent_s is None or now_s - self._sent_s < ANSWER_S:
            return False
        self.lose(now_s)
        return True

    @property
    def answered(self) -> bool:
        """Whether every office has processed the last tick."""
        return self._following and self._processed_ms >= self._sent_ms

    @property
    def limit_ms(self) -> int:
        """Plant time that the plant may not pass."""
        # A watermark beyond the last tick is from before a rewind: it allows no more than that tick does.
        return min(self._processed_ms, self._sent_ms) + self._lookahead_ms

    @property
    def committed_ms(self) -> int:
        """Plant time up to which every office has everything in its history; the epoch for nothing."""
        if not self._all_said:
            return self._epoch_ms
        return min(self._committed_ms(one) for one in self._watermarks.values())

    @property
    def _all_said(self) -> bool:
        return bool(self.names) and all(name in self._watermarks for name in self.names)

    @property
    def _processed_ms(self) -> int:
        if not self._all_said:
            return self._epoch_ms
        return max(self._begun_ms, min(to_ms(one.at) for one in self._watermarks.values()))

    def _committed_ms(self, watermark: Watermark) -> int:
        at = watermark.committed
        return self._epoch_ms if at is None else max(self._epoch_ms, to_ms(at))
