"""The web process as a program: streams and their limit, a missing broker, and how it ends."""

import json
import signal
import time
import urllib.request
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dashboard.__main__ import main
from dashboard.live.channel import Channel
from dashboard.live.past import Past
from dashboard.live.routes import live_routes
from dashboard.pages.guest import guest_line, guest_of
from protocol.address import Address
from tests.broker.clients import wait_until
from tests.broker.running import RunningBroker
from tests.web.conftest import START_S, RunningWeb
from tests.web.plant import HandOffice


@pytest.fixture
def channel() -> Iterator[Channel]:
    """A channel whose broker is nowhere."""
    channel = Channel(address=Address(host="127.0.0.1", port=1), root="shopfloor", past=Past(None))
    yield channel
    channel.stop()


def application(channel: Channel, streams: int) -> Flask:
    server = Flask("test")
    server.register_blueprint(live_routes(channel, streams=streams))
    return server


def test_a_viewer_without_a_free_stream_is_sent_to_poll(channel: Channel) -> None:
    client = application(channel, streams=1).test_client()
    first = client.get("/live/stream?since=0", buffered=False)
    assert first.status_code == 200

    assert client.get("/live/stream?since=0").status_code == 503
    assert client.get("/live/poll?since=0").json is None

    first.close()
    again = client.get("/live/stream?since=0", buffered=False)
    assert again.status_code == 200
    again.close()


def whole(client: FlaskClient) -> Any:
    return client.get("/live/state").json


def test_a_poll_brings_what_a_stream_would(channel: Channel) -> None:
    client = application(channel, streams=1).test_client()
    # The channel itself has news once, that its broker is nowhere.
    wait_until(lambda: bool(whole(client)["d"]["broker"]))
    state = whole(client)
    channel.hub(None).publish({"n": 1})

    polled = client.get(f"/live/poll?since={state['seq']}").json

    assert polled == [{"seq": state["seq"] + 1, "d": {"n": 1}}]


def test_a_stream_is_packed_for_whoever_takes_gzip_and_plain_for_others(channel: Channel) -> None:
    client = application(channel, streams=2).test_client()
    seq = channel.hub(None).seq
    channel.hub(None).publish({"n": 1})
    address, texts = f"/live/stream?since={seq}", []

    for headers in ({}, {"Accept-Encoding": "gzip, br"}):
        answer = client.get(address, headers=headers, buffered=False)
        reader = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        pieces = answer.iter_encoded()
        first = [next(pieces) for _ in range(3 if headers else 2)]
        texts.append(b"".join(reader.decompress(one) if headers else one for one in first))
        assert answer.headers.get("Content-Encoding") == ("gzip" if headers else None)
        answer.close()

    assert texts[0] == texts[1]
    assert texts[0].endswith(b'data: {"seq":%d,"d":{"n":1}}\n\n' % (seq + 1))


@pytest.mark.parametrize("since", ["", "x", "-1", "9" * 40, "1.5"])
def test_a_number_that_is_none_asks_for_the_state(channel: Channel, since: str) -> None:
    client = application(channel, streams=1).test_client()

    assert client.get(f"/live/poll?since={since}").json is None


@pytest.mark.broker
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_cleanly_while_a_page_listens(
    own_web: RunningWeb, own_office: HandOffice, number: signal.Signals
) -> None:
    stream = urllib.request.urlopen(f"{own_web.url}/live/stream?since=0", timeout=60)  # noqa: S310 - our page
    assert stream.readline() == b"retry: 2000\n"
    own_office.tell()

    begun_s = time.monotonic()
    code = own_web.stop(number)

    assert code == 0
    assert time.monotonic() - begun_s < 8  # Docker waits for ten seconds
    assert "Traceback" not in own_web.log.read_text(encoding="utf-8")
    stream.close()


def what_is_wrong(web: RunningWeb) -> str:
    with urllib.request.urlopen(f"{web.url}/live/state", timeout=60) as answer:  # noqa: S310 - our page
        said: str = json.load(answer)["d"]["broker"]
        return said


@pytest.mark.broker
def test_a_missing_broker_is_said_once_and_found_when_it_is_there(
    broker: RunningBroker, own_web: RunningWeb
) -> None:
    own_web.stop()
    own_web.log.write_text("", encoding="utf-8")
    broker.stop()
    own_web.start()
    until_s = time.monotonic() + START_S
    while f"127.0.0.1:{broker.port}" not in what_is_wrong(own_web):
        assert time.monotonic() < until_s, "the page is not told"
        time.sleep(0.05)

    broker.start()

    until_s = time.monotonic() + START_S
    while "connected to the broker" not in (said := own_web.log.read_text(encoding="utf-8")):
        assert time.monotonic() < until_s, said
        time.sleep(0.1)
    assert said.count("trying again every 1 to 5 s") == 1


def test_a_missing_password_is_said_in_one_sentence(
    capsys: pytest.CaptureFixture[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("empty")

    assert main(["web", "--credentials", str(folder)]) == 2
    assert "cannot read the password of 'viewer'" in capsys.readouterr().err


def test_the_guests_line_needs_no_password_where_the_broker_asks_for_none() -> None:
    assert guest_line(guest_of("10.0.0.7:1884", "shopfloor", None)) == (
        "mosquitto_pub -h 10.0.0.7 -p 1884 -t shopfloor/my-press/readings -m '{\"power_kw\": 3.2}'"
    )
