"""All rules of one machine: what they find as time goes on, and what they would have found in hindsight."""

from collections.abc import Iterable, Iterator

from dashboard.calls import drifting, repeating, slow
from dashboard.calls.lasting import clear_after, ready_after
from dashboard.calls.rules import OF_NAME, Rule, RulesOfOne
from dashboard.calls.signs import Ready, Signs
from dashboard.calls.view import View
from protocol.states import State

RUNNING = frozenset({State.RUNNING})
UNKNOWN = frozenset({State.UNKNOWN})
KNOWN = frozenset(State) - UNKNOWN
BROKEN = frozenset({State.DOWN, State.STOPPED})
IDLE = frozenset({State.IDLE})
SETUP = frozenset({State.SETUP})


def called_for(rules: RulesOfOne) -> frozenset[State]:
    """The states in which a machine is called for if they last."""
    stopped = rules.stopped
    if not stopped.on:
        return frozenset()
    waits = (IDLE if stopped.idle_ms is not None else frozenset()) | (
        SETUP if stopped.setup_ms is not None else frozenset()
    )
    return BROKEN | waits


def rules_on(rules: RulesOfOne) -> Iterator[tuple[str, Rule]]:
    """The rules that raise calls, by name."""
    for name in OF_NAME:
        rule = rules.named(name)
        if rule.on:
            yield name, rule


def lookback_ms(name: str, rules: RulesOfOne, ideal_cycle_ms: float | None) -> int:
    """How much of the time before a moment a rule looks at, in milliseconds."""
    if name == "stopped":
        rule = rules.stopped
        return max(rule.after_ms, rule.idle_ms or 0, rule.setup_ms or 0) + rule.clear_ms
    if name == "micro-stops":
        return rules.micro_stops.within_ms + 2 * rules.micro_stops.shorter_ms
    if name == "slow-cycle":
        return slow.longest_ms(rules.slow_cycle, ideal_cycle_ms)
    if name == "trend":
        return drifting.lookback_ms(rules.trend)
    return rules.no_data.after_ms + rules.no_data.clear_ms


def looked_for(name: str, rules: RulesOfOne) -> frozenset[State]:
    """The states without which, in a span or at its very beginning, a rule raises no call in it."""
    if name == "stopped":
        return called_for(rules)
    return {"micro-stops": repeating.STATES, "no-data": UNKNOWN}.get(name, frozenset())


def signs_of(name: str, rules: RulesOfOne, view: View, *, late_ms: int = 0) -> Signs:
    """What one rule finds in a window.

    Args:
        name: Name of the rule.
        rules: The rules of the machine.
        view: The machine.
        late_ms: How much later than it happens it is known what the machine does, in milliseconds.
    """
    if name == "stopped":
        signs = _stopped(rules, view)
    elif name == "micro-stops":
        signs = repeating.signs_of(rules.micro_stops, view)
    elif name == "slow-cycle":
        signs = slow.signs_of(rules.slow_cycle, view)
    elif name == "trend":
        signs = drifting.signs_of(rules.trend, view)
    else:
        silent = rules.no_data
        signs = Signs(
            ready=ready_after(view, UNKNOWN, silent.after_ms, excuses=False),
            clear=clear_after(view, KNOWN, silent.clear_ms),
        )
    if not late_ms:
        return signs
    return Signs(
        ready=[Ready(one.from_ms + late_ms, one.to_ms + late_ms, *one[2:]) for one in signs.ready],
        clear=[one._replace(known_ms=one.known_ms + late_ms) for one in signs.clear],
    )


def cause_of(name: str, view: View, raised_ms: int) -> str:
    """Why a call is raised, in words: what the machine last said, or the state it is in."""
    if name == "no-data":
        return "no data"
    state, cause, _ = view.state_at(raised_ms - 1)
    return cause or str(state)


def _stopped(rules: RulesOfOne, view: View) -> Signs:
    rule = rules.stopped
    groups: Iterable[tuple[frozenset[State], int | None]] = (
        (BROKEN, rule.after_ms),
        (IDLE, rule.idle_ms),
        (SETUP, rule.setup_ms),
    )
    ready = [
        one
        for states, after_ms in groups
        if after_ms is not None
        for one in ready_after(view, states, after_ms, excuses=True)
    ]
    return Signs(ready=sorted(ready), clear=clear_after(view, RUNNING, rule.clear_ms))
