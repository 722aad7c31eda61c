"""An operator for tests: asks by hand, and hears every result."""

import json
import secrets
from typing import Any

from protocol.address import address_of
from protocol.messages import PlantResult, decode
from protocol.session import Session
from protocol.topics import plant_topic
from tests.broker.running import RunningBroker
from tests.simulator.edge.office import PATIENCE_S, ROOT


class Operator:
    """Asks by hand, and hears every result."""

    def __init__(self, broker: RunningBroker) -> None:
        self.results: list[PlantResult] = []
        self._session = Session(
            name="operator",
            address=address_of(broker.url, role="operator", credentials=broker.credentials),
            filters=[(plant_topic(ROOT, "result"), 1)],
        )
        self._session.start()
        assert self._session.connected.wait(PATIENCE_S)

    def say(self, payload: bytes, *, retain: bool = False) -> None:
        """Publish anything as a command."""
        self._session.flush(self._session.publish(plant_topic(ROOT, "command"), payload, retain=retain))

    def ask(self, **fields: Any) -> PlantResult:
        """Ask, and wait for the result of that."""
        fields.setdefault("id", secrets.token_hex(4))
        self.say(json.dumps(fields).encode())
        while (result := self.next_result()).id != fields["id"]:
            pass
        return result

    def next_result(self) -> PlantResult:
        """The next result that comes."""
        while True:
            received = self._session.inbox.get(timeout=PATIENCE_S)
            if received.topic:
                return decode(received.payload, PlantResult)

    def stop(self) -> None:
        """Disconnect."""
        self._session.stop()
