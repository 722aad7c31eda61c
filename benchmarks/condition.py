"""How good the condition monitoring is: `python -m benchmarks.condition [nab] [made] [faults] [trends]`.

Series of the Numenta Anomaly Benchmark, series made here, the simulator's own faults, and the wear of its
machines. It prints the tables of docs/condition-monitoring.md.
"""

# ruff: noqa: T201 - it prints what it measured
import argparse
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from time import process_time

import numpy as np
import numpy.typing as npt

from benchmarks import made, wear
from benchmarks.nab import Series, normalised, points, read_all
from benchmarks.rivals import Floats, ours, rivals
from dashboard.condition.detector import FLAG, Detector
from dashboard.condition.forecast import Forecast
from dashboard.condition.regime import blocks, ran
from simulator.faults.catalogue import fault
from simulator.faults.spells import Spell

HOUR_MS, MINUTE_MS = 3_600_000, 60_000
SEEDS = 5
MACHINES = (
    "compressor-1", "lathe-1", "lathe-2", "mill-1", "mill-2", "mill-3", "moulder-1", "moulder-2", "moulder-3",
    "packer-1", "packer-2", "press-1",
)  # fmt: skip
FAULTS: tuple[tuple[str, str], ...] = (
    ("bearing-wear", ""), ("overheating", ""), ("slow-cycle", ""),
    ("stuck", "vibration_mm_s"), ("spike", "vibration_mm_s"), ("drift", "vibration_mm_s"),
    ("dropout", "vibration_mm_s"), ("stuck", "spindle_load_pct"), ("spike", "spindle_load_pct"),
    ("drift", "temperature_c"),
)  # fmt: skip
BEGIN_H, LIFE_H = 24, 27
"""A fault begins after so many hours of a life of so many."""
GRACE_MS = 30 * MINUTE_MS
"""So long after its end a flag still counts for a fault."""
LEAST_MINUTES = 5
"""A fault counts where the machine ran so many minutes during it."""
TOGETHER_MS = 30 * MINUTE_MS
"""Flags of one machine nearer to each other than this are one call."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print what was measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.condition", description=__doc__)
    parser.add_argument("parts", nargs="*", default=["nab", "made", "faults", "trends"], help="which tables")
    parser.add_argument(
        "--seeds", type=int, default=SEEDS, help="seeds for each fault and each sort of series"
    )
    args = parser.parse_args(arguments)
    known: dict[str, Callable[[int], None]] = {
        "nab": lambda _: _nab(), "made": _made, "faults": _faults, "trends": _trends,
    }  # fmt: skip
    for part in args.parts:
        if part not in known:
            parser.error(f"there is no part {part!r}: allowed are {', '.join(known)}")
        known[part](args.seeds)


@dataclass(slots=True)
class _Row:
    """What a detector did on all series of the benchmark."""

    found: int = 0
    windows: int = 0
    outside: int = 0
    days: float = 0.0
    total: float = 0.0
    delays: list[float] | None = None


def _nab() -> None:
    every = list(read_all())
    rows = sum(len(one.readings) for one in every)
    print(f"\nNAB, {len(every)} series, {rows:,} rows\n")
    print(
        "| detector | windows found | false a day | delay, median | NAB score | best threshold | µs a row |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- |")
    spent = process_time()
    told = [ours(one) for one in every]
    spent = process_time() - spent
    scores, flags = [one[0] for one in told], [one[1] for one in told]
    _line("ours", every, scores, flags, spent / rows)
    for name, score, usual in rivals():
        spent = process_time()
        scores = [score(one) for one in every]
        spent = process_time() - spent
        usually = None if usual is None else [one >= usual for one in scores]
        _line(name, every, scores, usually, spent / rows)
    print("\n| series | windows found | flags outside | NAB score |\n| --- | --- | --- | --- |")
    for series, (_, flag) in zip(every, told, strict=True):
        row = _counted([series], [flag])
        own = normalised(row.total, row.windows)
        print(f"| {series.name} | {row.found} of {row.windows} | {row.outside} | {own:.0f} |")


def _line(
    name: str,
    every: list[Series],
    scores: list[Floats],
    flags: list[npt.NDArray[np.bool_]] | None,
    each_s: float,
) -> None:
    best = max(
        sum(
            points(one, np.flatnonzero(score >= level).tolist())
            for one, score in zip(every, scores, strict=True)
        )
        for level in _levels(scores)
    )
    windows = sum(len(one.windows) for one in every)
    own = "| – | – | – | – |"
    if flags is not None:
        row = _counted(every, flags)
        delay = f"{np.median(row.delays or [np.nan]):.0f} % of a window"
        score = normalised(row.total, windows)
        own = f"| {row.found} of {row.windows} | {row.outside / row.days:.2f} | {delay} | {score:.1f} |"
    print(f"| {name} {own} {normalised(best, windows):.1f} | {each_s * 1e6:.0f} |", flush=True)


def _levels(scores: list[Floats]) -> list[float]:
    top = np.unique(np.concatenate([np.sort(one)[-300:] for one in scores]))
    return [*top[:: max(len(top) // 150, 1)].tolist(), FLAG]


def _counted(every: list[Series], flags: list[npt.NDArray[np.bool_]]) -> _Row:
    row = _Row(delays=[])
    for series, flag in zip(every, flags, strict=True):
        told = [one for one in np.flatnonzero(flag).tolist() if one >= series.probation]
        row.days += series.days
        row.windows += len(series.windows)
        row.total += points(series, told)
        inside = 0
        for first, last in series.windows:
            hits = [one for one in told if first <= one <= last]
            inside += len(hits)
            if hits and row.delays is not None:
                row.found += 1
                row.delays.append(100.0 * (hits[0] - first) / (last - first))
        row.outside += len(told) - inside
    return row


def _made(seeds: int) -> None:
    print(f"\nSeries made here, {seeds} of each, {made.ROWS:,} rows\n")
    print("| ground | " + " | ".join(made.WRONG) + " |\n| --- |" + " --- |" * len(made.WRONG))
    found: dict[tuple[str, str], list[tuple[int | None, int]]] = defaultdict(list)
    grounds = [(ground, wrong) for ground in made.GROUNDS for wrong in made.WRONG]
    for seed in range(seeds):
        for key, one in zip(grounds, made.series(seed), strict=True):
            detector = Detector(one.rows.shape[1])
            told = [k for k, row in enumerate(one.rows) if detector.judge(k * MINUTE_MS, row).flag]
            hits = [k - one.first for k in told if one.first <= k <= one.last]
            found[key].append((hits[0] if hits else None, len(told) - len(hits)))
    for ground in made.GROUNDS:
        cells = []
        for wrong in made.WRONG:
            cases = found[ground, wrong]
            delays = [delay for delay, _ in cases if delay is not None]
            if wrong == "nothing":
                false = sum(false for _, false in cases) / len(cases) / made.ROWS * 1_000
                cells.append(f"{false:.2f} flags in 1,000 rows")
            else:
                rows = f", {np.median(delays):.0f} rows" if delays else ""
                cells.append(f"{len(delays)} of {len(cases)}{rows}")
        print(f"| {ground} | " + " | ".join(cells) + " |", flush=True)


def _faults(seeds: int) -> None:
    print(f"\nFaults of the simulator at mill-1, {seeds} seeds each, after {BEGIN_H} h\n")
    print("| fault | severity | found | delay, median | trend foreseen |\n| --- | --- | --- | --- | --- |")
    for name, signal in FAULTS:
        for severity in (0.5, 1.0):
            cases = [_fault(name, signal, severity, seed) for seed in range(seeds)]
            # A machine that stands shows nothing.
            ran_then = [one for one in cases if one is not None]
            delays = [delay for delay, _ in ran_then if delay is not None]
            trends = sum(trend for _, trend in ran_then)
            delay = f"{np.median(delays):.0f} min" if delays else "–"
            where = f" of {signal}" if signal else ""
            print(
                f"| {name}{where} | {severity:g} | {len(delays)} of {len(ran_then)} | {delay} "
                f"| {trends} of {len(ran_then)} |",
                flush=True,
            )
    calls = 0
    for seed in range(seeds):
        life = wear.lived("mill-1", seed=seed, hours=72)
        at = sorted(at for told in wear.judged(life, life.minutes).values() for at in told)
        calls += sum(1 for before, now in zip([0, *at], at, strict=False) if now - before > TOGETHER_MS)
    print(f"\nWithout a fault, wear and breakdowns of its own included: {calls / seeds / 3:.1f} calls a day")


def _fault(name: str, signal: str, severity: float, seed: int) -> tuple[float | None, bool] | None:
    """Minutes until it was flagged, and whether a trend was foreseen; None where the machine hardly ran."""
    begin_ms = wear.EPOCH_MS + BEGIN_H * HOUR_MS
    end_ms = begin_ms + round(fault(name).duration_s * 1_000)
    spell = Spell(
        machine="mill-1", fault=name, severity=severity, signal=signal,
        from_ms=begin_ms, until_ms=end_ms, planned_ms=end_ms,
    )  # fmt: skip
    life = wear.lived("mill-1", seed=seed, hours=LIFE_H, spells=[spell])
    minutes = np.arange(begin_ms, end_ms, MINUTE_MS)
    if ran(minutes, life.intervals).sum() < LEAST_MINUTES:
        return None
    told = wear.judged(life, [signal] if signal else life.minutes).values()
    inside = [at - begin_ms for one in told for at in one if begin_ms < at <= end_ms + GRACE_MS]
    trends = any(begin_ms < at <= end_ms + GRACE_MS for at, _, _ in wear.foreseen(life))
    return (min(inside) / MINUTE_MS if inside else None), trends


def _trends(seeds: int) -> None:
    print(f"\nTrends of the machines' own wear, {seeds} seeds, 72 h each\n")
    print("| machine | machine-days | forecasts | of wear | of nothing | late by, median | interval holds |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for name in MACHINES:
        right = wrong = held = told = 0
        off: list[float] = []
        for seed in range(seeds):
            life = wear.lived(name, seed=seed, hours=72)
            for signal, _, first in _episodes(wear.foreseen(life)):
                if not _wears(name, signal):
                    wrong += 1
                    continue
                right += 1
                reached = _reached(life, signal, first)
                if reached is not None:
                    told += 1
                    held += first.low_ms <= reached and (first.high_ms is None or reached <= first.high_ms)
                    off.append((reached - first.at_ms) / HOUR_MS)
        late = f"{np.median(off):+.1f} h" if off else "–"
        print(
            f"| {name} | {seeds * 3} | {right + wrong} | {right} | {wrong} | {late} | {held} of {told} |",
            flush=True,
        )


def _episodes(told: list[tuple[int, str, Forecast]]) -> Iterator[tuple[str, int, Forecast]]:
    """The first of each run of forecasts of one signal."""
    last: dict[str, int] = {}
    for now_ms, signal, one in told:
        if now_ms - last.get(signal, 0) > 6 * HOUR_MS:
            yield signal, now_ms, one
        last[signal] = now_ms


def _wears(name: str, signal: str) -> bool:
    """Whether a signal shows wear of its machine, as its kind's file says."""
    sensor = next(one for one in wear.spec_of(name).sensors if one.name == signal)
    return sensor.growth is not None or sensor.worn is not None


def _reached(life: wear.Life, signal: str, one: Forecast) -> int | None:
    """When the signal reached the limit, by the first of two blocks in running time beyond it."""
    minutes = life.minutes[signal]
    at_ms = np.array([minute.minute_ms for minute in minutes])
    whole = ran(at_ms, life.intervals)
    seen = blocks(at_ms[whole], np.array([minute.mean for minute in minutes])[whole])
    beyond = seen.level >= one.limit if one.limit > one.baseline else seen.level <= one.limit
    both = beyond[:-1] & beyond[1:] & (seen.at_ms[:-1] > one.begun_ms)
    return int(seen.at_ms[:-1][both][0]) if both.any() else None


if __name__ == "__main__":
    main()
