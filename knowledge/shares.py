"""Whether a percentage is the progress of the whole point, learnt from labelled replies by what is around it.

“给我记78%吧”, “俺看九成” name nothing that it could be the share of. `knowledge/figures.py` asks where the
words before a percentage are none it knows; `python -m tests.shares` learns it from tests/data.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from knowledge.amounts import Amount
from knowledge.learnt import learnt

KINDS = ("point", "part", "none")
SURE = 0.85
NEAR = 14  # characters before it that are looked at
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def of_the_point(amount: Amount, behind_another: bool) -> bool:
    verdict = learnt("shares").judge(pieces(amount, behind_another))
    return verdict.kind == "point" and verdict.sure >= SURE


def pieces(amount: Amount, behind_another: bool) -> Iterable[str]:
    """Runs of characters before it, by where they stand, and what comes right behind it."""
    lead = _NUMBER.sub("0", amount.lead)
    lead = lead[-NEAR:] if len(lead) > NEAR else f"^{lead}"
    before, after = f"^{amount.before[-NEAR:]}", f"{amount.after[:5]}$"
    found = {f"b{lead[-size:]}" for size in range(1, 9)} | {f"a{after[:size]}" for size in (1, 2, 3, 4)}
    for name, words in (("l", lead), ("c", before)):
        found |= {name + words[at : at + size] for size in (1, 2, 3) for at in range(len(words) - size + 1)}
    return found | {f"n{behind_another}", f"d{min(4, len(amount.before) // 3)}"}
