"""What “撤回” is about: everything, what is named (②, 危旧桥梁, 第17项), or else the last message.

Pure. `supervision/withdrawing.py` takes it back. What is named counts wherever it is named:
“公路报早了，先撤了” is about the road alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.aims import likeness
from knowledge.reading import Item
from knowledge.width import narrow
from storage.reports import Figure, Report
from supervision.amending import LONGEST, called
from supervision.desk import Desk

_TAKES = re.compile(r"撤回|撤销|撤掉|撤了|撤下|作废|取消|删除|删掉|删了|不要了|(?:先|都)?不(?:算|作)数?")
_PLACES = re.compile(r"[①-⑳]")
_ALL = r"(?:全部|全都|全|都|统统|通通|所有|一律|一起|整批)"
_WHEN = r"(?:之前|此前|前面|以上|今天|今早|上午|下午|这次|本轮|本期|这个月|本月)"
_TOLD = rf"(?:所有|全部)?(?:我们?|本单位)?{_WHEN}?的?(?:报|填|发|说)?过?的?"
_WHAT = r"(?:数字?|数据|进展|内容|记录|东西)?"
_UNDONE = r"(?:撤回|撤销|撤掉|撤了?|作废|取消|删除|删掉|删了|不要了|不作数|不算数?)"
_EVERYTHING = re.compile(
    rf"(?:请|把|将|麻烦|帮我|帮忙|先)*(?:{_ALL}的?{_WHAT}(?:先|给我)?{_UNDONE}|{_TOLD}{_WHAT}{_ALL}(?:先|给我)?{_UNDONE}"
    rf"|{_UNDONE}(?:我们?|本单位)?(?:{_WHEN}?{_ALL}|{_WHEN})的?(?:报|填)?的?{_WHAT})(?:一?下)?(?:吧|了|哈|啊)*"
)
_LAST = re.compile(r"刚才|刚刚|刚报|刚发|上一?条|这一?条|最后一?条|上面")
_TODAY = re.compile(r"今天|今早|上午|下午")
_SUBJECT = re.compile(  # what the sentence is about: 公路 of “公路报早了”, 桥 of “桥那个数先不算”
    r"(?P<what>[^,。;!?\d]{1,14}?)(?:那|这)?一?[个项条]?的?(?:数字?|数据)?(?:已经|暂时|目前|都|是|也|先|还)*"
    r"(?:报|写|填|发|说|录|记|算|没|未|不|有误|错|要|请|撤|作废|取消|删)"
)


@dataclass(frozen=True, slots=True)
class Taking:
    """What is taken back when it is not the last message: figures, all that was said of points, or everything
    (`today`: what was told today)."""

    targets: frozenset[str] = frozenset()
    points: frozenset[int] = frozenset()
    everything: bool = False
    today: bool = False


def takes_everything(said: str) -> bool:
    """“全部撤回”, “我今天报的都不算”; “刚才报的都撤回” is about the last message."""
    parts = [part for part in re.split(r"[,。;!]", narrow(said).strip()) if part and len(part) <= LONGEST]
    return any(_EVERYTHING.fullmatch(part) for part in parts) and not _LAST.search(said)


def taken(said: str, items: Sequence[Item], told: Sequence[Report], desk: Desk) -> Taking:
    """By the numbers of the message that asked, by the names of figures that were told, or all of it."""
    if takes_everything(said):
        return Taking(everything=True, today=bool(_TODAY.search(said)))
    parts = [part for part in re.split(r"[,，。;；!！]", said) if part.strip()]
    clauses = [part for part in parts if _TAKES.search(part)]
    places = [ord(mark) - ord("①") for part in clauses or parts[:1] for mark in _PLACES.findall(part)]
    if places:
        found = [items[at] for at in places if at < len(items)]
        points = frozenset(item.point for item in found if not item.target)
        return Taking(frozenset(item.target for item in found if item.target), points)
    figures = [figure for row in told for figure in row.figures if figure.target]
    names = [called(_TAKES.sub("", part)) for part in clauses] + [_subject(parts[0]) if parts else ""]
    return Taking(frozenset(target for name in names if (target := _named(name, figures))))


def _subject(clause: str) -> str:
    found = _SUBJECT.match(narrow(clause).strip())
    return called(found["what"]) if found else ""


def _named(name: str, figures: Sequence[Figure]) -> str:
    """The one figure called so; "" where none is, or several just as much."""
    scores = {figure.target: likeness(name, figure.what) for figure in figures} if name else {}
    best = max(scores.values(), default=0.0)
    found = [target for target, score in scores.items() if best and score == best]
    return found[0] if len(found) == 1 else ""
