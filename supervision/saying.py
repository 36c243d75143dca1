"""Reports in the words of a digest: new numbers with their pace, what is asked for, news of a linked place.

Pure; `supervision/sight.py` calls it. Figures are worded, everything else stands as the unit said it.
"""

from __future__ import annotations

from collections.abc import Sequence

from knowledge.book import Book
from storage.reports import WITHDRAWN, Report
from supervision.digest_facts import Link, Need
from supervision.overview import PointState
from supervision.standing import Standing
from supervision.wording import STATUS, figure_words, number_words


def said(rows: Sequence[Report], state: PointState | None, book: Book) -> tuple[str, ...]:
    """The numbers these versions of one unit newly give, the newest of each; a bare status where none is."""
    standing = _standing(rows)
    figures = {
        one.target or one.what: one
        for row in standing
        for one in row.figures
        if one.message_key in ("", row.message_key)
    }
    parts = [_with_pace(figure_words(one, book), one.target, state) for one in figures.values()]
    percent = next((row.percent for row in reversed(standing) if row.percent is not None), None)
    if percent is not None:
        parts.append(f"整体进度{number_words(percent)}%")
    status = next((row.status for row in reversed(standing) if row.status), "")
    if status and not parts:
        parts.append(STATUS[status])
    return tuple(parts)


def difficulty(rows: Sequence[Report]) -> str:
    return next((row.difficulty for row in reversed(_standing(rows)) if row.difficulty), "")


def _standing(rows: Sequence[Report]) -> list[Report]:
    gone = {row.replaces for row in rows if row.kind == WITHDRAWN}
    return [row for row in rows if row.kind != WITHDRAWN and row.id not in gone]


def _with_pace(words: str, target: str, state: PointState | None) -> str:
    """完成52.6% beside how much of the time has gone, where the figure grows through the year."""
    found = next((one.light for one in state.targets if one.target.id == target), None) if state else None
    if found is None or found.elapsed is None or not words.endswith("）"):
        return words
    return f"{words[:-1]}，时间进度{number_words(found.elapsed)}%）"


def need(point: int, unit: str, standing: Standing, told: frozenset[str]) -> Need | None:
    asked = standing.told("help_needed")
    if not asked or standing.newest is None:
        return None
    row = next(r for r in reversed(standing.versions) if r.help_needed == asked)
    found = Need(point, unit, asked, standing.told("difficulty"), row.as_of, row.id)
    return (
        found
        if found.key not in told
        else Need(point, unit, asked, found.why, row.as_of, row.id, fresh=False)
    )


def basis(state: PointState) -> tuple[int, ...]:
    """The versions a light was judged on."""
    rows = [row for standing in state.units.values() for row in standing.versions]
    return tuple(row.id for row in rows if row.message_key == state.light.message)


def speaks_of(row: Report, name: str) -> bool:
    if name.startswith("要点"):
        return row.kind != WITHDRAWN and f"要点{row.point}" == name
    short = name.removesuffix("镇").removesuffix("街道") if len(name) > 2 else name
    return row.kind != WITHDRAWN and (row.unit == name or name in row.text or short in row.text)


def link(name: str, rows: Sequence[Report], book: Book) -> Link:
    """A unit's or county's own news, or words in which a town is named, as they were said."""
    if not rows:
        return Link(name, ())
    ids = tuple(row.id for row in rows)
    if name.startswith("要点"):
        units = "、".join(dict.fromkeys(row.unit for row in rows))
        return Link(name, (f"{units}有新报送",), rows[-1].as_of, ids)
    if rows[-1].unit == name:
        points = "、".join(map(str, dict.fromkeys(row.point for row in rows)))
        return Link(name, (f"新报要点{points}",), rows[-1].as_of, ids)
    newest = rows[-1]
    return Link(name, (f"{newest.unit}报要点{newest.point}：“{clipped(newest.text)}”",), newest.as_of, ids)


def clipped(text: str, limit: int = 40) -> str:
    flat = " ".join(text.split()).replace("“", "‘").replace("”", "’")
    return flat if len(flat) <= limit else f"{flat[:limit]}……"
