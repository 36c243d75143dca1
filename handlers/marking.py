"""An answer in WeCom's markdown: heading bold, figures coloured, the notice's words as a quotation.

`handlers/ask.py` uses it where the channel shows markdown; the plain text is always sent along for those that
do not. It only adds marks: every word stays as it was, and nothing a person typed can become one.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_MARKS = re.compile(r"[\\`*_\[\]#~|<]|^\s*>", re.MULTILINE)
_HEADING = re.compile(r"^(?:第\d+点|Point \d+) .+$")
_FIGURE = re.compile(r"^【([^】]+)】")
_QUOTE = re.compile(r"^(?:原文：|Text: )")
_HINT = re.compile(r"^(?:回复|不是您要问的|要的也可能|Reply|想看其中)")


def marked(text: str) -> str:
    """The same lines with marks."""
    return "\n".join(map(_line, escaped(text).split("\n")))


def escaped(text: str) -> str:
    """Text shown as it is: markdown here has no escape character, so a mark becomes its full-width twin."""
    return _MARKS.sub(lambda found: found[0][:-1] + chr(ord(found[0][-1]) + 0xFEE0), text)


def _line(line: str) -> str:
    for pattern, mark in _LINES:
        if pattern.search(line):
            return mark(line)
    return line


_LINES: tuple[tuple[re.Pattern[str], Callable[[str], str]], ...] = (
    (_HEADING, lambda line: f"**{line}**"),
    (_FIGURE, lambda line: _FIGURE.sub(r'<font color="warning">**\1**</font> ', line)),
    (_QUOTE, lambda line: f"> {line}"),
    (_HINT, lambda line: f'<font color="comment">{line}</font>'),
)
