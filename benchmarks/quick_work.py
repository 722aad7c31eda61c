"""What the quick benchmark measures: pieces of real work, each with its floor beside it."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import numpy as np
from sqlalchemy import create_engine

from benchmarks.fleet import machine_texts
from benchmarks.ingest_load import EPOCH_MS, RUN, make_load
from benchmarks.ingest_shares import introduced, take_tick
from benchmarks.naive import naive
from benchmarks.naive_publisher import readings
from benchmarks.year import RUN as YEAR
from benchmarks.year import Size, make_year
from dashboard.calendar.places import Calendar
from dashboard.history.books import Books
from dashboard.history.numbers import numbers_of
from dashboard.history.reader import Reader
from dashboard.kpi.basis import Basis
from protocol.edge import encode_edge_batch
from protocol.messages import encode
from protocol.readings import WrittenBatch, decode_batch
from simulator.histories.outbox import Outbox
from simulator.plant import Plant
from simulator.specs.kind import load_kinds
from simulator.specs.machine import parse_machine
from simulator.telling.opening import KINDS_FOLDER

CALENDAR = Path(__file__).with_name("calendar.toml")
MACHINES, FLEET = 40, 300
WINDOWS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Some work of the product, and the least that something like it takes."""

    name: str
    """What it is."""
    ours: Callable[[int], object]
    """Does a round of it, by its number."""
    floor: Callable[[int], object]
    """Does a round of the floor."""
    count: int
    """How many of a kind a round of it does."""
    floors: int
    """How many a round of the floor does."""


def works(folder: Path, rounds: int) -> list[Work]:
    """Everything that is measured, set up.

    Args:
        folder: Where histories go.
        rounds: How many rounds there will be.
    """
    return [*_of_ingest(folder, rounds), _of_simulator(), *_of_kpis(folder)]


def _of_ingest(folder: Path, rounds: int) -> list[Work]:
    load = make_load(MACHINES, batch=60, ticks=rounds)
    office = introduced(load, f"sqlite:///{folder / 'ingest.db'}")

    def take(number: int) -> None:
        take_tick(office, *load.ticks[number])

    def only_decode(number: int) -> None:
        for _, payload in load.ticks[number][1]:
            decode_batch(payload)

    def by_json(number: int) -> None:
        for _, payload in load.ticks[number][1]:
            json.loads(payload)

    return [
        Work(
            name="a batch taken in, in batches decoded",
            ours=take,
            floor=only_decode,
            count=MACHINES,
            floors=MACHINES,
        ),
        Work(
            name="a batch decoded, in json.loads of it",
            ours=only_decode,
            floor=by_json,
            count=MACHINES,
            floors=MACHINES,
        ),
    ]


def _of_simulator() -> Work:
    kinds = load_kinds(KINDS_FOLDER)
    plant = Plant(7, EPOCH_MS, RUN)
    for name, text in machine_texts(FLEET, kinds).items():
        plant.add(parse_machine(text, f"{name}.toml", kinds), EPOCH_MS)
    outbox, seconds = Outbox(), count()

    def tell(_: int) -> None:
        from_ms = EPOCH_MS + 1_000 * next(seconds)
        plant.advance(from_ms + 1_000)
        batches: dict[str, WrittenBatch] = {}
        for one in outbox.tell(plant, from_ms, from_ms + 1_000):
            encode(one.truth)
            batches.update((one.machine, said) for said in one.leaving if isinstance(said, WrittenBatch))
        if batches:
            encode_edge_batch(batches)

    return Work(
        name="a reading simulated, in readings drawn naively", ours=tell, floor=lambda _: readings(FLEET),
        count=FLEET, floors=FLEET,
    )  # fmt: skip


def _of_kpis(folder: Path) -> list[Work]:
    size = Size(machines=8, days=30)
    file = folder / "year.db"
    make_year(file, size)
    url, basis = f"sqlite:///{file}", Basis(calendar=Calendar.read(CALENDAR))
    engine, reader = create_engine(url), Reader(url)
    books = Books(Reader(url), basis)
    books.keep()
    reader.books = books
    machines = reader.machines(YEAR)
    random = np.random.default_rng(size.seed)
    edges = np.sort(random.integers(size.from_ms, size.to_ms, (WINDOWS, 2)), axis=1).tolist()

    def ask(number: int) -> None:
        for begun, ended in edges:
            numbers_of(reader, basis, machines, begun, ended + 1 + number)

    def by_pandas(number: int) -> None:
        begun, ended = edges[number % WINDOWS]
        naive(engine, machines[0].name, basis.calendar.site, begun, ended + 1)

    return [
        Work(
            name="KPIs of eight machines, in pandas over one",
            ours=ask,
            floor=by_pandas,
            count=WINDOWS,
            floors=1,
        )
    ]
