"""Which machines count the good parts of a line: its last ones, or those before that count any."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a machine stands in its line."""

    name: str
    """Its name."""
    line: str
    """The line."""
    after: str
    """The machine whose parts it takes; `""` where they come from outside."""
    makes_parts: bool
    """Whether it makes any: a compressor does not."""
    counts: bool
    """Whether it counts them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlets:
    """By which machines a line's good parts are counted."""

    line: str
    """The line."""
    counted: tuple[str, ...]
    """The machines that count them."""
    instead_of: Mapping[str, str]
    """By the name of a machine that counts in its place, the line's last machine that counts no parts."""
    not_counted: tuple[str, ...]
    """Last machines whose parts nobody counts, on no machine before them either."""


def outlets_of(places: Sequence[Place]) -> list[Outlets]:
    """The outlets of every line, in the order in which lines first come.

    A line may end in several machines: each of those whose parts no other machine takes.

    >>> mill = Place(name="mill-1", line="machining", after="", makes_parts=True, counts=True)
    >>> saw = Place(name="saw-1", line="machining", after="mill-1", makes_parts=True, counts=False)
    >>> outlets_of([mill, saw])[0].instead_of
    {'mill-1': 'saw-1'}
    """
    makers = [one for one in places if one.makes_parts]
    by_name = {one.name: one for one in makers}
    taken = {one.after for one in makers}
    lines = dict.fromkeys(one.line for one in makers)
    return [
        _outlets(line, [one for one in makers if one.line == line and one.name not in taken], by_name)
        for line in lines
    ]


def _outlets(line: str, lasts: Sequence[Place], by_name: Mapping[str, Place]) -> Outlets:
    counted: list[str] = []
    instead: dict[str, str] = {}
    missing: list[str] = []
    for last in lasts:
        counts = _counting(last, by_name, set())
        if counts is None:
            missing.append(last.name)
        elif counts.name not in counted:
            counted.append(counts.name)
            if counts is not last:
                instead[counts.name] = last.name
    return Outlets(line=line, counted=tuple(counted), instead_of=instead, not_counted=tuple(missing))


def _counting(place: Place, by_name: Mapping[str, Place], seen: Collection[str]) -> Place | None:
    """The machine itself, or the nearest before it, that counts parts; None where none does."""
    if place.counts:
        return place
    before = by_name.get(place.after)
    if before is None or before.name in seen:
        return None
    return _counting(before, by_name, {*seen, place.name})
