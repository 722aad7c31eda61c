"""All results of theory that the simulator is held against."""

from typing import Any

from tests.theory import air, crews, lines, physics, renewal, stops
from tests.theory.result import Result

RESULTS: tuple[Result[Any], ...] = (
    *renewal.RESULTS,
    *lines.RESULTS,
    *crews.RESULTS,
    *stops.RESULTS,
    *air.RESULTS,
    *physics.RESULTS,
)
