"""What a compressor's load cycle tells of its air: capacity, efficiency and leaks.

With nothing drawing air, a compressor that runs loaded for a while and unloaded for a while only feeds
the leaks: they take the share of its capacity that it is loaded [AUGUST].
"""


def free_air_delivery(capacity: float, efficiency: float) -> float:
    """Air really delivered, in the unit of the capacity: capacity x efficiency."""
    return capacity * efficiency


def leak_share(loaded: float, unloaded: float) -> float | None:
    """Share of the delivery that leaks: T / (T + t), times loaded and unloaded with nothing drawing air.

    >>> round(leak_share(8, 48), 4)
    0.1429

    Returns:
        A fraction from 0 to 1, or None when it did not run.
    """
    return loaded / (loaded + unloaded) if loaded + unloaded else None


def specific_delivery(delivery: float, power_kw: float) -> float | None:
    """Air for a kilowatt: delivery / power; None without power."""
    return delivery / power_kw if power_kw else None


def leak_power_kw(loaded: float, unloaded: float, power_kw: float) -> float | None:
    """Power that feeds leaks, in kilowatts: leak share x power at load."""
    share = leak_share(loaded, unloaded)
    return None if share is None else share * power_kw
