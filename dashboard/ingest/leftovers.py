"""What a forgotten machine left at the broker, until nothing that was said before can come again."""

from protocol.messages import Birth, decode
from protocol.topics import MachineTopic, parse_machine_topic

_KINDS = ("birth", "online", "readings")


class Leftovers:
    """The topics of forgotten machines.

    Args:
        left: Topics on which something said before the forgetting may come again, and the birth there.
    """

    def __init__(self, left: dict[str, bytes | None]) -> None:
        self._left = left
        self._cleared: list[str] = []
        self._ended: list[str] = []
        self._own_words: set[str] = set()
        """Topics on which an empty birth of our own is on its way back to us."""

    def machines(self) -> list[str]:
        """The names of the machines, once for each of their topics."""
        return [parse_machine_topic(topic).machine for topic in self._left]

    def leave(self, root: str, path: str, machine: str, birth: bytes | None) -> dict[str, bytes | None]:
        """Take away what is retained of a machine, after the next commit; its topics, and its birth."""
        levels = tuple(path.split("/")) if path else ()
        topics = [
            str(MachineTopic(root=root, location=levels, machine=machine, kind=kind)) for kind in _KINDS
        ]
        left = dict.fromkeys(topics, None) | {topics[0]: birth}
        # After a restart a command may come before what is retained: both are taken away in any case.
        for topic in topics[:2]:
            self._clear(topic)
        self._left |= left
        return left

    def take_cleared(self) -> list[str]:
        """Topics whose retained messages are to be taken away and have not been taken before."""
        topics, self._cleared = self._cleared, []
        return topics

    def take_ended(self) -> list[str]:
        """Topics on which nothing can be left any more and that have not been taken before."""
        topics, self._ended = self._ended, []
        return topics

    def connected(self) -> None:
        """Forget what of our own is on its way: the broker is about to say again what it keeps."""
        self._own_words.clear()

    def has(self, topic: MachineTopic, payload: bytes, *, retained: bool, again: bool) -> bool:
        """Whether a message was said before its machine was forgotten; the first that was not ends that."""
        name = str(topic)
        if name not in self._left:
            return False
        if topic.kind == "readings":
            if again:
                return True
        elif retained and payload:
            known = self._left[name]
            if known is None or decode(payload, Birth) == decode(known, Birth):
                self._clear(name)
                return True
        del self._left[name]
        self._ended.append(name)
        return False

    def was_own_word(self, topic: MachineTopic) -> bool:
        """Whether an empty birth is our own, come back to us, once."""
        name = str(topic)
        if name not in self._own_words:
            return False
        self._own_words.remove(name)
        return True

    def _clear(self, topic: str) -> None:
        """Take away what is retained on a topic, after the next commit."""
        self._cleared.append(topic)
        if topic.endswith("/birth"):
            self._own_words.add(topic)
