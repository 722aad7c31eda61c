"""One true message of each sort, from which false ones are made."""

from __future__ import annotations

import msgspec

from protocol.assumptions import Assumption, Assumptions, Segment
from protocol.faults import Breakable, FaultEntry, Faults, FaultSpell
from protocol.messages import (
    Acknowledged,
    Birth,
    Call,
    Clock,
    Message,
    OfficeNotice,
    PlantCommand,
    PlantResult,
    Response,
    SensorTruth,
    Signal,
    Threshold,
    Tick,
    Truth,
    TruthChange,
    TruthFault,
    Truths,
    Watermark,
)
from protocol.moments import from_ms
from protocol.offers import Standing
from protocol.states import State

AT_MS = 1_767_592_800_000
AT = from_ms(AT_MS)
RUN = "a1b2c3d4"
TRUTH = Truth(
    run=RUN, at=AT, until=from_ms(AT_MS + 60_000), state=State.RUNNING, phase="cycle", parts=7, rejects=1,
    changes=(TruthChange(offset_ms=500, state=State.DOWN, phase="repair", cause="jam", parts=8, rejects=1),),
    faults=(TruthFault(fault="jam", severity=0.5, begun=AT, until=AT),),
    sensors=(SensorTruth(signal="power_kw", what="stuck", begin=AT, end=AT),),
)  # fmt: skip
MESSAGES: tuple[Message, ...] = (
    Birth(
        at=AT, kind="cnc-mill", run=RUN, simulated=True, states="sensed", ideal_cycle_s=42.0,
        threshold=Threshold(signal="power_kw", above=6.0, below=4.0), gateway="machining/_gateway",
        after="saw-1",
        signals={"power_kw": Signal(unit="kW", low=0.0, high=12.0, title="power", period_ms=1_000)},
        answer={"uptime": 0.5},
    ),
    Clock(run=RUN, epoch=AT, at=AT, wall=AT, speed=60.0, achieved=59.0, catching_up_to=AT, seed=7),
    Tick(run=RUN, at=AT, twin=AT, sent=AT),
    Watermark(office="measuring", run=RUN, at=AT, calls=3, committed=AT),
    OfficeNotice(names=("measuring", "proving"), boot="b7"),
    PlantCommand(
        id="c1", what="fault", machine="mill-1", fault="jam", severity=0.5, duration_s=60.0,
        signal="power_kw",
        seed=7, on=True, speed=60.0, seconds=1.0, name="mill-9", text='kind = "cnc-mill"',
        values={"rounds_s": 600.0},
    ),
    PlantResult(
        id="c1", at=AT, ok=True, what="add", message="done", text="kind = 1",
        machines={"mill-1": Standing(by="command", paused=True)},
    ),
    Call(
        id="e027989c3f52", run=RUN, machine="mill-1", rule="stopped", cause="jam", since=AT, raised=AT,
        acknowledged=Acknowledged(at=AT, by="anna"), escalated=AT, closed=AT, office="measuring",
    ),
    Response(call="e027989c3f52", run=RUN, machine="mill-1", what="restored", at=AT, by="anna"),
    TRUTH,
    Truths(machines={"mill-1": TRUTH}),
    Assumptions(
        run=RUN, persons=("anna",), assumptions={"rounds_s": Assumption(value=600.0, least=0.0,
        most=86_400.0)},
        segments=(Segment(at=AT, label="calls off", values={"calls": False}),),
    ),
    Faults(
        run=RUN, machines={"mill-1": Breakable(signals=("power_kw",), without={"jam": "no part"})},
        catalogue=(FaultEntry(
            fault="jam", title="Jam", about="machine", severity="how long", duration_s=60.0,
            expected="it stops"
        ),),
        spells=(FaultSpell(machine="mill-1", fault="jam", severity=0.5, words="", begun=AT, until=AT),),
    ),
)  # fmt: skip
"""One of each sort."""

BY_HAND = b'{"power_kw": 3.2}'
OF_A_CONTROL = (
    b'{"v":1,"run":"a1b2c3d4","at":"2026-01-05T06:00:00.000Z","offsets_ms":[1000,2000,3000],"seq":7,'
    b'"state":"running","cause":"","changes":[{"offset_ms":412,"state":"idle","cause":"waiting"},'
    b'{"offset_ms":900,"parts":9,"rejects":0}],"parts":[7,8,9],"rejects":[0,0,0],'
    b'"power_kw":[3.25,null,3.5],"temperature_c":[20.0,20.1,20.2]}'
)
OF_SIXTEEN_BITS = b'{"at":1767592800000,"parts":65535,"power_kw":3.2,"state":"stopped"}'
BATCHES: tuple[bytes, ...] = (BY_HAND, OF_A_CONTROL, OF_SIXTEEN_BITS)
"""Readings by hand, of a control, and of a device that counts in sixteen bits."""
OF_A_GATEWAY = (
    b'{"run":"a1b2c3d4","at":"2026-01-05T06:00:00Z","offsets_ms":[0,1000],"machines":{'
    b'"press-7":{"power_kw":[3.2,3.1],"state":"running","parts":[7,8]},'
    b'"press-8":{"offsets_ms":[5],"power_kw":[0.4]},"press-9":{"power_kw":1}}}'
)
EDGE_BATCHES: tuple[bytes, ...] = (OF_A_GATEWAY,)
OFFICE_COMMANDS: tuple[bytes, ...] = (
    b'{"what":"reason","id":"c1","run":"a1b2c3d4","machine":"mill-1","at":"2026-01-05T06:12:00Z","reason":"jam","note":"x"}',
    b'{"what":"acknowledge","id":"c1","call":"e027989c3f52","by":"anna"}',
    b'{"what":"forget","id":"c1","machine":"my-press"}',
    b'{"what":"relearn","id":"c1","machine":"my-press","since":"2026-01-05T06:00:00Z"}',
)


def written(message: Message) -> bytes:
    """All fields of a message, those at their defaults, too."""
    return msgspec.json.encode({name: getattr(message, name) for name in message.__struct_fields__})
