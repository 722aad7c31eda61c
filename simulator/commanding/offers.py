"""Questions of whoever puts up machines: which kinds and machines there are, what a text would make."""

from collections.abc import Iterator
from typing import Any

from protocol.messages import PlantCommand
from protocol.offers import KindOffer, Setting, Shown, Standing
from simulator.commanding.form import Grounds
from simulator.specs.kind import RETROFIT_SIGNALS, Kind


def kinds(_command: PlantCommand, grounds: Grounds) -> dict[str, dict[str, KindOffer]]:
    """The kinds by name, as far as a form asks for them."""
    return {"kinds": {name: _offer(kind) for name, kind in sorted(grounds.kinds.items())}}


def standing(_command: PlantCommand, grounds: Grounds) -> dict[str, dict[str, Standing]]:
    """The machines of the plant by name: whose word each stands by, and whether it is held."""
    roster = grounds.roster
    machines = {name: _standing(name, grounds) for name in sorted(roster.machines)}
    if roster.bench:
        machines |= {one.name: Standing(by="bench") for one in grounds.bench}
    return {"machines": machines}


def in_words(command: PlantCommand, grounds: Grounds) -> str:
    """What a text that fits would make."""
    spec = grounds.aside().spec(command.machine, command.text)
    kind = spec.settings
    pace = f", ideally a part every {kind.ideal_cycle_s:g} s" if kind.makes_parts else ""
    after = f", fed by {spec.feed.after}" if spec.feed else ""
    tells = (
        "its control reports its states" if spec.controller else "a retrofit, whose power tells its states"
    )
    many = len(spec.sensors)
    signals = f"{many} signal{'' if many == 1 else 's'}"
    return f"{kind.title} on {'/'.join(spec.location)}{after}{pace}; {tells}; {signals}"


def _standing(name: str, grounds: Grounds) -> Standing:
    filed, text = grounds.roster.filed.get(name), grounds.roster.machines[name]
    paused = name in grounds.roster.held
    if filed is None:
        return Standing(by="command", paused=paused)
    return Standing(by="file" if filed == text else "file and command", paused=paused)


def _offer(kind: Kind) -> KindOffer:
    return KindOffer(
        title=kind.title,
        makes_parts=kind.makes_parts,
        settings=tuple(_settings(kind)),
        signals={
            one.name: Shown(title=one.title, unit=one.unit, retrofit=one.name in RETROFIT_SIGNALS)
            for one in kind.sensors
        },
    )


def _settings(kind: Kind) -> Iterator[Setting]:
    if kind.receiver is None:
        yield Setting(key="cycle_s", title="one cycle", unit="s", value=kind.cycle_s)
    else:
        yield Setting(
            key="receiver.leak_m3_min",
            title="air lost in leaks",
            unit="m³/min",
            value=kind.receiver.leak_m3_min,
        )
    written: dict[str, Any] = dict(kind.settings)
    if kind.handling is not None:
        yield Setting(key="handling_s", title="between two cycles", unit="s", value=written["handling_s"])
    if kind.makes_parts and kind.pattern is None:
        yield Setting(key="scrap", title="rejected parts, as a share (0 to 1)", value=kind.scrap)
    for stop in kind.stops:
        every_h = written["stops"][stop.name].get("every_h")
        if every_h is not None:
            unit = "h" if stop.clock == "time" else "running h"
            title = f"{stop.name} ({stop.phase}), every"
            yield Setting(key=f"stops.{stop.name}.every_h", title=title, unit=unit, value=every_h)
