"""Numbers in a clause that count something: 新改建32公里, 授信27.8亿, 覆盖率85.6%, 七成五.

Finds them with what stands before and behind; `knowledge/figures.py` decides which of them say how far
things are. Days, points' numbers and parts of names (1+6+N, 15分钟) are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from knowledge.numerals import CHINESE, DIGITS, value_of
from knowledge.page import Clause
from knowledge.wording import wording

_EDGE = re.compile(r"、|\(|\)|/|\+|&|:(?<=[^\d]:)")
NEAR = 40  # characters around a number that may say what it is
MOST = 24  # numbers of a clause
MOST_OF_ALL = 90  # numbers of a message: two for each of 45 points
_MAY = re.compile(r"[\d一二三四五六七八九十两百千万半过]")
_BIG = {"万": 1e4, "亿": 1e8}


class Amount(NamedTuple):
    """A number with its unit; `before` and `after` reach to its neighbours within the clause."""

    start: int
    end: int
    value: float
    unit: str
    words: str
    before: str
    after: str
    lead: str  # the whole clause up to it
    clause: int
    vague: bool = False  # 过半, 六七成, 60%-70%: no number one may store
    above: str = ""  # the clause before its own

    @property
    def share(self) -> bool:
        return self.unit == "%"


class Stretch(NamedTuple):
    """A clause, or what is left of it after marks and remarks; `number` is its place in the passage."""

    start: int
    words: str
    number: int


def stretches(clauses: Iterable[Clause]) -> list[Stretch]:
    """Whole clauses."""
    return [Stretch(clause.start, clause.words, number) for number, clause in enumerate(clauses)]


def amounts(
    within: Iterable[Stretch], taken: Sequence[tuple[int, int]], most: int = MOST_OF_ALL
) -> list[Amount]:
    """Every number that counts, in order, about `most` of them; `taken` are places of days and points."""
    found: list[Amount] = []
    above = ""
    for stretch in within:
        if len(found) >= most:
            break
        found += _of(stretch, taken, above)
        above = stretch.words
    return found


def _of(stretch: Stretch, taken: Sequence[tuple[int, int]], above: str) -> list[Amount]:
    found: list[tuple[int, int, float, str, bool]] = []
    if not _MAY.search(stretch.words):
        return []
    for match in _pattern().finditer(_without(stretch, taken)):
        start, end = match.span()
        if _in_a_name(stretch.words, match):
            continue
        value, unit, vague = _read(match)
        if (
            match["to"]
            and (to := _UP_TO.fullmatch(match["to"]))
            and _RISEN.search(stretch.words[:start][-NEAR:])
        ):
            found.append((start, match.start("to") + to.end(1), value, unit, False))
            start, value, vague = match.start("to") + to.start(2), value_of(to[2]), False
        if not unit and (whole := _WHOLE_BEHIND.match(stretch.words, end)):
            unit = whole["unit"]
        found.append((start, end, value, unit, vague))
        if len(found) == MOST:
            break
    return [_placed(stretch, found, at, above) for at in range(len(found))]


def _placed(stretch: Stretch, found: list[tuple[int, int, float, str, bool]], at: int, above: str) -> Amount:
    start, end, value, unit, vague = found[at]
    left = found[at - 1][1] if at else 0
    right = found[at + 1][0] if at + 1 < len(found) else len(stretch.words)
    before = stretch.words[max(left, start - NEAR) : start]
    lead = stretch.words[max(0, start - 2 * NEAR) : start]
    after = stretch.words[end : min(right, end + NEAR)]
    edges = [m.end() for m in _EDGE.finditer(before) if before[m.end() :].strip()]
    before = before[edges[-1] :] if edges else before
    if (
        not unit
        and value <= 100
        and (_PERCENT_SAID.search(before) or ("进度" in lead and _PERCENT_CHANGED.search(lead)))
    ):
        unit = "%"
    unit = "人" if unit == "个人" else unit
    return Amount(
        start=stretch.start + start,
        end=stretch.start + end,
        value=value,
        unit=unit,
        words=stretch.words[start:end],
        before=before,
        after=after,
        lead=lead,
        clause=stretch.number,
        vague=vague,
        above=above,
    )


def _without(stretch: Stretch, taken: Sequence[tuple[int, int]]) -> str:
    """The words with what is taken made into nothing a number could go on with: 17-65% is no range."""
    words, first, last = stretch.words, stretch.start, stretch.start + len(stretch.words)
    for since, to in taken:
        if since < last and to > first:
            start, end = max(since, first) - first, min(to, last) - first
            words = words[:start] + "\0" * (end - start) + words[end:]
    return words


def _in_a_name(words: str, match: re.Match[str]) -> bool:
    """1+6+N, 稳就业16条, 第3批, 三清三拆: numbers that belong to names."""
    number = max(match.end("digits"), match.end("chinese"))
    rest = number if number > 0 else match.end()
    before, after = words[max(0, match.start() - NEAR) : match.start()], words[rest : rest + NEAR]
    if before[-1:] in ("第", "×") or after[:1] in ("+", "×") or words.startswith(("+的", "级"), match.end()):
        return True
    if before[-1:] == "+" and (before[-2:-1].isdigit() or not match["percent"]):
        return True  # 同比+6.3% grows
    if match["chinese"] and _TWICE.search(words[max(0, match.start() - 2) : match.start() + 4]):
        return True
    table = wording()
    if table.has("name_before", before[-8:]) or table.has("name_after", after[:6]):
        return not _SHORTENED.search(before)  # 压到7个工作日
    return (not match["percent"] and _quoted(before, after)) or (
        bool(match["chinese"]) and _idle(match, before, after)
    )


def _quoted(before: str, after: str) -> bool:
    """“15分钟就业服务圈” is a name; “已开工20个” in quotes still counts."""
    opened = before.rpartition('"')[2]
    if before.count('"') % 2 == 0 or '"' not in after[:12]:
        return False
    return not wording().has("done", opened)


def _idle(match: re.Match[str], before: str, after: str) -> bool:
    """两个镇, 三项培训: a small number in characters only counts where something is done to it."""
    table = wording()
    if not _ONES.intersection(match["chinese"]):
        return not table.has("big", before[-2:])
    if match[0] in _LOOSE or (match["chinese"] == "一" and _THE_ONE.search(before)):
        return True
    if match["unit"] == "期" and not _HELD.search(before):
        return True
    if match["unit"] in _PLACES and len(match["chinese"]) == 1 and not table.has("done", before[-4:]):
        return True  # 官塘、铁铺四镇示范街都建好了
    if match["scale"] or len(match["chinese"]) > 1 or match["unit"] in _MEASURED:
        return False
    after = after[len(match["unit"] or "") :]
    if _ALL_STAND.match(after):
        return True
    if before.endswith(("是", "为", "共", "达")) and not before.endswith("就是"):
        return False
    return not (
        (_JUST_DONE.search(before) and match["unit"] not in _TIMES)
        or table.has("done", before[-8:])
        or table.has(("done_to", "under_way"), after[:12])
    )


_RISEN = re.compile(r"[从由][^,\d]{0,8}$")  # 从年初的60%到72%
_UP_TO = re.compile(r"(\s?%?)\s?[至到]\s?([\d.]+)")
_SHORTENED = re.compile(r"(?:压缩?|缩短|缩减|提速|精简|减少)(?:到|至|为)(?:了)?$")
_THE_ONE = re.compile("[上这那前首]$|(?<![里外])头$")  # 上一批; but 里头一座
_HELD = re.compile(r"(?:了|举办|开办)$")  # 开了七期; 二期 is a part of the works
_JUST_DONE = re.compile(  # 来了三家, 搭好两座, 请来四位
    r"[\u4e00-\u9fff](?<![除为多少跑看取去问催])了$"
    r"|[\u4e00-\u9fff](?<![最正刚恰只变当看分遇想等])(?:[好完掉齐够起出成]|上来?|下[来去]?|[进回出起过]?来)$"
)
_ALL_STAND = re.compile(  # 今报两项: 汇报三件事: 两个都正常推进
    r"(?:事|情况|工作)?:|[也又]?(?:都|均)(?:是|在|还|很|比较)?(?:正常|顺利|有序|按|没|慢|滞后|落后|推)"
)
_ONES = frozenset("一二三四五六七八九十两")  # 百会助百镇 counts nothing
_PERCENT_SAID = re.compile(
    r"^\d{1,2}项(?:才|应该?)?(?:是|为)$|百分比(?:的话|大概|大约|差不多|呢|先|是|为|报|算|按|记|暂)*$|(?:^|[总体前在月期])进度(?:条)?(?:[你您]?先|[你您]?就|给|走|爬|推)?(?:是|为|约|到|达|写|填|报|记|算|\s|:)*$|(?:覆盖|合格|办结|整改|达标|治理|普及|完成|到位|开工|入住|满意)率(?:是|为|约|到|达|\s|:)*$"
)
_PERCENT_CHANGED = re.compile(  # 进度不是75是70
    r"进度条?[^,\d]{0,6}\d{1,3}(?:\.\d+)?%?[^,\d]{0,3}(?:是|为|改|成|到)$"
)
_TWICE = re.compile(r"([一百千])(?!共)\w\1\w")  # 一镇一业, 一村一品
_LOOSE = frozenset(
    (
        "一次",
        "一批",
        "一些",
        "一点",
        "一块",
        "一类",
        "一种",
        "一片",
        "两块",
        "三块",
        "一门",
        "一面",
        "一部",
        "一对",
    )
)
_PLACES = frozenset(("镇", "村", "县", "区", "街", "镇街"))
_TIMES = frozenset(("次", "回", "遍"))  # 调了三次方案
_MEASURED = frozenset(("公里", "万元", "亿元", "亿", "吨", "亩", "人", "户", "万吨", "万亩"))


def _read(match: re.Match[str]) -> tuple[float, str, bool]:
    """Value, unit, and whether it is too vague to be stored."""
    if match["half"]:
        return 50.0, "%", match["half"] != "一半" or bool(match["around"])
    if match["tenths"]:
        return _tenths(match)
    if match["fraction"]:
        of, _, parts = match["fraction"].partition("分之")
        return 100 * value_of(parts) / value_of(of), "%", 100 % value_of(of) != 0
    if match["points"]:
        return value_of(match["points"]), "%", False
    if match["percent"] or match["of_hundred"]:
        value = value_of(match["percent"] or match["of_hundred"])
        return value, "%", bool(match["to"] or match["to_hundred"])
    return _counted(match)


def _tenths(match: re.Match[str]) -> tuple[float, str, bool]:
    """七成五 → 75; 六七成 is vague."""
    tens = match["tenths"]
    two = len(tens) > 1 and "十" not in tens and "点" not in tens and not tens[0].isdigit()
    if two:
        return value_of(tens[0]) * 10, "%", True
    half = match["and"] or ""
    rest = 5.0 if half == "半" else value_of(half) if half else 0.0
    return value_of(tens) * 10 + rest, "%", bool(match["to_tenths"])


def _counted(match: re.Match[str]) -> tuple[float, str, bool]:
    if match["digits"]:
        value, scale = value_of(match["digits"]), match["scale"] or ""
        if match["rest"]:  # 1亿2000万
            value = value + value_of(match["rest"]) * 1e-4
        value += 0.5 if match["and_half"] else 0
        return value, {"w": "万"}.get(scale, scale) + (match["unit"] or ""), False
    return _in_characters(match)


def _in_characters(match: re.Match[str]) -> tuple[float, str, bool]:
    """十五亿六千万元 → 15.6 亿元: the largest scale named is the unit's."""
    words, scale = match["chinese"], match["scale"] or ""
    if scale in _BIG and "点" not in words:
        words, scale = words + scale, ""
    half = 0.5 if match["and_half"] else 0
    value = (value_of(words) + half) * (
        _BIG.get(scale) or {"千万": 1e7, "百万": 1e6, "十万": 1e5}.get(scale, 1)
    )
    named = "亿" if "亿" in words + scale else "万" if "万" in words + scale else ""
    return round(value / _BIG.get(named, 1), 6), named + (match["unit"] or ""), False


_WHOLE_BEHIND = re.compile(rf"\s?/\s?{DIGITS}\s?(?P<unit>{wording().units})")  # 436/600户


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    table = wording()
    share = rf"(?P<percent>{DIGITS})(?P<to>\s?%?\s?[-~至到]\s?{DIGITS})?\s?(?:%|个百分点|个点(?![位名]))"
    hundred = rf"百分之?(?P<of_hundred>{CHINESE}|{DIGITS})(?P<to_hundred>[至到]百分之{CHINESE})?"
    points = (
        rf"(?P<points>{CHINESE})个(?:百分点|点(?<=十.个点|.十个点)(?![位名]))"
        r"|(?P<fraction>[二三四五六七八九十]分之[一二三四五六七八九])"
    )
    tenths = (
        rf"(?P<tenths>{DIGITS}|[一二两三四五六七八九十]{{1,2}})(?P<to_tenths>成?[至到~-][一二三四五六七八九\d])?成"
        r"(?P<and>[半一二三四五六七八九])?(?![功立为员本都交品果绩长就熟])"
    )
    half = (
        r"(?P<around>[约近]?)(?P<half>一半(?!以上|多)|过半|大半|大部分|一大半|多半|一半以上|半数以上|一半多)"
    )
    scale = r"(?P<scale>千万|百万|十万|万|亿|千(?!瓦|米)|百|w(?![a-z]))"
    counted = (
        rf"(?:(?P<digits>{DIGITS})|(?P<chinese>(?<![一二三四五六七八九十百千第几数]){CHINESE}))"
        rf"\s?(?:[余多来]|几)?(?:个[多余]?(?=[亿万]))?{scale}?(?P<rest>(?<=亿){DIGITS}(?=万))?(?:(?<=\d)万)?[余多]?"
        rf"\s?(?:(?P<unit>{table.units})(?<!一样)(?<!一起)(?!(?<=[村镇县区])级|(?<=支)[出付持部行]))?(?P<and_half>(?<=[里亩米吨])半(?![年月天数成径途路个]))?"
    )
    first = r"(?=[\d零〇一二三四五六七八九两十百千约近过大多半])"  # nothing else begins a number
    return re.compile(f"{first}(?:{share}|{hundred}|{points}|{tenths}|{half}|{counted})")
