"""Times, shares and their differences as the page of losses writes them."""

from fractions import Fraction

NONE = "–"


def exactly(us: int) -> str:
    """A duration to the millisecond.

    >>> exactly(5_425_250_000), exactly(0), exactly(-60_000_000)
    ('1 h 30 min 25.25 s', '0 s', '−1 min')
    """
    if us < 0:
        return f"−{exactly(-us)}"
    minutes, rest_us = divmod(us, 60_000_000)
    hours, minutes = divmod(minutes, 60)
    said = [f"{value} {unit}" for value, unit in ((hours, "h"), (minutes, "min")) if value]
    if rest_us or not said:
        said.append(f"{round(rest_us / 1e6, 3):g} s")
    return " ".join(said)


def more_or_less(us: int) -> str:
    """A difference of durations, with its sign.

    >>> more_or_less(60_000_000), more_or_less(-1_500_000), more_or_less(0)
    ('+1 min', '−1.5 s', '0 s')
    """
    return f"+{exactly(us)}" if us > 0 else exactly(us)


def percent(share: float | Fraction | None) -> str:
    """A share with one digit, or a dash where there is none.

    >>> percent(0.125), percent(-0.0001), percent(None)
    ('12.5 %', '0.0 %', '–')
    """
    if share is None:
        return NONE
    text = f"{float(share) * 100:.1f}"
    return f"{'0.0' if text == '-0.0' else text.replace('-', '−')} %"


def points(share: Fraction | None) -> str:
    """A difference of shares, with its sign.

    >>> points(Fraction(1, 100)), points(Fraction(-1, 8)), points(Fraction(0)), points(None)
    ('+1.0 pts', '−12.5 pts', '0.0 pts', '–')
    """
    if share is None:
        return NONE
    text = f"{float(share) * 100:+.1f}"
    return f"{'0.0' if text in {'+0.0', '-0.0'} else text.replace('-', '−')} pts"


def counted(count: int, word: str) -> str:
    """A number with its word.

    >>> counted(1, "stop"), counted(2, "stop")
    ('1 stop', '2 stops')
    """
    return f"{grouped(count)} {word}" if count == 1 else f"{grouped(count)} {word}s"


def grouped(count: int) -> str:
    """A whole number with thin spaces between thousands.

    >>> grouped(12_345).replace("\u202f", " "), grouped(12)
    ('12 345', '12')
    """
    return f"{count:,}".replace(",", "\u202f")
