"""Signs: what of a fault is to be seen on a page, and whether it is there by now.

A sign is what such a fault makes of the measured numbers. A machine's own trouble of the same sort looks
the same: nobody at the page could tell them apart, and no sign claims to.
"""

from collections.abc import Callable

from dashboard.faultlab.shown import Minute, Shown

SECOND_MS = 1_000
MINUTE_MS = 60_000
CAUSES = {
    "jam": "jam",
    "tool-breakage": "tool breakage",
    "bearing-wear": "bearing",
    "overheating": "too hot",
    "starved": "starved",
}
"""What a machine that reports says while such a fault has it stand."""
WITHOUT_EVIDENCE_MS = 10 * SECOND_MS
"""So much more unknown time is a sign; the newest seconds may always be on their way."""
SLOWER = 1.1
"""A cycle that takes so many times as long is a sign."""
PARTS = 3
"""So many parts tell how long a cycle takes."""
REJECTS = 2
"""So many rejects more than usual are a sign."""
WIDER = 1.5
"""A minute that spreads so many times as wide as any before is a sign."""
BEYOND = 0.05
"""A minute by so much of the range before outside it is a sign."""
ENDS_OF_TEMPERATURES = ("_c",)
Sign = Callable[[Shown, Shown, int, str], str]
"""From before, now, when the fault began and its signal to what is to be seen; empty while nothing is."""


def sign_of(fault: str, signal: str, before: Shown, now: Shown, begun_ms: int) -> str:
    """What is to be seen of a fault by now, in words; empty while nothing is.

    Args:
        fault: Which one.
        signal: Of a sensor's fault.
        before: What was shown as it began.
        now: What is shown now.
        begun_ms: When it began, plant time in ms.
    """
    for look in SIGNS.get(fault, ()):
        words = look(before, now, begun_ms, signal)
        if words:
            return words
    return ""


def _stands(cause: str) -> Sign:
    def look(_before: Shown, now: Shown, begun_ms: int, _signal: str) -> str:
        if now.state in {"running", "unknown"} or now.since_ms < begun_ms - SECOND_MS:
            return ""
        if now.state == "stopped":
            return "stopped"  # power alone tells no cause
        return f"{now.state}, cause {now.cause}" if now.cause == cause else ""

    return look


def _rejects(before: Shown, now: Shown, _begun_ms: int, _signal: str) -> str:
    if now.rejects is None:
        return ""
    usual = (before.rejects or 0) / before.parts if before.parts else 0.0
    made, bad = now.grown(before, "parts"), now.grown(before, "rejects")
    return f"{bad} of {made} parts rejected" if bad >= REJECTS + usual * made else ""


def _slower(before: Shown, now: Shown, _begun_ms: int, _signal: str) -> str:
    made = now.grown(before, "parts")
    if not before.parts or before.parts < PARTS or made < PARTS:
        return ""
    usual_ms, now_ms = before.running_ms / before.parts, now.grown(before, "running_ms") / made
    if now_ms < SLOWER * usual_ms:
        return ""
    return f"a cycle takes {now_ms / SECOND_MS:.0f} s, {usual_ms / SECOND_MS:.0f} s before"


def _unknown(before: Shown, now: Shown, _begun_ms: int, _signal: str) -> str:
    more_ms = now.grown(before, "unknown_ms")
    return f"{more_ms // SECOND_MS} s unknown, coverage falls" if more_ms >= WITHOUT_EVIDENCE_MS else ""


def _offline(_before: Shown, now: Shown, _begun_ms: int, _signal: str) -> str:
    return "its link is lost" if now.online is False else ""


def _repeats(before: Shown, now: Shown, _begun_ms: int, _signal: str) -> str:
    more = now.repeats - before.repeats
    return f"{more} repeated messages counted" if more > 0 else ""


def _ahead(_before: Shown, now: Shown, _begun_ms: int, _signal: str) -> str:
    return f"its clock is {now.ahead_s / 60:.0f} min ahead" if now.ahead_s is not None else ""


def _refused(before: Shown, now: Shown, _begun_ms: int, _signal: str) -> str:
    more = now.refused - before.refused
    return f"{more} of its messages refused" if more > 0 else ""


def _flat(before: Shown, now: Shown, begun_ms: int, signal: str) -> str:
    flat = [one for one in since(now, signal, begun_ms) if one[2] == one[3]]
    lived = any(one[2] != one[3] for one in over(before, signal))
    return f"{signal} is flat at {flat[0][1]:.3g}" if flat and lived else ""


def _peaks(before: Shown, now: Shown, begun_ms: int, signal: str) -> str:
    widest = max((one[3] - one[2] for one in over(before, signal)), default=None)
    if widest is None:
        return ""
    for _, _, least, most in since(now, signal, begun_ms):
        if most - least > WIDER * widest:
            return f"{signal} peaks at {most:.3g}"
    return ""


def _away(before: Shown, now: Shown, begun_ms: int, signal: str) -> str:
    known = over(before, signal)
    if not known:
        return ""
    low, high = min(one[1] for one in known), max(one[1] for one in known)
    margin = BEYOND * (high - low)
    for _, mean, _, _ in since(now, signal, begun_ms):
        if mean > high + margin or mean < low - margin:
            return f"{signal} is at {mean:.3g}, {low:.3g} to {high:.3g} before"
    return ""


def _rises(named: Callable[[str], bool]) -> Sign:
    def look(before: Shown, now: Shown, begun_ms: int, _signal: str) -> str:
        for signal in sorted(filter(named, before.signals)):
            words = _away(before, now, begun_ms, signal)
            if words and max(one[1] for one in since(now, signal, begun_ms)) > max(
                one[1] for one in over(before, signal)
            ):
                return words
        return ""

    return look


def _hole(before: Shown, now: Shown, begun_ms: int, signal: str) -> str:
    if not before.signals.get(signal):
        return ""
    minutes = [one[0] for one in now.signals.get(signal, ())]
    # A minute counts as missing once a later one is over as well.
    expected = range(-(-begun_ms // MINUTE_MS) * MINUTE_MS, now.at_ms - 2 * MINUTE_MS + 1, MINUTE_MS)
    gone = [minute for minute in expected if minute not in minutes]
    return f"{len(gone)} min of {signal} missing" if gone else ""


def over(shown: Shown, signal: str) -> tuple[Minute, ...]:
    """The minutes of a signal that are over: the newest may hold a single reading so far."""
    return shown.signals.get(signal, ())[:-1]


def since(shown: Shown, signal: str, begun_ms: int) -> list[Minute]:
    """Those of them that began after a fault did."""
    return [one for one in over(shown, signal) if one[0] >= begun_ms]


def _vibrates(signal: str) -> bool:
    return signal.startswith("vibration")


def _is_temperature(signal: str) -> bool:
    return signal.endswith(ENDS_OF_TEMPERATURES)


def _of_power(look: Sign) -> Sign:
    """A sign that a retrofit's state shows, which its power alone tells."""

    def only(before: Shown, now: Shown, begun_ms: int, signal: str) -> str:
        return look(before, now, begun_ms, signal) if signal.startswith("power") else ""

    return only


SIGNS: dict[str, tuple[Sign, ...]] = {
    "jam": (_stands(CAUSES["jam"]),),
    "tool-breakage": (_stands(CAUSES["tool-breakage"]), _rejects),
    "bearing-wear": (_stands(CAUSES["bearing-wear"]), _rises(_vibrates)),
    "overheating": (_stands(CAUSES["overheating"]), _rises(_is_temperature)),
    "slow-cycle": (_slower,),
    "scrap-burst": (_rejects,),
    "starved": (_stands(CAUSES["starved"]),),
    "stuck": (_flat,),
    "spike": (_peaks,),
    "drift": (_away,),
    "dropout": (_hole, _of_power(_unknown)),
    "silent-drop": (_unknown,),
    "disconnect": (_offline, _unknown),
    "delay": (_unknown,),
    "duplicate": (_repeats,),
    "out-of-order": (_unknown,),
    "clock-skew": (_ahead, _refused, _unknown),
    "malformed": (_refused, _unknown),
}
"""What may be seen of each fault, by its name."""
