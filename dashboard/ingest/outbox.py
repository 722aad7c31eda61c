"""What is to be posted to the webhook: written in the commit that has the call, gone once delivered."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import msgspec

from dashboard.calls.record import CallRecord
from dashboard.calls.webhook import Webhook, events_of, sentence
from dashboard.history.store import Row, Store
from dashboard.ingest.share import Share
from protocol.messages import Call
from protocol.moments import to_text


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """The body of a post."""

    id: str
    """The id of the call and what happened: the same however often it is posted."""
    what: str
    """`raised`, `escalated` or `closed`."""
    at: str
    """When that happened in the plant, RFC 3339 in UTC with milliseconds."""
    text: str
    """All of it in a sentence."""
    call: Call
    """The call as it is said over MQTT."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One event on its way."""

    number: int
    """Its place in the order, and its key in the history."""
    id: str
    """Which call, and what happened."""
    body: bytes
    """What is posted, JSON."""


class Outbox:
    """The events that are to be posted, each from the commit of its call until it is delivered.

    Args:
        store: The history, which knows what had not been delivered when the last office ended.
        hook: What is posted.
        past_ms: For a run, the moment before which its plant lived through its past.
        share: Whose calls they are: the numbers of each worker are those between the others'.
    """

    def __init__(
        self, store: Store, hook: Webhook, past_ms: Callable[[str], int], share: Share | None = None
    ) -> None:
        share = share or Share()
        self._step = share.count
        self._hook = hook
        self._past_ms = past_ms
        self._released = [
            Delivery(number=row.number, id=row.id, body=row.body)
            for row in store.deliveries()
            if (row.number - share.number) % share.count == 0
        ]
        """Committed, and not handed on yet."""
        self._number = max((one.number for one in self._released), default=share.number - share.count)
        self._rows: list[Row] = []
        self._ended: list[Row] = []
        self._noted: list[Delivery] = []

    def note(self, before: CallRecord | None, call: CallRecord, message: Call) -> None:
        """Take in how a call is now.

        Args:
            before: How it was; None where it was not there.
            call: How it is.
            message: What is said of it over MQTT.
        """
        if self._hook.url is None:
            return
        for what, at_ms in events_of(before, call):
            if not self._hook.wants(call.rule, what) or at_ms < self._past_ms(call.run):
                continue
            self._number += self._step
            event = Event(
                id=f"{call.id}-{what}", what=what, at=to_text(at_ms), text=sentence(what, call), call=message
            )
            one = Delivery(number=self._number, id=event.id, body=msgspec.json.encode(event))
            self._noted.append(one)
            self._rows.append({"number": one.number, "id": one.id, "body": one.body})

    def end(self, numbers: Iterable[int]) -> None:
        """Note that events need not be posted any more."""
        self._ended.extend({"number": number} for number in numbers)

    def take_rows(self) -> tuple[list[Row], list[Row]]:
        """Rows for the next commit: what is to be posted, and what need not be any more."""
        rows, ended, self._rows, self._ended = self._rows, self._ended, [], []
        return rows, ended

    def take_committed(self) -> list[Delivery]:
        """What may be posted, in order; true once everything noted so far is committed."""
        released, self._released = [*self._released, *self._noted], []
        self._noted = []
        return released
