"""Commands about the plant's clock: its speed, a pause, a step, a jump to the end of the shift."""

from dataclasses import replace

from protocol.messages import PlantCommand
from protocol.moments import to_text
from simulator.commanding.clockwork import ALLOWED_SPEED, FASTEST, SLOWEST, Clockwork, in_words
from simulator.commanding.fields import Field, is_number, number
from simulator.commanding.form import Grounds

SPEED = Field(
    allowed=ALLOWED_SPEED,
    right=lambda value: value == "max" or (is_number(value) and SLOWEST <= value <= FASTEST),  # type: ignore[operator]
)
SECONDS = number(0.001, 86_400)


def set_speed(command: PlantCommand, grounds: Grounds) -> Clockwork:
    """Time goes by at another speed; a pause and a jump under way stay."""
    speed = None if command.speed == "max" or command.speed is None else float(command.speed)
    return replace(grounds.clockwork, speed=speed)


def speed_set(command: PlantCommand, grounds: Grounds) -> str:
    """What came of it."""
    clockwork = set_speed(command, grounds)
    waits = ", once it goes on: the plant is paused" if clockwork.paused else ""
    return f"plant time goes by {in_words(clockwork.speed)}{waits}"


def pause(_command: PlantCommand, grounds: Grounds) -> Clockwork:
    """Time stands still; a jump that is under way ends here."""
    return replace(grounds.clockwork, paused=True, hurry_to_ms=0)


def paused(_command: PlantCommand, grounds: Grounds) -> str:
    """What came of it."""
    return f"the plant stands still at {to_text(grounds.at_ms)}"


def resume(_command: PlantCommand, grounds: Grounds) -> Clockwork:
    """Time goes by again."""
    return replace(grounds.clockwork, paused=False)


def resumed(_command: PlantCommand, grounds: Grounds) -> str:
    """What came of it."""
    return f"plant time goes by {in_words(grounds.clockwork.speed)}"


def no_step(_command: PlantCommand, grounds: Grounds) -> str:
    """Why there is no step."""
    return "" if grounds.clockwork.paused else "a step is for a plant that stands still: pause it first"


def step(command: PlantCommand, grounds: Grounds) -> Clockwork:
    """A paused plant goes on for a while, as fast as the office follows; one step after the other."""
    since_ms = max(grounds.at_ms, grounds.clockwork.hurry_to_ms)
    return replace(grounds.clockwork, hurry_to_ms=since_ms + round((command.seconds or 0.0) * 1_000))


def stepped(command: PlantCommand, grounds: Grounds) -> str:
    """What came of it."""
    return f"the plant goes on until {to_text(step(command, grounds).hurry_to_ms)}, and stands still again"


def jump(_command: PlantCommand, grounds: Grounds) -> Clockwork:
    """On to the end of the shift, as fast as the office follows, and then as before."""
    return replace(grounds.clockwork, hurry_to_ms=grounds.shifts.after_ms(grounds.at_ms))


def jumped(command: PlantCommand, grounds: Grounds) -> str:
    """What came of it."""
    then = "stands still" if grounds.clockwork.paused else f"goes on {in_words(grounds.clockwork.speed)}"
    until = to_text(jump(command, grounds).hurry_to_ms)
    return f"the plant goes on as fast as the office follows until the shift ends, {until}, and then {then}"
