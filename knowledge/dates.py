"""Days named in a message, reckoned from the day it was written: 10月底, 下周五前, 国庆前, 三季度末.

`knowledge/due.py` chooses among them; `knowledge/amounts.py` leaves their numbers alone. A day no calendar
has (2月30日) is found too, with no date: it must be asked about.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from knowledge.numerals import value_of
from knowledge.wording import wording

MOST = 40  # days that are read
AHEAD = 6  # months: “1月底” said in November means next year's

_D = (
    r"(?:3[01]|[12]\d|0?[1-9]|三十一?|二十[一二三四五六七八九]?|十[一二三四五六七八九]?|[一二三四五六七八九])"
)
_M = r"(?<![\d.第])(?:1[0-2]|0?[1-9])(?![\d.])|(?<![一二三四五六七八九十])(?:十[一二]?|[一二三四五六七八九])"
_YEAR = r"(?:(?P<year>20\d\d)\s?年\s?|(?P<which>今年|明年|本年|当年)\s?)?"
_END = r"(?P<end>底|末|上旬|中旬|下旬|初|中)"
_PATTERNS = (
    (rf"{_YEAR}(?P<month>{_M})\s?月\s?(?P<day>\d{{1,2}}|{_D})\s?[日号]", "day"),
    (rf"{_YEAR}(?P<month>{_M})\s?月份?{_END}?(?!\d|例会|通报|报告)", "month"),
    (r"(?P<year>20\d\d)[-./](?P<month>\d{1,2})[-./](?P<day>\d{1,2})(?![\d.])", "day"),
    (r"(?<![\d.])(?P<month>1[0-2]|0?[1-9])[./](?P<day>[0-3]?\d)(?=[日号前])", "day"),
    (r"(?P<next>本|这个?|下个?|当)?月(?P<end>底|末|内|上旬|中旬|下旬|中|初)", "this_month"),
    (r"(?P<next>下个?月|本月|这个?月|当月)(?P<day>\d{1,2})[日号]", "next_month_day"),
    (r"(?P<next>下个?月)(?=前|完成|启动|开工|[^\d])", "next_month"),
    (r"(?<![\d月.])(?P<day>\d{1,2})[日号](?=前|之前|以前)", "this_day"),
    (
        r"(?P<which>今年|明年|20\d\d年)?(?:第)?(?P<quarter>[一二三四1-4]|本|下)个?季度(?:末|底|内|之?前)?",
        "quarter",
    ),
    (r"(?P<which>今年|明年)?(?P<half>上|下)半年", "half"),
    (r"(?P<which>今年|明年|本)?(?<![去上前])年(?P<end>底|末|内|中)|(?P<whole>全年)(?=完成)", "year"),
    (
        r"(?P<next>下下|下个?|本|这个?)?(?:周|星期|礼拜)(?P<week>[二三四五六日天末]|一(?![样致直共起些]))",
        "weekday",
    ),
    (r"(?P<next>下个?|本|这个?)(?:周|星期|礼拜)(?![一二三四五六日天末])(?:内|之?前)?", "week"),
    (r"(?P<near>今天|今日|今晚|下班前|明天|明日|明早|后天)", "near"),
)


_FIRST = r"\d一二三四五六七八九十今明本当这下月第上年全周星礼后"  # how they begin, but for festivals


class When(NamedTuple):
    """A day named; `day` is None where no calendar has it. `before`: “…前”, by then at the latest."""

    start: int
    end: int
    day: date | None
    words: str
    before: bool = False
    loose: bool = False


def whens(words: str, on: date) -> tuple[When, ...]:
    """Every day named, in order; `on` is the day the message was written."""
    if not _MAY.search(words):
        return ()
    found: list[When] = []
    for match in islice(_pattern().finditer(words), MOST):
        kind = match.lastgroup or ""  # what encloses all other groups of its pattern closes last
        found.append(_when(kind, match, words, on))
    return tuple(found)


_MAY = re.compile(r"[月日号季年周天早晚前]|星期|礼拜|20\d\d[-./]")


def _when(kind: str, match: re.Match[str], words: str, on: date) -> When:
    _, number, what = kind.split("_", 2)
    read = _READERS[what]
    own = {name: match[group] for name, group in _groups()[number] if match[group]}
    before = words[match.end() : match.end() + 2].startswith(("前", "之前", "以前")) or match[0].endswith(
        "前"
    )
    try:
        day = read(own, on, before)
    except ValueError:
        day = None
    return When(match.start(), match.end(), day, match[0], before, _is_loose(kind, match[0]))


def _is_loose(kind: str, words: str) -> bool:
    """A month, week or quarter without 底, 末 or 前 may only say when something was done."""
    return kind.endswith(("_month", "_week", "_quarter")) and not re.search(r"[底末旬前内初中]$", words)


def _day(own: dict[str, str], on: date, _before: bool) -> date:
    month = int(value_of(own["month"]))
    return date(_year_of(own, on, month), month, int(value_of(own["day"])))


def _month(own: dict[str, str], on: date, before: bool) -> date:
    month, end = int(value_of(own["month"])), own.get("end", "")
    year = _year_of(own, on, month)
    return (
        date(year, month, 1) - timedelta(1) if before and not end else _in_month(year, month, _of_month(end))
    )


def _this_month(own: dict[str, str], on: date, _before: bool) -> date:
    first = _next_month(on) if own.get("next", "").startswith("下") else on
    return _in_month(first.year, first.month, _of_month(own.get("end", "")))


def _next_month_day(own: dict[str, str], on: date, _before: bool) -> date:
    first = _next_month(on) if own["next"].startswith("下") else on
    return date(first.year, first.month, int(own["day"]))


def _whole_next_month(_own: dict[str, str], on: date, before: bool) -> date:
    first = _next_month(on)
    return first - timedelta(1) if before else _in_month(first.year, first.month, 31)


def _this_day(own: dict[str, str], on: date, _before: bool) -> date:
    day = int(own["day"])
    first = on if day >= on.day else _next_month(on)
    return date(first.year, first.month, day)


def _quarter(own: dict[str, str], on: date, _before: bool) -> date:
    which = own["quarter"]
    now = (on.month - 1) // 3 + 1
    number = now if which == "本" else now + 1 if which == "下" else int(value_of(which))
    year = _year(own, on) or on.year
    return _in_month(year + (number - 1) // 4, ((number - 1) % 4 + 1) * 3, 31)


def _half(own: dict[str, str], on: date, _before: bool) -> date:
    year = _year(own, on) or on.year
    return date(year, 6, 30) if own["half"] == "上" else date(year, 12, 31)


def _year_end(own: dict[str, str], on: date, _before: bool) -> date:
    year = _year(own, on) or on.year
    return date(year, 6, 30) if own.get("end") == "中" else date(year, 12, 31)


def _weekday(own: dict[str, str], on: date, _before: bool) -> date:
    place = "一二三四五六日天末".index(own["week"])
    day = {7: 6, 8: 4}.get(place, place)  # 周末前 is Friday's work
    monday = on - timedelta(on.weekday())
    weeks = {"下下": 2, "下": 1, "下个": 1}.get(own.get("next", ""), 0)
    found = monday + timedelta(day + 7 * weeks)
    return found + timedelta(7) if found < on and not own.get("next") else found


def _week(own: dict[str, str], on: date, _before: bool) -> date:
    friday = on - timedelta(on.weekday()) + timedelta(4)
    return friday + timedelta(7) if own["next"].startswith("下") else max(friday, on)


def _near_day(own: dict[str, str], on: date, _before: bool) -> date:
    return on + timedelta({"明": 1, "后": 2}.get(own["near"][0], 0))


def _festival(own: dict[str, str], on: date, _before: bool) -> date:
    days = [date.fromisoformat(day) for day in wording().festivals[own["festival"]]]
    return min((day for day in days if day > on), default=days[-1]) - timedelta(1)


_READERS: dict[str, Callable[[dict[str, str], date, bool], date]] = {
    "day": _day,
    "month": _month,
    "this_month": _this_month,
    "next_month_day": _next_month_day,
    "next_month": _whole_next_month,
    "this_day": _this_day,
    "quarter": _quarter,
    "half": _half,
    "year": _year_end,
    "weekday": _weekday,
    "week": _week,
    "near": _near_day,
    "festival": _festival,
}


# --- the calendar ---------------------------------------------------------------------------------


def _of_month(end: str) -> int:
    return {"上旬": 10, "初": 10, "中旬": 20, "中": 20}.get(end, 31)


def _in_month(year: int, month: int, day: int) -> date:
    """31 is a month's last day, whichever it is."""
    return date(year, month, min(day, monthrange(year, month)[1]) if day == 31 else day)


def _next_month(on: date) -> date:
    return date(on.year + on.month // 12, on.month % 12 + 1, 1)


def _year(own: dict[str, str], on: date) -> int | None:
    which = own.get("which", "")
    if own.get("year") or which[:4].isdigit():
        return int(own.get("year") or which[:4])
    return on.year + (which == "明年") if which else None


def _year_of(own: dict[str, str], on: date, month: int) -> int:
    """This year, unless the month is long past: “1月底” said in November."""
    return _year(own, on) or on.year + (on.month - month >= AHEAD)


@lru_cache(maxsize=1)
def _groups() -> dict[str, list[tuple[str, str]]]:
    """The groups of each pattern, by its number: what it calls them, and what they are called in all."""
    found: dict[str, list[tuple[str, str]]] = {}
    for group in _pattern().groupindex:
        name, _, number = group.rpartition("_")
        found.setdefault(number, []).append((name, group))
    return found


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    """All patterns in one, each group numbered after its own pattern; a character that begins none of them is
    passed over at once."""
    festivals = "".join(sorted({festival[0] for festival in wording().festivals}))
    return re.compile(rf"(?=[{_FIRST}{festivals}])(?:{'|'.join(_alternatives())})")


def _alternatives() -> Iterator[str]:
    festivals = "|".join(sorted(wording().festivals, key=len, reverse=True))
    patterns = (*_PATTERNS, (rf"(?P<festival>{festivals})节?(?=之?前)", "festival"))
    for number, (pattern, kind) in enumerate(patterns):
        named = re.sub(r"\(\?P<(\w+)>", rf"(?P<\1_{number}>", pattern)
        yield f"(?P<k_{number}_{kind}>{named})"
