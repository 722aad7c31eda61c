"""Runs a command in the time that nobody else wants: `python -m tests.aside COMMAND…`.

It becomes the command, in a session of its own.
"""

import os
import sys

from demo.priority import step_aside

if __name__ == "__main__":
    os.setsid()
    step_aside()
    os.execvp(sys.argv[1], sys.argv[1:])  # noqa: S606 - what the Makefile asks for
