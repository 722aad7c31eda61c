"""The office from the command line: `ingest` listens and concludes, `web` shows, `report` and `score` write.

Every setting is an argument, and can also be given by the environment variable in brackets.
"""

import argparse
import logging
import os
import sys
from pathlib import Path

from dashboard.calendar.file import CalendarError
from dashboard.calendar.places import DEFAULT_FILE
from dashboard.calls.rules import DEFAULT_FILE as DEFAULT_CALLS
from dashboard.calls.rules import CallsError
from dashboard.condition.command import add_arguments as add_score_arguments
from dashboard.condition.table import TableError
from dashboard.gate.arguments import add_arguments as add_gate_arguments
from dashboard.gate.arguments import asks_password, door_of
from dashboard.goals import DEFAULT_FILE as DEFAULT_GOALS
from dashboard.goals import GoalsError
from dashboard.history.version import HistoryError
from dashboard.ingest.share import ShareError
from dashboard.ingest.topic_map import DEFAULT_FILE as DEFAULT_TOPICS
from dashboard.ingest.topic_map import TopicsError
from dashboard.kpi.basis import basis_of
from dashboard.kpi.choices import DEFAULT_FILE as DEFAULT_CHOICES
from dashboard.kpi.choices import ChoicesError
from dashboard.losses.reasons import DEFAULT_FILE as DEFAULT_REASONS
from dashboard.losses.reasons import Reasons, ReasonsError
from dashboard.report.window import ReportError
from dashboard.sparkplug.refusal import SparkplugError
from dashboard.states.rules import DEFAULT_FILE as DEFAULT_STATES
from dashboard.states.rules import StatesError
from dashboard.tour.fields import TourError
from protocol.address import DEFAULT_URL, Address, AddressError, address_of
from protocol.twin import TWIN_ROOT

DEFAULT_HISTORY = "sqlite:///var/history.db"
DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8050
DEFAULT_SPARKPLUG = Path(__file__).with_name("sparkplug.toml")


def main(arguments: list[str] | None = None) -> int:
    """Run what the arguments ask for; returns the exit code."""
    args = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for talkative in ("paho", "alembic"):
        logging.getLogger(talkative).setLevel(logging.WARNING)
    try:
        if args.part == "ingest":
            from dashboard.ingest.service import main as ingest  # noqa: PLC0415 - the other part needs none of it

            return ingest(args)
        if args.part == "score":
            from dashboard.condition.command import main as score  # noqa: PLC0415 - it needs neither broker nor history

            return score(args)
        if args.part == "report":
            from dashboard.report.command import main as report  # noqa: PLC0415 - it needs no broker

            return report(args)
        return _web(args)
    except (
        AddressError, CalendarError, CallsError, ChoicesError, GoalsError, HistoryError,
        ReasonsError, ReportError, ShareError, SparkplugError, StatesError, TableError, TopicsError,
        TourError,
    ) as error:  # fmt: skip
        print(f"dashboard {args.part}: {error}", file=sys.stderr)
        return 2


def _web(args: argparse.Namespace) -> int:
    from dashboard.app import BOOKS, Settings, make_app  # noqa: PLC0415 - ingest needs no Dash
    from dashboard.pages.guest import guest_line, guest_of  # noqa: PLC0415
    from dashboard.server import Certificate, CertificateError, serve  # noqa: PLC0415
    from dashboard.tour.scenario import Tour  # noqa: PLC0415

    address = address_of(args.broker, role="viewer", credentials=args.credentials)
    operator = _operator(args)
    # Whoever reaches the page may read it: a password is shown where that is this machine's user alone.
    shown = None if asks_password(args) else args.credentials
    guest = guest_of(
        args.guest_broker or str(address),
        args.root,
        shown,
        asked=args.credentials is not None,
        tls=address.tls,
    )
    app, channel = make_app(
        Settings(
            address=address,
            root=args.root,
            history=args.history,
            basis=basis_of(args),
            reasons=Reasons.read(args.reasons),
            guest_line=guest_line(guest),
            guest=guest,
            operator=operator,
            door=door_of(args),
            tour=Tour.read() if args.tour is None else Tour.read(args.tour),
            in_compose=args.runs_in == "compose",
        )
    )
    try:
        return serve(
            app.server,
            channel,
            app.server.extensions[BOOKS],
            host=args.host,
            port=args.port,
            certificate=Certificate.of(args.credentials) if args.tls else None,
        )
    except CertificateError as error:
        print(f"dashboard web: {error}", file=sys.stderr)
        return 2


def _operator(args: argparse.Namespace) -> Address | None:
    """The broker as operator; None without that password: the page is then one to look at."""
    try:
        return address_of(args.broker, role="operator", credentials=args.credentials)
    except AddressError as error:
        logging.getLogger(__name__).warning("%s; this page may not command", error)
        return None


def _parser() -> argparse.ArgumentParser:
    env = os.environ.get
    kept = _kept()
    common = argparse.ArgumentParser(add_help=False, parents=[kept])
    common.add_argument(
        "--broker", metavar="URL", default=env("BROKER_URL", DEFAULT_URL), help="broker [BROKER_URL]"
    )
    common.add_argument(
        "--credentials",
        metavar="DIR",
        type=Path,
        default=_path(env("CREDENTIALS_DIR")),
        help="folder with the password of each role [CREDENTIALS_DIR]",
    )
    common.add_argument(
        "--root",
        type=_root,
        default=env("ROOT_TOPIC", "shopfloor"),
        help="first level of every topic [ROOT_TOPIC]",
    )
    parser = argparse.ArgumentParser(prog="python -m dashboard", description=__doc__)
    parts = parser.add_subparsers(dest="part", required=True)

    ingest = parts.add_parser("ingest", parents=[common], help="listen, conclude, keep the history")
    ingest.add_argument(
        "--heartbeat",
        metavar="FILE",
        type=Path,
        default=_path(env("HEARTBEAT")),
        help="touched while all is well [HEARTBEAT]",
    )
    ingest.add_argument(
        "--worker",
        metavar="K/N",
        default=env("WORKER", "1/1"),
        help="the K-th of N workers that divide the machines by their lines; "
        "several need a history in PostgreSQL [WORKER]",
    )
    ingest.add_argument(
        "--keep-readings-hours",
        metavar="H",
        type=float,
        default=float(env("KEEP_READINGS_HOURS", "48")),
        help="plant hours for which messages are kept [KEEP_READINGS_HOURS]",
    )
    ingest.add_argument(
        "--keep-rollups-days",
        metavar="D",
        type=float,
        default=float(env("KEEP_ROLLUPS_DAYS", "90")),
        help="plant days for which signals are kept by the minute, then by the hour [KEEP_ROLLUPS_DAYS]",
    )
    ingest.add_argument(
        "--keep-hours-days",
        metavar="D",
        type=float,
        default=float(env("KEEP_HOURS_DAYS", "3650")),
        help="plant days for which hours are kept [KEEP_HOURS_DAYS]",
    )

    ingest.add_argument(
        "--states",
        metavar="FILE",
        type=Path,
        default=Path(env("STATES", str(DEFAULT_STATES))),
        help="how readings become states where no control reports them [STATES]",
    )

    ingest.add_argument(
        "--calls",
        metavar="FILE",
        type=Path,
        default=Path(env("CALLS", str(DEFAULT_CALLS))),
        help="when a person is called for [CALLS]",
    )

    ingest.add_argument(
        "--topics",
        metavar="FILE",
        type=Path,
        default=Path(env("TOPICS", str(DEFAULT_TOPICS))),
        help="devices that speak otherwise, and what they mean [TOPICS]",
    )
    ingest.add_argument(
        "--goals",
        metavar="FILE",
        type=Path,
        default=Path(env("GOALS", str(DEFAULT_GOALS))),
        help="how much of its planned time a machine should run [GOALS]",
    )

    ingest.add_argument(
        "--sparkplug",
        metavar="GROUPS",
        default=env("SPARKPLUG", ""),
        help="also be a Sparkplug B host application, for the edge nodes of these groups, joined by commas; "
        "needs the extra `sparkplug` [SPARKPLUG, default none]",
    )
    ingest.add_argument(
        "--sparkplug-host",
        metavar="NAME",
        default=env("SPARKPLUG_HOST", "office"),
        help="what it is called, for edge nodes that wait for it [SPARKPLUG_HOST, default office]",
    )
    ingest.add_argument(
        "--sparkplug-map",
        metavar="FILE",
        type=Path,
        default=Path(env("SPARKPLUG_MAP", str(DEFAULT_SPARKPLUG))),
        help="which device is which machine, and which metric is what [SPARKPLUG_MAP]",
    )

    told = argparse.ArgumentParser(add_help=False)
    told.add_argument(
        "--reasons",
        metavar="FILE",
        type=Path,
        default=Path(env("REASONS", str(DEFAULT_REASONS))),
        help="why machines stop: what people choose from, and rules [REASONS]",
    )
    web = parts.add_parser("web", parents=[common, told], help="serve pages and API")
    web.add_argument("--host", default=env("HOST", DEFAULT_HOST), help="address to listen at [HOST]")
    web.add_argument(
        "--port", type=int, default=int(env("PORT", str(DEFAULT_PORT))), help="port to listen at [PORT]"
    )
    web.add_argument(
        "--tls",
        action="store_true",
        default=bool(env("TLS")),
        help="serve with TLS, by `page.crt` and `page.key` in the folder of credentials [TLS=1]",
    )
    add_gate_arguments(web)
    web.add_argument(
        "--tour",
        metavar="FILE",
        type=Path,
        default=_path(env("TOUR")),
        help="the scenario of the guided tour; without it: the shipped one [TOUR]",
    )
    web.add_argument(
        "--runs-in",
        choices=("demo", "compose"),
        default=env("RUNS_IN", "demo"),
        help="where pages say what to do about a broken link [RUNS_IN]",
    )
    web.add_argument(
        "--guest-broker",
        metavar="HOST:PORT",
        default=env("GUEST_BROKER"),
        help="what the page prints for a device of one's own [GUEST_BROKER]",
    )
    add_score_arguments(
        parts.add_parser("score", help="print how surprising each row of a CSV file is: time, score, flag")
    )
    report = parts.add_parser(
        "report", parents=[kept, told], help="write the report of a shift: one HTML file, the same every time"
    )
    report.add_argument("--run", help="one of the runs of the history; without it the newest")
    report.add_argument(
        "--shift",
        metavar="DAY/NAME",
        help="production day and name, 2026-11-23/early; without it the newest shift that is over",
    )
    report.add_argument("--from", dest="begin", metavar="MOMENT", help="instead of a shift: beginning")
    report.add_argument("--to", dest="end", metavar="MOMENT", help="end; without it the run's now")
    report.add_argument("--line", metavar="PATH", help="one line alone; without it the plant")
    report.add_argument(
        "--out",
        metavar="FILE",
        type=Path,
        required=True,
        help="the file that is written; - for standard output",
    )
    return parser


def _kept() -> argparse.ArgumentParser:
    """The arguments that say what numbers are worked out from."""
    env = os.environ.get
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--history",
        metavar="URL",
        default=env("HISTORY_URL", DEFAULT_HISTORY),
        help="where the history is kept [HISTORY_URL]",
    )
    common.add_argument(
        "--calendar",
        metavar="FILE",
        type=Path,
        default=Path(env("CALENDAR", str(DEFAULT_FILE))),
        help="when production is planned [CALENDAR]",
    )
    common.add_argument(
        "--choices",
        metavar="FILE",
        type=Path,
        default=Path(env("CHOICES", str(DEFAULT_CHOICES))),
        help="which of several usual definitions of a number holds [CHOICES]",
    )
    return common


def _root(text: str) -> str:
    if text == TWIN_ROOT:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not allowed: the plant's own root, whose twin is measured beside it"
        )
    return text


def _path(text: str | None) -> Path | None:
    return Path(text) if text else None


if __name__ == "__main__":
    sys.exit(main())
