"""What the demo says when something it needs is in use."""

from __future__ import annotations

import re
import socket
import threading
from typing import TYPE_CHECKING

import pytest

from demo.claims import HOST, ClaimError, Port, check_ports, claim_folder, free_port, is_free, is_listening

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def page_on(number: int) -> Port:
    return Port(number=number, what="page", option="--port", variable="PORT")


def broker_on(number: int) -> Port:
    return Port(number=number, what="broker", option="--mqtt-port", variable="MQTT_PORT")


@pytest.fixture(params=[HOST, ""], ids=["on loopback", "on every address"])
def taken(request: pytest.FixtureRequest) -> Iterator[int]:
    with socket.create_server((request.param, 0)) as server:
        yield server.getsockname()[1]


def test_a_taken_port_is_named_with_what_moves_it(taken: int) -> None:
    with pytest.raises(ClaimError) as caught:
        check_ports([page_on(taken), broker_on(free_port())])

    sentence = str(caught.value)
    assert f"Port {taken} on 127.0.0.1, where the page would listen, is taken" in sentence
    suggested = re.search(r"--port (\d+), or in the environment with PORT=(\d+)", sentence)
    assert suggested
    assert all(is_free(int(number)) for number in suggested.groups())
    assert "broker" not in sentence


def test_every_taken_port_is_named_at_once(taken: int) -> None:
    with socket.create_server((HOST, 0)) as other, pytest.raises(ClaimError) as caught:
        check_ports([page_on(taken), broker_on(other.getsockname()[1])])

    assert "--port" in str(caught.value)
    assert "--mqtt-port" in str(caught.value)


def test_page_and_broker_cannot_share_a_port() -> None:
    number = free_port()

    with pytest.raises(ClaimError, match="Two parts would listen on one port"):
        check_ports([page_on(number), broker_on(number)])


def test_free_ports_are_free() -> None:
    check_ports([page_on(free_port()), broker_on(free_port())])


def test_somebody_who_listens_is_noticed_whoever_else_may_be(taken: int) -> None:
    assert is_listening(taken)
    assert not is_listening(free_port())


def test_who_looks_whether_somebody_listens_keeps_nobody_from_it() -> None:
    number, over = free_port(), threading.Event()

    def look() -> None:
        while not over.is_set():
            is_listening(number)

    looking = threading.Thread(target=look)
    looking.start()
    try:
        for _ in range(300):
            socket.create_server((HOST, number)).close()
    finally:
        over.set()
        looking.join()


def test_a_folder_serves_one_demo_at_a_time(tmp_path: Path) -> None:
    with claim_folder(tmp_path / "var"), pytest.raises(ClaimError, match="STATE_DIR="):
        claim_folder(tmp_path / "var")

    claim_folder(tmp_path / "var").close()
