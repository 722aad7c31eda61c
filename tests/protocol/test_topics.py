import pytest

from protocol.messages import MessageError
from protocol.topics import machine_filters, parse_machine_topic


@pytest.mark.parametrize(
    "topic",
    [
        "shopfloor/my-press/readings",
        "shopfloor/machining/mill-1/birth",
        "shopfloor/site/hall/machining/mill-1/online",
    ],
)
def test_a_machines_topic_is_its_own_text_again(topic: str) -> None:
    assert str(parse_machine_topic(topic)) == topic


@pytest.mark.parametrize(
    "topic",
    [
        "shopfloor/readings",
        "shopfloor/mill-1/telemetry",
        "shopfloor/a/b/c/d/mill-1/readings",
        "shopfloor//readings",
        "shopfloor/_plant/readings",
        "shopfloor/_batch/readings",
        "shopfloor/$mill/readings",
        "shopfloor/mill\n1/readings",
        "shopfloor/" + "m" * 65 + "/readings",
        "shopfloor/./readings",
        "shopfloor/hall/../readings",
        "",
    ],
)
def test_other_topics_are_refused_with_what_is_allowed(topic: str) -> None:
    with pytest.raises(MessageError, match=r"allowed|system's own"):
        parse_machine_topic(topic)


def test_filters_reach_every_depth_and_end_in_the_kind() -> None:
    assert machine_filters("shopfloor", "birth") == [
        "shopfloor/+/birth",
        "shopfloor/+/+/birth",
        "shopfloor/+/+/+/birth",
        "shopfloor/+/+/+/+/birth",
    ]
