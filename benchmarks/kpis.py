"""How long any KPI of any window takes over a year of a hundred machines: `python -m benchmarks.kpis`.

Windows are random to the millisecond. Each is asked of the API, in the process, and the naive way: rows
of the window read into pandas and added up again. Then the newest is asked for of a plant that goes on.
Equal numbers are a condition, not a result.
"""

# ruff: noqa: T201 - it prints what it measured
import argparse
import platform
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

import numpy as np
from flask.testing import FlaskClient
from sqlalchemy import Engine, create_engine, update

from benchmarks.naive import naive
from benchmarks.year import LINES, RUN, Size, make_year
from dashboard.app import BOOKS, Settings, make_app
from dashboard.calendar.places import Calendar
from dashboard.history import tables
from dashboard.history.books import Books
from dashboard.history.numbers import accounts_of, numbers_of
from dashboard.history.reader import MachineRow, Reader
from dashboard.kpi.basis import Basis
from dashboard.losses.reasons import Reasons
from protocol.address import Address
from protocol.moments import to_text

Window = tuple[int, int]
CALENDAR = Path(__file__).with_name("calendar.toml")
DAY_MS = 86_400_000
HOURS_MS = 6 * 3_600_000
"""For so long the plant goes on while it is asked."""


def main(arguments: list[str] | None = None) -> None:
    """Measure, and print what was measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kpis", description=__doc__)
    parser.add_argument("--machines", type=int, default=100, help="number of machines")
    parser.add_argument("--days", type=int, default=365, help="length of the history, in days")
    parser.add_argument("--windows", type=int, default=200, help="how many windows are asked for")
    parser.add_argument("--naive", type=int, default=100, help="how many machines and windows the naive way")
    parser.add_argument("--history", type=Path, help="file of the history; made if it is not there, and kept")
    args = parser.parse_args(arguments)
    with _file(args.history) as file:
        measure(file, Size(machines=args.machines, days=args.days), args.windows, args.naive)


def measure(file: Path, size: Size, count: int, naively: int) -> None:
    """Print median and 95th percentile for one machine, a line and the plant, by each of the three ways."""
    packages = ("numpy", "pandas", "sqlalchemy", "flask")
    print(f"with      Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, "
          + ", ".join(f"{name} {version(name)}" for name in packages))  # fmt: skip
    if not file.exists():
        began, spent = perf_counter(), process_time()
        intervals = make_year(file, size)
        a_day = intervals / size.machines / size.days
        print(f"history   {intervals:,} intervals, {a_day:.0f} a machine and day, made in {_s(began, spent)}")
    url = f"sqlite:///{file}"
    basis = Basis(calendar=Calendar.read(CALENDAR))
    settings = Settings(
        address=Address(host="127.0.0.1", port=1), root="shopfloor", history=url, basis=basis,
        reasons=Reasons.read(), guest_line="",
    )  # fmt: skip
    app, _ = make_app(settings)
    books: Books = app.server.extensions[BOOKS]
    engine, going_on_ms = create_engine(url), size.to_ms - HOURS_MS
    _know_until(engine, going_on_ms)
    began, spent = perf_counter(), process_time()
    books.keep()
    print(f"books     {_s(began, spent)} from cold, {books.nbytes / 1e6:.0f} MB")
    reader = Reader(url)
    reader.books = books
    client = app.server.test_client()
    machines = reader.machines(RUN)
    random = np.random.default_rng(size.seed)
    edges = np.sort(random.integers(size.from_ms, going_on_ms, (count, 2)), axis=1).tolist()
    windows = [(begun, ended + 1) for begun, ended in edges]
    groups = {
        "machine": [machines[0]],
        "line": [one for one in machines if one.path == LINES[0]],
        "plant": machines,
    }
    asks = {"machine": {"machine": machines[0].name}, "line": {"line": LINES[0]}, "plant": {"by": "plant"}}
    for name, members in groups.items():

        def by_api(window: Window, ask: dict[str, str] = asks[name]) -> None:
            _ask(client, window, ask)

        def in_process(window: Window, of: Sequence[MachineRow] = members) -> None:
            numbers_of(reader, basis, of, *window)

        def by_hand(window: Window, of: Sequence[MachineRow] = members) -> None:
            for one in of:
                naive(engine, one.name, basis.calendar.site, *window)

        few = windows[: max(naively // len(members), 1)]
        _print(f"{name:8}  API", _times(by_api, windows))
        found = _times(in_process, windows)
        _print(f"{name:8}  in the process", found)
        slow = _times(by_hand, few)
        _print(f"{name:8}  naive", slow)
        ratio = sum(wall for wall, _ in slow) / sum(wall for wall, _ in found[: len(few)])
        print(f"{name:8}  the naive way takes {ratio:,.0f} times as long over the same {len(few)} windows")
    for window in windows[:naively]:
        numbers = numbers_of(reader, basis, machines[:1], *window)
        expected = naive(engine, machines[0].name, basis.calendar.site, *window)
        if {key: getattr(numbers, key) for key in expected} != expected:
            raise SystemExit(f"not equal: {numbers} and {expected}")
    print(f"equal     {naively} windows by books and by pandas")
    _measure_going_on(client, engine, books, size, count)


def _measure_going_on(client: FlaskClient, engine: Engine, books: Books, size: Size, count: int) -> None:
    """Print the same for the newest windows of a plant of which more is known with every request."""
    lengths = np.random.default_rng(size.seed).integers(60_000, size.days * DAY_MS - HOURS_MS, count).tolist()
    keeping: list[tuple[float, float]] = []
    times: list[tuple[float, float]] = []
    try:
        for place, length in enumerate(lengths):
            now_ms = size.to_ms - HOURS_MS + HOURS_MS * (place + 1) // count
            _know_until(engine, now_ms)
            # As the thread does that looks after them between requests.
            keeping += _times(lambda _: books.keep(), [(0, 0)], warm=0)
            window = (now_ms - length, now_ms)
            times += _times(lambda window: _ask(client, window, {"by": "plant"}), [window], warm=0)
            if place % 20 == 0:
                _check(engine, books, window)
    finally:
        _know_until(engine, size.to_ms)
    _print("plant, going on  API", times)
    _print("plant, going on  keeper", keeping)
    print(f"longest, going on: API {max(times)[0]:.1f} ms, keeper {max(keeping)[0]:.1f} ms")


def _know_until(engine: Engine, now_ms: int) -> None:
    with engine.begin() as connection:
        connection.execute(update(tables.machines).values(known_until_ms=now_ms))


def _check(engine: Engine, books: Books, window: Window) -> None:
    """See that the numbers of a window are the same without books."""
    plain, quick = (Reader(engine.url.render_as_string()) for _ in range(2))
    quick.books = books
    of_each = [accounts_of(one, books.basis, one.machines(RUN)[:5], *window) for one in (plain, quick)]
    if of_each[0] != of_each[1]:
        raise SystemExit(f"not equal with and without books: {window}")
    plain.close()
    quick.close()


def _ask(client: FlaskClient, window: Window, ask: dict[str, str]) -> Any:
    answer = client.get(
        "/api/kpis", query_string={"from": to_text(window[0]), "to": to_text(window[1]), **ask}
    )
    if answer.status_code != 200:  # noqa: PLR2004 - it is HTTP's word for yes
        raise SystemExit(f"the API answers {answer.status}: {answer.text}")
    return answer.json


def _times(
    ask: Callable[[Window], object], windows: Sequence[Window], *, warm: int = 1
) -> list[tuple[float, float]]:
    """Milliseconds by the clock on the wall and of CPU for each window, the first one warming up."""
    for window in windows[:warm]:
        ask(window)
    found = []
    for window in windows:
        wall, cpu = perf_counter(), process_time()
        ask(window)
        found.append(((perf_counter() - wall) * 1e3, (process_time() - cpu) * 1e3))
    return found


def _print(name: str, times: list[tuple[float, float]]) -> None:
    wall, cpu = sorted(one[0] for one in times), sorted(one[1] for one in times)
    high = int(len(times) * 0.95)
    print(
        f"{name:24} median {median(wall):9.2f} ms, 95 % within {wall[high]:9.2f} ms; "
        f"CPU {median(cpu):8.2f} ms, {cpu[high]:8.2f} ms"
    )


def _s(began: float, spent: float) -> str:
    return f"{perf_counter() - began:.1f} s ({process_time() - spent:.1f} s of CPU)"


@contextmanager
def _file(file: Path | None) -> Iterator[Path]:
    if file is not None:
        yield file
        return
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder) / "history.db"


if __name__ == "__main__":
    main()
