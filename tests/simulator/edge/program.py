"""The simulator as a program, started by a test that may kill it."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from protocol.moments import from_ms
from protocol.version import VERSION
from simulator.command_line.options import DEFAULT_ASSUMPTIONS, DEFAULT_PEOPLE
from simulator.histories.run import Run, Settings, open_run
from simulator.telling.opening import fingerprint
from tests.broker.running import RunningBroker

MILL = 'kind = "cnc-mill"\nline = "machining"\n'
PRESS = 'kind = "press"\nline = "forming"\ncontroller = false\n'
EPOCH_MS = 1_767_225_600_000
SPEED = 60
"""That of a simulator which is told no other, in plant seconds a second."""
STOP_S = 60.0


class Simulator:
    """`python -m simulator run` with a folder of machines and a state of its own."""

    def __init__(self, broker: RunningBroker, folder: Path) -> None:
        self.machines = folder / "machines"
        self.state = folder / "state"
        self.log = folder / "simulator.log"
        self.machines.mkdir(parents=True)
        self._broker = broker
        self._process: subprocess.Popen[bytes] | None = None
        self.write("mill-1", MILL)
        self.write("press-1", PRESS)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            sys.stderr.write(self.said())
        self.kill()

    def write(self, name: str, text: str) -> None:
        """Put a machine's file into the folder, whole at once."""
        draft = self.machines / f"{name}.draft"
        draft.write_text(text, encoding="utf-8")
        draft.rename(self.machines / f"{name}.toml")

    def remove(self, name: str) -> None:
        """Take a machine's file away."""
        (self.machines / f"{name}.toml").unlink()

    def begin(self, *, seed: int = 1, catch_up_minutes: int = 0) -> Run:
        """Write down a run that began at a fixed moment, as a crash at its very start would leave it."""
        texts = {file.stem: file.read_text(encoding="utf-8") for file in self.machines.glob("*.toml")}
        settings = Settings(
            catch_up_to=from_ms(EPOCH_MS + catch_up_minutes * 60_000),
            kinds=fingerprint(),
            program=VERSION,
            machines=texts,
            people=Path(DEFAULT_PEOPLE).read_text(encoding="utf-8"),
            assumptions=Path(DEFAULT_ASSUMPTIONS).read_text(encoding="utf-8"),
        )
        return open_run(self.state, seed=seed, epoch_ms=EPOCH_MS, settings=settings)

    def start(self, *options: str, credentials: Path | None = None) -> Self:
        """Start it."""
        command = [sys.executable, "-m", "simulator", "run", "--broker", self._broker.url]
        command += ["--credentials", str(credentials or self._broker.credentials)]
        command += ["--machines", str(self.machines), "--state", str(self.state), *options]
        environment = {name: value for name, value in os.environ.items() if name not in {"SPEED", "SEED"}}
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(command, stderr=log, stdout=log, env=environment)
        return self

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Stop it in good order, and return its exit code."""
        assert self._process is not None
        self._process.send_signal(number)
        code = self._process.wait(STOP_S)
        self._process = None
        return code

    def kill(self) -> None:
        """End it as `kill -9` does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def said(self) -> str:
        """What stands in its log."""
        return self.log.read_text(encoding="utf-8") if self.log.exists() else ""
