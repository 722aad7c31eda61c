"""Sentences that say what is wrong with something from outside, readable however long that is."""

ELLIPSIS = " … "


class RefusalError(ValueError):
    """Raised with a sentence: place, key, value and what is allowed; if need be without its middle.

    >>> len(str(RefusalError("goals.toml: key 'utilization': '" + "x" * 65_536 + "' is no share")))
    600
    """

    longest = 600
    """So many characters at most."""

    def __init__(self, sentence: str) -> None:
        super().__init__(brief(sentence, self.longest))


def brief(sentence: str, longest: int) -> str:
    """A sentence that is too long without its middle: place and key stand ahead of that, the rest behind.

    >>> brief("key 'a': 'xxxxxxxxxxxxxxxxxxxxxxxxxxx' is no number", 35)
    "key 'a': 'xxxxxx … xx' is no number"
    """
    if len(sentence) <= longest:
        return sentence
    half = (longest - len(ELLIPSIS)) // 2
    head = longest - len(ELLIPSIS) - half
    return f"{sentence[:head]}{ELLIPSIS}{sentence[-half:]}"
