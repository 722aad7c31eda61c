"""The watch: when each fault first showed on a page, in real seconds and in plant time.

It is fed with what pages are told, as they are told it, so what it finds is what a person could have seen.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from dashboard.faultlab.shown import Shown
from dashboard.faultlab.signs import sign_of
from protocol.faults import FaultSpell
from protocol.moments import to_ms

AFTER_MS = 10 * 60_000
"""A fault that is over may show so much later; after that it is not looked for any more."""
Key = tuple[str, str, str, int]
"""Machine, fault, signal, and when it began in ms since 1970."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """How and when a fault first showed."""

    words: str = ""
    """What was to be seen; empty while nothing is."""
    plant_ms: int | None = None
    """Plant time from its beginning until then."""
    real_s: float | None = None
    """Real seconds from the moment in which the page process heard of it."""
    reason: str = ""
    """Why there is no answer; empty where there is one."""


@dataclass(slots=True, kw_only=True)
class _Watched:
    before: Shown | None
    heard_s: float
    until_ms: int
    seen: Seen


def key_of(spell: FaultSpell) -> Key:
    """What tells a fault from every other."""
    return spell.machine, spell.fault, spell.signal, to_ms(spell.begun)


class Watch:
    """Keeps what was shown as each fault began, and looks for its sign from then on.

    Args:
        shown: What is shown of a machine; None while nothing is.
    """

    def __init__(self, shown: Callable[[str], Shown | None]) -> None:
        self._shown = shown
        self._run = ""
        self._watched: dict[Key, _Watched] = {}

    def hear(self, run: str, spells: Iterable[FaultSpell], now_s: float, *, live: bool) -> None:
        """Hear which faults there were in a run.

        Args:
            run: The run; another one's are forgotten.
            spells: Its faults.
            now_s: Real time, in seconds of a clock that is never set.
            live: Whether this is said just now; what a broker had kept may have begun any time before.
        """
        known = self._watched if run == self._run else {}
        self._run, self._watched = run, {}
        for spell in spells:
            key = key_of(spell)
            watched = known.get(key)
            if watched is None:
                before = self._shown(spell.machine) if live else None
                watched = _Watched(before=before, heard_s=now_s, until_ms=0, seen=_unseen(before, live=live))
            watched.until_ms = to_ms(spell.until)
            self._watched[key] = watched

    def look(self, now_s: float) -> None:
        """Look for the signs of all faults that have not shown yet."""
        for (machine, fault, signal, begun_ms), watched in self._watched.items():
            if watched.before is None or watched.seen.words:
                continue
            now = self._shown(machine)
            if now is None or now.at_ms > watched.until_ms + AFTER_MS:
                if now is not None:
                    watched.seen = Seen(reason="nothing of it showed while it was on")
                    watched.before = None
                continue
            words = sign_of(fault, signal, watched.before, now, begun_ms)
            if words:
                watched.seen = Seen(
                    words=words,
                    plant_ms=max(0, now.at_ms - begun_ms),
                    real_s=max(0.0, now_s - watched.heard_s),
                )

    def seen(self, key: Key) -> Seen:
        """How and when a fault first showed."""
        watched = self._watched.get(key)
        return Seen(reason="the page has not heard of it yet") if watched is None else watched.seen


def _unseen(before: Shown | None, *, live: bool) -> Seen:
    if not live:
        return Seen(reason="this page began to watch after it had begun")
    if before is None:
        return Seen(reason="the office had said nothing of this machine as it began")
    return Seen(reason="nothing of it has shown so far")
