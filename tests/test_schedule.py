"""When jobs fall due, and what is made up for after an outage or a jump of the clock: pure rules."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.settings import SettingsError, load
from scheduler.jobs import Entry, table
from scheduler.ledger import LOOK_BACK, missing, plan, retry_at, span_words
from scheduler.shift import Shift
from scheduler.times import Times
from scheduler.when import (
    Daily,
    Every,
    FirstOfWeek,
    MonthDay,
    Rule,
    Weekday,
    fire_times,
    last_time,
    next_time,
)
from supervision.workdays import SHANGHAI, Workdays

WORKDAYS = Workdays()
AT = time(9, 10)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def times(rule: Rule, after: str, until: str) -> list[str]:
    return [f"{found:%m-%d %H:%M}" for found in fire_times(rule, at(after), at(until), WORKDAYS)]


def test_a_daily_job_knows_holidays_and_weekends_worked() -> None:
    found = times(Daily(AT), "2024-09-12T12:00", "2024-09-19T12:00")
    assert found == ["09-13 09:10", "09-14 09:10", "09-18 09:10", "09-19 09:10"]


def test_times_are_after_the_beginning_and_up_to_the_end() -> None:
    assert times(Daily(AT), "2024-07-15T09:10", "2024-07-16T09:10") == ["07-16 09:10"]
    assert times(Daily(AT), "2024-07-15T09:09", "2024-07-15T09:10") == ["07-15 09:10"]


def test_a_span_steps_aside_from_the_full_and_the_half_hour() -> None:
    every = Every(10, time(7, 30), time(18))
    found = [f"{one:%H:%M}" for one in every.on(date(2024, 7, 15), WORKDAYS)]
    assert found[:5] == ["07:31", "07:40", "07:50", "08:01", "08:10"]
    assert "08:40" in found
    assert found[-1] == "18:01"
    assert len(found) == len(set(found)) == 64
    assert every.on(date(2024, 7, 14), WORKDAYS) == ()


def test_the_week_begins_on_its_first_working_day() -> None:
    assert times(FirstOfWeek(AT), "2024-09-28T00:00", "2024-10-21T00:00") == [
        "09-30 09:10",
        "10-08 09:10",  # after the National Day week; Sunday 29 September was worked, in the week before
        "10-14 09:10",
    ]


def test_thursday_comes_earlier_where_it_is_a_day_off() -> None:
    assert times(Weekday(4, AT), "2024-04-01T00:00", "2024-04-14T00:00") == ["04-03 09:10", "04-11 09:10"]
    assert times(Weekday(4, AT), "2024-10-01T00:00", "2024-10-07T00:00") == []


def test_a_day_of_the_month_is_put_off_to_a_working_day() -> None:
    assert times(MonthDay(1, AT), "2024-05-01T00:00", "2024-07-31T00:00") == [
        "05-06 09:10",
        "06-03 09:10",
        "07-01 09:10",
    ]
    assert times(MonthDay(31, AT), "2024-08-01T00:00", "2024-10-10T00:00") == ["09-02 09:10", "09-30 09:10"]


@given(st.dates(date(2024, 1, 1), date(2026, 12, 31)))
def test_nothing_ever_falls_on_a_day_off(day: date) -> None:
    rules: list[Rule] = [
        Daily(AT),
        Every(10, time(7, 30), time(18)),
        FirstOfWeek(AT),
        Weekday(4, AT),
        MonthDay(1, AT),
    ]
    assert WORKDAYS.is_workday(day) or not any(rule.on(day, WORKDAYS) for rule in rules)


def test_every_month_has_its_day_and_every_worked_week_its_first() -> None:
    assert len(times(MonthDay(1, AT), "2024-01-01T00:00", "2024-12-31T23:59")) == 12
    weeks = {
        day.isocalendar()[:2]
        for day in (date(2024, 1, 1) + timedelta(n) for n in range(366))
        if WORKDAYS.is_workday(day)
    }
    assert len(times(FirstOfWeek(AT), "2024-01-01T00:00", "2024-12-31T23:59")) == len(weeks)


def test_next_and_last_look_over_a_holiday() -> None:
    now = at("2024-10-03T12:00")
    assert next_time(Daily(AT), now, WORKDAYS) == at("2024-10-08T09:10")
    assert last_time(Daily(AT), now, WORKDAYS) == at("2024-09-30T09:10")
    assert last_time(Daily(AT), at("2024-09-30T09:10"), WORKDAYS) == at("2024-09-30T09:10")


# -- catching up ------------------------------------------------------------------------------------------


async def nothing(shift: Shift) -> str:
    raise NotImplementedError


def entry(rule: Rule, *, hours: float = 3, newest_only: bool = False) -> Entry:
    return Entry("job", rule, timedelta(hours=hours), nothing, "", newest_only)


def planned(one: Entry, since: str, now: str, *, late_is_fine: bool = False) -> tuple[list[str], list[str]]:
    found = missing(one.rule, at(since), at(now), WORKDAYS)
    what = plan([(one, found)], at(now), late_is_fine=late_is_fine)
    run = [f"{due.fire_at:%d %H:%M}" for due in what.run]
    return run, [f"{passed.fire_at:%d %H:%M} {passed.note}" for passed in what.passed]


def test_what_was_due_while_nothing_ran_is_done_late_within_its_grace() -> None:
    assert planned(entry(Daily(time(8, 40))), "2024-07-15T08:00", "2024-07-15T11:40") == (["15 08:40"], [])


def test_after_its_grace_it_is_only_recorded() -> None:
    run, passed = planned(entry(Daily(time(8, 40))), "2024-07-15T08:00", "2024-07-15T11:41")
    assert run == []
    assert passed == ["15 08:40 当时没有进程在运行，恢复时已超过3小时，不再补办"]


def test_after_three_days_only_the_last_is_done() -> None:
    run, passed = planned(entry(Daily(time(8, 40))), "2024-07-15T09:00", "2024-07-18T09:00")
    assert run == ["18 08:40"]
    assert [words[:8] for words in passed] == ["16 08:40", "17 08:40"]


def test_a_job_of_every_few_minutes_is_made_up_for_once() -> None:
    every = entry(Every(10, time(7, 30), time(18)), newest_only=True)
    run, passed = planned(every, "2024-07-15T08:30", "2024-07-15T09:05")
    assert run == ["15 09:01"]
    assert passed == [f"15 08:{minute} 并入7月15日09:01的一次" for minute in (31, 40, 50)]


def test_in_a_demonstration_nothing_is_too_late() -> None:
    run, passed = planned(entry(Daily(AT)), "2024-07-15T09:00", "2024-07-18T09:00", late_is_fine=True)
    assert run == ["15 09:10", "16 09:10", "17 09:10"]
    assert passed == []


def test_after_a_year_only_the_last_week_is_recorded() -> None:
    run, passed = planned(entry(Daily(AT)), "2023-07-15T09:00", "2024-07-15T09:20")
    assert run == ["15 09:10"]
    assert len(passed) == LOOK_BACK.days - 2 - 1


def test_what_fell_due_first_is_done_first() -> None:
    late, early = entry(Daily(time(9, 10))), entry(Daily(time(8, 50)))
    now = at("2024-07-15T09:30")
    what = plan(
        [(one, missing(one.rule, at("2024-07-15T08:00"), now, WORKDAYS)) for one in (late, early)], now
    )
    assert [due.entry for due in what.run] == [early, late]


def test_a_failure_is_tried_again_a_few_times() -> None:
    now = at("2024-07-15T09:10")
    waits = [retry_at(attempts, now) for attempts in range(1, 6)]
    assert waits[0] == now + timedelta(seconds=30)
    assert waits[-1] is None
    assert None not in waits[:-1]


@pytest.mark.parametrize(
    ("span", "words"), [((3, 0), "3小时"), ((0, 50), "50分钟"), ((96, 0), "4天"), ((2, 30), "2小时30分钟")]
)
def test_a_span_in_words(span: tuple[int, int], words: str) -> None:
    assert span_words(timedelta(hours=span[0], minutes=span[1])) == words


# -- the table --------------------------------------------------------------------------------------------


def test_every_job_has_a_name_a_reason_and_a_grace_within_what_is_recorded() -> None:
    rows = table(Times())
    assert len({row.name for row in rows}) == len(rows)
    assert all(row.about and row.grace < LOOK_BACK and len(row.name) <= 32 for row in rows)


def test_no_job_fires_at_the_full_or_the_half_hour() -> None:
    week = [date(2024, 7, 1) + timedelta(n) for n in range(31)]
    found = [one for row in table(Times()) for day in week for one in row.rule.on(day, WORKDAYS)]
    assert found
    assert not [one for one in found if one.minute in (0, 30)]


def test_a_job_can_rest() -> None:
    assert [row.name for row in table(Times(off=("rounds",))) if row.off] == ["rounds"]


@pytest.mark.parametrize("wrong", ["9:10", "09:1", "25:10", "", "09:10:00", "早上九点", "09:00", "09:30"])
def test_a_time_that_is_none_or_everybodys_is_refused(wrong: str) -> None:
    with pytest.raises(SettingsError, match="schedule"):
        load(None, {"BQW_SCHEDULE_REMINDERS": wrong})


def test_a_job_that_does_not_exist_cannot_rest() -> None:
    with pytest.raises(SettingsError, match="没有名为 round 的任务"):
        load(None, {"BQW_SCHEDULE_OFF": "round"})
