"""The office's own work list: what came in, what is due, to be reviewed, to be decided, to be filled in.

Pure: facts in, text out, held by a golden file in `tests/golden/`. `scheduler/digests.py` sends it on
Thursdays with the lights for the week to come; “工作单” shows it at any time.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from supervision import problem_digest
from supervision.digest_facts import Facts, OfficeFacts, RoundFact
from supervision.rounds import due_words
from supervision.wording import COLOURS, clock_words, long_day, on_words

OFFICE = "市百千万办"


def work_list(facts: Facts, *, ahead: tuple[date, date] | None = None) -> str:
    """What the office itself has to do: received, due, to be reviewed, to be decided, to be filled in; with
    lights and the days of the coming week where it is told on a Thursday."""
    office = facts.office
    rows = [
        ("今日收报", _received(facts)),
        ("红黄灯", _lit(office) if ahead else ""),
        ("到期", _due(facts.rounds)),
        ("待审", _to_review(facts)),
        ("待定", _listed(office.objections, "件责任异议", "回复“异议”核定")),
        ("需协调", _listed([f"要点{n.point}{n.unit}" for n in facts.needs], "项", "回复“需协调的有哪些”")),
        ("待补", _listed(office.unasked, "个单位没有联络员", "请绑定")),
        ("回头看", "；".join(office.lookbacks[:6])),
        ("定期报送", "；".join(office.collections[:6])),
        ("政企问题", "；".join([*office.problems, *problem_digest.late(facts)])),
    ]
    told = [f"{title}：{body}" for title, body in rows if body]
    head = f"【今日工作单】（{long_day(facts.at)}，{clock_words(facts.at)}）"
    if ahead:
        head = f"【办公室内部·下周工作单】（{on_words(ahead[0])}至{on_words(ahead[1])}）"
    return "\n".join([head, *told, OFFICE])


def _lit(office: OfficeFacts) -> str:
    """红灯1（要点12）、黄灯2（要点17、24）"""
    lit = [(COLOURS["red"], office.red), (COLOURS["yellow"], office.yellow)]
    told = [
        f"{name}{len(points)}（要点{'、'.join(map(str, points[:8]))}{'等' * (len(points) > 8)}）"
        for name, points in lit
        if points
    ]
    return "、".join(told) or "没有亮灯"


def _received(facts: Facts) -> str:
    if not facts.office.received:
        return "没有收到报送"
    units = _some(facts.office.received_from)
    return f"{facts.office.received}条（{units}）"


def _due(found: Sequence[RoundFact]) -> str:
    rows = [
        f"“{one.name}”{'原定' * one.over}{due_words(one.due_at)}{'' if one.over else '截止'}，"
        f"未报{len(one.missing)}个单位（{_some(one.missing)}）"
        for one in found
        if one.missing
    ]
    return "；".join(rows)


def _to_review(facts: Facts) -> str:
    office = facts.office
    told = [f"草稿{len(office.drafts)}份（{_some(office.drafts, 3)}），回复“草稿”"] if office.drafts else []
    if office.red_drafts:
        points = "、".join(map(str, office.red_drafts[:8]))
        told.append(f"红灯待放行：要点{points}，回复“放行红灯 {office.red_drafts[0]}”")
    return "；".join(told)


def _listed(names: Sequence[str], what: str, hint: str) -> str:
    return f"{len(names)}{what}（{_some(names)}），{hint}" if names else ""


def _some(names: Sequence[str], most: int = 6) -> str:
    return "、".join(names[:most]) + ("等" if len(names) > most else "")
