"""Numbers that must be asked about before anybody stores them: falling, off by ten thousand, far beyond.

Pure: each gives the question, or nothing where the number may stand.
"""

from __future__ import annotations

from knowledge.targets import Target
from storage.reports import Figure
from supervision.queries import Query

FAR_BEYOND = 3.0  # times the target: rather a slip of the pen than a triumph
TEN_THOUSAND = 10_000.0
_SLIP = 0.2  # a value is off by ten thousand if it is within a fifth to five times of that


def of_figure(figure: Figure, target: Target, last: Figure | None) -> Query | None:
    """Why this figure must be asked about first, if it must."""
    value, goal = figure.in_target_unit, target.value
    if value is None or not goal:
        return None
    if target.unit != "%" and _SLIP < value / goal / TEN_THOUSAND < 1 / _SLIP:
        return Query("scale", figure=figure, words=figure.what)
    if value > (100 if target.unit == "%" else goal * FAR_BEYOND):
        return Query("far", figure=figure, words=figure.what, before=goal)
    if last is not None and last.in_target_unit is not None and value < last.in_target_unit:
        return Query("falls", figure=figure, words=figure.what, before=last.in_target_unit)
    return None


def of_percent(said: float, last: float | None) -> Query | None:
    """Why this percentage of a point must be."""
    if not 0 <= said <= 100:
        return Query("far", percent=said, before=100.0)
    if last is not None and said < last:
        return Query("falls", percent=said, before=last)
    return None
