"""What an operator may ask of the plant, and what is wrong with what may not be asked."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from protocol.messages import MessageError, PlantCommand, PlantResult, decode
from protocol.moments import to_text
from simulator.histories.run import Input, Run

WHATS = ("start-over", "bench")
"""What can be asked."""
MAX_SEED = 2**53
REMEMBERED = 1_000
"""So many commands are remembered, so that one which comes again is answered and not done again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BadCommand:
    """A command that cannot be understood."""

    id: str
    """Its name, as far as it said one."""
    what: str
    """What it asked, as far as it said so."""
    wrong: str
    """What is wrong with it, and what is allowed."""


def command_in(payload: bytes) -> PlantCommand | BadCommand:
    """The command in a payload, or what is wrong with it.

    >>> command_in(b'{"id": "a", "what": "dance"}').wrong
    "key 'what': 'dance' is not allowed: start-over or bench"
    """
    try:
        said = msgspec.json.decode(payload[: 1 << 16], type=dict[str, object])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return BadCommand(id="", what="command", wrong=f"not a command: {error}")
    name, what = _text(said.get("id")), _text(said.get("what"))
    wrong = _wrong(said, name, what)
    if wrong:
        return BadCommand(id=name, what=what or "command", wrong=wrong)
    try:
        return decode(payload, PlantCommand)
    except MessageError as error:
        return BadCommand(id=name, what=what, wrong=str(error))


class Answered:
    """The results of the commands that were done, by the names of the commands.

    Args:
        results: Those that are known already.
    """

    def __init__(self, results: Sequence[PlantResult] = ()) -> None:
        self._results = {one.id: one for one in results}

    def __getitem__(self, command: str) -> PlantResult | None:
        return self._results.get(command)

    def add(self, result: PlantResult) -> None:
        """One more was done."""
        self._results[result.id] = result
        while len(self._results) > REMEMBERED:
            del self._results[next(iter(self._results))]


def bench_result(one: Input) -> PlantResult:
    """What came of a command that put up or took away the bench."""
    done = "put up" if one.on else "taken away"
    return PlantResult(
        id=one.command, at=one.at, ok=True, what="bench", message=f"the calibration bench is {done}"
    )


def begun_result(run: Run) -> PlantResult:
    """What came of a command that opened a run."""
    return PlantResult(
        id=run.head.command,
        at=run.head.epoch,
        ok=True,
        what="start-over",
        message=f"run {run.id} begins with seed {run.head.seed} at {to_text(run.epoch_ms)}",
    )


def results_of(run: Run) -> list[PlantResult]:
    """The results of the commands that a run's files tell of."""
    begun = [begun_result(run)] if run.head.command else []
    return begun + [bench_result(one) for one in run.inputs if one.what == "bench"]


def _wrong(said: dict[str, object], name: str, what: str) -> str:
    if not name:
        return "key 'id' is missing or empty: allowed is a name of 1 to 128 characters"
    if what not in WHATS:
        return f"key 'what': {what or said.get('what')!r} is not allowed: {' or '.join(WHATS)}"
    seed, on = said.get("seed"), said.get("on")
    if what == "bench" and not isinstance(on, bool):
        return f"key 'on': {str(on)[:64]!r} is not allowed: true or false"
    if what != "bench" and on is not None:
        return f"key 'on' is not allowed beside {what!r}"
    if what != "start-over" and seed is not None:
        return f"key 'seed' is not allowed beside {what!r}"
    whole = isinstance(seed, int) and not isinstance(seed, bool) and 0 <= seed <= MAX_SEED
    if seed is not None and not whole:
        return f"key 'seed': {str(seed)[:64]!r} is not allowed: a whole number from 0 to {MAX_SEED}"
    return ""


def _text(value: object) -> str:
    return value[:128] if isinstance(value, str) else ""
