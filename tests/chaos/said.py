"""What the page says of a fault while it lasts."""

from __future__ import annotations

import http.client
import json
import time
from typing import TYPE_CHECKING, Any

from demo.claims import HOST
from tests.chaos.plant import DATABASE

if TYPE_CHECKING:
    from tests.chaos.faults import Fault
    from tests.chaos.plant import Plant

PATIENCE_S = 180.0
"""No verdict about speed: the doctor's own patience is five to ten seconds."""
ANSWER_S = 4.0
"""As long as `python -m demo doctor` waits for the page."""
LOOK_S = 0.25
NO_ANSWER = "The dashboard does not answer."
"""What a browser says of a page that is away."""
NOTHING = "nothing is broken"
SLOWER = 2.0
"""A plant that goes at less than so small a part of its speed is seen to be slow."""


class NotSaidError(AssertionError):
    """Raised when the page did not say what was wrong."""


def wait_until_said(plant: Plant, fault: Fault) -> str:
    """Wait until the page has said that a link is broken by a fault that lasts.

    Returns:
        What it said.

    Raises:
        NotSaidError: It says something else, or nothing.
    """
    begun_s, answer = time.monotonic(), None
    while time.monotonic() - begun_s < PATIENCE_S:
        plant.mend()
        answer = health(plant)
        said = names(fault, answer)
        if said:
            return said
        time.sleep(LOOK_S)
    raise NotSaidError(f"{fault.kind} {fault.part}: the page says {_short(answer)}")


def wait_until_well(plant: Plant) -> None:
    """Wait until the page says that nothing is broken: the next fault is not to be taken for the last."""
    plant.wait_for(lambda: is_well(health(plant)), PATIENCE_S)


def is_well(answer: Any) -> bool:
    """Whether the page says that nothing is broken."""
    return answer is not None and answer["status"] == "ok"


def names(fault: Fault, answer: Any) -> str:
    """What an answer of the page says of a fault; `""` where it does not name the link that is broken."""
    if is_harmless(fault):
        return NOTHING if is_well(answer) else ""
    if fault.part == "web" and fault.kind in {"killed", "stopped"}:
        return NO_ANSWER if answer is None else ""
    if answer is None:
        return ""
    slow = slowness(answer) if fault.kind == "slowed" else ""
    if slow:
        return slow
    foremost = next((one for one in answer["sentences"] if one["weight"] == "broken"), None)
    if foremost is not None and foremost["link"] == link_of(fault):
        return str(foremost["what"])
    return ""


def is_harmless(fault: Fault) -> bool:
    """Whether a fault breaks no link: then nobody is to be blamed, however long it lasts.

    What a broker keeps is no evidence: the machines send again what the office has not committed.
    """
    return fault.kind == "stepped" or (fault.kind, fault.part) == ("filled", "broker")


def link_of(fault: Fault) -> str:
    """The link of the chain that a fault breaks, as the page stands to it."""
    if fault.part == DATABASE:
        return "history"
    if fault.part == "web":
        return "broker"  # cut off, it is the page that reaches nobody
    return "ingest" if fault.part.startswith("ingest") else fault.part


def health(plant: Plant) -> Any:
    """What the page says of the chain; None where it does not answer."""
    try:
        with plant.beside("web"):
            connection = http.client.HTTPConnection(HOST, plant.port, timeout=ANSWER_S)
            connection.connect()
        try:
            connection.request("GET", "/api/health")
            return json.load(connection.getresponse())
        finally:
            connection.close()
    except (OSError, ValueError, http.client.HTTPException):
        return None


def slowness(answer: Any) -> str:
    """What the page says of a plant whose time goes by more slowly than asked for; `""` where it does not."""
    plant = next(link for link in answer["chain"] if link["part"] == "simulator")
    measures = {one["key"]: one["value"] for one in plant["measures"]}
    asked, achieved = measures.get("speed"), measures.get("achieved")
    if asked and achieved is not None and achieved < asked / SLOWER:
        return f"the plant goes at {achieved:g} of {asked:g} plant seconds a second"
    return ""


def _short(answer: Any) -> str:
    if answer is None:
        return "nothing"
    return f"{answer['status']}: {[(one['link'], one['weight'], one['what']) for one in answer['sentences']]}"
