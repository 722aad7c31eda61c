"""What of Industry 4.0 is at work here, in numbers: each block of the picture with what embodies it."""

from typing import Any

from dashboard.api.question import Question
from dashboard.history.extent import made_of
from protocol.moments import to_text


def industry(question: Question) -> dict[str, Any]:
    """The newest counts of everything; null where nobody has been heard yet."""
    sources = question.sources
    channel, work, run = sources.channel, sources.channel.work, question.newest_run
    extent, age_s = sources.survey.extent(), sources.channel.age_s()
    made = None if run is None else made_of(sources.reader, run.run)
    told = work if work is not None and run is not None and work.run == run.run else None
    machines = [values for values, _ in channel.machines()]
    return {
        "run": None if run is None else run.run,
        "now": None if run is None else to_text(run.now_ms),
        "span_s": None if run is None else (run.now_ms - run.epoch_ms) / 1_000,
        "age_s": None if age_s is None else round(age_s, 3),
        "sensors": {
            "machines": len(machines),
            "signals": channel.signals,
            "readings": told and told.readings,
            "values": told and told.measured,
            "readings_per_s": told and told.readings_per_s,
        },
        "communication": {
            "online": sum(values["online"] is True for values in machines),
            "messages": told and told.messages,
            "messages_per_s": told and told.messages_per_s,
        },
        "automation": {
            "calls": made and made.calls,
            "acknowledged": made and made.acknowledged,
            "attended": made and made.attended,
            "closed": made and made.closed,
            "missed": made and made.missed,
        },
        "history": {
            "rows": extent.rows,
            "runs": extent.runs,
            "span_s": extent.span_ms / 1_000,
            "bytes": extent.size_bytes,
        },
        "cloud": {
            "streams": channel.streams,
            "posted": told and told.posting and told.posting.delivered,
        },
        "ai": {"forecasts": made and made.forecasts, "learned": made and made.learned},
    }
