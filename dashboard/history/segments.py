"""The segments of a run, from the history."""

from dashboard.gain.segments import Segment, segments_of
from dashboard.history import assumed
from dashboard.history.reader import Reader
from dashboard.history.rows import RunRow


def segments(reader: Reader, run: RunRow, now_ms: int) -> list[Segment]:
    """The segments of a run up to a moment; one for all of it where its plant tells of none."""
    opened = [(one.from_ms, one.label, one.values) for one in assumed.segments_of(reader, run.run)]
    return segments_of(opened, run.epoch_ms, now_ms)
