"""The addresses of Sparkplug: `spBv1.0/GROUP/TYPE/NODE[/DEVICE]`, and `spBv1.0/STATE/HOST`."""

from dataclasses import dataclass
from enum import StrEnum

from protocol.messages import MessageError
from protocol.topics import SPARKPLUG

NAMESPACE = SPARKPLUG
MAX_ID_LENGTH = 128
NODE_LEVELS = 4
"""Levels of a topic that is about a node alone."""
_FORBIDDEN = frozenset("+/#")


class MessageType(StrEnum):
    """What a message is."""

    NBIRTH = "NBIRTH"
    """A node says what it is."""
    NDATA = "NDATA"
    NCMD = "NCMD"
    """A host asks something of a node."""
    NDEATH = "NDEATH"
    """A node, or its will, says that it is gone, and its devices with it."""
    DBIRTH = "DBIRTH"
    """A node says what one of its devices is."""
    DDATA = "DDATA"
    DCMD = "DCMD"
    DDEATH = "DDEATH"
    """A node has lost one of its devices."""

    @property
    def of_device(self) -> bool:
        """Whether a topic of it names a device."""
        return self.value[0] == "D"


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeTopic:
    """Where an edge node speaks and is spoken to."""

    group: str
    """Its group."""
    type: MessageType
    """What is said there."""
    node: str
    """The edge node; with its group unique in the whole infrastructure."""
    device: str = ""
    """One of its devices; empty for the node itself."""

    def __str__(self) -> str:
        levels = (NAMESPACE, self.group, self.type, self.node, *((self.device,) if self.device else ()))
        return "/".join(levels)


def check_id(name: str, what: str) -> str:
    """The name itself, if it can be a group, a node, a device or a host.

    Raises:
        MessageError: It is empty, too long, or holds `+`, `/`, `#` or a character that cannot be printed.
    """
    if not name or len(name) > MAX_ID_LENGTH or _FORBIDDEN & set(name) or not name.isprintable():
        raise MessageError(
            f"{what} {name[:40]!r} is not allowed: 1 to {MAX_ID_LENGTH} printable characters without + / #"
        )
    return name


def parse_topic(topic: str) -> NodeTopic:
    """The parts of a topic.

    >>> parse_topic("spBv1.0/plant/DDATA/line-1/press-7").device
    'press-7'

    Raises:
        MessageError: It is none of a node or a device.
    """
    levels = topic.split("/")
    names = dict(zip(("namespace", "group", "type", "node", "device"), levels, strict=False))
    try:
        kind = MessageType(names.get("type", ""))
    except ValueError:
        kind = None
    if kind is None or levels[0] != NAMESPACE or len(levels) != NODE_LEVELS + kind.of_device:
        raise MessageError(
            f"unknown topic {topic[:120]!r}: allowed is {NAMESPACE}/<group>/(NBIRTH|NDATA|NDEATH)/<node> "
            f"or {NAMESPACE}/<group>/(DBIRTH|DDATA|DDEATH)/<node>/<device>"
        )
    for what in ("group", "node", *(("device",) if kind.of_device else ())):
        check_id(names[what], f"the {what}'s name")
    return NodeTopic(group=names["group"], type=kind, node=names["node"], device=names.get("device", ""))


def state_topic(host: str) -> str:
    """Where a host application says whether it is online, retained."""
    return f"{NAMESPACE}/STATE/{host}"


def host_filters(group: str) -> list[str]:
    """What a host subscribes to, to hear all nodes of a group."""
    of_node = ("NBIRTH", "NDATA", "NDEATH")
    of_device = ("DBIRTH", "DDATA", "DDEATH")
    return [
        *(f"{NAMESPACE}/{group}/{kind}/+" for kind in of_node),
        *(f"{NAMESPACE}/{group}/{kind}/+/+" for kind in of_device),
    ]
