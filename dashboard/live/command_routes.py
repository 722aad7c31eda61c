r"""`POST /api/commands`: what a person at the page asks of office and plant, checked and carried on.

    {"what": "reason", "run": "a1b2c3d4", "machine": "mill-1", "at": "2026-01-05T06:12:00Z", "reason": "jam"}
    {"what": "acknowledge", "call": "e027989c3f52"}
    {"what": "forget", "machine": "my-press"}
    {"what": "relearn", "machine": "my-press", "since": "2026-01-05T06:00:00Z"}
    {"what": "start-over", "seed": 7}
    {"what": "bench", "on": true}
    {"what": "fault", "machine": "press-1", "fault": "stuck", "signal": "power_kw", "duration_s": 900}
    {"what": "clear", "machine": "press-1", "fault": "stuck"}
    {"what": "assume", "values": {"rounds_s": 600, "calls": false, "on_shift": ["anna"]}}
    {"what": "add", "machine": "mill-9", "text": "kind = \"cnc-mill\"\nline = \"machining\"\n"}
    {"what": "clone", "machine": "mill-9", "name": "mill-10"}
    {"what": "pause", "machine": "mill-9"}
    {"what": "speed", "speed": 600}
    {"what": "check", "machine": "mill-9", "text": "kind = \"cnc-mill\"\nline = \"machining\"\n"}

Beside these `change`, `remove`, `save`, `resume`, `step`, `jump`, `kinds` and `machines`: docs/commands.md.
What only asks (`check`, `kinds`, `machines`, `save`) is answered with 200 whether the answer is yes or no,
and needs no password: whoever may look may ask.

A key `id` of one's own makes it safe to ask again after no answer came.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from flask import Blueprint, Response, jsonify, request

from dashboard.commands import MAX_NOTE_LENGTH, Acknowledge, Forget, GiveReason, Relearn
from dashboard.gate.body import json_of
from dashboard.gate.door import Door
from dashboard.gate.routes import refuse as refuse_at_door
from dashboard.live.commander import Answer, Commander, NobodyAnswersError, new_id
from protocol.messages import PlantCommand, Values
from protocol.moments import EARLIEST_MS, LATEST_MS, from_ms, from_text

MAX_BODY_BYTES = 16_384
MAX_TOML = 12_000
"""Characters of a machine's file that the page sends; a longer one is for the machines' folder."""
MAX_TEXT = 128
MAX_ID = 64
LONGEST_FAULT_S = 7 * 86_400.0
LARGEST_SEED = (1 << 63) - 1
SLOWEST, FASTEST = 0.1, 3_600.0
DAY_S = 86_400


class BadCommandError(Exception):
    """Raised when a body is no command; its JSON names key, value and what is allowed."""

    def __init__(self, key: str, value: object, allowed: str) -> None:
        super().__init__(key)
        said = "is missing" if value is None else repr(value)[:100]
        self.body = {
            "error": f"{key} {said}: allowed is {allowed}",
            "key": key,
            "value": value,
            "allowed": allowed,
        }


def _text(least: int, most: int) -> tuple[Callable[[Any], Any], str]:
    def read(value: Any) -> str:
        if not isinstance(value, str) or not least <= len(value) <= most or not value.isprintable():
            raise ValueError
        return value

    return read, f"printable text of {least} to {most} characters"


def _toml(value: Any) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= MAX_TOML or "\x00" in value:
        raise ValueError
    return value


def _speed(value: Any) -> float | str:
    if value == "max":
        return "max"
    return _number(SLOWEST, FASTEST)(value)


def _number(least: float, most: float) -> Callable[[Any], float]:
    def read(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            raise ValueError
        return value

    return read


def _moment(value: Any) -> Any:
    if not isinstance(value, str):
        raise TypeError
    at_ms = from_text(value)
    if not EARLIEST_MS <= at_ms <= LATEST_MS:
        raise ValueError
    return from_ms(at_ms)


def _seed(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= LARGEST_SEED:
        raise ValueError
    return value


def _switch(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _values(given: Any) -> dict[str, Any]:
    try:
        # As it travels: msgspec 0.22's `convert` gives up keys that it does not own, and crashes later.
        values = _AS_VALUES.decode(msgspec.json.encode(given))
    except msgspec.ValidationError as error:
        raise ValueError from error
    if not values:
        raise ValueError
    return values


_AS_VALUES = msgspec.json.Decoder(Values)
_NAME = _text(1, MAX_TEXT)
_MOMENT = (_moment, "a moment in RFC 3339 with a zone, 2026-01-31T06:00:00Z")
_SEED = (_seed, "a whole number from 0 on")
_SWITCH = (_switch, "true or false")
_VALUES = (_values, "an object of assumptions by name, each true, false, a number, a name or a list of names")
_SEVERITY = (_number(0.0, 1.0), "a number from 0 (hardly) to 1 (as bad as it gets)")
_DURATION = (_number(1.0, LONGEST_FAULT_S), f"plant seconds, a number from 1 to {LONGEST_FAULT_S:,.0f}")
_TOML = (_toml, f"the TOML of a machine's file, 1 to {MAX_TOML:,} characters")
_SPEED = (_speed, f"a number from {SLOWEST:g} to {FASTEST:g}, or max")
_SECONDS = (_number(0.001, DAY_S), f"plant seconds, a number from 0.001 to {DAY_S}")
_ID = _text(1, MAX_ID)
_Keys = dict[str, tuple[Callable[[Any], Any], str]]
_COMMANDS: dict[str, tuple[_Keys, _Keys]] = {
    "reason": (
        {"run": _text(0, MAX_TEXT), "machine": _NAME, "at": _MOMENT, "reason": _text(0, MAX_TEXT)},
        {"note": _text(0, MAX_NOTE_LENGTH)},
    ),
    "acknowledge": ({"call": _ID}, {"by": _text(0, MAX_TEXT)}),
    "forget": ({"machine": _NAME}, {}),
    "relearn": ({"machine": _NAME, "since": _MOMENT}, {}),
    "start-over": ({}, {"seed": _SEED}),
    "bench": ({"on": _SWITCH}, {}),
    "assume": ({"values": _VALUES}, {}),
    "fault": (
        {"machine": _NAME, "fault": _NAME},
        {"signal": _NAME, "severity": _SEVERITY, "duration_s": _DURATION},
    ),
    "clear": ({}, {"machine": _NAME, "fault": _NAME, "signal": _NAME}),
    "add": ({"machine": _NAME, "text": _TOML}, {}),
    "change": ({"machine": _NAME, "text": _TOML}, {}),
    "clone": ({"machine": _NAME, "name": _NAME}, {}),
    "remove": ({"machine": _NAME}, {}),
    "pause": ({}, {"machine": _NAME}),
    "resume": ({}, {"machine": _NAME}),
    "speed": ({"speed": _SPEED}, {}),
    "step": ({"seconds": _SECONDS}, {}),
    "jump": ({}, {}),
    "save": ({"machine": _NAME}, {}),
    "check": ({"machine": _NAME, "text": _TOML}, {"name": _NAME}),
    "kinds": ({}, {}),
    "machines": ({}, {}),
}
"""By what is asked, the keys that are needed and those that may be there."""
_ASKS = frozenset({"save", "check", "kinds", "machines"})
"""What changes nothing."""
_OF_OFFICE = {"reason": GiveReason, "acknowledge": Acknowledge, "forget": Forget, "relearn": Relearn}


def command_routes(commander: Commander | None, door: Door) -> Blueprint:
    """The route of commands, answering in JSON whatever happens.

    Args:
        commander: Carries them on; None where this page may not command.
        door: Knows who may command.
    """
    routes = Blueprint("commands", __name__, url_prefix="/api")

    @routes.post("/commands")
    def ask() -> tuple[Response, int]:
        if not request.is_json:
            return jsonify({"error": "a command is JSON: send it as application/json"}), 415
        # A body whose length is not said could be endless.
        if request.content_length is None or request.content_length > MAX_BODY_BYTES:
            return jsonify({"error": f"a command says its length, at most {MAX_BODY_BYTES:,} bytes"}), 413
        body = json_of(request)
        asks = isinstance(body, dict) and str(body.get("what")) in _ASKS
        refusal = None if asks else door.refusal(request)
        if refusal is not None:
            return refuse_at_door(door, refusal)
        what, fields = _read(body)
        if commander is None:
            return jsonify({"error": "this page may not command: it has no operator's password"}), 503
        answer = _carry(commander, what, fields)
        if answer.ok or what in _ASKS:
            return jsonify({"ok": answer.ok, "message": answer.message, **answer.more}), 200
        return jsonify({"error": answer.message}), 409

    @routes.errorhandler(BadCommandError)
    def refuse(error: BadCommandError) -> tuple[Response, int]:
        return jsonify(error.body), 400

    @routes.errorhandler(NobodyAnswersError)
    def in_vain(error: NobodyAnswersError) -> tuple[Response, int]:
        return jsonify({"error": f"{error}: it may still be done, see whether it was"}), 504

    return routes


def check_command(body: Mapping[str, Any]) -> None:
    """Whether a body would be understood, before it is ever sent.

    Raises:
        BadCommandError: It would be refused as no command.
    """
    _read(dict(body))


def _carry(commander: Commander, what: str, fields: dict[str, Any]) -> Answer:
    kind = _OF_OFFICE.get(what)
    if kind is not None:
        return commander.ask_office(kind(**fields))
    return commander.ask_plant(PlantCommand(what=what, **fields))  # type: ignore[arg-type]


def _read(body: Any) -> tuple[str, dict[str, Any]]:
    """What is asked, and its keys as the command has them."""
    if not isinstance(body, dict):
        raise BadCommandError("body", None, 'a JSON object with a key "what"')
    what = body.pop("what", None)
    if not isinstance(what, str) or what not in _COMMANDS:
        raise BadCommandError("what", what, ", ".join(_COMMANDS))
    needed, more = _COMMANDS[what]
    known = {**needed, **more, "id": _ID}
    for key, value in body.items():
        if key not in known:
            raise BadCommandError(key, value, f"for {what}: {', '.join(known)}")
    fields: dict[str, Any] = {"id": new_id()}
    for key, (read, allowed) in known.items():
        value = body.get(key)
        if value is None:
            if key in needed:
                raise BadCommandError(key, None, allowed)
            continue
        try:
            fields[key] = read(value)
        except (TypeError, ValueError, OverflowError) as error:
            raise BadCommandError(key, value, allowed) from error
    return what, fields
