"""What a machine's page is told of the window its reader chose: strip, numbers and trends."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.exc import SQLAlchemyError

from dashboard.conclusions import Board
from dashboard.condition.zones import zones_of
from dashboard.figures.trends import Trend, trends
from dashboard.history.numbers import numbers_of
from dashboard.history.reader import Reader
from dashboard.history.rows import MachineRow, Rollup
from dashboard.kpi.basis import Basis
from dashboard.live.channel import Channel
from dashboard.live.picture import row
from dashboard.live.strip import numbered
from dashboard.pages.care import care_of
from dashboard.units import unit_of
from protocol.messages import Signal
from protocol.moments import from_ms as moment

MINUTE_MS = 60_000
EIGHT_HOURS_MS = 8 * 3_600_000
EMPTY: dict[str, Any] = {
    "data": [],
    "layout": {
        "height": 10, "xaxis": {"visible": False}, "yaxis": {"visible": False},
        "paper_bgcolor": "rgba(0,0,0,0)", "plot_bgcolor": "rgba(0,0,0,0)",
    },
}  # fmt: skip
MAX_SIGNALS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Windows:
    """Answers for a machine and a window.

    Args:
        channel: Says what time it is in the plant.
        reader: The history.
        basis: By what numbers are worked out.
    """

    channel: Channel
    reader: Reader
    basis: Basis

    def answer(self, name: str, window: str) -> tuple[dict[str, Any], dict[str, Any], str]:
        """What the page keeps of the window, the figure of the signals, and a sentence where it is empty."""
        board = self.channel.board
        if board is None:
            return {"window": window}, EMPTY, "Waiting for the first word of the office."
        from_ms, to_ms = self._span(board, window)
        chosen: dict[str, Any] = {"window": window, "from_ms": from_ms, "to_ms": to_ms}
        try:
            machine = next((m for m in self.reader.machines(board.run) if m.name == name), None)
            if machine is None:
                return chosen, EMPTY, "The history has nothing of this machine yet."
            chosen["care"] = care_of(machine, self.reader.learnings(board.run, name), board.now_ms)
            if window != "shift":
                chosen["numbers"] = row(numbers_of(self.reader, self.basis, [machine], from_ms, to_ms))
                states = self.reader.intervals(board.run, name, max(from_ms, machine.since_ms), to_ms)
                chosen["strip"] = numbered((start, state.value) for start, _end, state, _cause in states)
            minutes = self.reader.rollups(board.run, name, from_ms, to_ms)
        except SQLAlchemyError:
            return chosen, EMPTY, "The history cannot be read just now; the live values above go on."
        if not minutes:
            return chosen, EMPTY, "No readings of its signals in this window."
        signals = [_trend(signal, machine, minutes[signal]) for signal in _in_order(machine, minutes)]
        figure = trends(
            signals,
            from_ms=from_ms,
            to_ms=to_ms,
            offset_ms=_offset_ms(board.zone, to_ms),
            revision=f"{name} {window} {board.shift_from_ms if window != '8h' else ''}",
        )
        return chosen, figure, ""

    def _span(self, board: Board, window: str) -> tuple[int, int]:
        begun_ms = board.epoch_ms if board.run else 0
        if window == "last":
            site = self.basis.calendar.site
            shift = site.latest_shift(board.now_ms)
            last = shift and site.before(shift)
            return (last.from_ms, last.to_ms) if last else (begun_ms, begun_ms + MINUTE_MS)
        if window == "8h":
            return max(board.now_ms - EIGHT_HOURS_MS, begun_ms), board.now_ms
        # A shift that has lasted for less than a minute has no width to draw.
        return max(board.shift_from_ms, begun_ms), max(board.now_ms, board.shift_from_ms + MINUTE_MS)


def _in_order(machine: MachineRow, minutes: dict[str, Rollup]) -> list[str]:
    said = list(machine.birth.signals) if machine.birth else []
    return [*(s for s in said if s in minutes), *(s for s in sorted(minutes) if s not in said)][:MAX_SIGNALS]


def _trend(name: str, machine: MachineRow, minutes: Rollup) -> Trend:
    signal = machine.birth.signals.get(name, Signal()) if machine.birth else Signal()
    return Trend(
        signal=name,
        title=signal.title,
        unit=unit_of(machine.birth, name),
        low=signal.low,
        high=signal.high,
        # Lists, not arrays: a chart drawn from encoded arrays cannot be extended in the browser.
        minute_ms=minutes.minute_ms.tolist(),
        mean=[round(v, 4) for v in minutes.mean.tolist()],
        lowest=minutes.min.tolist(),
        highest=minutes.max.tolist(),
        spacing_ms=_spacing_ms(signal, machine),
        zones=zones_of(name, unit_of(machine.birth, name), signal.high),
    )


def _spacing_ms(signal: Signal, machine: MachineRow) -> int:
    """How far apart the minutes of a signal may be that is read seldom, or once a cycle."""
    ideal_s = machine.birth.ideal_cycle_s if machine.birth else None
    # A cycle takes longer than the ideal one, and its part is unloaded and the next one loaded.
    cycle_ms = 3_000 * ideal_s if signal.per == "cycle" and ideal_s else 0
    return max(MINUTE_MS, signal.period_ms or 0, round(cycle_ms))


def _offset_ms(zone: str, at_ms: int) -> int:
    offset = moment(at_ms).astimezone(ZoneInfo(zone)).utcoffset()
    return (offset or timedelta()) // timedelta(milliseconds=1)
