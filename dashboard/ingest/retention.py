"""For how long what was heard is kept beside what was concluded from it."""

from dataclasses import dataclass

from dashboard.ingest.office import Office

EVERY_MS = 3_600_000
"""Plant time between two rounds of forgetting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """For how long each is kept, in ms of plant time."""

    readings_ms: int
    """Messages."""
    rollups_ms: int
    """Minutes of signals."""
    hours_ms: int
    """Hours of signals, into which minutes are merged after that."""

    def forget(self, office: Office, run: str, at_ms: int) -> None:
        """Have an office and its history drop what has been kept of a run for long enough by a moment."""
        office.forget(at_ms)
        if not office.share.leads:
            return
        office.ledger.patience.insist(
            lambda: office.store.forget(
                run=run,
                readings_before_ms=at_ms - self.readings_ms,
                rollups_before_ms=at_ms - self.rollups_ms,
                hours_before_ms=at_ms - self.hours_ms,
            )
        )
