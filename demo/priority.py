"""The lowest priority: only the time that nobody else wants."""

import os
from contextlib import suppress
from pathlib import Path

LOWEST = 19
"""As `nice` counts."""
SESSION = Path("/proc/self/autogroup")
"""Where Linux keeps how this session stands against others, where it divides the processor by sessions."""


def step_aside() -> None:
    """Take the lowest priority for this process and what it starts, and for its session if it leads one."""
    if not hasattr(os, "nice"):
        return
    os.nice(LOWEST)
    # Linux may weigh sessions first, and nice within each: alone in its own, that would change nothing.
    if os.getsid(0) == os.getpid():
        with suppress(OSError):
            SESSION.write_text(str(LOWEST), encoding="ascii")
