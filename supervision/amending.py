"""“刚才那个数错了”, “桥那项写错了应该6座”, “①写成25.6了，实际26.5”: corrections in whatever words come first.

Pure. A number said to be right is put the way people are asked to write it (更正：桥6座), which the reader
knows; where none is said, the figure meant is found, so that one question brings it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.aims import likeness
from knowledge.numerals import CHINESE
from knowledge.reading import Item
from knowledge.width import narrow

LONGEST = 60  # characters; a longer message has more to say than that something was wrong
_N = rf"(?:\d{{1,7}}(?:\.\d{{1,4}})?|{CHINESE})"
_UNIT = r"[^\d\s,。;!?]{0,6}?"
_POINT = r"(?P<point>(?:第\s?\d{1,2}\s?[项点条]|要点\s?\d{1,2})的?)?"
_WHAT = rf"(?:[^,。;!?\d]{{0,12}}[,!。]\s?)??{_POINT}(?P<what>[^,。;!?\d]{{0,24}}?)"
_VERB = r"[写填报打说弄搞算录发看输记]"
_WRONG = (
    rf"(?:{_VERB}(?:错|多|少|漏|重)了?(?:{_N}{_UNIT})?|(?:多|少|漏|错){_VERB}了?(?:{_N}{_UNIT})?"
    rf"|错了?|有误|不对|不准确?|{_VERB}成了?{_N}{_UNIT}了?"
    rf"|(?:多|少|漏)(?:{_VERB}|加|点)?了?(?:[一两二三1-3]?[个位])?(?:0|零|小数点|位数?))"
)
_RIGHT = (
    r"[,;。:\s]*(?:请|麻烦)?(?:应该?(?:是|为)?|应为|实际(?:上|数)?(?:应该?)?(?:是|为)?|其实(?:是|为)?"
    r"|正确的?(?:数字?|数据)?(?:应该?)?(?:是|为)?|改(?:成|为)|更正(?:成|为)|以|是|为)(?:累计)?"
)
_TURNS = r"[,\s]*(?:请|麻烦)?(?:改(?:成|为)?|更正(?:成|为)?|应该?(?:是|为)|应为|变更?为)(?:累计)?"
_END = r"(?:为准|才对|才是|了|吧|哈|的)*[。!]*"
_AMENDS = re.compile(rf"{_WHAT}(?:{_WRONG}|作废){_RIGHT}(?P<value>{_N})(?P<unit>{_UNIT}){_END}")
_FROM_TO = re.compile(  # 公路31改成32, 安防26写错了，是23
    rf"{_WHAT}(?P<old>{_N}){_UNIT}(?:{_WRONG}{_RIGHT}|{_TURNS})(?P<value>{_N})(?P<unit>{_UNIT}){_END}"
)
_TURNED = re.compile(
    rf"把{_WHAT}(?:改|更正|修改|更新)(?:一?下)?(?:成|为|到)?[,:\s]*(?P<value>{_N})(?P<unit>{_UNIT}){_END}"
)
_RATHER = re.compile(  # 安防其实是22
    rf"{_WHAT}(?:其实|实际上|实际)(?:应该?)?(?:是|为)(?:累计)?(?P<value>{_N})(?P<unit>{_UNIT}){_END}"
)
_COMPLAINS = re.compile(
    rf"{_WHAT}{_WRONG}(?:[,;。:\s]*(?:请|麻烦|需要?|要|我)*(?:帮忙)?(?:更正|改|修改|核实)(?:一?下)?)?{_END}"
)
_WISHES = re.compile(r"(?:我|我们|想|要|请|需要?|麻烦)*(?:更正|修改|改)(?:一?下)?(?:数字?|数据|进展)?[。!]*")
_HEAD = re.compile(
    r"^(?:刚才|刚刚|上面|上一?条|上次|前面|之前|昨天|早上|上午|下午|不好意思|抱歉|对不起|我们?|把|"
    rf"{_VERB}的|的|那|这|个|其中)+"
)
_TAIL = re.compile(r"(?:的|那|这|一?[项个条]|数字?|数据|数值)+$")
_MARK = re.compile(r"[①-⑳]")


@dataclass(frozen=True, slots=True)
class Complaint:
    """Something is said to be wrong; `what` is how it is called, "" where nothing is named."""

    what: str


def amended(said: str, last: str = "") -> str:
    """What was said as a correction with its new number, in the reader's own form; "" for anything else.
    `last` is what was told last, if one thing was: that is meant where nothing is named."""
    text = narrow(said).strip()
    if len(text) > LONGEST:
        return ""
    forms = (_AMENDS, _FROM_TO, _TURNED, _RATHER)
    found = next((one for form in forms if (one := form.fullmatch(text))), None)
    if found is None:
        return ""
    point = (found["point"] or "").removesuffix("的")
    what = called(found["what"]) or ("" if point else last)
    if not (what or point):
        return ""
    return f"更正：{point}{' ' if point else ''}{what}{found['value']}{found['unit']}"


def complaint(said: str) -> Complaint | None:
    """“③数据报错了”, “刚才那个数错了”: wrong, and not what is right."""
    text = narrow(said).strip()
    if len(text) > LONGEST or "?" in text:
        return None
    if _WISHES.fullmatch(text):
        return Complaint("")
    found = _COMPLAINS.fullmatch(text)
    return Complaint(called(found["what"])) if found else None


def meant(wrong: Complaint, items: Sequence[Item]) -> Item | None:
    """The one thing that a complaint names, by its number or its name."""
    if mark := _MARK.search(wrong.what):
        at = ord(mark[0]) - ord("①")
        return items[at] if at < len(items) and items[at].target else None
    scores = [(likeness(wrong.what, item.what), item) for item in items if item.target and wrong.what]
    best = max((score for score, _ in scores), default=0.0)
    found = [item for score, item in scores if best and score == best]
    return found[0] if len(found) == 1 else None


def called(what: str) -> str:
    """The name in “刚才报的公路那个数”: 公路; its mark where it has one."""
    if mark := _MARK.search(what):
        return mark[0]
    return _TAIL.sub("", _HEAD.sub("", what.strip())).strip()
