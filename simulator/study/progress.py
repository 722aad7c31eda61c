"""How far a long piece of work has come, said to whoever waits for it."""

import sys


def say_progress(what: str, done: int, of: int) -> None:
    """Say it on standard error: on a terminal one line that is written over, in a file each tenth.

    Args:
        what: What is counted, `pairs`.
        done: How many are done.
        of: How many there are in all.
    """
    line = f"{done} of {of} {what}"
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{line}" if done < of else f"\r{line}\n")
        sys.stderr.flush()
    elif done == of or done * 10 // of > (done - 1) * 10 // of:
        sys.stderr.write(f"{line}\n")
