"""A line of shell that may be too long for its place: it is broken before an option, never within one."""

import re
from typing import Any

from dash import html

_BEFORE_AN_OPTION = re.compile(r" (?=-{1,2}[A-Za-z])")


def shell_line(line: str) -> list[Any]:
    """The line in pieces that stay whole; read or copied it is the line as it was."""
    first, *rest = _BEFORE_AN_OPTION.split(line)
    return [html.Span(first), *(piece for one in rest for piece in (" ", html.Span(one)))]
