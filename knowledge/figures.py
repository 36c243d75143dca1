"""Which numbers of a passage say how far things are: the point's own percentage, and what is done or stands.

Targets, plans, what is left, old values, thresholds and totals are no progress and fall out here. A number
too vague to store (过半, 60%-70%) becomes a doubt.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from knowledge.amounts import Amount
from knowledge.reading import Quantity
from knowledge.wording import wording


@dataclass(slots=True)
class Figures:
    percent: float | None = None
    quantities: list[Quantity] = field(default_factory=list)
    vague: list[str] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)  # more than the whole


def figures(amounts: Sequence[Amount], marked: bool) -> Figures:
    """What the numbers say, in their order."""
    found = Figures()
    told: list[tuple[Amount, str]] = []
    kept = [a for at, a in enumerate(amounts) if not _no_progress(a) and not _total(amounts, at)]
    for amount in kept:
        told.append((amount, _role(amount, told)))
    for amount, role in told:
        _take(found, amount, role, any(r == "point" for _, r in told))
    return found


def _take(found: Figures, amount: Amount, role: str, has_percent: bool) -> None:
    """Adds one number where it belongs. A part's progress is the point's when nothing else is."""
    if amount.vague:
        found.vague.append(amount.words)
    elif role == "point":
        if amount.value > 100:
            found.strange.append(amount.words)
        elif found.percent is None:
            found.percent = amount.value
    elif role == "part" and not has_percent and found.percent is None and amount.value <= 100:
        found.percent = amount.value
    elif amount.unit or role == "bare":
        found.quantities.append(Quantity(_what(amount), amount.value, amount.unit, words=amount.words))


def _no_progress(amount: Amount) -> bool:
    """Planned, left over, old, a threshold, somebody's age: by the words around it."""
    table, before, after = wording(), amount.before, amount.after
    if not amount.share and not amount.unit:
        return True
    if table.has("more_or_less", after[:4]):
        return not (amount.share and not amount.vague) or table.has("bounded", before[-4:] + after[:4])
    if table.has("left_over", before[-7:]) or table.has("old", before[-8:]) or table.has("span", after[:3]):
        return True
    if table.has("planned", amount.lead) and not table.has("reached", amount.lead):
        return True
    if amount.share:
        return table.has("gap", before[-8:]) or table.has("points_apart", after[:3])
    return table.has("same_again", before[-5:]) or (table.has("not_done", after[:9]) and not _done(before))


def _done(before: str) -> bool:
    return wording().has("done", before)


def _total(amounts: Sequence[Amount], at: int) -> bool:
    """37个,已整改29个: the first is how many there are, when nothing was done to it."""
    amount, table = amounts[at], wording()
    if amount.share:
        return False
    if table.has("each", amount.before) and at + 1 < len(amounts):
        return True
    if table.has("counts_itself", amount.before) or table.has("done_to", amount.after[:8]):
        return False
    for other in amounts[at + 1 : at + 3]:
        near = other.clause - amount.clause <= 1 and other.unit[:1] == amount.unit[:1]
        if near and other.value <= amount.value and table.has("part_done", other.before + other.after[:4]):
            return True
    return False


def _role(amount: Amount, told: Sequence[tuple[Amount, str]]) -> str:
    """point: the percentage of the point; part: progress of something named; quantity: anything else."""
    if not amount.share:
        return "quantity"
    table = wording()
    if (
        told
        and not amount.before.strip("、和与,")
        and told[-1][0].share
        and told[-1][0].clause == amount.clause
    ):
        return told[-1][1]
    if table.has("overall", amount.before):
        return "point"
    if table.has("rate", amount.before) or table.has("share_of", amount.after[:6]):
        return "quantity"
    rest = table.without("share_filler", amount.before).strip()
    if not rest:
        return "point"
    return "part" if table.has("progress_of", amount.before) else "quantity"


def _what(amount: Amount) -> str:
    """A short name: the words before it without verbs of being, else the thing counted behind it."""
    table = wording()
    name = table.without("name_filler", amount.before).strip(" 、,:()的")
    if len(name) >= 2:
        return name[-16:]
    behind = table.without("name_filler", amount.after).strip(" 、,:()的")
    return behind[:12] or name or table.without("name_filler", amount.lead).strip(" 、,:()的")[-12:]
