"""One cause gives one sentence, the most upstream first, and nobody behind it is blamed."""

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from dashboard.chain import remedies
from dashboard.chain.known import BrokerKnown, Known, PageKnown, PlantKnown
from dashboard.chain.links import links
from dashboard.chain.sentences import LINKS, LITTLE_BYTES, SILENT_S, STANDS_S, lasting, sentences
from dashboard.conclusions import Board, Keeping, Process, Refusal, Work
from protocol.contract import refusal_of
from protocol.messages import Clock
from protocol.moments import from_ms

WALL_MS = 1_800_000_000_000
NOW_MS = 1_767_600_000_000
RUN = "a1b2c3d4"


def keeping(**more: Any) -> Keeping:
    fields: dict[str, Any] = {
        "committed_wall_ms": WALL_MS - 400, "took_ms": 2.0, "failing": "", "failing_since_wall_ms": None,
        "size_bytes": 8_192, "free_bytes": 10**10,
    }  # fmt: skip
    return Keeping(**{**fields, **more})


def work(**more: Any) -> Work:
    process = Process(
        wall_ms=WALL_MS,
        waiting=3,
        dropped=0,
        late=0,
        memory_bytes=None,
        keeping=more.pop("keeping", keeping()),
    )
    return Work(
        run=RUN, messages=9, readings=9, measured=9, messages_per_s=1.0, readings_per_s=2.0,
        process=msgspec.structs.replace(process, **more),
    )  # fmt: skip


def board(**more: Any) -> Board:
    """A board of which only time and counts matter."""
    fields = dict.fromkeys(Board.__struct_fields__)
    told = {"run": RUN, "now_ms": NOW_MS, "speed": 60.0, "achieved": 60.0, "ahead_s": {}, "gaps": 0}
    return Board(**{**fields, **told, "refused": 0, "repeats": 0, **more})


def plant(age_s: float = 0.2, moved_s: float = 0.2, **more: Any) -> PlantKnown:
    fields: dict[str, Any] = {
        "run": RUN, "epoch": from_ms(NOW_MS - 3_600_000), "at": from_ms(NOW_MS), "wall": from_ms(WALL_MS),
        "speed": 60.0,
    }  # fmt: skip
    return PlantKnown(clock=Clock(**{**fields, **more}), age_s=age_s, moved_s=moved_s)


WELL = Known(
    wall_ms=WALL_MS,
    broker=BrokerKnown(address="127.0.0.1:1883", user="viewer", connected=True),
    plant=plant(),
    board=board(),
    board_age_s=0.5,
    work=work(),
    work_age_s=0.5,
    lag_ms=0,
    page=PageKnown(streams=1, turned_away=0, resyncs=0, dropped=0, failures=0, memory_bytes=None),
)
FULL = keeping(failing="database or disk is full", failing_since_wall_ms=WALL_MS - 7_000)


def away(refusal: str = "") -> Known:
    """The page has no connection, and so has heard nobody for a while."""
    broker = replace(WELL.broker, connected=False, refusal=refusal, away_since_wall_ms=WALL_MS - 9_000)
    return replace(WELL, broker=broker, board_age_s=9.0, work_age_s=9.0, plant=plant(age_s=9.0, moved_s=9.0))


def lamps(known: Known) -> dict[str, str]:
    return {one.link: one.lamp for one in links(known, sentences(known))}


def test_a_chain_that_holds_has_no_sentence_and_every_lamp_is_well() -> None:
    assert sentences(WELL) == []
    assert set(lamps(WELL).values()) == {"well"}
    assert list(lamps(WELL)) == list(LINKS[:-1])


@pytest.mark.parametrize(
    ("known", "link", "words", "since_ms", "remedy"),
    [
        (away(), "broker", "No connection to the broker at 127.0.0.1:1883", 9_000, remedies.BROKER_GONE),
        (
            away("Not authorized"),
            "broker",
            "refuses the page's credential (user viewer): Not authorized.",
            9_000,
            remedies.CREDENTIAL,
        ),
        (
            replace(away(), broker=replace(WELL.broker, connected=True, mute_since_wall_ms=WALL_MS - 5_000)),
            "broker",
            "The broker at 127.0.0.1:1883 does not answer",
            5_000,
            remedies.BROKER_MUTE,
        ),
        (
            replace(WELL, plant=plant(age_s=8.0, moved_s=8.0)),
            "simulator",
            "Nothing new from the simulator",
            8_000,
            remedies.PLANT_GONE,
        ),
        (
            replace(WELL, plant=plant(age_s=8.0, moved_s=8.0, speed=0.0)),
            "simulator",
            "The simulator has been stopped",
            8_000,
            remedies.PLANT_GONE,
        ),
        (
            replace(WELL, plant=plant(moved_s=STANDS_S + 2)),
            "simulator",
            "plant time stands still, though nobody has paused it",
            12_000,
            remedies.PLANT_HANGS,
        ),
        (
            replace(WELL, offices={"machines": "Not authorized"}),
            "simulator",
            "refuses the simulator's credential (user machines)",
            200,
            remedies.CREDENTIAL,
        ),
        (
            replace(WELL, board_age_s=6.0, work_age_s=6.0),
            "ingest",
            "Nothing new from the office (ingest)",
            6_000,
            remedies.OFFICE_GONE,
        ),
        (
            replace(WELL, board=None, board_age_s=None, work=None, work_age_s=None, plant=None),
            "ingest",
            "has not been heard yet",
            None,
            remedies.OFFICE_GONE,
        ),
        (
            replace(WELL, offices={"office": "Not authorized"}),
            "ingest",
            "refuses the office's credential (user office)",
            500,
            remedies.CREDENTIAL,
        ),
        (
            replace(WELL, lag_ms=60 * 121_000),
            "ingest",
            "minutes behind what is shown",
            None,
            remedies.OFFICE_BEHIND,
        ),
        (
            replace(WELL, board_age_s=30.0, work=work(keeping=FULL)),
            "history",
            "cannot be written: the disk is full.",
            7_000,
            remedies.FULL,
        ),
        (
            replace(WELL, work=work(keeping=keeping(failing="attempt to write a readonly database"))),
            "history",
            "cannot be written: it is read-only.",
            None,
            remedies.READ_ONLY,
        ),
        (
            replace(WELL, work=work(keeping=keeping(failing='connection to server at "db" failed'))),
            "history",
            "cannot be written: its database server does not answer.",
            None,
            remedies.SERVER_GONE,
        ),
        (
            replace(WELL, work=work(keeping=keeping(failing="no answer from the database server"))),
            "history",
            "cannot be written: its database server does not answer.",
            None,
            remedies.SERVER_GONE,
        ),
        (
            replace(WELL, work=work(keeping=keeping(failing="disk I/O error"))),
            "history",
            "cannot be written: disk I/O error.",
            None,
            remedies.UNWRITABLE,
        ),
        (
            replace(WELL, unreadable="OperationalError"),
            "history",
            "The page cannot read the history: OperationalError.",
            None,
            remedies.UNREADABLE,
        ),
    ],
)
def test_a_broken_link_gives_one_sentence_of_its_own_with_what_to_do(
    known: Known, link: str, words: str, since_ms: int | None, remedy: remedies.Remedy
) -> None:
    (found,) = sentences(known)

    assert (found.link, found.weight, found.remedy) == (link, "broken", remedy)
    assert words in found.what
    assert found.since_wall_ms == (None if since_ms is None else WALL_MS - since_ms)
    assert lamps(known)[link] == "broken"
    assert "broken" not in {lamp for name, lamp in lamps(known).items() if name != link}


@pytest.mark.parametrize(
    ("known", "link", "words"),
    [
        (replace(WELL, board=board(ahead_s={"mill-1": 240.0})), "ingest", "The clock of mill-1 is more than"),
        (
            replace(WELL, board=board(ahead_s=dict.fromkeys(["e", "d", "c", "b", "a"], 240.0))),
            "ingest",
            "The clock of a, b, c and 2 more is",
        ),
        (
            replace(WELL, refusal=Refusal(wall_ms=WALL_MS - 5_000, topic="a/b", reason="no JSON.", head="")),
            "ingest",
            "A message on a/b was rejected: no JSON.",
        ),
        (replace(WELL, work=work(waiting=30_000)), "ingest", "Many messages wait"),
        (
            replace(WELL, plant=plant(at=from_ms(NOW_MS + 601_000))),
            "ingest",
            "works through what it has missed",
        ),
        (
            replace(WELL, work=work(keeping=keeping(free_bytes=LITTLE_BYTES - 1))),
            "history",
            "almost full",
        ),
    ],
)
def test_what_somebody_should_look_at_breaks_nothing(known: Known, link: str, words: str) -> None:
    (found,) = sentences(known)

    assert (found.link, found.weight) == (link, "warning")
    assert words in found.what
    assert lamps(known)[link] == "warning"


@pytest.mark.parametrize(
    "known",
    [
        replace(WELL, plant=plant(moved_s=60.0, speed=0.0)),
        # Before its patience ends, a plant waits for an office that cannot write.
        replace(WELL, plant=plant(moved_s=60.0, at=from_ms(NOW_MS + 60_000))),
        replace(WELL, refusal=Refusal(wall_ms=WALL_MS - 70_000, topic="a", reason="b", head="")),
        replace(
            WELL,
            board=board(catching_up_to_ms=NOW_MS + 1),
            refusal=Refusal(wall_ms=WALL_MS - 1_000, topic="a", reason="b", head=""),
        ),
        replace(WELL, board_age_s=SILENT_S - 0.1, work_age_s=None),
        replace(WELL, lag_ms=60 * 121_000, board=board(achieved=0.0)),
    ],
    ids=["paused", "waits", "long ago", "catching up", "just heard", "no rate to catch up at"],
)
def test_what_is_as_it_should_be_has_no_sentence(known: Known) -> None:
    assert sentences(known) == []


def test_behind_a_broker_that_is_away_nothing_is_known_and_nobody_blamed() -> None:
    assert lamps(away()) == {
        "broker": "broken", "simulator": "unknown", "ingest": "unknown", "history": "unknown", "web": "well",
    }  # fmt: skip


def test_several_causes_are_told_from_upstream_on_and_what_is_broken_before_what_is_not() -> None:
    known = replace(
        WELL,
        plant=plant(age_s=60.0, moved_s=60.0),
        board=board(ahead_s={"mill-1": 200.0}),
        work=work(keeping=FULL),
        unreadable="OperationalError",
    )

    found = [(one.link, one.weight) for one in sentences(known)]

    assert found == [
        ("simulator", "broken"), ("history", "broken"), ("history", "broken"), ("ingest", "warning"),
    ]  # fmt: skip


def test_a_plant_of_real_machines_alone_misses_no_simulator() -> None:
    known = replace(WELL, plant=None, board=board(run="", speed=1.0, achieved=1.0))

    assert sentences(known) == []
    assert lamps(known)["simulator"] == "absent"


def test_a_sentence_keeps_the_moment_at_which_it_was_said_first() -> None:
    silent = replace(WELL, board_age_s=6.0, work_age_s=6.0)
    later = replace(silent, wall_ms=WALL_MS + 1_037, board_age_s=7.0, work_age_s=7.0)
    unreadable = sentences(replace(WELL, unreadable="OperationalError"))
    first = sentences(silent)

    assert lasting(sentences(later), first, later.wall_ms) == first
    assert lasting(unreadable, [], WALL_MS)[0].since_wall_ms == WALL_MS
    assert lasting(unreadable, lasting(unreadable, [], WALL_MS), WALL_MS + 5)[0].since_wall_ms == WALL_MS


@pytest.mark.parametrize(
    "remedy", [one for one in vars(remedies).values() if isinstance(one, remedies.Remedy)]
)
def test_every_remedy_says_what_to_do_in_both_places(remedy: remedies.Remedy) -> None:
    assert all(words.endswith(".") and len(words) > 20 for words in remedy)


def test_a_message_of_a_later_version_is_answered_by_an_upgrade_and_not_by_mending_the_device() -> None:
    later = refusal_of(2, "the dashboard")
    refusal = Refusal(wall_ms=WALL_MS - 500, topic="shopfloor/machining/mill-1/birth", reason=later, head="")

    (found,) = sentences(replace(WELL, refusal=refusal))

    assert "upgrade the dashboard" in found.what
    assert found.remedy == remedies.LATER


def test_a_history_of_a_later_version_says_what_to_upgrade() -> None:
    why = "it has tables of version '0099' …: it is of a later version of the product, and is left as it is"

    (found,) = sentences(replace(WELL, unreadable=why))

    assert found.remedy == remedies.LATER


def test_readings_that_a_plant_had_to_drop_are_worth_a_look_for_as_long_as_it_says_so() -> None:
    known = replace(WELL, plant=plant(lost_ms=30 * 3_600_000, kept_for_ms=12 * 3_600_000))

    (found,) = sentences(known)

    assert (found.link, found.weight, found.remedy) == ("simulator", "warning", remedies.DROPPED)
    assert "longer than readings are kept (12 h): 30.0 h of machine time were dropped" in found.what
    measures = {one.key: one for link in links(known, [found]) for one in link.measures}
    assert measures["lost_s"].value == 30 * 3_600
    assert measures["kept_s"].of == 12 * 3_600
