"""Pages say on which topic a machine's readings came."""

from dashboard.api.messages import topic_of
from dashboard.history.rows import MachineRow
from protocol.messages import Birth
from protocol.moments import from_ms


def row(gateway: str) -> MachineRow:
    birth = Birth(at=from_ms(0), gateway=gateway)
    return MachineRow(
        run="", name="mill-1", path="machining", since_ms=0, retired_ms=None, known_until_ms=0, birth=birth,
        learned=None,
    )  # fmt: skip


def test_a_machine_behind_an_edge_node_speaks_where_that_node_does() -> None:
    assert topic_of("shopfloor", row("spBv1.0/plant/line 1")) == "spBv1.0/plant/DDATA/line 1/mill-1"
    assert topic_of("shopfloor", row("machining/_gateway")) == "shopfloor/machining/_batch/readings"
    assert topic_of("shopfloor", row("")) == "shopfloor/machining/mill-1/readings"
