"""A command as it comes: what it asks, or what is wrong with it; and what was answered already."""

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from protocol.contract import BESIDE, refusal_of
from protocol.messages import MAX_PAYLOAD_BYTES, MessageError, PlantCommand, PlantResult, decode
from simulator.commanding.table import FORMS

REMEMBERED = 1_000
"""So many commands are remembered, so that one which comes again is answered and not done again."""
OF_EVERY_COMMAND = frozenset({"v", "id", "what"})
READER = "the simulator"


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

    >>> command_in(b'{"id": "a", "what": "bench", "on": 7}').wrong
    "key 'on': '7' is not allowed: true or false"
    """
    if len(payload) > MAX_PAYLOAD_BYTES:
        wrong = f"{len(payload):,} bytes are too many for a command: allowed are {MAX_PAYLOAD_BYTES:,}"
        return BadCommand(id="", what="command", wrong=wrong)
    try:
        said = msgspec.json.decode(payload, type=dict[str, object])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return BadCommand(id="", what="command", wrong=f"not a command: {error}")
    name, what = _text(said.get("id")), _text(said.get("what"))
    # In a later version all else may be otherwise.
    wrong = refusal_of(said.get("v", 1), READER) or _wrong(said, name, what)
    if wrong:
        return BadCommand(id=name, what=what or "command", wrong=wrong)
    try:
        return decode(payload, PlantCommand, reader=READER)
    except MessageError as error:
        return BadCommand(id=name, what=what, wrong=str(error))


class Answered:
    """The results of the commands that were done, by the names of the commands.

    Args:
        results: Those that are known already.
    """

    def __init__(self, results: Iterable[PlantResult] = ()) -> None:
        self._results = {one.id: one for one in results}

    def __getitem__(self, command: str) -> PlantResult | None:
        return self._results.get(command)

    def add(self, result: PlantResult) -> None:
        """One more was done."""
        self._results[result.id] = result
        while len(self._results) > REMEMBERED:
            del self._results[next(iter(self._results))]


def _wrong(said: dict[str, object], name: str, what: str) -> str:
    if not name:
        return "key 'id' is missing or empty: allowed is a name of 1 to 128 characters"
    form = FORMS.get(what)
    if form is None:
        return f"key 'what': {what or str(said.get('what'))[:64]!r} is not allowed: {', '.join(FORMS)}"
    for key in sorted(said.keys() - OF_EVERY_COMMAND - form.fields.keys()):
        # Done without a key that is not known, it would be something else than what was asked.
        if said[key] not in (None, "") and not key.startswith(BESIDE):
            allowed = ", ".join(form.fields) or "nothing more"
            return f"key {key[:64]!r} is not allowed beside {what!r}: {allowed}"
    wrongs = (field.wrong(key, said.get(key)) for key, field in form.fields.items())
    return next((wrong for wrong in wrongs if wrong), "")


def _text(value: object) -> str:
    return value[:128] if isinstance(value, str) else ""
