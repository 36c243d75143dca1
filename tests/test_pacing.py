"""No minute holds more than the limit, a wave leaves evenly, and an answer never waits behind it."""

from datetime import timedelta

import pytest

from bot import pacing
from bot.pacing import Limits, Window
from storage.paces import Pace
from tests.conftest import MONDAY

TEN_PAST = MONDAY + timedelta(minutes=10)
TICK = timedelta(milliseconds=50)
LIMITS = Limits(per_minute=600, per_day=100_000)


def run(minutes: float, answers_every: int = 0, limits: Limits = LIMITS) -> tuple[list[float], list[int]]:
    """A wave that always waits, looked at every 50 ms, and an answer now and then: when each left, and how
    many answers were waiting after each look."""
    app, tenant = pacing.fresh("app", TEN_PAST), pacing.fresh("tenant", TEN_PAST)
    left: list[float] = []
    waiting, waited = 0, []
    for tick in range(int(minutes * 60 / TICK.total_seconds())):
        now = TEN_PAST + tick * TICK
        waiting += bool(answers_every and tick % answers_every == 0)
        answers = min(waiting, pacing.room(app, tenant, limits, now, urgent=True))
        waiting -= answers
        app, tenant = (pacing.taken(p, limits, now, answers=answers, others=0) for p in (app, tenant))
        others = pacing.room(app, tenant, limits, now, urgent=False)
        app, tenant = (pacing.taken(p, limits, now, answers=0, others=others) for p in (app, tenant))
        left += [tick * TICK.total_seconds()] * (answers + others)
        waited.append(waiting)
    return left, waited


@pytest.mark.parametrize("answers_every", [0, 1, 7])
def test_no_minute_holds_more_than_the_limit_and_little_of_it_is_wasted(answers_every: int) -> None:
    left, _ = run(5, answers_every)
    fullest = max(sum(at <= other < at + 60 for other in left) for at in sorted(set(left))[::20])
    assert fullest <= 600
    assert len(left) >= 0.95 * 600 * 5


def test_a_wave_leaves_evenly_over_the_minute() -> None:
    left, _ = run(2)
    seconds = [sum(at // 1 == second for at in left) for second in range(1, 120)]
    assert max(seconds) <= 11
    assert min(seconds) >= 9


def test_answers_leave_at_once_during_a_wave() -> None:
    _, waited = run(3, answers_every=4)  # half of what the limit allows
    assert max(waited) == 0


def test_the_last_of_the_day_is_kept_for_answers() -> None:
    full = Pace("tenant", TEN_PAST, TEN_PAST.date(), used=95_000)
    app = pacing.fresh("app", TEN_PAST)
    assert pacing.room(app, full, LIMITS, TEN_PAST, urgent=False) == 0
    assert pacing.room(app, full, LIMITS, TEN_PAST, urgent=True) > 0
    tomorrow = TEN_PAST + timedelta(days=1)
    assert pacing.room(app, full, LIMITS, tomorrow, urgent=False) > 0


def test_at_the_half_hour_a_wave_goes_at_a_quarter_of_its_pace() -> None:
    app, tenant = pacing.fresh("app", MONDAY), pacing.fresh("tenant", MONDAY)
    there = pacing.room(app, tenant, LIMITS, MONDAY, urgent=False)
    app, tenant = pacing.fresh("app", TEN_PAST), pacing.fresh("tenant", TEN_PAST)
    assert 0 < there <= pacing.room(app, tenant, LIMITS, TEN_PAST, urgent=False) / 2


def test_a_turn_given_by_a_clock_far_ahead_is_not_waited_for() -> None:
    ahead = Pace("app", TEN_PAST + timedelta(days=1), TEN_PAST.date())
    tenant = pacing.fresh("tenant", TEN_PAST)
    assert pacing.room(ahead, tenant, LIMITS, TEN_PAST, urgent=False) == 1


def test_a_pause_holds_everybody_but_not_for_ever() -> None:
    until = TEN_PAST + timedelta(minutes=5)
    pace = Pace("app", TEN_PAST, TEN_PAST.date(), paused_until=until)
    tenant = pacing.fresh("tenant", TEN_PAST)
    assert pacing.room(pace, tenant, LIMITS, TEN_PAST, urgent=True) == 0
    assert pacing.room(pace, tenant, LIMITS, until, urgent=True) > 0
    yesterday = TEN_PAST - timedelta(days=1)  # the clock was moved back
    assert pacing.room(pace, tenant, LIMITS, yesterday, urgent=True) > 0


def test_a_target_is_free_when_the_oldest_of_a_full_window_has_left_it() -> None:
    windows = (Window(2, timedelta(minutes=1)), Window(3, timedelta(hours=1)))
    times = [MONDAY - timedelta(minutes=30), MONDAY - timedelta(seconds=20), MONDAY - timedelta(seconds=10)]
    assert pacing.free_at(times[:1], windows, MONDAY) is None
    in_a_minute = MONDAY + timedelta(seconds=40, milliseconds=1)
    assert pacing.free_at(times[1:], windows, MONDAY) == in_a_minute
    assert pacing.free_at(times, windows, MONDAY) == MONDAY + timedelta(minutes=30, milliseconds=1)
