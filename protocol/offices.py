"""Who the plant waits for, put together from what each worker of an office says of itself.

The first worker says on `_plant/office` who is to be waited for. Every other says on a topic below that
whether it is there, because a retained topic has room for one word and a will is one message.
"""

from msgspec import structs

from protocol.messages import OfficeNotice
from protocol.topics import plant_topic


class Offices:
    """What the workers of the office under one root have said of themselves.

    Args:
        root: First level of every topic.
    """

    def __init__(self, root: str) -> None:
        self._topic = plant_topic(root, "office")
        self._whole: OfficeNotice | None = None
        self._others: dict[str, OfficeNotice] = {}

    @property
    def filters(self) -> list[tuple[str, int]]:
        """What has to be subscribed to hear them, each with its QoS."""
        return [(self._topic, 1), (f"{self._topic}/+", 1)]

    def has(self, topic: str) -> bool:
        """Whether a topic is one of theirs."""
        return topic == self._topic or topic.startswith(f"{self._topic}/")

    def hear(self, topic: str, notice: OfficeNotice) -> OfficeNotice | None:
        """Take in what one of them says; who is to be waited for, or None while nobody has said so.

        One who is named and is not there makes the office as a whole not there: what its machines say is
        taken in by nobody else. Its boots are those of all, so that a new one of any is a new one.
        """
        if topic == self._topic:
            self._whole = notice
        else:
            self._others[topic.removeprefix(f"{self._topic}/")] = notice
        return self.notice

    @property
    def notice(self) -> OfficeNotice | None:
        """Who is to be waited for; None while nobody has said so."""
        whole = self._whole
        if whole is None or not whole.online:
            return whole
        # The others are sides of one that does.
        below = [self._others.get(name) for name in whole.names if name in whole.elsewhere]
        if any(one is None or not one.online for one in below):
            return structs.replace(whole, online=False)
        boots = [whole.boot, *(one.boot for one in below if one is not None)]
        return structs.replace(whole, boot="+".join(boots))
