"""Fills the picture from the history where this process did not hear what happened."""

from contextlib import AbstractContextManager
from typing import Any

from dashboard.conclusions import Board
from dashboard.live.past import Past
from dashboard.live.picture import MARGIN_MS, MINUTE_MS, POWER_MINUTES, Machine, Picture

AGAIN_S = 5.0
"""How long a history that could not be read is left alone."""


class Filling:
    """What is missing of strips and of the last hour of power.

    Args:
        past: What lay before this process listened.
        guard: Held while a machine changes.
    """

    def __init__(self, past: Past, guard: AbstractContextManager[Any]) -> None:
        self._past = past
        self._lock = guard
        self._again_s = 0.0

    def fill(self, picture: Picture, now_s: float) -> None:
        """Put what the history knows in the place of what this process did not hear."""
        board = picture.board
        if board is None or now_s < self._again_s:
            return
        for name, machine in picture.machines.items():
            if not (self._fill_strip(board, name, machine) and self._fill_power(board, name, machine)):
                # Not there yet, or not readable: what came live is shown until it is.
                self._again_s = now_s + AGAIN_S
                return

    def _fill_strip(self, board: Board, name: str, machine: Machine) -> bool:
        """Fill what is missing of a strip; False when the history cannot be read."""
        to_ms = machine.strip.start_ms if machine.gap_from_ms == 0 else machine.strip.end_ms
        if machine.gap_from_ms is None or to_ms is None:
            return True
        window_ms = (board.last_shift_from_ms or board.shift_from_ms) - MARGIN_MS
        window_ms = max(window_ms, board.epoch_ms) if board.run else window_ms
        from_ms = max(machine.gap_from_ms, window_ms)
        if to_ms > from_ms:
            pieces = self._past.pieces(board.run, name, from_ms, to_ms)
            if pieces is None:
                return False
            with self._lock:
                machine.strip.fill(from_ms, pieces, to_ms)
                machine.retell(from_ms)
        machine.gap_from_ms = None
        return True

    def _fill_power(self, board: Board, name: str, machine: Machine) -> bool:
        """Fill what is missing of the last hour of power; False when the history cannot be read."""
        # While the plant lives through its past every round would leave another gap.
        if not machine.power_gap or board.catching_up_to_ms is not None:
            return True
        hour_ms = board.now_ms - POWER_MINUTES * MINUTE_MS
        minutes = self._past.minutes(board.run, name, machine.power_signal, hour_ms, board.now_ms)
        if minutes is None:
            return False
        with self._lock:
            # What came live since is the newer word on its minute.
            machine.take_power([*minutes, *machine.power.items()])
            machine.power_gap = False
        return True
