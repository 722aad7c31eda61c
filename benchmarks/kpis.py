"""How long any KPI of any window takes over a year of a hundred machines: `python -m benchmarks.kpis`.

Windows are random to the millisecond. Each is asked of the API, in the process, and the naive way: rows
of the window read into pandas and added up again. Then the newest is asked for of a plant that goes on.
Equal numbers are a condition, not a result.
"""

# ruff: noqa: T201 - it prints what it measured
import argparse
import os
import platform
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from importlib.metadata import version
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import msgspec
import numpy as np
from sqlalchemy import create_engine, func, select, update

from benchmarks import oee_rival
from benchmarks.naive import naive
from benchmarks.section import about, table, write_section
from benchmarks.timing import Times, Window
from benchmarks.year import LINES, RUN, Size, make_year
from dashboard.app import BOOKS, Settings, make_app
from dashboard.calendar.places import Calendar
from dashboard.conclusions import Numbers
from dashboard.history import tables
from dashboard.history.books import Books
from dashboard.history.lost import LossBook
from dashboard.history.numbers import accounts_of, numbers_of
from dashboard.history.reader import Reader
from dashboard.history.rows import MachineRow
from dashboard.kpi.basis import Basis
from dashboard.kpi.report import numbers
from dashboard.losses.reasons import Reasons
from dashboard.server import settle
from protocol.address import Address
from protocol.moments import to_text

CALENDAR = Path(__file__).with_name("calendar.toml")
DAY_MS = 86_400_000
HOUR_MS = 3_600_000
API_MS, PROCESS_MS = 50, 5
"""What any KPI of any window should stay under."""
PACKAGES = ("numpy", "pandas", "sqlalchemy", "flask")
PLAIN_MACHINES = 100
OFF = 1e-9
"""So far apart two ways of adding up the same fractions may be."""
HOURS_MS = 6 * HOUR_MS
"""For so long the plant goes on while it is asked."""


def main(arguments: list[str] | None = None) -> None:
    """Measure, and print what was measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kpis", description=__doc__)
    parser.add_argument("--machines", type=int, default=100, help="number of machines")
    parser.add_argument("--days", type=int, default=365, help="length of the history, in days")
    parser.add_argument("--windows", type=int, default=200, help="how many windows are asked for")
    parser.add_argument("--naive", type=int, default=100, help="how many machines and windows the naive way")
    parser.add_argument("--history", type=Path, help="file of the history; made if it is not there, and kept")
    parser.add_argument(
        "--kpis", action="store_true", help="KPIs alone: no losses, no rows, nothing that goes on"
    )
    parser.add_argument("--write", action="store_true", help="put the KPIs' table into docs/performance.md")
    args = parser.parse_args(arguments)
    load, size = os.getloadavg()[0], Size(machines=args.machines, days=args.days)
    with _file(args.history) as file:
        bench = Bench(file, size, args.windows, args.naive)
        bench.measure(only_kpis=args.kpis)
    if args.write:
        what = f"{args.machines:,} machines over {args.days} days, {args.windows} windows; "
        text = f"{what}{about(load, *PACKAGES)}, SQLite {sqlite3.sqlite_version}.\n\n{bench.written()}"
        plain = args.machines == PLAIN_MACHINES
        write_section(
            "kpis" if plain else f"kpis-{args.machines}", text,
            command=f"benchmarks.kpis{'' if plain else f' --machines {args.machines} --kpis'}",
        )  # fmt: skip


class Bench:
    """A history, an application that answers from it, and what is asked of both.

    Args:
        file: The history; made if it is not there.
        size: How much of it.
        count: How many windows are asked for.
        naively: How many machines and windows the naive way.
    """

    def __init__(self, file: Path, size: Size, count: int, naively: int) -> None:
        self.size, self.count, self.naively = size, count, naively
        self._rows: list[list[str]] = []
        self._facts: list[str] = []
        print(f"with      Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, "
              + ", ".join(f"{name} {version(name)}" for name in PACKAGES))  # fmt: skip
        if not file.exists():
            began, spent = perf_counter(), process_time()
            intervals = make_year(file, size)
            a_day = intervals / size.machines / size.days
            self._say(
                f"history   {intervals:,} intervals, {a_day:.0f} a machine and day, "
                f"made in {_s(began, spent)}"
            )
        self.url = f"sqlite:///{file}"
        self.basis = Basis(calendar=Calendar.read(CALENDAR))
        settings = Settings(
            address=Address(host="127.0.0.1", port=1), root="shopfloor", history=self.url, basis=self.basis,
            reasons=Reasons.read(), guest_line="",
        )  # fmt: skip
        app, _ = make_app(settings)
        self.books: Books = app.server.extensions[BOOKS]
        self.client = app.server.test_client()
        self.engine = create_engine(self.url)
        if not self._facts:
            with self.engine.connect() as connection:
                intervals = connection.execute(
                    select(func.count()).select_from(tables.intervals)
                ).scalar_one()
            self._say(f"history   {intervals:,} intervals, made before")
        self.until_ms = size.to_ms - HOURS_MS
        """Up to where windows reach, until the plant goes on."""

    def _say(self, fact: str) -> None:
        print(fact)
        self._facts.append(" ".join(fact.split()))

    def _show(self, name: str, times: Times, target_ms: float | None = None) -> None:
        times.show(name, target_ms)
        self._rows.append(times.row(name, target_ms))

    def written(self) -> str:
        """The KPIs' table and what else was found, as docs/performance.md has it."""
        titles = ["numbers of", "CPU, ms", "by the clock, ms", "within the target by CPU", "by the clock"]
        facts = "\n".join(f"- {fact}" for fact in self._facts)
        return f"{table(titles, self._rows)}\n\n{facts}"

    def measure(self, *, only_kpis: bool = False) -> None:
        """Print what takes how long."""
        self._know_until(self.until_ms)
        began, spent = perf_counter(), process_time()
        self.books.keep()
        settle()
        self._say(f"books     {_s(began, spent)} from cold, {self.books.nbytes / 1e6:.0f} MB")
        print("milliseconds: median, 95 % within, longest")
        random = np.random.default_rng(self.size.seed)
        edges = np.sort(random.integers(self.size.from_ms, self.until_ms, (self.count, 2)), axis=1).tolist()
        windows = [(begun, ended + 1) for begun, ended in edges]
        try:
            self._measure_kpis(windows)
            self._measure_rival(windows)
            if not only_kpis:
                self._measure_rows(windows)
                self._measure_losses(windows)
                self._measure_going_on()
        finally:
            self._know_until(self.size.to_ms)

    def _measure_kpis(self, windows: Sequence[Window]) -> None:
        """KPIs of one machine, a line and the plant, by each of the three ways."""
        reader = Reader(self.url)
        reader.books = self.books
        machines = reader.machines(RUN)
        groups = {
            "one machine": ([machines[0]], {"machine": machines[0].name}),
            f"a line of {len(machines) // len(LINES)}": (
                [one for one in machines if one.path == LINES[0]],
                {"line": LINES[0]},
            ),
            f"a plant of {len(machines)}": (machines, {"by": "plant"}),
        }
        for name, (members, asked) in groups.items():
            # Bound now: the loop goes on.
            by_api = partial(self._ask, "/api/kpis", asked)
            in_process = partial(self._in_process, reader, members)
            by_hand = partial(self._by_hand, members)
            few = windows[: max(self.naively // len(members), 1)]
            self._show(f"{name}, API", Times.of(by_api, windows), API_MS)
            found = Times.of(in_process, windows)
            self._show(f"{name}, in the process", found, PROCESS_MS)
            slow = Times.of(by_hand, few, warm=0)
            self._show(f"{name}, naive, {len(few)} windows", slow)
            ratio = sum(slow.cpu) / sum(found.cpu[: len(few)])
            self._say(f"{name}: the naive way takes {ratio:,.0f} times as much CPU over the same windows")
        for window in windows[: self.naively]:
            known = numbers_of(reader, self.basis, machines[:1], *window)
            expected = naive(self.engine, machines[0].name, self.basis.calendar.site, *window)
            if {key: getattr(known, key) for key in expected} != expected:
                raise SystemExit(f"not equal: {known} and {expected}")
        reader.close()
        # What pandas brought is in no server.
        settle()
        print(f"equal                                {self.naively} windows by books and by pandas")

    def _measure_rival(self, windows: Sequence[Window]) -> None:
        """PyPI's oee, from the sums that the books give it: what it says has to be what we say."""
        reader = Reader(self.url)
        reader.books = self.books
        machines = reader.machines(RUN)
        mine, given = [], []
        for window in windows[: self.naively]:
            accounts = accounts_of(reader, self.basis, machines, *window)
            each = [numbers(one, self.basis.choices, *window) for one in accounts]
            # It takes no machine without parts or without time.
            kept = [one for one in each if one.parts and one.running_ms and (one.performance or 2) <= 1]
            if kept:
                mine.append([one.oee for one in kept])
                given.append([_sums_of(one) for one in kept])
        answer = oee_rival.asked(given)
        off = max(
            abs(a - (b or 0))
            for one, two in zip(answer.oee, mine, strict=True)
            for a, b in zip(one, two, strict=False)
        )
        if off > OFF:
            raise SystemExit(f"not equal: OEE by {oee_rival.PACKAGE} is off by {off}")
        count = sum(len(one) for one in given) / len(given)
        self._show(f"{oee_rival.PACKAGE}, {count:.0f} machines from our sums", Times(answer.ms, answer.ms))
        whole = sum(len(one) for one in given)
        self._say(f"equal     OEE of {whole:,} machines and windows by {oee_rival.PACKAGE} and here")
        reader.close()

    def _measure_rows(self, windows: Sequence[Window]) -> None:
        """KPIs of the plant in rows; by the calendar those of the longest window that may be asked for."""
        for by in ("machine", "line"):
            Times.of(partial(self._ask, "/api/kpis", {"by": by}), windows).show(f"plant by {by}, API", API_MS)
        whole = (self.size.from_ms, self.until_ms)
        last_hours = (max(self.until_ms - 1_000 * HOUR_MS, self.size.from_ms), self.until_ms)
        for by, window in (("day", whole), ("shift", whole), ("hour", last_hours)):
            rows = len(self._ask("/api/kpis", {"by": by}, window)["rows"])
            times = Times.of(partial(self._ask, "/api/kpis", {"by": by}), [window] * 10)
            times.show(f"plant by {by}, {rows:,} rows, API")

    def _measure_losses(self, windows: Sequence[Window]) -> None:
        """Waterfall and Pareto, and how long they take from the rows."""
        Times.of(partial(self._ask, "/api/losses", {}), windows[:1], warm=0).show(
            "losses of the plant, first, API"
        )
        for name, asked in (("a machine", {"machine": "machine-001"}), ("a plant", {})):
            Times.of(partial(self._ask, "/api/losses", asked), windows).show(f"losses of {name}, API", API_MS)
        plain, quick = (Reader(self.url) for _ in range(2))
        quick.books = self.books
        books = [
            LossBook(reader=reader, basis=self.basis, reasons=Reasons.read()) for reader in (plain, quick)
        ]
        few = windows[: max(self.naively // 10, 1)]
        machines = plain.machines(RUN)[:2]
        Times.of(lambda window: books[0].lost(machines[:1], *window), few, warm=0).show(
            f"losses of a machine, rows, {len(few)} windows"
        )
        for window in few:
            slow, fast = (book.lost(machines, *window) for book in books)
            if (slow.rows, slow.booked) != (fast.rows, fast.booked):
                raise SystemExit(f"not equal: losses with and without books of {window}")
        plain.close()
        quick.close()
        print(f"equal                                losses of {len(few)} windows by books and by rows")

    def _measure_going_on(self) -> None:
        """The newest windows of a plant of which more is known with every request."""
        random = np.random.default_rng(self.size.seed)
        lengths = random.integers(60_000, self.size.days * DAY_MS - HOURS_MS, self.count).tolist()
        keeping, times, losses = Times([], []), Times([], []), Times([], [])
        for place, length in enumerate(lengths):
            now_ms = self.until_ms + HOURS_MS * (place + 1) // self.count
            self._know_until(now_ms)
            # As the thread does that looks after them between requests.
            keeping.add(Times.of(lambda _: self.books.keep(), [(0, 0)], warm=0))
            window = (now_ms - length, now_ms)
            asks = [(times, "/api/kpis", {"by": "plant"}), (losses, "/api/losses", {})]
            # Whoever comes first works out what is new.
            for found, path, asked in asks if place % 2 else reversed(asks):
                found.add(Times.of(partial(self._ask, path, asked), [window], warm=0))
            if place % 20 == 0:
                self._check(window)
        times.show("plant that goes on, API", API_MS)
        losses.show("losses of a plant that goes on, API", API_MS)
        keeping.show("keeper between requests")

    def _know_until(self, now_ms: int) -> None:
        with self.engine.begin() as connection:
            connection.execute(update(tables.machines).values(known_until_ms=now_ms))

    def _check(self, window: Window) -> None:
        """See that the numbers of a window are the same without books."""
        plain, quick = (Reader(self.url) for _ in range(2))
        quick.books = self.books
        of_each = [accounts_of(one, self.basis, one.machines(RUN)[:5], *window) for one in (plain, quick)]
        if of_each[0] != of_each[1]:
            raise SystemExit(f"not equal with and without books: {window}")
        plain.close()
        quick.close()

    def _in_process(self, reader: Reader, machines: Sequence[MachineRow], window: Window) -> None:
        numbers_of(reader, self.basis, machines, *window)

    def _by_hand(self, machines: Sequence[MachineRow], window: Window) -> None:
        for one in machines:
            naive(self.engine, one.name, self.basis.calendar.site, *window)

    def _ask(self, path: str, asked: Mapping[str, str], window: Window) -> Any:
        query = {"from": to_text(window[0]), "to": to_text(window[1]), **asked}
        answer = self.client.get(path, query_string=query)
        if answer.status_code != 200:  # noqa: PLR2004 - it is HTTP's word for yes
            raise SystemExit(f"the API answers {answer.status}: {answer.text}")
        return msgspec.json.decode(answer.data)


def _sums_of(one: Numbers) -> oee_rival.Sums:
    """What PyPI's oee takes of a machine's numbers."""
    parts = one.parts or 0
    # Parts that were made in silence count as parts, and not towards performance.
    ideal_ms = (one.performance or 0.0) * one.running_ms / parts
    return {
        "observed_ms": one.observed_ms, "running_ms": one.running_ms, "ideal_ms": ideal_ms,
        "parts": parts, "rejects": one.rejects or 0,
    }  # fmt: skip


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
