"""The desk: what is asked of the plant is judged, done and answered, each command once."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace

from protocol.messages import PlantCommand, PlantResult
from protocol.moments import from_ms, to_text
from simulator.commanding.clockwork import ShiftEnds
from simulator.commanding.commands import Answered, BadCommand
from simulator.commanding.form import Form, Grounds
from simulator.commanding.table import FORMS, form_of
from simulator.histories.answers import begun_result, done_result
from simulator.histories.chosen import ChosenClock
from simulator.histories.chronicle import Chronicle
from simulator.histories.pen import StateError
from simulator.histories.run import Run
from simulator.telling.pace import Pace

logger = logging.getLogger(__name__)


class Desk:
    """Where commands are answered.

    Args:
        run: The run that is on.
        chronicle: The run, lived.
        pace: How plant time goes by.
        chosen: Where that is written down.
        shifts: When the shifts end.
        answered: The commands that were done.
        open_next: Opens the run that takes the place of this one; raises StateError when it cannot.
    """

    def __init__(
        self,
        *,
        run: Run,
        chronicle: Chronicle,
        pace: Pace,
        chosen: ChosenClock,
        shifts: ShiftEnds,
        answered: Answered,
        open_next: Callable[[Run, PlantCommand], Run],
    ) -> None:
        self.next_run: Run | None = None
        """The run that has taken the place of this one, which then is at its end."""
        self._run = run
        self._chronicle = chronicle
        self._pace = pace
        self._chosen = chosen
        self._shifts = shifts
        self._answered = answered
        self._open_next = open_next
        self._about: Mapping[str, Callable[[PlantCommand, Form, Grounds], PlantResult]] = {
            "run": self._start_over,
            "clock": self._turn_clock,
            "plant": self._order,
            "nothing": self._tell,
        }

    def answer(self, command: PlantCommand | BadCommand) -> PlantResult:
        """What came of a command, once it is done; an order then waits in the log to take effect."""
        if isinstance(command, BadCommand):
            known_form = FORMS.get(command.what)
            refuse = self._no if known_form is not None and known_form.about == "nothing" else self._refused
            return refuse(command.id, command.what, command.wrong)
        known = self._answered[command.id]
        if known is not None:
            return known
        if self.next_run is not None:
            return self._refused(
                command.id, command.what, "another run is taking the place of this one: ask again"
            )
        form = form_of(command)
        if self._run.head.relives is not None and form.about == "run":
            why = "this run is one lived again: start the simulator without --relive for another"
            return self._refused(command.id, command.what, why)
        if self._run.reliving and form.about == "plant":
            until = to_text(self._run.head.relives.until_ms) if self._run.head.relives else ""
            why = f"this run is lived again as it was: it takes orders from {until} on"
            return self._refused(command.id, command.what, why)
        grounds = replace(
            self._chronicle.grounds_of_log(), clockwork=self._pace.clockwork, shifts=self._shifts
        )
        wrong = form.refusal(command, grounds)
        if wrong and form.about == "nothing":
            return self._no(command.id, command.what, wrong)
        if wrong:
            return self._refused(command.id, command.what, wrong)
        result = self._about[form.about](command, form, grounds)
        # A question is asked again, at each key that somebody types, to hear what is so by then.
        if result.ok and form.about != "nothing":
            logger.info("command %s: %s", command.id, result.message)
            self._answered.add(result)
        return result

    def rest(self) -> None:
        """Let plant time stand still, as at the end of what is lived again."""
        clockwork = replace(self._pace.clockwork, paused=True, hurry_to_ms=0)
        self._chosen.choose(clockwork)
        self._pace.turn(clockwork, self._run.position_ms)
        logger.info("all is lived again up to %s: plant time stands still", to_text(self._run.position_ms))

    def _start_over(self, command: PlantCommand, _form: Form, _grounds: Grounds) -> PlantResult:
        try:
            self.next_run = self._open_next(self._run, command)
        except StateError as error:
            return self._refused(command.id, command.what, str(error))
        return begun_result(self.next_run)

    def _turn_clock(self, command: PlantCommand, form: Form, grounds: Grounds) -> PlantResult:
        clockwork, result = form.turn(command, grounds), done_result(command, grounds)
        try:
            self._chosen.choose(clockwork, [result])
        except OSError as error:
            return self._refused(command.id, command.what, f"cannot write the state folder: {error.strerror}")
        self._pace.turn(clockwork, self._run.position_ms)
        return result

    def _order(self, command: PlantCommand, _form: Form, grounds: Grounds) -> PlantResult:
        self._run.note("order", order=command)
        return done_result(command, grounds)

    def _tell(self, command: PlantCommand, _form: Form, grounds: Grounds) -> PlantResult:
        return done_result(command, grounds)

    def _refused(self, name: str, what: str, why: str) -> PlantResult:
        logger.warning("refused a command: %s", why)
        return self._no(name, what, why)

    def _no(self, name: str, what: str, why: str) -> PlantResult:
        return PlantResult(id=name, at=from_ms(self._run.position_ms), ok=False, what=what, message=why)
