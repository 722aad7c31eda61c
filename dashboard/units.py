"""Units of signals: as a machine's birth says, else by the end of the signal's name."""

from protocol.messages import Birth

UNITS = {
    "_kw": "kW",
    "_kwh": "kWh",
    "_w": "W",
    "_a": "A",
    "_v": "V",
    "_hz": "Hz",
    "_c": "°C",
    "_mm_s": "mm/s",
    "_mm_min": "mm/min",
    "_rpm": "rpm",
    "_pct": "%",
    "_bar": "bar",
    "_kn": "kN",
}
"""Unit by the end of a signal's name."""


def unit_of(birth: Birth | None, signal: str) -> str:
    """The unit of a signal, as it is printed; `""` when nothing says it.

    >>> unit_of(None, "power_kw")
    'kW'
    """
    if birth is not None and signal in birth.signals:
        return birth.signals[signal].unit
    return next((unit for end, unit in UNITS.items() if signal.endswith(end)), "")
