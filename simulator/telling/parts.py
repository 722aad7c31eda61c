"""What a factory is put together from."""

from dataclasses import dataclass

from simulator.histories.chronicle import Chronicle
from simulator.histories.run import Run
from simulator.histories.twin import Twin
from simulator.telling.call_log import CallLog
from simulator.telling.desk import Desk
from simulator.telling.folder import MachinesFolder
from simulator.telling.lockstep import Lockstep
from simulator.telling.pace import Pace
from simulator.telling.plant_topics import PlantTopics
from simulator.telling.voice import Voice


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the factory is put together from."""

    run: Run
    """The run and its files."""
    chronicle: Chronicle
    """The run, lived."""
    folder: MachinesFolder
    """Where machines come from."""
    pace: Pace
    """How plant time goes by."""
    lockstep: Lockstep
    """How far it may."""
    topics: PlantTopics
    """The plant's own connection."""
    voice: Voice[Chronicle]
    """The plant, and over what it speaks."""
    twin: Voice[Twin] | None = None
    """The same of its twin, whose chronicle is the one beside the plant's; None where it has none."""
    desk: Desk
    """Where commands are answered."""
    calls: CallLog
    """What the office called for."""
