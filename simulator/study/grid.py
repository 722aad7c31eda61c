"""Rows of text under their headings, for a terminal."""


def grid(head: list[str], rows: list[list[str]]) -> str:
    """A table: the first column on the left, all others, which are numbers, on the right.

    Args:
        head: The heading of each column.
        rows: As many cells each.
    """
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    lines = [
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in (head, *rows)
    ]
    return "\n".join(lines)
