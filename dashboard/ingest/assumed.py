"""What the plant says is assumed: the segments of its run for the history, and the newest for the pages."""

import msgspec

from dashboard.conclusions import AssumedNow, AssumedSegment, Assumption
from dashboard.ingest.ledger import Ledger
from protocol.assumptions import Assumption as Said
from protocol.assumptions import Assumptions
from protocol.messages import decode
from protocol.moments import to_ms


class Assumed:
    """The assumptions of the plant.

    Args:
        ledger: Where rows gather.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._newest: AssumedNow | None = None

    def hear(self, payload: bytes) -> None:
        """Take in what is assumed; said again it changes nothing.

        Raises:
            MessageError: It is no message of this kind.
        """
        said = decode(payload, Assumptions)
        about = {key: told(one) for key, one in said.assumptions.items()}
        newest = AssumedNow(
            run=said.run,
            persons=list(said.persons),
            assumptions=about,
            segments=[
                AssumedSegment(from_ms=to_ms(one.at), label=one.label, values=one.values)
                for one in said.segments
            ],
        )
        if newest == self._newest:
            return
        self._newest = newest
        described = msgspec.json.encode(about).decode()
        self._ledger.writes.segments.extend(
            {
                "run": said.run,
                "from_ms": one.from_ms,
                "label": one.label,
                "values": msgspec.json.encode(one.values).decode(),
                "about": described,
            }
            for one in newest.segments
        )

    def of_run(self, run: str) -> AssumedNow | None:
        """What pages are told of a run; None while the plant has not said it."""
        return self._newest if self._newest is not None and self._newest.run == run else None


def told(said: Said) -> Assumption:
    """An assumption with every field, for pages that know no defaults."""
    return Assumption(**msgspec.structs.asdict(said))
