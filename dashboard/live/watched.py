"""What a page shows of one machine, taken out of the picture that all pages share."""

from dashboard.faultlab.shown import Shown
from dashboard.live.picture import Picture, numbers_in


def shown_of(picture: Picture, name: str) -> Shown | None:
    """What is shown of a machine; None while nothing is."""
    machine, board = picture.machines.get(name), picture.board
    if machine is None or board is None or "state" not in machine.values:
        return None
    values = machine.values
    numbers = numbers_in(values.get("shift"))
    if numbers is None:
        return None
    refusals = picture.refusals
    return Shown(
        at_ms=board.now_ms,
        state=values["state"],
        cause=values["cause"],
        since_ms=values["since_ms"],
        online=values["online"],
        shift_ms=numbers.from_ms,
        running_ms=numbers.running_ms,
        unknown_ms=numbers.unknown_ms,
        parts=numbers.parts,
        rejects=numbers.rejects,
        signals={
            signal: tuple(
                (minute, mean, least, most) for minute, (mean, least, most, _) in sorted(kept.items())
            )
            for signal, kept in machine.signals.items()
        },
        ahead_s=board.ahead_s.get(name),
        refused=0
        if refusals is None
        else sum(name in one.topic.split("/") and "/_" not in one.topic for one in refusals.newest),
        repeats=board.repeats,
    )
