"""The topic map: which topics of devices that speak otherwise are machines, and what in them is a signal.

A device's message becomes readings as the machine itself would have sent them; from there on all is the same.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from dashboard.settings import LARGEST, devices_of, refused, text_of
from protocol.messages import MAX_SIGNALS, MessageError
from protocol.sentences import RefusalError
from protocol.topics import MAX_LOCATION_LEVELS, MachineTopic, check_name

DEFAULT_FILE = Path(__file__).parents[1] / "topics.toml"
"""The map of the demo: three examples, and none of them in use."""
MACHINE_LEVEL = "{machine}"
"""Stands in a pattern for the level that names the machine."""
MAX_LISTED = 8
"""So many keys of a payload a sentence lists."""
MAX_DEPTH = 16
KEYS = ("topic", "machine", "line", "signals")
SIGNAL_KEYS = ("path", "factor", "offset")
_UNFIT = re.compile(r"[^a-z0-9]+")
_ANY = msgspec.json.Decoder()


class TopicsError(RefusalError):
    """Raised when the topic map cannot be understood; says which key, which value and what is allowed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Where in a payload a signal stands."""

    path: tuple[str, ...]
    """Keys from the outside in, `("ENERGY", "Power")`; numbers count in a list; empty: the payload is it."""
    factor: float = 1.0
    """What makes its unit right."""
    offset: float = 0.0
    """What is added after that."""

    @property
    def written(self) -> str:
        """The path as it stands in the map."""
        return ".".join(self.path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """One table of the map: the topics of one device, or of many that speak alike."""

    pattern: tuple[str, ...]
    """Levels of the topic; `+` for any, `{machine}` for the machine's name."""
    machine: str
    """Name of the machine; empty where the topic says it."""
    location: tuple[str, ...]
    """Where it stands; empty for outside every line."""
    signals: Mapping[str, Part]
    """By the name of each signal, where it stands in the payload."""

    @property
    def filter(self) -> str:
        """What is subscribed."""
        return "/".join("+" if level == MACHINE_LEVEL else level for level in self.pattern)

    def matches(self, levels: list[str]) -> bool:
        """Whether a topic is one of its own."""
        return len(levels) == len(self.pattern) and all(
            mine in {"+", MACHINE_LEVEL, said} for mine, said in zip(self.pattern, levels, strict=True)
        )

    def named(self, levels: list[str]) -> str:
        """The machine that a topic is about.

        Raises:
            MessageError: The topic names none that a machine may have.
        """
        if self.machine:
            return self.machine
        said = levels[self.pattern.index(MACHINE_LEVEL)]
        return check_name(_UNFIT.sub("-", said.lower()).strip("-"), f"the machine's name from {said!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Meant:
    """What a device's message means."""

    topic: MachineTopic
    """Where the machine would have said it."""
    payload: bytes
    """Its readings, at plant-now."""


class TopicMap:
    """The devices that speak otherwise.

    Args:
        devices: One for each table; the first that matches a topic counts.
        root: First level of the plant's own topics.
    """

    def __init__(self, devices: tuple[Device, ...] = (), *, root: str = "shopfloor") -> None:
        self.devices = devices
        self._root = root

    @classmethod
    def read(cls, file: Path = DEFAULT_FILE, *, root: str = "shopfloor") -> "TopicMap":
        """The map in a TOML file.

        Raises:
            TopicsError: Names the file, the key, the value and what is allowed.
        """
        return cls.of(text_of(file, TopicsError), file.name, root=root)

    @classmethod
    def of(cls, text: str, source: str = "topics.toml", *, root: str = "shopfloor") -> "TopicMap":
        r"""The map in the text of a TOML file.

        >>> text = '[[device]]\ntopic = "devices/+/power"\nmachine = "saw-1"\nsignals = { power_w = {} }'
        >>> TopicMap.of(text).filters
        ['devices/+/power']

        Raises:
            TopicsError: Names the file, the key, the value and what is allowed.
        """
        tables = devices_of(text, source, TopicsError)
        return cls(
            tuple(_device(one, f"{source}: device {i}", root) for i, one in enumerate(tables, 1)), root=root
        )

    @property
    def filters(self) -> list[str]:
        """What is subscribed in addition, each once."""
        return list(dict.fromkeys(one.filter for one in self.devices))

    def device(self, topic: str) -> Device | None:
        """The device that a topic belongs to; None for any other topic."""
        if not self.devices:
            return None
        levels = topic.split("/")
        return next((one for one in self.devices if one.matches(levels)), None)

    def meaning(self, device: Device, topic: str, payload: bytes) -> Meant:
        """What a device's message means.

        Raises:
            MessageError: It cannot be understood; says why, and what the map expects.
        """
        machine = device.named(topic.split("/"))
        content = _content(payload)
        values = {
            name: value
            for name, part in device.signals.items()
            if (value := _value(part, content)) is not None
        }
        if not values:
            paths = ", ".join(part.written or "the payload itself" for part in device.signals.values())
            raise MessageError(
                f"none of {paths} is a number in it: {_there(content)}; topics.toml says where to look"
            )
        said = MachineTopic(root=self._root, location=device.location, machine=machine, kind="readings")
        return Meant(topic=said, payload=msgspec.json.encode(values))


def _content(payload: bytes) -> Any:
    try:
        return _ANY.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return payload.decode("utf-8", "replace").strip()


def _value(part: Part, content: Any) -> float | None:
    """The value of a signal in a payload; None where it says none."""
    found = content
    for key in part.path:
        if isinstance(found, dict):
            found = found.get(key)
        elif isinstance(found, list) and key.isdigit() and int(key) < len(found):
            found = found[int(key)]
        else:
            return None
    if isinstance(found, str):
        try:
            found = float(found)
        except ValueError:
            return None
    if isinstance(found, bool) or not isinstance(found, int | float):
        return None
    try:
        value = found * part.factor + part.offset
    except OverflowError:  # a whole number beyond all floats
        return None
    # Nine places are more than any meter has, and fewer than binary fractions show.
    return round(value, 9) if math.isfinite(value) else None


def _there(content: Any) -> str:
    """What stands in a payload, in words."""
    if not isinstance(content, dict):
        return f"it is {str(content)[:40]!r}"
    paths = list(_paths(content))
    more = f" and {len(paths) - MAX_LISTED} more" if len(paths) > MAX_LISTED else ""
    return f"it has {', '.join(paths[:MAX_LISTED])}{more}" if paths else "it is empty"


def _paths(content: Any, above: str = "", depth: int = 0) -> Iterator[str]:
    for key, value in content.items():
        path = f"{above}{str(key)[:40]}"
        if isinstance(value, dict) and depth < MAX_DEPTH:
            yield from _paths(value, f"{path}.", depth + 1)
        else:
            yield path


def _device(table: dict[str, Any], where: str, root: str) -> Device:
    for key, value in table.items():
        if key not in KEYS:
            raise _refusal(where, key, value, f"only {', '.join(KEYS)}")
    topic = table.get("topic")
    pattern = _pattern(topic, where, root)
    machine = table.get("machine", "")
    named = MACHINE_LEVEL in pattern
    if named == bool(machine):
        raise _refusal(
            where, "machine", machine, f"a name, or {MACHINE_LEVEL} as one level of the topic, and not both"
        )
    location = table.get("line", "")
    if not isinstance(location, str):
        raise _refusal(where, "line", location, "a name, or several joined by /")
    levels = tuple(location.split("/")) if location else ()
    if len(levels) > MAX_LOCATION_LEVELS:
        raise _refusal(where, "line", location, f"up to {MAX_LOCATION_LEVELS} names joined by /")
    for key, names in (("machine", (machine,) if not named else ()), ("line", levels)):
        for name in names:
            _named(name, where, key)
    return Device(
        pattern=pattern, machine=machine, location=levels, signals=_signals(table.get("signals"), where)
    )


def _pattern(topic: Any, where: str, root: str) -> tuple[str, ...]:
    allowed = (
        f"a topic outside {root}/, levels joined by /, + for any, {MACHINE_LEVEL} for the machine's name"
    )
    if not isinstance(topic, str) or not topic or len(topic) > 256 or not topic.isprintable():  # noqa: PLR2004
        raise _refusal(where, "topic", topic, allowed)
    levels = tuple(topic.split("/"))
    whole = all(level in {"+", MACHINE_LEVEL} or not set("+#{}") & set(level) for level in levels)
    if not whole or levels[0] in {"+", MACHINE_LEVEL, root, "twin"} or levels.count(MACHINE_LEVEL) > 1:
        raise _refusal(where, "topic", topic, allowed)
    return levels


def _named(name: Any, where: str, key: str) -> None:
    try:
        if not isinstance(name, str):
            raise MessageError("not text")  # noqa: TRY301
        check_name(name, key)
    except MessageError as error:
        raise _refusal(where, key, name, "a name as in a topic of its own") from error


def _signals(given: Any, where: str) -> dict[str, Part]:
    if not isinstance(given, dict) or not 1 <= len(given) <= MAX_SIGNALS:
        raise _refusal(
            where, "signals", given, f"1 to {MAX_SIGNALS} tables by name, [device.signals.power_kw]"
        )
    return {name: _part(name, part, where) for name, part in given.items()}


def _part(name: str, given: Any, where: str) -> Part:
    key = f"signals.{name}"
    if not name.isidentifier() or name.startswith("_"):
        raise _refusal(
            where, key, given, "letters, digits and _ in its name, best with the unit at the end: power_kw"
        )
    if not isinstance(given, dict) or not given.keys() <= set(SIGNAL_KEYS):
        raise _refusal(where, key, given, f"a table with {', '.join(SIGNAL_KEYS)}")
    path = given.get("path", "")
    if not isinstance(path, str):
        raise _refusal(
            where, f"{key}.path", path, 'keys joined by dots, "ENERGY.Power"; none where the payload is it'
        )
    return Part(
        path=tuple(path.split(".")) if path else (),
        factor=_number(given, "factor", 1.0, where, key),
        offset=_number(given, "offset", 0.0, where, key),
    )


def _number(given: dict[str, Any], name: str, default: float, where: str, key: str) -> float:
    value = given.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= LARGEST:
        raise _refusal(where, f"{key}.{name}", value, f"a number from {-LARGEST:g} to {LARGEST:g}")
    return float(value)


def _refusal(where: str, key: str, value: Any, allowed: str) -> ValueError:
    return refused(TopicsError, where, key, value, allowed)
