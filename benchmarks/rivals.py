"""Other detectors for the same series: the usual simple ones, and those of libraries that are installed.

`pip install river pyod` brings the libraries; they are no part of the product.
"""

import importlib.util
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmarks.nab import Series
from dashboard.condition.detector import Detector

Floats = npt.NDArray[np.float64]
Score = Callable[[Series], Floats]


def ours(series: Series) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Scores and flags of the product's own detector."""
    detector = Detector(1)
    found = [
        detector.judge(at_ms, row)
        for at_ms, row in zip(series.at_ms.tolist(), series.readings[:, None], strict=True)
    ]
    return np.array([one.score for one in found]), np.array([one.flag for one in found])


def rivals() -> Iterator[tuple[str, Score, float | None]]:
    """Name, scores, and the score from which it is usual to flag; None where no such thing is usual."""
    yield "three sigma over 1,000 rows", lambda series: _sigmas(series, 1_000), 3.0
    yield "three sigma over 100 rows", lambda series: _sigmas(series, 100), 3.0
    yield "EWMA, span 50, three sigma", lambda series: _weighted(series, 50), 3.0
    yield "EWMA, span 500, three sigma", lambda series: _weighted(series, 500), 3.0
    if importlib.util.find_spec("river"):
        yield "river GaussianScorer", _river_gaussian, 0.9973
        yield "river HalfSpaceTrees", _river_trees, None
    if importlib.util.find_spec("pyod"):
        yield (
            "PyOD IForest, learned in the probation",
            lambda series: _pyod(series, "iforest", "IForest"),
            None,
        )
        yield "PyOD ECOD, learned in the probation", lambda series: _pyod(series, "ecod", "ECOD"), None


def _sigmas(series: Series, rows: int) -> Floats:
    values = pd.Series(series.readings)
    past = values.shift().rolling(rows, min_periods=20)
    return _in_sigmas(values - past.mean(), past.std())


def _weighted(series: Series, span: int) -> Floats:
    values = pd.Series(series.readings)
    past = values.shift().ewm(span=span)
    return _in_sigmas(values - past.mean(), past.std())


def _in_sigmas(off: "pd.Series[float]", sigma: "pd.Series[float]") -> Floats:
    return np.asarray((off.abs() / (sigma + 1e-9)).fillna(0).clip(0, 1e6), dtype=np.float64)


def _river_gaussian(series: Series) -> Floats:
    river: Any = importlib.import_module("river.anomaly")
    model = river.GaussianScorer(window_size=1_000, grace_period=20)
    found = []
    for value in series.readings.tolist():
        found.append(float(model.score_one(None, value)))
        model.learn_one(None, value)
    return np.array(found)


def _river_trees(series: Series) -> Floats:
    river: Any = importlib.import_module("river.anomaly")
    low, high = (
        float(series.readings[: series.probation].min()),
        float(series.readings[: series.probation].max()),
    )
    model = river.HalfSpaceTrees(seed=1, limits={"v": (low - (high - low), high + (high - low))})
    found = []
    for value in series.readings.tolist():
        found.append(float(model.score_one({"v": value})))
        model.learn_one({"v": value})
    return np.array(found)


def _pyod(series: Series, module: str, name: str) -> Floats:
    model: Any = getattr(importlib.import_module(f"pyod.models.{module}"), name)()
    steps = np.diff(series.readings, prepend=series.readings[:1])
    rows = np.column_stack((series.readings, steps))
    model.fit(rows[: series.probation])
    return np.asarray(model.decision_function(rows), dtype=np.float64)
