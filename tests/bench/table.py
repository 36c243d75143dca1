"""Plain tables, readable in a terminal and in a commit message."""

import unicodedata
from collections.abc import Sequence


def table(rows: Sequence[dict[str, str]]) -> str:
    """The rows under their names; names and words to the left, figures to the right."""
    names = list(rows[0])
    widths = [max(_width(name), *(_width(row[name]) for row in rows)) for name in names]
    lines = [names, *([row[name] for name in names] for row in rows)]
    return "\n".join(
        "  ".join(
            _cell(text, width, left=at == 0)
            for at, (text, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    )


def _cell(text: str, width: int, *, left: bool) -> str:
    blanks = " " * (width - _width(text))
    return text + blanks if left else blanks + text


def _width(text: str) -> int:
    """Columns on a screen: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
