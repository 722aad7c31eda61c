"""Each broken link of the chain has its own sentence, on page and terminal, until it holds again."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Page, expect

from demo.__main__ import main as demo
from tests.broker.clients import wait_until
from tests.chaos.plant import EPOCH_MS, MINUTE_MS, Plant
from tests.journeys.floor import ask, wait_for_page

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

pytestmark = [pytest.mark.broker, pytest.mark.browser, pytest.mark.journey]

SOON_MS = 30_000
BEFORE_MS = 3 * MINUTE_MS
"""What is newer than this is not settled yet."""
MAY_MOUNT = sys.platform == "linux" and os.geteuid() == 0 and shutil.which("mount") is not None
ROOM_BYTES = 256_000_000


class Disk:
    """Where the plant keeps what it keeps: a small disk of its own, or a limit on what ingest may write.

    Args:
        folder: Where it is.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        # Mounting is for root alone, and not in every container.
        command = ["mount", "-t", "tmpfs", "-o", f"size={ROOM_BYTES}", "tmpfs", str(folder)]
        self._mounted = (
            MAY_MOUNT and subprocess.run(command, check=False, capture_output=True).returncode == 0
        )

    def leave(self) -> None:
        """Take the disk away."""
        if self._mounted:
            subprocess.run(["umount", "--lazy", str(self.folder)], check=True)

    @contextmanager
    def full(self, ingest: int) -> Iterator[None]:
        """Leave no room to the process with this id."""
        filler = self.folder / "filler"
        if not self._mounted:
            limits = resource.prlimit(ingest, resource.RLIMIT_FSIZE)
            resource.prlimit(ingest, resource.RLIMIT_FSIZE, (1, limits[1]))
            yield
            resource.prlimit(ingest, resource.RLIMIT_FSIZE, limits)
            return
        with filler.open("wb") as file:
            try:
                while True:
                    file.write(bytes(1 << 20))
                    file.flush()
            except OSError:
                file.truncate(file.tell() // 4_096 * 4_096)
        yield
        filler.unlink()

    @property
    def words(self) -> str:
        """What the sentence says of it."""
        return "the disk is full" if self._mounted else "disk I/O error"


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Disk]:
    made = Disk(tmp_path_factory.mktemp("doctor") / "disk")
    yield made
    made.leave()


@pytest.fixture(scope="module")
def plant(disk: Disk) -> Iterator[Plant]:
    with Plant(disk.folder / "plant", seed=3, inputs=False, speed="60", patience="5", twin=False) as alive:
        wait_for_page(alive.address, 60.0)
        alive.reach(MINUTE_MS)
        yield alive


@pytest.fixture(scope="module")
def floor(browser: Browser, plant: Plant) -> Iterator[Page]:
    """The floor page, open all the while."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    page = context.new_page()
    page.goto(plant.address)
    expect(page.locator("#link-words")).to_have_text("live", timeout=SOON_MS)
    expect(page.locator("#notice")).to_be_hidden(timeout=SOON_MS)
    yield page
    context.close()


class Doctor:
    """`python -m demo doctor`, asked of this plant.

    Args:
        plant: The plant.
        capsys: What catches what is printed.
    """

    def __init__(self, plant: Plant, capsys: pytest.CaptureFixture[str]) -> None:
        self._plant = plant
        self._capsys = capsys

    def ask(self) -> tuple[int, str]:
        """Its exit code, and what it prints, in one line."""
        plant = self._plant
        code = demo(
            [
                "doctor", "--port", str(plant.port), "--mqtt-port", str(plant.broker.port),
                "--credentials", str(plant.broker.credentials), "--state", str(plant.folder),
            ]
        )  # fmt: skip
        return code, " ".join(self._capsys.readouterr().out.split())


@pytest.fixture
def doctor(plant: Plant, capsys: pytest.CaptureFixture[str]) -> Doctor:
    return Doctor(plant, capsys)


def expect_sentence(page: Page, doctor: Doctor, link: str, words: str) -> None:
    """The notice of the floor page and the terminal both say it, and nothing else is broken."""
    expect(page.locator("#notice")).to_contain_text(words, timeout=SOON_MS)
    expect(page.locator("#notice")).to_contain_text("Since ")
    code, printed = doctor.ask()
    assert code == 1
    assert f"1. {link}: " in printed
    assert words in printed
    assert " 2. " not in printed.partition("1. ")[2], printed


def expect_well(page: Page, doctor: Doctor) -> None:
    """The sentence goes, on the page and on the terminal."""
    expect(page.locator("#notice")).to_be_hidden(timeout=SOON_MS)
    wait_until(lambda: doctor.ask()[0] == 0)


def test_a_broker_that_is_killed(plant: Plant, floor: Page, doctor: Doctor) -> None:
    plant.kill("broker")
    expect_sentence(floor, doctor, "broker", f"No connection to the broker at 127.0.0.1:{plant.broker.port}")

    plant.start("broker")
    expect_well(floor, doctor)


def test_a_simulator_that_is_killed(plant: Plant, floor: Page, doctor: Doctor) -> None:
    plant.kill("simulator")
    expect_sentence(floor, doctor, "simulator", "Nothing new from the simulator")

    plant.start("simulator")
    expect_well(floor, doctor)


def test_credentials_that_the_broker_does_not_know(plant: Plant, floor: Page, doctor: Doctor) -> None:
    passwords = plant.broker.credentials / "passwd"
    right = passwords.read_text(encoding="utf-8")
    plant.broker.kill()
    passwords.write_text("".join(line for line in right.splitlines(keepends=True) if "health" in line))
    plant.broker.start()
    expect_sentence(floor, doctor, "broker", "refuses the page's credential (user viewer)")

    plant.broker.kill()
    passwords.write_text(right, encoding="utf-8")
    plant.broker.start()
    expect_well(floor, doctor)


def test_a_disk_that_is_full(plant: Plant, disk: Disk, floor: Page, doctor: Doctor) -> None:
    with disk.full(plant.pid("ingest")):
        expect_sentence(floor, doctor, "history", f"The history cannot be written: {disk.words}.")
        committed_ms = plant.committed_ms()
        # Long enough for the plant to lose patience and go on alone.
        plant.wait_for(lambda: "unattended" in plant.said("simulator").rpartition("office is back")[2])
        assert plant.committed_ms() == committed_ms

    expect_well(floor, doctor)
    plant.wait_for(lambda: plant.committed_ms() > committed_ms + MINUTE_MS)
    assert "ended" not in plant.said("ingest")


def test_afterwards_the_numbers_are_whole(plant: Plant) -> None:
    until_ms = plant.committed_ms() - BEFORE_MS
    told = ask(plant.address, f"/api/machines?run={plant.run.id}")
    # Of the others it is still being learned when they run.
    reporting = [one["name"] for one in told if one["how"] == "reported"]

    def found(source: str, what: str) -> dict[str, Any]:
        machines = numbers(plant, until_ms, source)
        return {name: machines[name][what] for name in reporting}

    plant.wait_for(lambda: set(found("measured", "coverage").values()) == {1.0})
    assert len(reporting) >= 6
    for what in ("running_s", "parts"):
        assert found("measured", what) == found("truth", what)
    # That the last of them is filled is told with the office's next word.
    plant.wait_for(lambda: ask(plant.address, "/api/health")["gaps"] == 0)


def numbers(plant: Plant, until_ms: int, source: str) -> dict[str, Any]:
    """What every machine did from the beginning up to so long after it."""
    window = f"run={plant.run.id}&from={EPOCH_MS}&to={EPOCH_MS + until_ms}&source={source}"
    found: dict[str, Any] = ask(plant.address, f"/api/kpis?{window}")["machines"]
    return found
