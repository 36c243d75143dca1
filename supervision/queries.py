"""What is asked back before it is stored, and how a conversation remembers it until it is answered.

`supervision/checking.py` makes them of what cannot be, and the reader's own doubts become some;
`handlers/progress_questions.py` puts the first of them into a sentence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from knowledge.reading import Doubt, Reading
from storage.reports import Figure
from supervision.desk import Desk


@dataclass(frozen=True, slots=True)
class Query:
    """Something to ask back before it is stored. `kind` is falls, far, scale, percent, vague, contradiction,
    date or point; `figure` or `percent` is what a plain yes stands for."""

    kind: str
    point: int | None = None
    unit: str = ""
    words: str = ""  # as written, for the question
    figure: Figure | None = None
    percent: float | None = None
    before: float | None = None
    target: str = ""
    said: str = ""  # the whole message that is asked about, and its key
    key: str = ""


_KINDS = {"unit": "scale", "amount": "far"}


def of_doubts(reading: Reading, desk: Desk, asked: Sequence[Query]) -> list[Query]:
    """The reader's own doubts; of a point that is not his, or of a number already asked about, nobody is
    asked again."""
    found = []
    numbers = {query.point for query in asked if query.figure is not None}
    for doubt in reading.doubts:
        unit = desk.unit_for(doubt.point) if doubt.point is not None else ""
        if unit is None or (doubt.kind in _KINDS and doubt.point in numbers):
            continue
        found.append(_query(doubt, unit))
    return found


def _query(doubt: Doubt, unit: str) -> Query:
    return Query(_KINDS.get(doubt.kind, doubt.kind), doubt.point, unit, doubt.words, target=doubt.target)


def number_wanted(point: int, unit: str, desk: Desk) -> Query:
    """“冷库正在建” tells of work and no number: which one is wanted is said back."""
    wanted = [item.target for one in desk.prompts(point, unit) for item in one.prompt.items if item.target]
    target = wanted[0] if len(set(wanted)) == 1 else ""
    return Query("number", point, unit, desk.text[:30], target=target)


# --- in a conversation's memory --------------------------------------------------------------------------


def to_json(query: Query) -> Mapping[str, object]:
    """What a conversation remembers of a question."""
    figure = query.figure
    return {
        "kind": query.kind,
        "point": query.point,
        "unit": query.unit,
        "words": query.words,
        "percent": query.percent,
        "before": query.before,
        "target": query.target,
        "said": query.said,
        "key": query.key,
        "figure": [figure.what, figure.value, figure.unit, figure.target] if figure else None,
    }


def from_json(row: Mapping[str, object]) -> Query:
    """What `to_json` wrote. Raises KeyError, TypeError or ValueError for anything else."""
    figure = row["figure"]
    made = None
    if isinstance(figure, list):
        what, value, unit, target = figure
        made = Figure(str(what), float(value), str(unit), str(target))
    return Query(
        kind=str(row["kind"]),
        point=_number(row["point"]),
        unit=str(row["unit"]),
        words=str(row["words"]),
        figure=made,
        percent=_amount(row["percent"]),
        before=_amount(row["before"]),
        target=str(row["target"]),
        said=str(row.get("said", "")),
        key=str(row.get("key", "")),
    )


def _number(value: object) -> int | None:
    return None if value is None else int(str(value))


def _amount(value: object) -> float | None:
    return None if value is None else float(str(value))
