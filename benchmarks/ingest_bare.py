"""Two other listeners: one that only decodes batches, and what one would write in ten minutes.

`python -m benchmarks.ingest_bare bare|naive --broker URL --credentials DIR --history FILE`, until ended.

    bare   a paho client that decodes each batch in its callback, and does nothing with it
    naive  a reading a message: json.loads, and at each tick a pandas frame of what is new, appended to an
           SQLite table, from which the running share and the minute's mean of each machine are worked out
"""

import argparse
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from protocol.address import address_of
from protocol.messages import OfficeNotice, Tick, Watermark, decode, encode
from protocol.readings import decode_batch
from protocol.session import prepare
from protocol.topics import machine_filters, plant_topic

ROOT = "shopfloor"
RUNNING_KW = 3.0


class Naive:
    """Keeps what it hears in a table, by pandas.

    Args:
        file: The table's SQLite file.
    """

    def __init__(self, file: Path) -> None:
        import pandas as pd  # noqa: PLC0415 - the bare listener is to do without

        self._pandas: Any = pd
        self._table = sqlite3.connect(file, check_same_thread=False)
        self._rows: list[dict[str, Any]] = []

    def hear(self, topic: str, payload: bytes) -> None:
        """Take in a reading."""
        self._rows.append({"machine": topic.split("/")[-2], **json.loads(payload)})

    def tick(self) -> None:
        """Keep what is new, and work out what a page would show of it."""
        frame = self._pandas.DataFrame(self._rows)
        self._rows = []
        if not len(frame):
            return
        frame["at"] = self._pandas.to_datetime(frame["at"])
        frame["running"] = frame["power_kw"] > RUNNING_KW
        frame.to_sql("readings", self._table, if_exists="append", index=False)
        minutes = frame.groupby(["machine", self._pandas.Grouper(key="at", freq="min")]).mean()
        minutes.reset_index().to_sql("minutes", self._table, if_exists="append", index=False)
        self._table.commit()


def listen(
    url: str, credentials: Path, hear: Callable[[str, bytes], object], tick: Callable[[], object]
) -> None:
    """Listen to all readings and ticks, and answer the ticks as the office does."""
    address = address_of(url, role="office", credentials=credentials)
    client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv311)
    prepare(client, address)
    client.suppress_exceptions = False
    tick_topic = plant_topic(ROOT, "tick")

    def on_connect(*_: object) -> None:
        client.subscribe([(tick_topic, 1), *((one, 1) for one in machine_filters(ROOT, "readings"))])
        notice = OfficeNotice(names=("office",), boot="bare")
        client.publish(plant_topic(ROOT, "office"), encode(notice), qos=1, retain=True)

    def on_message(_client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        if message.topic != tick_topic:
            hear(message.topic, bytes(message.payload))
            return
        tick()
        told = decode(message.payload, Tick)
        mark = Watermark(office="office", run=told.run, at=told.at, committed=told.at)
        client.publish(plant_topic(ROOT, "watermark"), encode(mark), qos=1)

    client.on_connect = on_connect
    client.on_message = on_message
    client.connect(address.host, address.port, keepalive=60)
    client.loop_forever()


def main() -> None:
    """Listen until ended."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ingest_bare", description=__doc__)
    parser.add_argument("way", choices=("bare", "naive"))
    parser.add_argument("--broker", required=True)
    parser.add_argument("--credentials", type=Path, required=True)
    parser.add_argument("--history", type=Path, required=True)
    args = parser.parse_args()
    if args.way == "bare":
        listen(args.broker, args.credentials, lambda _, payload: decode_batch(payload), lambda: None)
        return
    naive = Naive(args.history)
    listen(args.broker, args.credentials, naive.hear, naive.tick)


if __name__ == "__main__":
    main()
