"""What a clause sounds like: trouble, a call for help, or neither; learnt from labelled replies.

“那台设备摔了”, “电信一直不来人” name trouble in ever new words, but of the same pieces of one to three
characters. `knowledge/remarks.py` asks for it where the words it knows say nothing; `python -m tests.tones`
learns it from tests/data.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from knowledge.learnt import Verdict, learnt, runs

KINDS = ("trouble", "help", "none")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def tone(words: str) -> Verdict:
    """What a clause sounds like, and how surely."""
    return learnt("tones").judge(pieces(words))


def pieces(words: str) -> Iterable[str]:
    """Every run of one to three characters once, a number as 0, and how long the clause is."""
    told = f"^{_NUMBER.sub('0', words)}$"
    return {*runs(told), f"l{min(5, len(words) // 4)}"}
