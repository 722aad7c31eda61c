"""The calls that the plant has heard, and what its people say of them.

A call is heard by people a fixed time after it was raised, which is no less than the plant may be ahead
of the office: so it takes effect at a plant time that follows from the call alone, however fast the
computer is, and the run's log holds it at that time.
"""

from collections.abc import Iterable, Iterator

from protocol.messages import Call
from protocol.messages import Response as Said
from protocol.moments import from_ms, to_ms
from simulator.behaviour.crew import Response
from simulator.histories.run import Run

WORDS = {"acknowledged": "acknowledged", "at the machine": "at-machine", "restored": "restored"}
"""What the office is told of the steps of a person; setting out is not among them."""


class CallLog:
    """The calls of a run.

    Args:
        run: The run; its log may grow.
        hears_after_ms: How long after it was raised a call takes effect, in milliseconds.
    """

    def __init__(self, run: Run, *, hears_after_ms: int) -> None:
        self._run = run
        self._hears_after_ms = hears_after_ms
        self._calls: dict[str, tuple[str, int]] = {}
        for one in run.inputs:
            if one.call is not None:
                self._calls[one.call.id] = (one.machine, to_ms(one.call.raised))

    def hear(self, call: Call, machines: Iterable[str]) -> bool:
        """Write a call into the run's log; says whether it is one to be heard.

        One of another run, one heard before, one of a machine that belongs to no run, and one that comes
        when the plant has lived beyond its effect (nobody was there to be told in time) are not.
        """
        raised_ms = to_ms(call.raised)
        effect_ms = raised_ms + self._hears_after_ms
        if call.run != self._run.id or call.closed is not None or call.id in self._calls:
            return False
        if call.machine not in machines or effect_ms < self._run.position_ms:
            return False
        self._run.note("call", machine=call.machine, call=call, at_ms=effect_ms)
        self._calls[call.id] = (call.machine, raised_ms)
        return True

    def number(self, until_ms: int) -> int:
        """How many calls were raised up to a moment, of those that are known."""
        return sum(raised_ms <= until_ms for _, raised_ms in self._calls.values())

    def said(self, responses: Iterable[Response]) -> Iterator[Said]:
        """What people say of the calls about the stops that they see to."""
        for one in responses:
            word = WORDS.get(one.step)
            if word is None:
                continue
            for call, (machine, raised_ms) in self._calls.items():
                if machine == one.machine and one.stopped_ms <= raised_ms <= one.at_ms:
                    yield Said(
                        call=call,
                        run=self._run.id,
                        machine=machine,
                        what=word,  # type: ignore[arg-type]
                        at=from_ms(one.at_ms),
                        by=one.person,
                    )
