"""What one would write in ten minutes: values drawn one by one in a loop, a reading a message, json.dumps.

`python -m benchmarks.naive_publisher URL CREDENTIALS MACHINES`: until it is killed, once a second.
"""

import json
import random
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.fleet import SIGNALS
from protocol.address import address_of
from protocol.session import Session


def readings(machines: int) -> list[tuple[str, str]]:
    """One reading of every machine: topic and JSON."""
    at = datetime.now(UTC).isoformat()
    return [
        (
            f"shopfloor/line-{number // 100:03d}/machine-{number:05d}/readings",
            json.dumps(
                {
                    "at": at,
                    **{f"signal_{signal}": round(random.gauss(10, 1), 3) for signal in range(SIGNALS)},
                }
            ),
        )
        for number in range(machines)
    ]


def main(url: str, credentials: str, machines: int) -> None:
    """Publish until killed."""
    session = Session(name="naive", address=address_of(url, role="machines", credentials=Path(credentials)))
    session.start()
    session.connected.wait()
    due = time.monotonic()
    while True:
        for topic, payload in readings(machines):
            session.publish(topic, payload.encode(), qos=1)
        due += 1.0
        time.sleep(max(0.0, due - time.monotonic()))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
