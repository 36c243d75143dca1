"""Cuts a long text into numbered parts that each fit a channel's limit in bytes.

The renderers call it. It cuts at line ends, then at sentence ends, and never inside what a reader sees as one
character; nothing is added but the numbers and nothing is lost.
"""

from __future__ import annotations

import re
import unicodedata

_SHORTEST = 48  # below this the numbers would eat the text
# Where a reader would cut, best first. Closing marks stay with their sentence.
_ENDS = (
    re.compile(r"\n+"),
    re.compile(r"(?:[。！？!?；;…]|\.(?=\s))+[”’」』）)】》\s]*"),
    re.compile(r"[，,、：:]|\s"),
)
_JOINER = "\u200d"


def parts(text: str, limit_bytes: int) -> list[str]:
    """`text` itself when it fits, else parts that begin with "（1/3）"."""
    if limit_bytes < _SHORTEST:
        raise ValueError(f"a limit of {limit_bytes} bytes leaves no room for text")
    whole = text.encode("utf-8", "replace").decode()  # half a character cannot be sent
    if len(whole.encode()) <= limit_bytes:
        return [whole]
    pieces: list[str] = []
    digits = 0
    while len(str(len(pieces))) != digits:
        digits += 1
        pieces = _cut(whole, limit_bytes - len(_label(10**digits - 1, 10**digits - 1).encode()))
    return [_label(number, len(pieces)) + piece for number, piece in enumerate(pieces, start=1)]


def _label(number: int, total: int) -> str:
    return f"（{number}/{total}）"


def _cut(text: str, room: int) -> list[str]:
    pieces = []
    start = 0
    while start < len(text):
        window = text[start : start + room].encode()[:room].decode("utf-8", "ignore")
        end = start + len(window)
        if end < len(text):
            end = _good_end(text, start, end)
        pieces.append(text[start:end])
        start = end
    return pieces


def _good_end(text: str, start: int, end: int) -> int:
    """The best place to cut in the second half of the window; a cut early in it would waste the part."""
    half = start + (end - start) // 2
    for pattern in _ENDS:
        found = [match.end() for match in pattern.finditer(text, half, end) if _between(text, match.end())]
        if found:
            return found[-1]
    return next((at for at in range(end, half, -1) if _between(text, at)), end)


def _between(text: str, at: int) -> bool:
    """Whether position `at` lies between two visible characters, not inside one."""
    before, after = text[at - 1], text[at]
    if _extends(after) or before == _JOINER or (before, after) == ("\r", "\n"):
        return False
    return not (_is_flag(after) and _flags_before(text, at) % 2)


def _extends(char: str) -> bool:
    """Joiners, accents, variation selectors, skin tones, the tags inside some flags."""
    return (
        char == _JOINER
        or unicodedata.category(char).startswith("M")
        or "\U0001f3fb" <= char <= "\U0001f3ff"
        or "\U000e0020" <= char <= "\U000e007f"
    )


def _is_flag(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def _flags_before(text: str, at: int) -> int:
    count = 0
    while count < at and _is_flag(text[at - 1 - count]):
        count += 1
    return count
