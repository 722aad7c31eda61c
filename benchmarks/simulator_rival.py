"""PyPI's mqtt-simulator with as many devices, each a reading of eight signals a second by one connection."""

from pathlib import Path

from benchmarks.environments import environment
from benchmarks.fleet import SIGNALS

PACKAGE, PYTHON = "mqtt-simulator==0.1.0", "3.13"


def command(folder: Path, *, port: int, password: str, machines: int) -> list[str]:
    """Install it, write its settings, and return the command that runs it."""
    programs = environment(folder / "environment", PACKAGE, python=PYTHON)
    settings = folder / "settings.toml"
    settings.write_text(_settings(port, password, machines), encoding="utf-8")
    return [str(programs / "mqtt-sim"), "run", "-c", str(settings)]


def _settings(port: int, password: str, machines: int) -> str:
    signals = "".join(
        f'signal_{one} = {{ random = {{ type = "float", min = 5, max = 15, precision = 3 }} }}\n'
        for one in range(SIGNALS)
    )
    return (
        f'config_version = 1\n[brokers.main]\nhost = "127.0.0.1"\nport = {port}\n'
        f'auth = {{ username = "machines", password = "{password}" }}\n'
        '[clients.main]\nbroker = "main"\nid = "rival"\n'
        '[[streams]]\nclient = "main"\ntopic = "shopfloor/rival/machine-${number}/readings"\n'
        'every = "1s"\nmode = "fixed-rate"\nqos = 1\n'
        f"[streams.expand]\nnumber = {{ range = [1, {machines}] }}\n"
        f'[streams.payload.json]\nat = {{ time = "iso" }}\n{signals}'
    )
