"""What is kept of the broker's words: the same in the demo and, by awk, in Compose."""

import subprocess
import sys
from collections.abc import Callable

import pytest

from demo.sieve import Sieve
from tests.broker.running import PROJECT

SAID = """\
2026-01-05T06:00:00: mosquitto version 2.0.11 starting
2026-01-05T06:00:01: Sending CONNACK to 10.0.0.7 (0, 5)
2026-01-05T06:00:01: No will message specified.
2026-01-05T06:00:01: Sending CONNACK to guest-1 (0, 0)
2026-01-05T06:00:01: Denied PUBLISH from guest-1 (d0, q1, r0, m1, 'twin/_plant/tick', ... (2 bytes))
2026-01-05T06:00:01: Sending PUBACK to guest-1 (m1, rc135)
2026-01-05T06:00:01: Received SUBSCRIBE from guest-1
2026-01-05T06:00:01: \t# (QoS 1)
2026-01-05T06:00:02: Warning: something new
"""
KEPT = [
    "2026-01-05T06:00:00: mosquitto version 2.0.11 starting",
    "2026-01-05T06:00:01: Sending CONNACK to 10.0.0.7 (0, 5)",
    "2026-01-05T06:00:01: Denied PUBLISH from guest-1 (d0, q1, r0, m1, 'twin/_plant/tick', ... (2 bytes))",
    "2026-01-05T06:00:02: Warning: something new",
]
SAYS = (
    "Denied PUBLISH from x",
    "OpenSSL Error[0]: error:0A000126:SSL routines::unexpected eof",
)
FLOOD = [f"2026-01-05T06:00:{number % 60:02}: {SAYS[number % 2]}" for number in range(1_000)]
LATER = "2026-01-05T06:01:00: Denied PUBLISH from y"


def by_python(lines: list[str]) -> list[str]:
    sieve = Sieve()
    return [kept for line in lines for kept in sieve.take(line)]


def by_awk(lines: list[str]) -> list[str]:
    script = PROJECT / "broker-config" / "refusals.awk"
    said = "\n".join([*lines, ""])
    return subprocess.run(
        ["awk", "-f", str(script)], input=said, capture_output=True, text=True, check=True
    ).stdout.splitlines()


WAYS = [by_python, *([] if sys.platform == "win32" else [by_awk])]


@pytest.mark.parametrize("way", WAYS)
def test_refusals_are_kept_and_chatter_is_not(way: Callable[[list[str]], list[str]]) -> None:
    assert way(SAID.splitlines()) == KEPT


@pytest.mark.parametrize("way", WAYS)
def test_a_flood_of_refusals_is_counted_and_fills_no_disk(
    way: Callable[[list[str]], list[str]],
) -> None:
    kept = way([*FLOOD, LATER])

    assert kept == [*FLOOD[:60], "2026-01-05T06:00: refused 940 more in that minute", LATER]
