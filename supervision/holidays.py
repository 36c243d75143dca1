"""Reads what the office says of single days and of a year's holidays: typed lines, the official notice, TOML.

Pure: `handlers/calendar.py` and `bqw calendar` write what comes back. A line with days but without a word on
whether they are worked is refused, never guessed.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

_ASIDE = re.compile(r"\([^)]*\)")  # （星期六）
_DAY = r"(?:(?P<{0}y>\d{{4}})年)?(?:(?P<{0}m>\d{{1,2}})月)?(?P<{0}d>\d{{1,2}})[日号]"
_SPAN = re.compile(_DAY.format("a") + r"(?:\s*(?:至|到|[-—~―]+)\s*" + _DAY.format("b") + ")?")
_VERB = re.compile(r"放假|休息|上班|补班")
_LOOSE = re.compile(r"[、,和。\s]+")
_OFF = re.compile(r"(?:不用|不|无需|不必)(?:上班|补班)|调休放假|放一天假|放假一天|休假")
_ON = re.compile(r"(?:照常|正常|仍然?|还是|要|调休)(?:上班|补班)")
_NEAR = {"今天": 0, "明天": 1, "后天": 2}
_NEXT = re.compile(
    r"(?P<near>今天|明天|后天)|(?P<week>下个?|本|这个?)?(?:周|星期)(?P<day>[一二三四五六日天])"
)
_WORKS = ("上班", "补班")
_YEAR = re.compile(r"(20\d\d)年")
_LONGEST = timedelta(days=30)


class CalendarError(ValueError):
    """A line that cannot be read; the message is a sentence for the office."""


@dataclass(frozen=True, slots=True)
class Plan:
    """`days`: True for a day worked, False for a day off. `years` are told whole."""

    days: Mapping[date, bool]
    years: frozenset[int] = frozenset()


def typed(text: str, today: date) -> Plan | None:
    """“2027年2月8日上班”, “2月9日、10日放假”, “明天不上班”; None when it is more than that."""
    words = _ON.sub("上班", _OFF.sub("放假", _plain(text)))
    words = _NEXT.sub(lambda found: _written_out(found, today), words)
    if not _VERB.search(words) or _LOOSE.sub("", _SPAN.sub("", _VERB.sub("", words))):
        return None
    days = dict(_days(words, None, today))
    return Plan(days) if days else None


def _written_out(found: re.Match[str], today: date) -> str:
    """明天, 下周一 as a date; a day of the week alone is the next there is."""
    if found["near"]:
        on = today + timedelta(days=_NEAR[found["near"]])
    else:
        number = "一二三四五六日".index(found["day"].replace("天", "日"))
        on = today + timedelta(days=number - today.weekday())
        on += timedelta(days=7) * (
            (found["week"] or "").startswith("下") or (not found["week"] and on < today)
        )
    return f"{on.year}年{on.month}月{on.day}日"


def year_plan(text: str, year: int | None = None) -> Plan:
    """A whole year as lines, or as the official notice prints it; the year stands in it or comes with it."""
    words = _plain(text)
    named = _YEAR.search(words)
    year = year or (int(named[1]) if named else None)
    if year is None:
        raise CalendarError("请写明是哪一年的放假安排，例如：导入 2027年放假安排")
    days: dict[date, bool] = {}
    for line in filter(None, map(str.strip, words.splitlines())):
        found = dict(_days(line, year, None))
        if not found and _SPAN.search(line):
            raise CalendarError(f"“{line[:30]}”没有写明是放假还是上班，这次没有导入。")
        days |= found
    return _checked(days, year)


def from_toml(text: str) -> Plan:
    """[y2027] off = ["2027-01-01"], work = ["2027-02-06"]; several years may stand together."""
    try:
        tables = tomllib.loads(text)
        days: dict[date, bool] = {}
        years = set()
        for name, table in tables.items():
            own = {date.fromisoformat(str(day)): False for day in table["off"]}
            own |= {date.fromisoformat(str(day)): True for day in table.get("work", ())}
            days |= _checked(own, int(name.removeprefix("y"))).days
            years.add(int(name.removeprefix("y")))
    except (tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError, ValueError) as error:
        if isinstance(error, CalendarError):
            raise
        raise CalendarError(
            f'文件写法有误（{error}）。应是：[y2027]，下面写 off = ["2027-01-01"] 和 work = [……]'
        ) from None
    if not years:
        raise CalendarError("文件里没有一年的放假安排。")
    return Plan(days, frozenset(years))


def _checked(days: Mapping[date, bool], year: int) -> Plan:
    if not any(not works for works in days.values()):
        raise CalendarError(
            f"没有读到{year}年的放假日，这次没有导入。每行写一段，例如：1月1日至3日放假，1月4日上班"
        )
    strange = next((day for day in days if day.year not in (year - 1, year)), None)
    if strange is not None:
        raise CalendarError(f"{strange.year}年{strange.month}月{strange.day}日不在{year}年里，这次没有导入。")
    return Plan(days, frozenset({year}))


def _plain(text: str) -> str:
    return _ASIDE.sub("", unicodedata.normalize("NFKC", text)).replace(" ", "")


def _days(words: str, year: int | None, today: date | None) -> Iterator[tuple[date, bool]]:
    """Every day of the words with what its clause says of it."""
    at = 0
    month = None
    for verb in _VERB.finditer(words):
        works = verb[0] in _WORKS
        for span in _SPAN.finditer(words, at, verb.start()):
            month = int(span["am"]) if span["am"] else month
            if month is None:
                raise CalendarError(f"“{span[0]}”没有写月份。")
            first = _date(span["ay"], month, span["ad"], year, today)
            last = first
            if span["bd"]:
                month = int(span["bm"]) if span["bm"] else month
                told = span["by"] or (str(first.year + (month < first.month)))
                last = _date(told, month, span["bd"], year, today)
            if not first <= last <= first + _LONGEST:
                raise CalendarError(f"“{span[0]}”的先后不对，请核对。")
            for n in range((last - first).days + 1):
                yield first + timedelta(n), works
        at = verb.end()


def _date(told: str | None, month: int, day: str, year: int | None, today: date | None) -> date:
    """Without a year: the plan's, or the next such day as seen from `today`."""
    try:
        if told or year or today is None:
            return date(int(told or year or 0), month, int(day))
        found = date(today.year, month, int(day))
        return found if found >= today - _LONGEST else date(today.year + 1, month, int(day))
    except ValueError:
        raise CalendarError(f"{month}月{day}日不是日历上有的日子，请核对。") from None
