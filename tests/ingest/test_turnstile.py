"""How much of each device is heard: what is more is left out before it costs anything, and counted."""

from pathlib import Path

import pytest

from dashboard.history.store import Store
from dashboard.ingest.fleet import MAX_UNBORN
from dashboard.ingest.machine import MachineRecord
from dashboard.ingest.office import Office
from dashboard.ingest.refused import LOGGED, SELDOM_MS, RefusedMessages
from dashboard.ingest.turnstile import (
    BYTES,
    MESSAGES,
    NEW_BYTES,
    NEW_MESSAGES,
    SETTLED_S,
    UNSETTLED_BYTES,
    Turnstile,
)
from protocol.messages import MAX_SIGNALS, Birth
from protocol.moments import from_ms

PRESS = "shopfloor/my-press/readings"
SAW = "shopfloor/my-saw/readings"
SMALL = 20
WALL_MS = 1_767_592_800_000


class Clock:
    """Seconds that pass when a test says so."""

    now_s = 0.0

    def __call__(self) -> float:
        """Now."""
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def turnstile(clock: Clock) -> Turnstile:
    """One that has settled, and knows two devices and a machine with a birth."""
    made = Turnstile("shopfloor", clock)
    made.know(born={"mill-1"}, known={"my-press", "my-saw"})
    clock.now_s += SETTLED_S
    return made


def admitted(turnstile: Turnstile, topic: str, count: int, size: int = SMALL) -> int:
    return sum(turnstile.admits(topic, size) for _ in range(count))


def test_a_device_has_a_burst_and_then_so_many_a_second(turnstile: Turnstile, clock: Clock) -> None:
    assert admitted(turnstile, PRESS, 5_000) == MESSAGES.burst
    clock.now_s += 3

    assert admitted(turnstile, PRESS, 5_000) == 3 * MESSAGES.per_s


def test_a_device_that_runs_wild_takes_nothing_from_another(turnstile: Turnstile) -> None:
    assert admitted(turnstile, PRESS, 5_000) < 5_000
    assert admitted(turnstile, SAW, 1_000) == 1_000


def test_large_messages_count_by_their_size(turnstile: Turnstile, clock: Clock) -> None:
    assert admitted(turnstile, PRESS, 100, 1 << 20) == BYTES.burst / (1 << 20)
    clock.now_s += 10

    assert admitted(turnstile, PRESS, 100, 1 << 10) == 10 * BYTES.per_s / (1 << 10)


def test_one_message_beyond_a_burst_is_heard_to_be_refused_by_its_size(
    turnstile: Turnstile,
) -> None:
    assert admitted(turnstile, PRESS, 3, 16 << 20) == 1


def test_whoever_makes_up_names_gets_no_more_by_that(turnstile: Turnstile) -> None:
    names = [f"shopfloor/made-up-{number}/readings" for number in range(5_000)]

    assert sum(turnstile.admits(name, SMALL) for name in names) == NEW_MESSAGES.burst
    assert admitted(turnstile, PRESS, 100) == 100
    assert NEW_BYTES.burst >= NEW_MESSAGES.burst * SMALL


@pytest.mark.parametrize(
    "topic",
    [
        "shopfloor/mill-1/readings",
        "shopfloor/machining/my-press/readings",
        "shopfloor/_batch/readings",
        "shopfloor/_plant/tick",
        "shopfloor/my-press/birth",
        "twin/mill-1/readings",
    ],
)
def test_the_plants_own_side_is_never_left_out(turnstile: Turnstile, topic: str) -> None:
    assert admitted(turnstile, topic, 10_000) == 10_000


@pytest.mark.parametrize("name", ["_plant", "_x", "press-9"])
def test_names_that_are_no_devices_bring_no_more(turnstile: Turnstile, clock: Clock, name: str) -> None:
    of_a_line = MachineRecord(run="", name="press-9", path="pressing", since_ms=0)
    of_a_line.birth = Birth(at=from_ms(WALL_MS))
    turnstile.look({"press-9": of_a_line}, RefusedMessages(), WALL_MS)
    clock.now_s += SETTLED_S

    assert admitted(turnstile, f"shopfloor/{name}/readings", 5_000) == NEW_MESSAGES.burst


def test_devices_that_speak_otherwise_have_each_an_allowance(turnstile: Turnstile) -> None:
    assert admitted(turnstile, "devices/saw/status/switch:0", 5_000) == MESSAGES.burst
    assert admitted(turnstile, "devices/saw/other", 10) == 0
    assert admitted(turnstile, "devices/drill/status", 10) == 10


def test_nobody_is_left_out_before_all_births_can_be_known(clock: Clock) -> None:
    turnstile = Turnstile("shopfloor", clock)

    assert admitted(turnstile, PRESS, 10_000) == 10_000
    turnstile.know(born=(), known=())
    assert admitted(turnstile, PRESS, 10_000) == 10_000
    clock.now_s += SETTLED_S
    assert admitted(turnstile, PRESS, 10_000) < 10_000


def test_until_then_what_waits_in_memory_is_bounded_all_the_same(clock: Clock) -> None:
    turnstile = Turnstile("shopfloor", clock)

    taken = admitted(turnstile, PRESS, 1_000, 1 << 20)

    assert taken == (UNSETTLED_BYTES + NEW_BYTES.burst) / (1 << 20)


def test_what_is_left_out_is_counted_and_said_once(turnstile: Turnstile) -> None:
    refused = RefusedMessages()
    admitted(turnstile, PRESS, 5_000)
    for number in range(1_000):
        turnstile.admits(f"shopfloor/made-up-{number}/readings", SMALL)

    turnstile.look({}, refused, WALL_MS)
    turnstile.look({}, refused, WALL_MS)

    assert refused.total == 5_000 - MESSAGES.burst + 1_000 - NEW_MESSAGES.burst
    new, known = (one.reason for one in refused.newest().newest)
    allowed = "more messages were left out: allowed of"
    assert new == f"800 {allowed} machines that are new are 5 a second and 1 KiB, after 200 and 4 MiB at once"
    assert known == (
        f"3,000 {allowed} a machine without a birth are 10 a second and 1 KiB, after 2,000 and 4 MiB at once"
    )


def test_the_log_of_refusals_fills_no_disk(caplog: pytest.LogCaptureFixture) -> None:
    refused = RefusedMessages()

    for number in range(50_000):
        refused.add(PRESS, b"x", "not JSON", wall_ms=WALL_MS + number)

    assert refused.total == 50_000
    assert len(caplog.records) <= LOGGED + 50_000 // SELDOM_MS + 1


@pytest.fixture
def office(tmp_path: Path) -> Office:
    store = Store(f"sqlite:///{tmp_path}/history.db")
    return Office(root="shopfloor", store=store)


def say(office: Office, name: str, payload: str, at: int = 0) -> None:
    office.receive(f"shopfloor/{name}/readings", payload.encode(), wall_ms=WALL_MS + at, retained=False)


def test_machines_without_a_birth_are_bounded(office: Office) -> None:
    for number in range(MAX_UNBORN + 5):
        say(office, f"press-{number}", '{"power_kw": 3.2}')

    assert len(office.fleet.shown()) == MAX_UNBORN
    assert office.refused.total == 5
    assert "allowed are 100 that tell no birth" in office.refused.newest().newest[0].reason
    say(office, "press-1", '{"power_kw": 3.3}', at=1_000)
    assert office.refused.total == 5
    office.store.close()


def test_signals_of_a_machine_are_bounded_however_few_come_at_a_time(office: Office) -> None:
    for number in range(MAX_SIGNALS + 3):
        say(office, "press", f'{{"signal_{number}": 1.0}}', at=1_000 * number)

    assert len(office.fleet.shown()["press"].newest) == MAX_SIGNALS
    assert office.refused.total == 3
    assert office.refused.newest().newest[0].reason == (
        "signal 'signal_66' of 'press' is one too many: allowed are 64 of a machine"
    )
    office.store.close()


def test_a_guest_opens_no_runs(office: Office) -> None:
    for number in range(50):
        say(office, "press", f'{{"power_kw": 3.2, "run": "made-up-{number}"}}')

    assert office.refused.total == 50
    assert "is not the run that is on" in office.refused.newest().newest[0].reason
    office.commit()
    office.store.close()
