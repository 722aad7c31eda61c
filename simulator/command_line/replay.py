"""`python -m simulator replay`: a table of readings as a machine, and options that map its columns."""

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

from protocol.address import address_of
from simulator.command_line.options import add_broker, add_heartbeat, number
from simulator.replaying.columns import (
    ALLOWED_MAP,
    EXECUTION,
    Columns,
    columns_in,
    signals_in,
    states_in,
    zone_in,
)
from simulator.replaying.replay import replay


def add_replay(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `replay`."""
    again = commands.add_parser(
        "replay",
        help="replay the recording of a real machine",
        description="Replay the recording of a real machine, in plant time, over and over. Without any "
        "option about columns the recording is an MTConnect one: `time`, `execution`, and numbers.",
    )
    again.add_argument("file", type=Path, metavar="FILE.csv", help="the recording, .csv or .csv.gz")
    again.add_argument("--as", dest="name", required=True, metavar="NAME", help="name of the machine")
    again.add_argument("--line", default="recorded", help="the line it stands on (default: %(default)s)")
    again.add_argument(
        "--kind",
        default=None,
        help="what its birth calls it (default: recorded; of an MTConnect recording mazak-integrex)",
    )
    columns = again.add_argument_group("columns")
    columns.add_argument(
        "--columns", type=Path, metavar="FILE.toml", help="a file that says all of this, see docs/commands.md"
    )
    columns.add_argument("--time", metavar="COLUMN", help="the column of time (default: time)")
    columns.add_argument(
        "--time-format", metavar="FORMAT", help="how times are written, e.g. '%%d.%%m.%%Y %%H:%%M:%%S'"
    )
    columns.add_argument("--zone", help="time zone of times that name none (default: UTC)")
    columns.add_argument(
        "--state", metavar="COLUMN", help="the column of the state; without one, power_kw has to tell it"
    )
    columns.add_argument(
        "--states",
        metavar="MAP",
        help="what the words of that column mean, e.g. Run=running,Wait=idle,Fault=down,Off=silence "
        "(default: the words of MTConnect and our own)",
    )
    columns.add_argument("--parts", metavar="COLUMN", help="the column that counts all parts")
    columns.add_argument("--rejects", metavar="COLUMN", help="the column that counts the rejects")
    columns.add_argument(
        "--map",
        nargs="+",
        action="extend",
        metavar="MAP",
        help=f"the signals: {ALLOWED_MAP} (default: every other column of numbers)",
    )
    columns.add_argument(
        "--period-s",
        type=number(0.1, 86_400.0),
        metavar="SECONDS",
        help="for how long a row is evidence (default: what nearly all steps between rows keep to)",
    )
    columns.add_argument(
        "--ideal-cycle-s", type=number(0.001, 86_400.0), metavar="SECONDS", help="shortest time for one part"
    )
    add_broker(again)
    add_heartbeat(again)


def run_replay(asked: argparse.Namespace) -> int:
    """Replay a recording until it is ended.

    Raises:
        SpecError: An option, or the file of the columns, is not understood.
        RecordingError: The recording cannot be read.
        MessageError: Machine or line have a name that no topic can hold.
    """
    # It brings pandas, which takes a third of the memory of a simulator that reads no table.
    from simulator.replaying.table import load_recording  # noqa: PLC0415

    columns = columns_of(asked)
    replay(
        load_recording(asked.file, columns),
        machine=asked.name,
        line=asked.line,
        kind=asked.kind or ("mazak-integrex" if columns is EXECUTION else "recorded"),
        broker=address_of(asked.broker, role="machines", credentials=asked.credentials),
        heartbeat_file=asked.heartbeat,
    )
    return 0


def columns_of(asked: argparse.Namespace) -> Columns:
    """The column map that the options ask for, laid over that of the file; MTConnect's without any."""
    over: dict[str, Any] = {
        "time": asked.time,
        "time_format": asked.time_format,
        "zone": zone_in(asked.zone, "--zone") if asked.zone else None,
        "state": asked.state,
        "meanings": states_in(asked.states) if asked.states else None,
        "parts": asked.parts,
        "rejects": asked.rejects,
        "signals": signals_in(asked.map) if asked.map else None,
        "period_s": asked.period_s,
        "ideal_cycle_s": asked.ideal_cycle_s,
    }
    over = {key: value for key, value in over.items() if value is not None}
    if asked.columns is None and not over:
        return EXECUTION
    return replace(columns_in(asked.columns) if asked.columns else Columns(), **over)
