"""English sentences for English questions: the notice's words and the units' names stay in Chinese.

A unit's name is followed by its translation where the directory has one. `handlers/composing.py` calls it in
place of `handlers/phrasing.py`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from handlers.phrasing import SHORT_QUOTE, TASKS, by_point, exact
from knowledge.assignments import Assignment
from knowledge.notice import WorkPoint
from knowledge.targets import Target
from knowledge.units import Directory, Unit

HINT = "Reply “全文” for the full text of point {n}, “wrong” if you meant something else."
GREETING = (
    "Hello, I answer questions about the notice's work points, for example: “which unit leads cold "
    "chain?”, “point 17”."
)

THANKS = "You are welcome. Ask about any work point, for example: “which unit leads cold chain?”, “point 17”."
UNKNOWN = (
    "Sorry, I could not find this in the notice. I can tell you who leads a work point, its "
    "exact words and its "
    "figures, for example: “which unit leads cold chain?”, “point 17”. The HQ office will see your question."
)
ELSEWHERE_IN_IT = "It may also be another task of point {n}: reply “第{n}条全文” for its full text."
AGAIN = "I see. Please ask again in other words, or by the number, for example “point 17”."
SORRY = "Sorry for the wrong answer; the HQ office will see it. "
NONE_OF_THEM = "I see, none of these. Please ask again in other words. The HQ office will see your question."
SIZE = (
    "The notice has {points} points in {sections} sections. Ask about a subject, “point 17” or “section 3”."
)
NOTHING_BEFORE = (
    "I am not sure which point you mean. Please name the subject or the number, for example “point 17”."
)


def heading(point: WorkPoint) -> str:
    return f"Point {point.number} {point.title}"


def original(text: str, limit: int = 90) -> str:
    """The notice's words on a line of their own."""
    return f"Text: {exact(text, limit)}"


def neighbours(points: Sequence[WorkPoint]) -> str:
    return "See also: " + ", ".join(map(heading, points))


def responsible(row: Assignment | None, directory: Directory) -> str:
    """Who leads, and whether that is only a suggestion."""
    if row is None:
        return "The notice names no responsible unit, and none has been assigned yet."
    leads = ", ".join(_named(name, directory) for name in (row.lead, *row.co_leads))
    part = f" for {row.part}" if row.part else ""
    if row.confirmed:
        on = f" on {row.confirmed_on.isoformat()}" if row.confirmed_on else ""
        return f"Lead{part}: {leads} (confirmed by {row.confirmed_by or row.source}{on})."
    return f"Suggested lead{part} (not yet confirmed by the HQ office): {leads}."


def all_responsible(rows: Sequence[Assignment], directory: Directory) -> str:
    return " ".join(responsible(row, directory) for row in rows) or responsible(None, directory)


# “who takes part in it”, “which units support it”
JOINING = re.compile(r"\b(?:takes? part|taking part|participat\w+|support(?:s|ing)?|cooperat\w+|partners?)\b")


def taking_part(rows: Sequence[Assignment], directory: Directory) -> str:
    """Everybody besides the lead, who is named only when that was asked."""
    names = dict.fromkeys(name for row in rows for name in row.participants)
    return "Taking part: " + ", ".join(_named(name, directory) for name in names) + "." if names else ""


def answer(point: WorkPoint, quote: str, verdict: str, targets: Sequence[Target] = ()) -> str:
    said = "; ".join(dict.fromkeys(t.quote for t in targets))
    lines = [
        f"The notice says: {said}" if said else "",
        verdict,
        heading(point),
        original(quote),
        HINT.format(n=point.number),
    ]
    return "\n".join(line for line in lines if line)


# “when my roof leaks, whom do I call” asks for no day.
ASKS_DAY = re.compile(
    r"deadline|\bdue\b|by when|(?:^|[,;?] ?|\band )when (?:is|are|will|must|do|does|should|can)\b"
)


def deadline(target: Target | None, year: int) -> str:
    """The stated date, or that there is none but the notice's year."""
    if target is not None and target.due is not None and target.due_stated:
        return f"Deadline stated: {target.due.isoformat()}."
    if target is not None and target.unit:
        return f"The notice only says “{target.unit}” and states no date."
    return f"The notice states no deadline for this; it is part of the plan for {year}."


def not_stated(point: WorkPoint, quote: str) -> str:
    return (
        "The notice does not state this, so I cannot answer it. "
        f"Related: {heading(point)}\n{original(quote)}\nThe HQ office will see your question."
    )


def not_own(names: Sequence[str], whose: str) -> str:
    """Before figures that are not the place's own."""
    shared = {"全市": "; this is the whole city's", "": ""}.get(whose, "; these are the counties'")
    return f"The notice gives no figure for {', '.join(names)}{shared}:"


def ask_the_lead(_what: str) -> str:
    """Before an answer about a thing whose how-to the notice leaves to its units."""
    return "The notice does not say how; the lead unit can tell you."


def suggest(points: Sequence[WorkPoint]) -> str:
    rows = [f"{i}. {heading(p)}" for i, p in enumerate(points, 1)]
    return "Did you mean:\n" + "\n".join(rows) + "\nReply with the number."


def sorry(points: Sequence[WorkPoint], shown: int) -> str:
    """After “wrong”; what was meant may also stand elsewhere in the point that was shown."""
    offer = suggest(points) if points else "Please ask again in other words."
    return f"{SORRY}{offer}\n{ELSEWHERE_IN_IT.format(n=shown)}"


def listing(points: Sequence[WorkPoint], left: int = 0) -> str:
    """`left` are further points that are not shown."""
    rows = [heading(p) for p in points]
    rows += [f"… and {left} more; name a county or more of the wording to narrow it down."] if left else []
    return f"{len(points) + left} point(s):\n" + "\n".join(rows)


def unit_tasks(unit: Unit, led: Sequence[Assignment], joined: Sequence[int]) -> str:
    """One unit's rows, each clause in the notice's own words; what is only suggested is said once."""
    state = (
        "as confirmed" if all(row.confirmed for row in led) and led else "not all confirmed by the HQ office"
    )
    lines = [f"{unit.short} ({unit.en or unit.short}), {state}:"]
    for row in by_point(led)[:TASKS]:
        words = f": {exact(row.part or row.clause, SHORT_QUOTE)}" if row.clause else ", the whole point"
        lines.append(f"Leads point {row.point}{words}")
    if joined:
        lines.append("Takes part in points " + ", ".join(map(str, joined)))
    return "\n".join(lines)


def _named(name: str, directory: Directory) -> str:
    found = directory.unit(name)
    return f"{name} ({found.en})" if found is not None and found.en else name
