"""All results of theory that the simulator is held against."""

from typing import Any

from tests.theory import renewal, stops
from tests.theory.result import Result

RESULTS: tuple[Result[Any], ...] = (
    *renewal.RESULTS,
    *stops.RESULTS,
)
