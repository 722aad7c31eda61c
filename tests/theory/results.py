"""All results of theory that the simulator is held against."""

from typing import Any

from tests.theory import lines, physics, renewal, stops
from tests.theory.result import Result

RESULTS: tuple[Result[Any], ...] = (
    *renewal.RESULTS,
    *lines.RESULTS,
    *stops.RESULTS,
    *physics.RESULTS,
)
