"""A table in a room of its own, so that a narrow screen scrolls it and not the page."""

from collections.abc import Iterable, Sequence

from markupsafe import Markup


def table(
    heads: Sequence[tuple[str, str]], lines: Iterable[Markup], *, label: str, caption: str = ""
) -> Markup:
    """A table that can be scrolled by keys too.

    Args:
        heads: Each column's heading, and what it is measured in or against.
        lines: Its rows.
        label: What it is, for who cannot see it.
        caption: What has to be known to read it.
    """
    columns = Markup("").join(
        Markup("<th scope=col>{}{}</th>").format(name, small(unit)) for name, unit in heads
    )
    return Markup(
        '<div class=room tabindex=0 role=region aria-label="{}"><table>{}<thead><tr>{}</tr></thead>\n'
        "<tbody>\n{}\n</tbody></table></div>"
    ).format(
        label,
        Markup("<caption>{}</caption>").format(caption) if caption else "",
        columns,
        Markup("\n").join(lines),
    )


def small(text: str) -> Markup:
    """Words under a heading or a number; nothing where there are none."""
    return Markup("<span class=sub>{}</span>").format(text) if text else Markup("")
