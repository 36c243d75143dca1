"""Whose tasks: 市水务局负责哪些, 妇联配合的有几条, “教育局有哪些指标”, also of two units side by side.

`handlers/ask.py` tries it among its kinds. The rows of the division of work are told completely: what a unit
leads first, then where it takes part.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from handlers import english, phrasing
from handlers.composing import answered, plain_words, together
from handlers.finding import rest_of, side_by_side
from handlers.memory import Memory
from handlers.resolve import topic_at
from handlers.turn import Answer, Knowing, Turn
from knowledge.assignments import Assignment
from knowledge.normalize import plain
from knowledge.targets import Target
from knowledge.units import Mention, Unit

_OURS = re.compile(r"我们|我局|我单位|咱|本局|本单位|有我")
_NOT_A_SUBJECT = "事情活的任务指标工作干忙局单位部门"
_GOVERNMENT = ("政府", "人民政府", "指挥办", "指挥部", "委区政府", "委县政府")
_BUSIEST = re.compile(
    r"(?:请问)?(?:哪(?:个|家|些|几个|几家)?|谁)(?:单位|部门|局)?的?(?:牵头|负责|承担|任务|要点|事情?|活)+(?:的|了)?(?:任务|要点|事情?|活|工作|项目?)?数?(?:量)?最(?:多|重|忙)"
    r"|(?:牵头|负责|承担|任务|要点|事情?|活)+(?:的|数|数量)*最(?:多|重)的?(?:单位|部门|局)?(?:是|有)?(?:哪(?:个|家|些|几个|几家)?|谁)(?:单位|部门|局)?"
)
_FIGURES = re.compile("指标|数字|量化|硬任务|定量|(?:任务|目标)(?:数|值)")
_ANYBODY = re.compile("谁|哪个|哪家")
MOST_BUSY = 5  # units that are named, and those that lead as much as the last of them
_ROLES = {"leads": "牵头", "joins": "配合"}
_ROLE_ALONE = 10  # characters; “那配合的有哪些” after a list of tasks says no more than this


def unit(turn: Turn) -> Answer | None:
    """市水务局负责哪些, 教育局和卫健局各牵头哪些, “配合的呢” after such a list."""
    asked = _in_other_words(turn)
    found = [_of_one(asked, name) for name in _whose(asked)]
    return together(asked, found) if found else None


def figures(turn: Turn) -> Answer | None:
    """“教育局有哪些量化指标”: the figures in what the unit leads, or for a county, in the notice's words."""
    q = turn.q
    whose = [m for m in turn.mentions if (m.unit or m.area) and not m.town and not m.county_bureau]
    if q.english or len(whose) != 1 or q.number or not _FIGURES.search(q.text) or _ANYBODY.search(q.text):
        return None
    rest = rest_of(turn, [m.text for m in turn.mentions])
    names = [plain(m.text) for m in turn.mentions]
    apart = any(not any(span.phrase in name for name in names) for span in q.spans)
    asked_for = "quantified" in q.signs and not apart  # “书记要看潮安的硬指标”: whoever wants it
    if not asked_for and _FIGURES.sub("", rest).strip(_NOT_A_SUBJECT + "硬数承担的考核"):
        return None
    name, area = _name(whose[0]), whose[0].area
    if area is not None:
        own = [t for t in turn.book.targets if t.scope == name and turn.point(t.point)]
        if not own:
            return None
        numbers = tuple(sorted({t.point for t in own}))
        return answered(turn, phrasing.county_figures(name, own), numbers, "list", listed=numbers)
    rows = _led_figures(turn, name)
    if not rows:
        return plain_words(turn, phrasing.NO_FIGURES_OF.format(name=name), "unknown")
    numbers = tuple(sorted({target.point for target, _ in rows}))
    text = phrasing.unit_figures(name, [t for t, _ in rows], sure=all(row.confirmed for _, row in rows))
    return answered(turn, text, numbers, "list", listed=numbers)


def _led_figures(turn: Turn, name: str) -> list[tuple[Target, Assignment]]:
    asked = replace(turn.q, text="")
    rows = []
    for target in turn.book.targets:
        point = turn.point(target.point)
        if point is None or target.kind != "target":
            continue
        led = topic_at(turn.book, point, None, target.quote, asked, ()).rows
        rows += [(target, row) for row in led if name in (row.lead, *row.co_leads)]
    return rows


def busiest(turn: Turn) -> Answer | None:
    """“哪个单位牵头的最多”: counted over the division of work, the points a unit leads something in."""
    if turn.mentions or not _BUSIEST.fullmatch(turn.q.text.strip(" ,。?!")):
        return None
    rows = turn.book.assignments
    led = Counter(name for p in turn.book.notice.points for name in rows.leads(p.number))
    if not led:
        return None
    order = turn.book.directory.order_of
    ranked = sorted(led.items(), key=lambda one: (-one[1], order(one[0])))
    least = ranked[min(MOST_BUSY, len(ranked)) - 1][1]
    shown = [one for one in ranked if one[1] >= least][: 2 * MOST_BUSY]
    sure = all(row.confirmed for row in rows)
    return answered(turn, phrasing.busiest(shown, sure=sure), (), "list")


def of_the_asker(text: str, units: Sequence[str], knows: Knowing) -> str:
    """“我们有什么任务” of a liaison names his unit: it is put before the words."""
    if not units or not _OURS.search(text):
        return text
    q = knows.read(text)
    if "tasks" not in q.signs or knows.mentions(q.text) or q.subject.strip(_NOT_A_SUBJECT + " "):
        return text
    return f"我是{'和'.join(units)}的,{text}"


def _of_one(turn: Turn, name: str) -> Answer:
    rows, q = turn.book.assignments, turn.q
    led = rows.led_by(name) if "joins" not in q.signs or "leads" in q.signs else ()
    joined = rows.joined_by(name) if "leads" not in q.signs or "joins" in q.signs else ()
    lacking = ""
    if not led and not joined:  # “国资委牵头的”: it leads nothing, but does its part
        led, joined = rows.led_by(name), rows.joined_by(name)
        lacking = phrasing.LEADS_NOTHING if joined and not led else phrasing.JOINS_NOTHING if led else ""
    known = turn.book.directory.unit(name)
    unit = known if isinstance(known, Unit) else None
    own = tuple(dict.fromkeys(r.point for r in led))
    bare = _bare_names(unit) if unit else [name]
    named = {p.number for p in turn.points(own) if any(word in p.text for word in bare)}
    led = tuple(sorted(led, key=lambda row: row.point not in named))  # where the notice itself names the unit
    own = tuple(sorted(own, key=lambda number: number not in named))
    others = tuple(sorted({r.point for r in joined} - set(own)))
    if not own and not others:
        return plain_words(turn, phrasing.NO_TASKS.format(name=name), "unknown")
    if q.english and unit:
        text = english.unit_tasks(unit, led, others)
    else:
        text = phrasing.unit_tasks(turn.book, name, led, others)
        text = f"{lacking.format(name=name)}\n{text}" if lacking else text
    return answered(turn, text, (*own, *others), "list", listed=(*own, *others))


def _in_other_words(turn: Turn) -> Turn:
    """“我是税务局的,有我们什么事” and, after a list of tasks, “配合的呢” name the unit elsewhere."""
    q = turn.q
    if turn.mentions or rest_of(turn, []).strip(_NOT_A_SUBJECT):
        return turn
    if "tasks" in q.signs and _OURS.search(q.text):
        named = [m for m in turn.knows.mentions(plain(turn.said)) if not m.county_bureau and not m.town]
        whose = "和".join(m.text if m.unit else f"{_name(m)}政府" for m in named)
        return _asking(turn, whose + q.text, turn.said) if whose else turn
    goes_on = q.signs & {"leads", "joins"} and turn.memory.listed and len(q.text) <= _ROLE_ALONE
    if not goes_on or re.search("谁|哪个|哪家", q.text):
        return turn
    before = replace(
        turn,
        q=turn.knows.read(turn.memory.question),
        memory=Memory(),
        mentions=turn.knows.mentions(plain(turn.memory.question)),
    )
    names = "和".join(_whose(_in_other_words(before)))
    words = names + "和".join(word for sign, word in _ROLES.items() if sign in q.signs) + "哪些"
    return _asking(turn, words, words) if names else turn


def _asking(turn: Turn, words: str, said: str) -> Turn:
    q = turn.knows.read(words)
    return replace(turn, said=said, q=q, mentions=turn.knows.mentions(q.text))


def _whose(turn: Turn) -> tuple[str, ...]:
    """The units (or counties) whose share is asked for, () when the question is about something else."""
    roles = turn.q.signs & {"leads", "joins"}
    areas = [m for m in turn.mentions if m.area and not m.town and not m.county_bureau]
    led_by = turn.book.assignments.led_by
    parks = [a for a in areas if a.area and not a.area.county_level and led_by(a.area.short)]
    counties = [a for a in areas if roles or turn.q.text[a.end :].startswith(_GOVERNMENT)]
    alone = turn.q.text.strip(" ,。?!") in [plain(a.text) for a in parks]
    own = counties or (parks if "tasks" in turn.q.signs or alone else [])  # a park has tasks like a unit
    if any(m.unit for m in turn.mentions) and side_by_side(turn.q.text, turn.mentions):
        own = areas  # “教育局和潮安区分别做什么”
    mentions = [m for m in turn.mentions if m.unit or m in own]
    if not mentions:
        return ()
    texts = [m.text for m in turn.mentions]
    said = [s.phrase for s in turn.q.spans if s.phrase in turn.q.text]  # not only heard
    apart = [phrase for phrase in said if not any(phrase in plain(t) or plain(t) in phrase for t in texts)]
    asks_share = "tasks" in turn.q.signs and not apart
    if not asks_share and (rest_of(turn, texts) or "figure" in turn.q.asks):
        return ()
    meant = side_by_side(turn.q.text, mentions) or mentions[:1]
    return tuple(dict.fromkeys(name for m in meant if (name := _name(m))))


def _name(mention: Mention) -> str:
    return mention.unit.short if mention.unit else mention.area.short if mention.area else ""


def _bare_names(unit: Unit) -> Sequence[str]:
    """How the notice may write a unit: 供销合作社 for 市供销社."""
    return [bare for name in (unit.short, *unit.aliases) if len(bare := name.removeprefix("市")) > 2]
