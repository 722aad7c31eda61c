"""The twin: the same plant in which nobody hears a call; the root of its topics, and the name of its run.

Both are lived from one run, at one plant time. What the twin says goes to topics of its own root, and in
a history it stands under a run of its own, whose name says whose twin it is.
"""

TWIN_ROOT = "twin"
"""First level of every topic of the twin."""
_ENDING = "-twin"


def twin_run(run: str) -> str:
    """The run of a run's twin.

    >>> twin_run("5f0c2a91")
    '5f0c2a91-twin'
    """
    return run + _ENDING


def is_twin(run: str) -> bool:
    """Whether a run is that of a twin.

    >>> is_twin("5f0c2a91-twin"), is_twin("5f0c2a91")
    (True, False)
    """
    return run.endswith(_ENDING)


def run_of_twin(run: str) -> str:
    """The run whose twin a run is; a run that is no twin's is its own.

    >>> run_of_twin("5f0c2a91-twin"), run_of_twin("5f0c2a91")
    ('5f0c2a91', '5f0c2a91')
    """
    return run.removesuffix(_ENDING)
