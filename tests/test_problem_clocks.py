"""The clocks of firms' problems: they stop at night and on days off, and rest while others decide."""

from datetime import datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from storage import problem
from storage.problem import Problem
from supervision.problem_rules import ProblemRules
from supervision.problems import (
    Clock,
    clocks,
    due_at,
    horizon,
    is_late,
    is_near,
    is_over,
    left_words,
    may_ask_for_time,
    may_object,
    overdue,
)
from supervision.workdays import SHANGHAI, Workdays
from supervision.worktime import Worktime

AT = Worktime(Workdays())
RULES = ProblemRules()
HOURS = timedelta(hours=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2024-{text}").replace(tzinfo=SHANGHAI)


def brought(received: str, **changes: object) -> Problem:
    came = at(received)
    kind = str(changes.get("kind", problem.ORDINARY))
    usual = {
        "doc_number": "7号",
        "year": 2024,
        "channel": problem.KF,
        "recorded_by": "wm1",
        "message_key": "k",
        "text": "停电",
        "received_at": came,
        "counts_from": came,
        "due_at": due_at(kind, came, RULES, AT),
        "lead": "潮州供电局",
    }
    return Problem(**{**usual, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("06-24T10:12", 1, "06-24T11:12"),
        ("06-24T10:12", 4, "06-24T16:42"),  # over noon
        ("06-24T11:00", 1, "06-24T12:00"),  # up to noon, not beyond it
        ("06-24T17:00", 1, "06-25T09:00"),  # over night
        ("06-28T17:00", 1, "07-01T09:00"),  # over a weekend
        ("06-24T20:00", 1, "06-25T09:30"),  # came after work
        ("06-24T12:30", 1, "06-24T15:30"),  # came over noon
        ("06-23T09:00", 1, "06-24T09:30"),  # came on a Sunday
        ("09-14T17:00", 1, "09-18T09:00"),  # 14 September was worked, then three days of Mid-Autumn
        ("09-30T16:30", 2, "10-08T09:30"),  # the National Day week
        ("06-24T10:12", 6.5, "06-25T10:12"),  # 24 hours are a working day
        ("06-24T10:12", 0, "06-24T10:12"),
    ],
)
def test_hours_pass_only_while_offices_work(start: str, hours: float, end: str) -> None:
    assert AT.after(at(start), hours * HOURS) == at(end)
    assert AT.between(at(start), at(end)) == hours * HOURS


MOMENTS = st.integers(0, 740_000).map(lambda minutes: at("01-01T00:00") + timedelta(minutes=minutes))


@given(MOMENTS, st.integers(0, 3_000).map(lambda minutes: timedelta(minutes=minutes)))
def test_what_has_passed_is_what_was_given(start: datetime, much: timedelta) -> None:
    end = AT.after(start, much)
    assert AT.between(start, end) == much
    assert end >= start


@given(MOMENTS, MOMENTS, MOMENTS)
def test_working_time_adds_up(one: datetime, two: datetime, three: datetime) -> None:
    first, middle, last = sorted((one, two, three))
    assert AT.between(first, last) == AT.between(first, middle) + AT.between(middle, last)
    assert AT.between(first, last) <= last - first


def test_the_offices_own_example_comes_out() -> None:
    """The sample card: a complex problem of 24 June 10:12 is due on 3 July."""
    came = at("06-24T10:12")
    assert due_at(problem.COMPLEX, came, RULES, AT) == at("07-03T17:30")
    assert due_at(problem.ORDINARY, came, RULES, AT) == at("07-01T17:30")
    assert due_at(problem.INQUIRY, came, RULES, AT) == at("06-26T17:30")
    assert due_at(problem.INQUIRY, at("06-24T20:00"), RULES, AT) == at("06-27T17:30")


def running(p: Problem) -> dict[str, tuple[str, datetime]]:
    return {one.what: (one.unit, one.by) for one in clocks(p, RULES, AT)}


def test_each_state_has_its_clocks() -> None:
    power, came = "潮州供电局", at("06-24T10:12")
    new = brought("06-24T10:12", kind=problem.COMPLEX)
    assert running(new) == {"assign": ("", at("06-24T16:42"))}
    assigned = brought(
        "06-24T10:12",
        kind=problem.COMPLEX,
        state=problem.ASSIGNED,
        assigned_at=came,
        helpers=("市城管执法局",),
    )
    assert running(assigned) == {
        "accept": (power, at("06-25T10:12")),
        "finish": (power, at("07-03T17:30")),
        "help": ("市城管执法局", at("06-27T17:30")),
    }
    accepted = brought("06-24T10:12", kind=problem.COMPLEX, state=problem.ACCEPTED, accepted_at=came)
    assert running(accepted) == {
        "contact": (power, at("06-24T11:12")),
        "plan": (power, at("06-25T10:12")),
        "finish": (power, at("07-03T17:30")),
    }
    contacted = brought("06-24T10:12", state=problem.CONTACTED, accepted_at=came, contacted_at=came)
    assert running(contacted) == {"finish": (power, at("07-01T17:30"))}
    asking = brought("06-24T10:12", state=problem.CONTACTED, accepted_at=came, wanted_until=at("07-10T17:30"))
    assert running(asking) == {"extend": ("", at("07-01T17:30"))}
    objected = brought("06-24T10:12", state=problem.OBJECTED, assigned_at=came, objected_at=at("06-24T15:00"))
    assert running(objected) == {"decide": ("", at("06-24T17:30"))}
    answered = brought("06-24T10:12", state=problem.ANSWERED, answered_at=at("06-28T10:00"))
    assert running(answered) == {"rate": ("", at("07-03T10:00"))}
    for state in (problem.CLOSED, problem.REFUSED, problem.TRACKED_ON):
        assert running(brought("06-24T10:12", state=state)) == {}


@pytest.mark.parametrize(
    ("now", "near"),
    [
        ("06-24T11:00", False),
        ("06-26T17:00", False),
        ("06-28T09:00", False),  # 13 of 38 working hours are left
        ("06-28T15:30", True),  # 8.5 of 38
        ("06-28T19:00", True),  # at night nothing passes
        ("06-30T12:00", True),
        ("07-01T08:30", True),  # due today
        ("07-01T17:29", True),
        ("07-01T17:30", False),  # over, which is another matter
    ],
)
def test_near_its_end_is_a_quarter_of_its_time_or_the_day_itself(now: str, near: bool) -> None:
    p = brought("06-24T10:12", state=problem.CONTACTED, accepted_at=at("06-24T11:00"))
    (finish,) = clocks(p, RULES, AT)
    assert is_near(finish, at(now), RULES, AT) is near
    assert bool(overdue(p, at(now), RULES, AT)) is (now >= "07-01T17:30")
    assert is_late(p, at(now)) is (now >= "07-01T17:30")


def test_nothing_is_late_while_somebody_else_decides() -> None:
    later = at("07-08T10:00")
    assert is_late(brought("06-24T10:12"), later)  # nobody even assigned it
    assert not is_late(brought("06-24T10:12", state=problem.OBJECTED), later)
    assert not is_late(brought("06-24T10:12", state=problem.CONTACTED, wanted_until=at("07-10T17:30")), later)
    assert not is_late(brought("06-24T10:12", state=problem.ANSWERED), later)
    assert not is_late(brought("06-24T10:12", state=problem.TRACKED_ON), later)


def test_an_objection_has_a_day_and_time_is_asked_for_a_day_before() -> None:
    p = brought("06-24T10:12", state=problem.ASSIGNED, assigned_at=at("06-24T11:00"))
    assert may_object(p, at("06-25T10:59"), RULES, AT)
    assert not may_object(p, at("06-25T11:00"), RULES, AT)
    assert not may_object(brought("06-24T10:12", state=problem.CONTACTED), at("06-24T11:00"), RULES, AT)
    assert may_ask_for_time(p, at("06-28T17:30"), AT)
    assert may_ask_for_time(p, at("06-30T12:00"), AT)  # a Sunday: nothing has passed since Friday evening
    assert not may_ask_for_time(p, at("07-01T08:31"), AT)


def test_what_is_left_is_said_in_hours_within_a_day_and_else_in_days() -> None:
    p = brought("06-24T10:12", state=problem.CONTACTED, accepted_at=at("06-24T11:00"))
    (finish,) = clocks(p, RULES, AT)
    assert left_words(finish, at("07-01T15:30"), AT) == "还剩2个工作小时"
    assert left_words(finish, at("06-27T17:30"), AT) == "还剩2个工作日"


@given(MOMENTS, st.integers(1, 10_000), st.integers(1, 10_000), st.sampled_from([1, 25, 60, 90]))
@example(at("07-03T10:00"), 1, 1, 25)
def test_nothing_beyond_the_horizon_is_near_its_end(now: datetime, after: int, more: int, share: int) -> None:
    """A sweep leaves out what began lately and is due long after, so it must never be what is told."""
    rules = ProblemRules(near_percent=share)
    since, until = horizon(now, rules, AT)
    came, due = since + timedelta(minutes=after), until + timedelta(minutes=more)
    finish = Clock("finish", "市水务局", min(came, now), due)
    assert not is_over(finish, now)
    assert not is_near(finish, now, rules, AT)


def test_what_is_due_today_is_never_beyond_the_horizon() -> None:
    assert horizon(at("06-24T23:50"), ProblemRules(near_percent=1), AT)[1] > at("06-24T23:59")
