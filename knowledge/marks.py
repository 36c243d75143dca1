"""Numbers in a message that name points of the notice: 第17项, 42项进度…, 24和38都…, 15-16项, 未启动的:36.

They are told from quantities (5项改革) and from a writer's own numbering (1、… 2、…). Which words belong to
which point is decided in `knowledge/passages.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from knowledge.numerals import value_of
from knowledge.patterns import begins
from knowledge.wording import wording

_MAY = re.compile(r"[\d一二三四五六七八九十①-⑳]")
MOST = 60  # namings that are read; there are 45 points
_ONE = r"(?:\d{1,2}(?!\.?\d)|[一二三四五六七八九]?十[一二三四五六七八九]?|[一二三四五六七八九])"
_AND = r"\s?(?:、|,|/|和|与|及|跟|以及|还有|\s)\s?"
_RANGE = rf"{_ONE}\s?(?:-|~|至|到)\s?第?{_ONE}"
_MORE = rf"(?:{_AND}|(?:项|点|条)\s?(?:、|和|与|及|跟)\s?)第?{_ONE}(?!\d|[个家户%.])"
_LIST = rf"(?:{_RANGE}|{_ONE}(?:{_MORE}){{0,20}})"
_MULTI = rf"(?:{_RANGE}|{_ONE}(?:{_AND}第?{_ONE}(?!\d|[个家户%.])){{1,20}})"
_NOUN = r"(?:项|点|条|号|个?要点|个?任务|款)"
_FIRST = r"(?:(?<=[\n,。;:!?、\"()])|(?<=[\n,。;:!?]\s)|^\s?)"
_HAS_TWO = re.compile(r"\d{1,2}[两三四五六七八九]项")
_BEGINS = re.compile(r"(?:^|[\n,。;:!?、\"()])\s?$")
_OWN = re.compile(r"(?=[(\d①-⑳])(?:(?<=[\n,。;:!?、\s\"①-⑳])|^)(?:\(?(\d{1,2})[、.)](?!\d)|([①-⑳]))")
_BEHIND_OWN = re.compile("[、.)①-⑳]")
_SERIES = ("glued", "inside", "again", "anew")
_SO_MANY = re.compile(r"\s?[这那]?([两三四五六七八九])(?:项|个|点|条|块)(?:任务|要点|工作)?")  # 12、15两项
_LINE = re.compile(r"(?:(?<=\n)|^)[ (]{0,2}(\d{1,2})(?:[、.):]\s?|\s)(?![\d%])")
_JOINED = re.compile(r"[\s,;、和与及跟/]{0,3}(?:以及|还有)?第?")
_RANGED = re.compile(rf"({_ONE})\s?(?:-|~|至|到)\s?第?({_ONE})")
_SINGLE = re.compile(_ONE)
_OF_DAY = re.compile(r"(?:早上?|上午|中午|下午|傍晚|晚上?|凌晨|夜里|半夜|(?:加班|干|忙|熬|弄|搞|等)到)\s?$")
_IN_ORDER = re.compile(  # 一、12项: the writer's own order
    r"(?:(?<=[\n。;:])|^)\s{0,2}\(?[一二三四五六七八九十]{1,2}[、)](?=\s?第?\d{1,2}\s?[项点条.、])"
)
_OF_SO_MANY = re.compile(rf"[^的:第有是为]*{_ONE}项")
_COUNTED_BEFORE = re.compile(  # 5项改革：2项已出台方案
    r"(\d{1,2})项(?:自主)?(?:改革|事项|任务|措施|探索|指标)|(?:改革|事项|措施|探索|指标)[^,。;\d]{0,6}(\d{1,2})项"
)
_DONE_TO = re.compile(r"(?:销号|办结|整改|化解|立项)了?$")  # 44 asked: 整改销号44项
_OF_POINTS = re.compile(r"\s?(?:项|点|条|都|均|:)")
_THE_REST = re.compile(r"(?:其余|其他|余下|剩下|剩余)的?$")  # 销号44项，其余11项属长期坚持类
_COUNTED = re.compile(r"[^\d第]\d{1,3}\s?项")
_COUNT_BEHIND = re.compile(rf"(?P<first>{_ONE})\s(?P<count>{_ONE})项")


class Mark(NamedTuple):
    """Words that name points, and where they stand."""

    start: int
    end: int
    points: tuple[int, ...]


def marks(words: str, prompted: int | None, last: int) -> tuple[Mark, ...]:
    """Every naming of points up to `last`, in order; several side by side are one."""
    found: list[Mark] = []
    if not _MAY.search(words):
        return ()
    if "、" in words or ")" in words:
        words = _IN_ORDER.sub(lambda m: "\0" * len(m[0]), words)
    own = _own_numbers(words, prompted)
    for start, end, text in _named(words, prompted):
        text, end = _without_count(words, start, end, text)
        points = _points(text, last)
        if not points or start in own or (found and start < found[-1].end):
            continue
        if words[max(0, start - 3) : start].rstrip("第 ").endswith("不是"):
            continue  # 是第20项的, 不是第19项
        if found and _counts(words, found[-1], start, end, points):
            continue
        if len(points) > 1 and (count := _SO_MANY.match(words, end)) and value_of(count[1]) == len(points):
            end = count.end()
        beside = found and _JOINED.fullmatch(words, found[-1].end, start)
        if beside and set(points).isdisjoint(found[-1].points):  # but 18和31, 18培训了320人
            found[-1] = Mark(found[-1].start, end, (*found[-1].points, *points))
        else:
            found.append(Mark(start, end, points))
        if len(found) == MOST:
            break
    return tuple(found)


def _without_count(words: str, start: int, end: int, text: str) -> tuple[str, int]:
    """“要点42 3项”: three things of point 42, as nothing is said of both numbers (12 13项都正常)."""
    place = words.find(text, start, end)
    found = _COUNT_BEHIND.fullmatch(text + words[place + len(text) : place + len(text) + 1])
    if found is None:
        return text, end
    ascending = value_of(found["first"]) < value_of(found["count"])
    if ascending and _spoken_of(words[place + len(text) + 1 :][:8]):
        return text, end
    return found["first"], place + len(found["first"])


def _counts(words: str, before: Mark, start: int, end: int, points: tuple[int, ...]) -> bool:
    """“第42项：3项”: right behind a point that was named, a lone number of 项 counts."""
    if len(points) > 1 or words[start] == "第" or not words[start:end].endswith("项"):
        return False
    if words[before.end : start].strip(" :") or words[start - 1] not in " :":
        return False
    return points[0] < before.points[-1] or not _spoken_of(words[end : end + 8])


def _spoken_of(after: str) -> bool:
    """Whether what follows tells how a point stands: 都正常, 进度60%."""
    return after[:1] not in ("", *" :,。;\n") and wording().has("follows_point", after)


def _points(text: str, last: int) -> tuple[int, ...]:
    if ranged := _RANGED.search(text):
        first, final = int(value_of(ranged[1])), int(value_of(ranged[2]))
        return tuple(range(first, final + 1)) if 0 < first <= final <= last else ()
    numbers = [int(value_of(m[0])) for m in _SINGLE.finditer(text)]
    return tuple(dict.fromkeys(numbers)) if all(0 < n <= last for n in numbers) else ()


def _own_numbers(words: str, prompted: int | None) -> frozenset[int]:
    """Places of 1、 2、 3、 or ① ② ③: the writer's own order, unless it does not begin at one; so are lines
    numbered 1 2 3 in an answer about one point."""
    lines = list(_LINE.finditer(words)) if prompted is not None and "\n" in words else []
    if len(lines) > 1 and [int(line[1]) for line in lines] == list(range(1, len(lines) + 1)):
        return frozenset(line.start(1) for line in lines)
    found = list(_OWN.finditer(words)) if _BEHIND_OWN.search(words) else []
    numbers = [int(m[1]) if m[1] else ord(m[2]) - 0x245F for m in found]
    if not numbers or numbers[0] != 1:
        return frozenset(m.start() for m in found if m[2])
    return frozenset(m.start(1) for m in found if m[1])


def _named(words: str, prompted: int | None) -> Iterator[tuple[int, int, str]]:
    """Where numbers may name points: start, end, and the numbers' text. 24平安正常;25示范点4个 and 智库(36)
    only do so when there are several."""
    found = list(_pattern(dated="号" in words).finditer(words))
    series = sum(match.lastgroup in _SERIES for match in found)
    listed: set[int] = set()  # named side by side: 18和31
    for match in found:
        kind = match.lastgroup or ""
        if kind == "loose" and _HAS_TWO.fullmatch(match[0]) and _BEGINS.search(words[: match.start()][-2:]):
            yield match.start(kind), match.end(kind), match[kind]  # 42两项改革都印了
            continue
        if kind == "loose" and not _names_a_point(words, match, prompted):
            continue
        if kind == "bare" and "/" in match[kind] and not _OF_POINTS.match(words, match.end()):
            continue  # 节点:9/30 A区通车
        if kind == "headed" and not wording().pattern("status_heading").search(
            words[max(0, match.start() - 10) : match.start()]
        ):
            continue
        if kind == "first" and _enumerated(words, match):
            continue
        if kind == "group" and _OF_SO_MANY.fullmatch(match[0]):
            continue  # 已完成11项
        if kind == "spot" and _OF_DAY.search(words[max(0, match.start() - 5) : match.start()]):
            continue  # 下午1点起停电
        if kind in _SERIES and series < 2 and listed.isdisjoint(_points(match[kind], 99)):
            continue
        if kind in ("row", "day") and len(found) < 2:
            continue
        if kind in ("again", "anew") and listed.isdisjoint(_points(match[kind], 99)):
            continue
        if series and len(several := _points(match[kind], 99)) > 1:
            listed.update(several)
        yield match.start(kind), match.end(), match[kind]


def _enumerated(words: str, match: re.Match[str]) -> bool:
    """“第一条呢搞好了第二条在弄”, “第1条完工，第2条在做”: two streets, and no points."""
    noun = words[match.end() - 1]
    if noun not in "条个块座批":
        return False
    first, second = ("1", "2") if match["first"].isdigit() else ("一", "二")
    own = match["first"] in (first, second, "三", "3")
    return own and f"第{first}{noun}" in words and f"第{second}{noun}" in words


def _names_a_point(words: str, match: re.Match[str], prompted: int | None) -> bool:
    """Whether “42项” is a point and no count of things: by what stands before and behind it."""
    before, after = words[max(0, match.start() - 8) : match.start()], words[match.end() : match.end() + 8]
    table = wording()
    numbers = _points(match["loose"], 99)
    if _THE_REST.search(before) and _COUNTED.search(words[: match.start()]):
        return False
    if len(match["loose"]) == 1 and table.has("all_of_them", match["loose"] + after):
        return False  # 三项均按计划推进
    if prompted is not None and prompted in numbers:
        return not _DONE_TO.search(before)
    counted = _COUNTED_BEFORE.search(words[: match.start()]) if len(numbers) == 1 else None
    if counted and (prompted is not None or numbers[0] <= int(counted[1] or counted[2])):
        return False
    if table.has("counts_things", before) and len(numbers) < 2:
        return False
    if len(numbers) > 1:
        return True
    apart = not before or not (before[-1].isalnum() or before[-1] in "%/-~.+")
    stands_alone = apart or table.has("leads_to_point", before)
    if not stands_alone or table.has("counted_after", after):
        return False
    if prompted is not None and re.search(rf"(?<![\d第]){prompted}\s?[项点条]", words[:400]):
        return True
    return prompted is None or table.has("follows_point", after)


@lru_cache(maxsize=2)
def _pattern(*, dated: bool) -> re.Pattern[str]:
    follows = wording().pattern("follows_bare").pattern
    remaining = wording().pattern("remaining_group").pattern
    status = wording().pattern("status_group").pattern
    glued = wording().pattern("glued_to_point").pattern
    stands, together = wording().pattern("stands").pattern, wording().pattern("told_together").pattern
    first = begins(f"{status}|{remaining}") + r"(\d一二三四五六七八九十第要点序编任事负牵承配"
    numbered = (  # 42号任务; 九号、十号这两项; beside those, 十六号慢一点
        rf"|(?P<called>{_ONE}(?:号?{_AND}第?{_ONE}){{0,10}})号(?:任务(?!单|书|表)|要点|事项|项(?!目|次))"
        rf"|(?P<dated>{_ONE}号(?:{_AND}{_ONE}号){{1,10}})(?=[这那]?[两三四五六七八九](?:项|个?任务|个?要点|块)|(?:都|均)(?:是|为|按|正常|完成|到)?\d*%?)"
        rf"|{_FIRST}(?P<day>{_ONE})号(?={stands})"
    )
    return re.compile(
        rf"(?=[{first}]|^\s)(?:第\s?(?P<first>{_LIST})\s?(?:[两三四五六七八九](?=[项点条]))?{_NOUN}(?!批|期|季|届|轮)"
        rf"|(?:要点|点号|序号|编号|(?<![\u4e00-\u9fff])(?:任务|事项)(?!\d+项))\s?[:#]?\s?(?P<named>{_LIST})(?!\d|\.\d|[个家户条%])(?:项|点)?"
        rf"|(?P<loose>{_LIST})\s?(?:[两三四五六七八九](?=项))?项(?!目(?!前)|次)"
        f"{numbered if dated else ''}"
        rf"|(?P<spot>(?<![\d.个第一二三四五六七八九十])(?=\d|[一二三四五六七八九十]{{2}}){_LIST})(?:[两三四五六七八九](?=点))?点(?!(?<=[一二三四五六七八九十]点)[零一二三四五六七八九]|半|整|钟|前|之前|多|左右|以|到|开|下班|位|\d分|[一二三四五六七八九\d]+分|意见|建议|要求|希望|对策|措施)"
        rf"|(?:负责|牵头|承担|配合)的?\s?(?P<led>{_MULTI})(?=\s?(?:都|均|[这那]?[两三四五六七八九]项|[,。;:]|$))"
        rf"|(?:{status})\s?(?P<group>{_LIST})(?:项|点|条)?(?=[。;,\s]|$|{follows}|\((?![\d共总目任]))"
        r"|(?<![\d.第])(?P<cell>\d{1,2})(?=[这那]一?[行栏格条])"
        rf"|(?<=[先只再单补关至][答报说讲回填发于])(?P<told>{_LIST})(?:项|点|条|号)?(?=\s?:)"
        rf"|{_FIRST}(?P<article>\d{{1,2}})条?(?=[这那][边块头]|(?:里[头面边]?(?=我)|的)[\u4e00-\u9fff]{{2}}|改[填报写成为]|补[填报]|更正)"
        rf"|(?:{remaining})\s?(?P<others>{_MULTI})(?:项|点|条)?(?=[。;,\s]|$|{follows})"
        rf"|{_FIRST}(?:(?P<together>{_MULTI})(?:项|点|条|号)?(?=\s?{together})"
        rf"|(?P<stands>\d{{1,2}}(?:{_MORE}){{0,20}})(?=\s?(?:{stands}))"
        rf"|(?P<bare>{_LIST})(?=\s?[:✅]|\s?[-=](?=\d{{1,3}}(?:\.\d+)?%)|(?<=[:;。\n]\d\d),(?=[^\d\s])|(?<=\d)[、.](?!\d)|\s?(?:{follows})|\s+(?=[^\d\s]))"
        rf"|(?P<glued>\d{{1,2}})(?=-?(?:{glued}))"
        rf"|(?P<again>\d{{1,2}})(?=[分头只种成名部点支处][\u4e00-\u9fff]))"
        rf"|(?<=[\s✅])(?P<row>\d{{1,2}})(?=✅|{stands}|:\s?[\u4e00-\u9fff])"
        rf"|(?<=[\s✅])(?P<spaced>\d{{1,2}})\s?(?=:\s?(?:\d{{1,3}}(?:\.\d+)?%|✅|正常|滞后|暂|未|已))"
        rf"|(?<=\s)(?P<anew>\d{{1,2}})(?={glued})"
        r"|(?<=[\u4e00-\u9fff])\((?P<inside>\d{1,2})\)"
        rf"|(?<=[的有是:\s第])(?P<headed>{_LIST})(?:项|点|条)?(?=[。;,\s]|$|\((?![\d共总目任])))"
    )
