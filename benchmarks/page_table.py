"""The table of two ways from the wire to the browser, in one run."""

from dataclasses import dataclass

from benchmarks.page_way import HOPS, Way, shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one way to the browser costs."""

    way: Way
    """How long reports take, each machine at its own moment."""
    bytes: float
    """Bytes of an update, as they came over the wire; median."""
    first: int
    """Bytes of the first answer that brings all machines."""
    viewer_ms: float
    """CPU of the server for one more viewer and one update, in ms."""
    busy: float
    """Share of the time that the browser's main thread is busy."""
    updates: float
    """Updates a second while that was measured."""
    paint_ms: float
    """First contentful paint with a cold cache, median."""
    full_ms: float
    """All tiles with a cold cache, median."""
    strangers: int
    """Requests that left this machine."""


TITLES = (
    "| ms: median, 95 % within, longest | all at one moment, pushed | each at its own, pushed "
    "| each at its own, full figures polled |"
)


def written(step: Way, pushed: Cost, polled: Cost, about: str) -> str:
    """The table, as docs/performance.md has it.

    Args:
        step: Ways of ours where all machines report at one moment.
        pushed: What ours costs.
        polled: What the usual way costs.
        about: Where and with what it was measured.
    """
    lines = [
        about,
        "",
        TITLES,
        "| --- | --- | --- | --- |",
        _row(
            "**from the wire to the changed tile**",
            *(shown(one.whole) for one in (step, pushed.way, polled.way)),
        ),
        *(
            _row(hop, shown(step.hops[i]), shown(pushed.way.hops[i]), shown(polled.way.hops[i]))
            for i, hop in enumerate(HOPS)
        ),
        _row("reports never shown", *(str(one.lost) for one in (step, pushed.way, polled.way))),
        "",
        "| | target | pushed | full figures polled | ratio |",
        "| --- | --- | --- | --- | --- |",
        _compared("bytes of an update", "2,000", pushed.bytes, polled.bytes, "{:,.0f}"),
        _compared("bytes of the first state", "", pushed.first, polled.first, "{:,.0f}"),
        _compared(
            "CPU of the server for a viewer and update",
            "0.2 ms",
            pushed.viewer_ms,
            polled.viewer_ms,
            "{:.2f} ms",
        ),
        _compared(
            "main thread, at one update a second",
            "5 %",
            100 * pushed.busy / pushed.updates,
            100 * polled.busy / polled.updates,
            "{:.1f} %",
        ),
        _compared("first contentful paint", "1,500 ms", pushed.paint_ms, polled.paint_ms, "{:,.0f} ms"),
        _compared("all tiles shown", "", pushed.full_ms, polled.full_ms, "{:,.0f} ms"),
        f"| requests that left the machine | 0 | {pushed.strangers} | {polled.strangers} | |",
    ]
    return "\n".join(lines)


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _compared(what: str, target: str, ours: float, theirs: float, form: str) -> str:
    ratio = f"{theirs / ours:,.{0 if theirs >= 10 * ours else 1}f}" if ours else ""
    return _row(what, target, form.format(ours), form.format(theirs), ratio)
