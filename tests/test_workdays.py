"""Working days, due days and decent hours, held against the official lists and the office's own table."""

import tomllib
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervision.festivals import likely_off
from supervision.workdays import SHANGHAI, Hours, Windows, Workdays

WORKDAYS = Workdays()
OFFICIAL = tomllib.loads(Path("tests/data/workdays.toml").read_text("utf-8"))
days = st.dates(date(2024, 1, 1), date(2027, 12, 31))


def every_day(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(n) for n in range((date(year + 1, 1, 1) - first).days)]


def listed(year: int) -> set[date]:
    """The year's working days by the list: the week, less days off, plus weekend days worked."""
    plan = OFFICIAL[f"y{year}"]
    week = {day for day in every_day(year) if day.weekday() < 5}
    return week - set(map(date.fromisoformat, plan["off"])) | set(map(date.fromisoformat, plan["work"]))


@pytest.mark.parametrize(("year", "length"), [(2024, 366), (2025, 365), (2026, 365)])
def test_all_1096_days_are_as_announced(year: int, length: int) -> None:
    worked = {day for day in every_day(year) if WORKDAYS.is_workday(day)}
    assert worked == listed(year)
    assert len(every_day(year)) == length
    assert not any(map(WORKDAYS.guessed, every_day(year)))


def test_a_year_not_announced_yet_is_a_guess_by_the_week_and_the_festivals_and_marked() -> None:
    """When chinesecalendar learns 2027 this test is to move on to 2028."""
    off = [f"{day:%m-%d}" for day in every_day(2027) if day.weekday() < 5 and not WORKDAYS.is_workday(day)]
    assert off == [
        "01-01",
        *("02-05", "02-08", "02-09", "02-10", "02-11", "02-12"),  # 春节 on Saturday the 6th
        "04-05",
        *("05-03", "05-04", "05-05"),
        "06-09",
        "09-15",
        *("10-01", "10-04", "10-05", "10-06", "10-07"),
    ]
    assert all(map(WORKDAYS.guessed, every_day(2027)))
    assert not any(map(WORKDAYS.is_workday, (day for day in every_day(2027) if day.weekday() >= 5)))


@pytest.mark.parametrize(("year", "wrong", "by_the_week"), [(2024, 11, 27), (2025, 5, 23), (2026, 7, 25)])
def test_the_guess_is_far_better_than_the_week_alone(year: int, wrong: int, by_the_week: int) -> None:
    """Most of what is wrong are weekends worked in exchange, which nobody can know beforehand."""
    guess = {day for day in every_day(year) if day.weekday() < 5 and day not in likely_off(year)}
    missed = guess ^ listed(year)
    assert len(missed) == wrong
    assert len({day for day in every_day(year) if day.weekday() < 5} ^ listed(year)) == by_the_week
    assert len(missed - listed(year)) <= 2, "days off on which somebody would have been troubled"


@pytest.mark.parametrize(
    ("year", "month", "day"),
    [
        (2028, 1, 25),  # 除夕
        (2028, 5, 29),  # 端午 on a Sunday
        (2028, 10, 8),  # 中秋 within the National Day week gives an eighth day
        (2022, 1, 3),  # 元旦 on a Saturday
        (2046, 10, 1),  # beyond the table of festivals
    ],
)
def test_festivals_that_move(year: int, month: int, day: int) -> None:
    assert date(year, month, day) in likely_off(year)


def test_a_year_without_its_lunar_dates_still_has_its_fixed_ones() -> None:
    assert date(2046, 2, 5) not in likely_off(2046)
    assert date(2046, 5, 1) in likely_off(2046)
    assert date(2028, 10, 9) not in likely_off(2028)


def test_the_offices_table_comes_before_the_calendar() -> None:
    typhoon, saturday = date(2024, 7, 25), date(2024, 7, 27)
    ours = Workdays({typhoon: False, saturday: True})
    assert (ours.is_workday(typhoon), ours.is_workday(saturday)) == (False, True)
    assert ours.shift(date(2024, 7, 24), 1) == date(2024, 7, 26)
    assert ours.shift(date(2024, 7, 26), 1) == saturday


def test_one_day_in_the_table_is_certain_and_its_year_still_a_guess() -> None:
    new_year = date(2027, 1, 1)
    ours = Workdays({new_year: False})
    assert not ours.guessed(new_year)
    assert ours.guessed(date(2027, 1, 4))


def test_an_imported_year_is_no_guess() -> None:
    ours = Workdays({date(2027, 1, 1): False}, announced=frozenset({2027}))
    assert not ours.guessed(date(2027, 6, 1))
    assert ours.is_workday(date(2027, 6, 1))
    assert not ours.is_workday(date(2027, 1, 1))


@pytest.mark.parametrize(
    ("day", "n", "expected"),
    [
        (date(2024, 9, 30), 1, date(2024, 10, 8)),  # over National Day
        (date(2024, 10, 8), -1, date(2024, 9, 30)),
        (date(2024, 9, 27), 1, date(2024, 9, 29)),  # a Sunday worked
        (date(2024, 5, 11), 0, date(2024, 5, 11)),  # a Saturday worked
        (date(2024, 6, 10), 0, date(2024, 6, 11)),  # 端午: the next day worked
        (date(2024, 6, 10), -1, date(2024, 6, 7)),
        (date(2024, 2, 10), 3, date(2024, 2, 20)),
    ],
)
def test_shift(day: date, n: int, expected: date) -> None:
    assert WORKDAYS.shift(day, n) == expected


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (date(2024, 6, 7), date(2024, 6, 11), 1),  # 端午 between
        (date(2024, 6, 11), date(2024, 6, 7), -1),
        (date(2024, 6, 11), date(2024, 6, 11), 0),
        (date(2023, 12, 31), date(2024, 12, 31), 251),
    ],
)
def test_count(start: date, end: date, expected: int) -> None:
    assert WORKDAYS.count(start, end) == expected


@given(days, st.integers(0, 500), st.dictionaries(days, st.booleans(), max_size=9), st.booleans())
def test_counting_is_looking_at_each_day(
    start: date, more: int, told: dict[date, bool], announced: bool
) -> None:
    """Whatever the office has set, and over the turns of years."""
    ours = Workdays(told, frozenset({2026, 2027} if announced else ()))
    each = [start + timedelta(n) for n in range(1, more + 1)]
    assert ours.count(start, start + timedelta(more)) == sum(map(ours.is_workday, each))


@given(days, st.integers(1, 40))
def test_shifting_there_and_counting_back_agree(day: date, n: int) -> None:
    assert WORKDAYS.count(day, WORKDAYS.shift(day, n)) == n
    assert WORKDAYS.is_workday(WORKDAYS.shift(day, -n))
    assert WORKDAYS.shift(WORKDAYS.shift(day, n), -n) <= day


@pytest.mark.parametrize(
    ("month", "expected"),
    [
        ("2024-05", "05-20 05-23 05-27 05-28 05-30 06-03"),
        ("2024-06", "06-18 06-21 06-25 06-26 06-28 07-02"),
        ("2024-08", "08-19 08-22 08-26 08-27 08-29 09-02"),
        ("2024-09", "09-18 09-23 09-25 09-26 09-29 10-08"),
        ("2026-09", "09-18 09-22 09-24 09-28 09-30 10-09"),
        ("2026-11", "11-18 11-23 11-25 11-26 11-30 12-02"),
    ],
)
def test_the_windows_of_a_month(month: str, expected: str) -> None:
    year, number = map(int, month.split("-"))
    wanted = Windows(*(date.fromisoformat(f"{year}-{day}") for day in expected.split()))
    assert WORKDAYS.windows(WORKDAYS.due(year, number)) == wanted


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ((2024, 2, 31), date(2024, 2, 29)),  # a month without a 31st: its last day
        ((2024, 6, 30), date(2024, 6, 28)),  # a Sunday, and the next working day is in July
        ((2025, 1, 25), date(2025, 1, 24)),  # 26 January is worked, but then only one working day is left
    ],
)
def test_a_due_day_leaves_time_within_its_month(asked: tuple[int, int, int], expected: date) -> None:
    assert WORKDAYS.due(*asked) == expected


def test_every_due_day_of_three_years_is_worked_and_in_its_month() -> None:
    for year in (2024, 2025, 2026):
        for month in range(1, 13):
            due = WORKDAYS.due(year, month)
            assert (due.year, due.month) == (year, month)
            assert WORKDAYS.is_workday(due)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2024-{text}").replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("06-25T08:29", False),
        ("06-25T08:30", True),
        ("06-25T12:00", False),  # noon rest
        ("06-25T14:30", True),
        ("06-25T17:29", True),
        ("06-25T17:30", False),
        ("06-10T10:00", False),  # 端午
        ("05-11T10:00", True),  # a Saturday worked
    ],
)
def test_hours(moment: str, expected: bool) -> None:
    assert WORKDAYS.in_hours(at(moment)) is expected


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("06-25T07:00", "06-25T09:10"),  # still ahead
        ("06-25T09:10", "06-25T09:10"),
        ("06-25T10:12:05", "06-25T10:12:05"),  # now
        ("06-25T10:00:40", "06-25T10:01"),  # not on the hour
        ("06-25T14:30", "06-25T14:31"),  # nor on the half hour
        ("06-25T12:30", "06-25T14:31"),  # after the noon rest
        ("06-28T18:00", "07-01T09:10"),  # over a weekend
        ("06-08T07:00", "06-11T09:10"),  # over 端午
        ("09-30T17:30", "10-08T09:10"),
    ],
)
def test_the_next_slot_for_a_reminder(moment: str, expected: str) -> None:
    assert WORKDAYS.next_slot(at(moment)) == at(expected)


@given(st.datetimes(datetime(2024, 1, 1), datetime(2026, 12, 30)))  # noqa: DTZ001  # hypothesis wants naive bounds
def test_a_slot_is_never_past_nor_outside_hours(naive: datetime) -> None:
    moment = naive.replace(tzinfo=UTC)
    slot = WORKDAYS.next_slot(moment)
    assert slot >= moment
    assert WORKDAYS.in_hours(slot)
    assert slot.minute not in (0, 30)
    assert slot.tzinfo is SHANGHAI


def test_hours_and_the_reminders_time_are_the_offices_to_set() -> None:
    summer = Workdays(hours=Hours(afternoon=(time(15), time(18))))
    assert not summer.in_hours(at("07-01T14:45"))
    assert summer.next_slot(at("07-01T17:45")) == at("07-01T17:45")
    assert summer.next_slot(at("07-01T08:00"), time(15, 20)) == at("07-01T15:20")


def test_a_moment_without_a_zone_is_refused() -> None:
    naive = at("06-25T10:00").replace(tzinfo=None)
    with pytest.raises(ValueError, match="time zone"):
        WORKDAYS.in_hours(naive)
