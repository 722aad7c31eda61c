"""The addresses messages travel to: `<root>/<0 to 3 ISA-95 levels>/<machine>/<kind>`, and our own."""

from dataclasses import dataclass, replace

from protocol.messages import MessageError

MACHINE_KINDS = ("birth", "readings", "online")
"""The last level of every topic that a machine publishes to."""
BATCH = "_batch"
"""Stands for the machines of a line in the topic of a gateway's readings."""
GATEWAY = "_gateway"
"""Stands for the gateway of a line in the topic that says whether it is online."""
SPARKPLUG = "spBv1.0"
"""First level of every topic of Sparkplug B, and of what the link of a machine behind a node is called."""
MAX_LOCATION_LEVELS = 3
MAX_NAME_LENGTH = 64
WILDCARDS = frozenset("+#")


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineTopic:
    """Where one machine publishes one kind of message."""

    root: str
    """`shopfloor` for the monitored plant."""
    location: tuple[str, ...]
    """ISA-95 levels from the largest to the smallest, 0 to 3 of them; the last is the line."""
    machine: str
    """Name of the machine, unique in its root."""
    kind: str
    """One of `MACHINE_KINDS`."""

    @property
    def path(self) -> str:
        """The location as it is written in the topic, `""` for a machine outside every line."""
        return "/".join(self.location)

    def of(self, kind: str) -> "MachineTopic":
        """Where the same machine publishes another kind of message."""
        return replace(self, kind=kind)

    def __str__(self) -> str:
        return "/".join((self.root, *self.location, self.machine, self.kind))


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayTopic:
    """Where the gateway of a line speaks, for itself and for its machines."""

    root: str
    """`shopfloor` for the monitored plant."""
    location: tuple[str, ...]
    """Where its machines stand, 0 to 3 levels from the largest to the smallest; the last is the line."""

    @property
    def name(self) -> str:
        """What the births of its machines call it: `machining/_gateway`."""
        return "/".join((*self.location, GATEWAY))

    @property
    def online(self) -> str:
        """The topic that says whether it is online."""
        return f"{self.root}/{self.name}/online"

    @property
    def readings(self) -> str:
        """The topic of its machines' readings."""
        return "/".join((self.root, *self.location, BATCH, "readings"))

    def machine(self, name: str, kind: str) -> MachineTopic:
        """Where one of its machines would publish a kind of message by itself."""
        return MachineTopic(root=self.root, location=self.location, machine=name, kind=kind)


def check_name(name: str, what: str) -> str:
    """The name itself, if it can be a level of a topic and be shown on a page.

    Raises:
        MessageError: It is empty, too long, `.` or `..`, begins with `_` or `$`, holds `+`, `#`, `/`, or a
            character that cannot be printed.
    """
    if not name:
        raise MessageError(f"{what} is empty: allowed are 1 to {MAX_NAME_LENGTH} characters")
    if len(name) > MAX_NAME_LENGTH:
        raise MessageError(
            f"{what} {name[:20]!r}… has {len(name)} characters: allowed are 1 to {MAX_NAME_LENGTH}"
        )
    if name[0] in "_$":
        raise MessageError(f"{what} {name!r} begins with {name[0]!r}: such names are the system's own")
    if name in {".", ".."}:
        raise MessageError(f"{what} {name!r} means a place in an address: allowed is any other name")
    if not name.isprintable() or name != name.strip() or WILDCARDS & set(name) or "/" in name:
        raise MessageError(
            f"{what} {name!r} has a character that is not allowed: "
            "printable ones are, without + # / and without blanks at the ends"
        )
    return name


def parse_machine_topic(topic: str) -> MachineTopic:
    """The parts of a topic that a machine publishes to.

    >>> parse_machine_topic("shopfloor/machining/mill-1/birth").machine
    'mill-1'

    Raises:
        MessageError: The topic is not one of a machine.
    """
    root, *middle = topic.split("/")
    kind = middle.pop() if middle else ""
    if kind not in MACHINE_KINDS or not middle:
        raise MessageError(
            f"unknown topic {topic[:120]!r}: allowed is "
            f"<root>/<0 to {MAX_LOCATION_LEVELS} levels>/<machine>/({'|'.join(MACHINE_KINDS)})"
        )
    *location, machine = middle
    if len(location) > MAX_LOCATION_LEVELS:
        raise MessageError(
            f"topic {topic[:120]!r} has {len(location)} levels before the machine: "
            f"allowed are 0 to {MAX_LOCATION_LEVELS}"
        )
    check_name(machine, "the machine's name")
    for level in location:
        check_name(level, "the location")
    return MachineTopic(root=root, location=tuple(location), machine=machine, kind=kind)


def parse_gateway_topic(topic: str) -> GatewayTopic | None:
    """The gateway that publishes to a topic; None for any other topic.

    >>> parse_gateway_topic("shopfloor/machining/_batch/readings").name
    'machining/_gateway'

    Raises:
        MessageError: It stands on more levels than a machine may, or a level has a name that is not allowed.
    """
    root, *location = topic.split("/")
    if tuple(location[-2:]) not in {(BATCH, "readings"), (GATEWAY, "online")}:
        return None
    del location[-2:]
    if len(location) > MAX_LOCATION_LEVELS:
        raise MessageError(
            f"topic {topic[:120]!r} has {len(location)} levels before the gateway: "
            f"allowed are 0 to {MAX_LOCATION_LEVELS}"
        )
    for level in location:
        check_name(level, "the location")
    return GatewayTopic(root=root, location=tuple(location))


def machine_filters(root: str, kind: str) -> list[str]:
    """The filters that together match one kind of message of every machine, at every depth.

    >>> machine_filters("shopfloor", "birth")[:2]
    ['shopfloor/+/birth', 'shopfloor/+/+/birth']
    """
    return ["/".join((root, *("+" * (levels + 1)), kind)) for levels in range(MAX_LOCATION_LEVELS + 1)]


def every_topic(root: str) -> str:
    """The filter that matches all below the root, as far as an access list lets it through."""
    return f"{root}/#"


def plant_topic(root: str, name: str) -> str:
    """Where plant and office talk about time and people.

    `name` is one of `clock`, `tick`, `office`, `watermark`, `command`, `result`, `response`,
    `assumptions`, `faults`.
    """
    return f"{root}/_plant/{name}"


def call_topic(root: str, machine: str, call: str) -> str:
    """Where the office asks for a person to come to a machine, retained until the call is closed."""
    return f"{root}/_call/{machine}/{call}"


def truth_topic(root: str, machine: str) -> str:
    """Where the simulator says what a machine really did. The office may not read it."""
    return f"{root}/_truth/{machine}"


def office_topic(root: str, *names: str) -> str:
    """Where the office publishes its newest conclusions, retained, for pages to show."""
    return "/".join((root, "_office", *names))
