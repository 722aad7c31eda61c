"""The session of one edge node: its numbers, what came before its turn, its devices, and its death."""

from dataclasses import dataclass, field

from dashboard.sparkplug.device import Device
from protocol.sparkplug.births import BD_SEQ
from protocol.sparkplug.payloads import SEQUENCE, Payload
from protocol.sparkplug.topics import NAMESPACE

REORDER_S = 2.0
"""So long a number that is missing is waited for."""
MAX_WAITING_BYTES = 4 << 20
"""What came before its turn is held in memory; beyond this nothing is waited for."""
ASK_AGAIN_S = 5.0
"""A node that was asked for a rebirth is not asked again within this time, unless it was born meanwhile."""


@dataclass(slots=True)
class Node:
    """An edge node as its host knows it."""

    group: str
    name: str
    born: bool = False
    """Whether its births of this session are known."""
    bd_seq: int | None = None
    """What its death will say."""
    devices: dict[str, Device] = field(default_factory=dict)
    """Those that were born in this session, by the name of the device."""
    expected: int = 0
    """Number of its next message."""
    waiting: dict[int, tuple[str, bytes]] = field(default_factory=dict)
    """What came before its turn, by its number."""
    missing_since_s: float | None = None
    """Since when a number is missing."""
    asked_s: float | None = None
    """When it was asked for a rebirth that has not come."""

    @property
    def gateway(self) -> str:
        """What the link of its machines is called."""
        return f"{NAMESPACE}/{self.group}/{self.name}"

    def begin(self, birth: Payload) -> None:
        """It is born: nothing of before counts any more."""
        self.born, self.bd_seq, self.asked_s = True, bd_seq_of(birth), None
        self.devices.clear()
        self.expected = ((birth.seq or 0) + 1) % SEQUENCE
        self.waiting.clear()
        self.missing_since_s = None

    def is_end(self, death: Payload) -> bool:
        """Whether a death is that of the session that is on, and not of one before."""
        return self.born and bd_seq_of(death) == self.bd_seq

    def end(self) -> None:
        """It is gone, or what it says can be made nothing of until it is born again."""
        self.born = False
        self.devices.clear()
        self.waiting.clear()
        self.missing_since_s = None

    def ahead(self, seq: int) -> int:
        """How many numbers lie between the one that is expected and another; negative for one that was."""
        ahead = (seq - self.expected) % SEQUENCE
        return ahead if ahead < SEQUENCE // 2 else ahead - SEQUENCE

    def wait_with(self, seq: int, topic: str, payload: bytes, now_s: float) -> None:
        """Put aside what came before its turn."""
        self.waiting.setdefault(seq, (topic, payload))
        if self.missing_since_s is None:
            self.missing_since_s = now_s

    @property
    def waiting_bytes(self) -> int:
        """How much has come before its turn."""
        return sum(len(payload) for _, payload in self.waiting.values())

    def passed(self) -> None:
        """A message with the number that was expected has come."""
        self.expected = (self.expected + 1) % SEQUENCE
        if not self.waiting:
            self.missing_since_s = None

    def skip(self) -> None:
        """Wait no longer for what is missing: go on with the first that is there."""
        self.expected = min(self.waiting, key=self.ahead)
        for device in self.devices.values():
            device.interrupt()

    def may_be_asked(self, now_s: float) -> bool:
        """Whether it is to be asked for a rebirth, and not only has been."""
        return self.asked_s is None or now_s - self.asked_s >= ASK_AGAIN_S


def bd_seq_of(payload: Payload) -> int | None:
    """The number that pairs births and deaths; None where it is not said."""
    said = next((one.value for one in payload.metrics if one.name == BD_SEQ), None)
    return said if isinstance(said, int) else None
