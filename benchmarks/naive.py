"""The KPIs as one would work them out in a notebook: read the rows of a window, add them up in pandas."""

import pandas as pd
from sqlalchemy import Engine, text

from benchmarks.year import RUN
from dashboard.calendar.schedule import Schedule

ROWS = text(
    "SELECT start_ms, state FROM intervals WHERE run = :run AND machine = :machine AND start_ms < :to_ms "
    "AND start_ms >= (SELECT coalesce(max(start_ms), 0) FROM intervals "
    "WHERE run = :run AND machine = :machine AND start_ms <= :from_ms) ORDER BY start_ms"
)
COUNTS = text(
    "SELECT at_ms, parts, rejects FROM counts WHERE run = :run AND machine = :machine AND at_ms <= :to_ms "
    "AND at_ms >= (SELECT coalesce(max(at_ms), 0) FROM counts "
    "WHERE run = :run AND machine = :machine AND at_ms <= :from_ms) ORDER BY at_ms"
)
SUMS = ("planned_ms", "running_ms", "idle_ms", "stopped_ms", "down_ms", "setup_ms", "unknown_ms")


def naive(engine: Engine, machine: str, schedule: Schedule, from_ms: int, to_ms: int) -> dict[str, int]:
    """Planned time by state in a window, and parts and rejects made in it."""
    window: dict[str, str | int] = {"run": RUN, "machine": machine, "from_ms": from_ms, "to_ms": to_ms}
    states = pd.read_sql(ROWS, engine, params=window)
    counts = pd.read_sql(COUNTS, engine, params=window)
    spans = pd.DataFrame(schedule.spans(from_ms, to_ms), columns=["kind", "name", "at_ms", "end_ms"])
    spans["kind"] = spans["kind"].astype(str)
    states = states.rename(columns={"start_ms": "at_ms"})
    edges = pd.concat([states["at_ms"].clip(lower=from_ms), spans["at_ms"]]).drop_duplicates().sort_values()
    time = edges.to_frame()
    time["ms"] = time["at_ms"].shift(-1, fill_value=to_ms) - time["at_ms"]
    time = pd.merge_asof(time, states, on="at_ms")
    time = pd.merge_asof(time, spans, on="at_ms")
    by_state = time[time["kind"] == "shift"].groupby(time["state"].fillna("unknown"))["ms"].sum()
    made = counts.diff().where(counts.diff() >= 0, counts)
    made["at_ms"] = counts["at_ms"] - 1
    made = pd.merge_asof(made.iloc[1:].astype("int64"), spans, on="at_ms")
    made = made[(made["at_ms"] >= from_ms) & (made["kind"] == "shift")]
    found = {name: int(by_state.get(name.removesuffix("_ms"), 0)) for name in SUMS[1:]}
    return {
        "planned_ms": sum(found.values()),
        **found,
        "parts": int(made["parts"].sum()),
        "rejects": int(made["rejects"].sum()),
    }
