"""“17项困难已解决，不用协调了”: a difficulty or a wish for help that stands no longer.

Pure. Nothing is erased: the versions that told it are written again without it, so that lists for leaders,
the 台账 and the digests drop it at once and not with the next round.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from knowledge.width import narrow
from storage.reports import TRIMMED, Report
from supervision.desk import Desk
from supervision.reporting import Settled

DIFFICULTY, HELP = "difficulty", "help_needed"
LONGEST = 40  # characters of a clause that says so
_HARD = r"(?:困难|问题|难题|难点|堵点|卡点|障碍|矛盾)"
_DONE = (
    r"(?:已经?|现已|现在|目前|都|均|全部)*(?:得到|妥善)*"
    r"(?:解决|克服|化解|消除|理顺|协调好|协调完|处理好|处理完)(?:完毕|到位)?了?"
)
_HEAD = r"(?:更正[:\s]*)?[^,。;:?]{0,24}?"
_NONE = r"(?:目前|现在|现|已经?|暂时|本单位|我们|都)*(?:没有?|无|暂无|不存在|不再有)(?:什么|任何)?"
_TAKES = r"(?:撤回|撤销|取消|删除|删掉|去掉)"
_WHO = r"(?:请|市里|上级|市委|市政府|市百千万办|市|领导|你们)*"
_EASED = re.compile(
    rf"{_HEAD}{_HARD}{_DONE}|(?:更正[:\s]*)?{_NONE}(?:困难|难题|问题了)了?|存?在?{_HARD}:\s*(?:暂?无|没有?)了?"
    rf"|{_TAKES}[^,。;:]{{0,6}}{_HARD}|{_HARD}(?:那?[条项栏])?(?:请|先)?{_TAKES}(?:掉|吧|了)*"
)
_ALONE = re.compile(
    rf"{_HEAD}(?:不|无)(?:再)?(?:用|需要?|必|要)(?:再)?{_WHO}(?:帮忙|出面|来)?(?:再)?协调(?:解决|处理)?了?"
    rf"|(?:更正[:\s]*)?{_NONE}(?:需要?|要){_WHO}协调(?:解决)?的?(?:事项|问题|事情?)?了?"
    rf"|需?要?协调(?:的?(?:事项|问题|事情?))?(?:{_DONE}|:\s*(?:暂?无|没有?))"
    rf"|{_HEAD}协调的?(?:事项|问题|事情?){_DONE}|{_TAKES}[^,。;:]{{0,6}}(?:需协调|协调事项|求助)"
)
_POINT = re.compile(r"要点\s?\d{1,2}的?|第?\d{1,2}[项点条]的?")
_NOT_YET = re.compile(
    r"未|没解决|没协调|尚|部分|基本|大多|多数|预计|争取|有望|拟|正在|计划|将|力争|月底|吗|[?？]"
    rf"|(?:\d+|[一二两三四五六七八九十]+)[个处件项宗户](?:主要)?的?{_HARD}"
)


def eased(said: str) -> frozenset[str]:
    """What is said to stand no longer: the difficulty, and with it the help, or the help alone."""
    clauses = [_POINT.sub("", part).strip() for part in re.split(r"[,。;!\n]", narrow(said))]
    clauses = [part for part in clauses if part and len(part) <= LONGEST and not _NOT_YET.search(part)]
    found = {HELP} if any(_ALONE.fullmatch(part) for part in clauses) else set()
    if any(_EASED.fullmatch(part) and "协调" not in part for part in clauses):
        found |= {DIFFICULTY, HELP}
    return frozenset(found)


def places(names: Collection[str], desk: Desk) -> list[tuple[int, str]]:
    """The points and units for which such a thing stands."""
    there = dict.fromkeys((row.point, row.unit) for row in desk.standing)
    return [place for place in there if any(desk.stands(*place).told(name) for name in names)]


def ease(names: Collection[str], where: Sequence[tuple[int, str]], desk: Desk, out: Settled) -> None:
    """Adds to `out` the versions without it. What the same message corrects is changed there."""
    corrected = {version.replaces: at for at, version in enumerate(out.versions) if version.replaces}
    for place in where:
        for row in _telling(names, place, desk):
            blank = {name: "" for name in names if getattr(row, name)}
            out.eased[row.id] = row
            if row.id in corrected:
                at = corrected[row.id]
                same = {name: "" for name in blank if getattr(out.versions[at], name) == getattr(row, name)}
                out.versions[at] = _blanked(out.versions[at], same)
            else:
                out.versions.append(_without(row, blank, desk))


def _telling(names: Collection[str], place: tuple[int, str], desk: Desk) -> list[Report]:
    return [row for row in desk.stands(*place).versions if any(getattr(row, name) for name in names)]


def _without(row: Report, blank: Mapping[str, str], desk: Desk) -> Report:
    gone = replace(row, kind=TRIMMED, replaces=row.id, message_key=desk.key, at=desk.now, id=0)
    return _blanked(gone, blank)


def _blanked(row: Report, blank: Mapping[str, str]) -> Report:
    return replace(
        row,
        difficulty=blank.get(DIFFICULTY, row.difficulty),
        help_needed=blank.get(HELP, row.help_needed),
    )
