"""The calibration bench: machines whose KPIs are known beforehand, put up and taken away by a command."""

from pathlib import Path

from simulator.specs.kind import load_kinds
from simulator.specs.machine import MachineSpec, load_machine

BENCH_FOLDER = Path(__file__).parent.parent / "bench"


def load_bench(folder: Path = BENCH_FOLDER) -> tuple[MachineSpec, ...]:
    """The machines of the bench, in the order of their names.

    Raises:
        SpecError: One of them is wrong.
    """
    kinds = load_kinds(folder / "kinds")
    return tuple(load_machine(file, kinds) for file in sorted((folder / "machines").glob("*.toml")))
