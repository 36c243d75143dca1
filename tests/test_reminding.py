"""The rules of reminding and escalation by themselves: when, how often, and never without a word before."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage import drafts
from storage.drafts import Draft
from storage.extensions import ASKED, GRANTED, REFUSED, RETURNED, Extension
from storage.quiets import Quiet
from storage.rounds import Asked, Item, Prompt, Round
from supervision import quiet
from supervision.escalation import CLOCK, PHONE, level
from supervision.reminding import Group, Owing, Stage, Who, compose, grouped, joined, stage
from supervision.workdays import SHANGHAI, Workdays

WORKDAYS = Workdays()
DUE = date(2024, 6, 25)


def at(day: date, hour: int = 17, minute: int = 30) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=SHANGHAI)


def owing(due: date = DUE, asked_on: date | None = date(2024, 6, 18), basis: str = "confirmed") -> Owing:
    round = Round("7号", "6月进展报送", "monthly", at(date(2024, 6, 1)), "x", at(due), id=1)
    prompt = Prompt(1, 19, "市教育局", basis, (Item("学校项目"),), "ask:2024-06-18:x", id=5)
    return Owing(Asked(prompt, round), due, asked_on, open=("①学校项目",))


def extension(kind: str = ASKED, decision: str = "", day: date = date(2024, 6, 24)) -> Extension:
    decided = at(day, 10) if decision else None
    return Extension(5, kind, 19, "市教育局", "x", "k", at(day, 9), at(DUE), "", decision, decided)


def draft(kind: str, on: date, state: str = drafts.DRAFT, by: str = "") -> Draft:
    detail = {"due": DUE.isoformat(), "prompts": [5]}
    return Draft(kind, kind, "", "", "", detail, at(on, 14, 40), state, decided_by=by)


def test_t_minus_2_and_t_as_in_the_offices_table() -> None:
    said = {}
    found = owing()
    on = date(2024, 6, 18)
    while on < date(2024, 7, 10):
        if WORKDAYS.is_workday(on) and (what := stage(found, on, WORKDAYS)):
            said[on] = what
            found = replace(found, **{what: (*getattr(found, what), on)})  # type: ignore[arg-type]
        on += timedelta(1)
    assert said == {date(2024, 6, 21): "early", date(2024, 6, 25): "final"}


@given(
    st.dates(date(2024, 1, 5), date(2026, 11, 30)),
    st.integers(0, 25),
    st.lists(st.booleans(), min_size=60, max_size=60),
)
def test_never_more_than_two_nor_on_the_day_of_asking_and_the_last_one_always_comes(
    first: date, ahead: int, spoke: list[bool]
) -> None:
    """Whatever day it is asked, whenever it is due, and on whatever days its person says something."""
    asked = WORKDAYS.shift(first, 0)
    found = owing(WORKDAYS.shift(asked + timedelta(ahead), 0), asked)
    said: list[tuple[date, Stage]] = []
    for n, silent in enumerate([*spoke, False, False, False, False]):
        on = asked + timedelta(n)
        if not WORKDAYS.is_workday(on) or silent:
            continue
        if what := stage(found, on, WORKDAYS):
            said.append((on, what))
            found = replace(found, **{what: (*getattr(found, what), on)})  # type: ignore[arg-type]
    assert len(said) <= 2
    assert all(on > asked for on, _ in said)
    assert [what for _, what in said] in (["early", "final"], ["final"])
    assert said[-1][0] >= found.due


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (owing(asked_on=None), "its message has not left"),
        (owing(asked_on=DUE), "it was asked today"),
        (replace(owing(), extensions=(extension(),)), "its request is undecided"),
        (replace(owing(), early=(date(2024, 6, 21),), final=(date(2024, 6, 24),)), "enough was said"),
    ],
)
def test_who_is_left_in_peace_on_the_last_day(found: Owing, why: str) -> None:
    assert stage(found, DUE, WORKDAYS) == "", why


# --- escalation -----------------------------------------------------------------------------------------

WARNED = replace(owing(), early=(date(2024, 6, 21),), final=(DUE,))
ONE, TWO, THREE = drafts.LEVEL_ONE, drafts.LEVEL_TWO, drafts.LEVEL_THREE


@pytest.mark.parametrize(
    ("on", "before", "expected"),
    [
        (DUE, [], ""),
        (date(2024, 6, 26), [], ONE),
        (date(2024, 6, 27), [draft(ONE, date(2024, 6, 26))], ""),
        (date(2024, 6, 28), [draft(ONE, date(2024, 6, 26))], TWO),
        (date(2024, 7, 2), [draft(ONE, date(2024, 6, 26)), draft(TWO, date(2024, 6, 28))], THREE),
        (date(2024, 7, 2), [], ONE),  # after an outage: one step at a time
        (date(2024, 6, 28), [draft(ONE, date(2024, 6, 28))], ""),
        (date(2024, 6, 28), [draft(ONE, date(2024, 6, 26), drafts.DROPPED, "wanglei")], ""),
        (date(2024, 6, 28), [draft(ONE, date(2024, 6, 26), drafts.HELD, "wanglei")], ""),
        (date(2024, 6, 28), [draft(ONE, date(2024, 6, 26), drafts.DROPPED, CLOCK)], ONE),
    ],
)
def test_levels_as_in_the_offices_table(on: date, before: list[Draft], expected: str) -> None:
    assert level(WARNED, on, WORKDAYS, before) == expected


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (owing(), "was not told who would be told"),
        (replace(WARNED, asked=owing(basis="released").asked), "only suggested"),
        (replace(WARNED, extensions=(extension(),)), "request undecided"),
        (replace(WARNED, extensions=(extension(ASKED, REFUSED, date(2024, 6, 28)),)), "refused today"),
    ],
)
def test_who_is_not_escalated(found: Owing, why: str) -> None:
    assert level(found, date(2024, 6, 28), WORKDAYS, ()) == "", why


def test_the_word_on_an_extension_is_a_warning_too() -> None:
    found = replace(owing(date(2024, 7, 1)), extensions=(extension(ASKED, GRANTED),))
    assert level(found, date(2024, 7, 1), WORKDAYS, ()) == ""
    assert level(found, date(2024, 7, 2), WORKDAYS, ()) == ONE


def test_what_was_returned_becomes_a_call_and_nothing_higher() -> None:
    asked = replace(owing().asked, returned="请写明镇街", moved_to=at(DUE))
    found = replace(WARNED, asked=asked, extensions=(extension(RETURNED, GRANTED),))
    assert level(found, date(2024, 6, 26), WORKDAYS, ()) == PHONE
    assert level(found, date(2024, 7, 5), WORKDAYS, [draft(PHONE, date(2024, 6, 26))]) == ""


def test_days_of_a_quiet_period_do_not_count() -> None:
    typhoon = Quiet("台风", at(date(2024, 6, 27), 8), at(date(2024, 7, 1), 0, 0), "x")
    paused = quiet.working_days([typhoon], WORKDAYS)
    assert paused == {date(2024, 6, 27), date(2024, 6, 28)}
    before = [draft(ONE, date(2024, 6, 26))]
    found = replace(WARNED, paused=paused)
    assert level(found, date(2024, 7, 1), WORKDAYS, before) == ""
    assert level(found, date(2024, 7, 2), WORKDAYS, before) == TWO


def test_a_slot_lies_outside_quiet_periods_and_what_falls_into_one_gets_two_days() -> None:
    typhoon = Quiet("台风", at(date(2024, 7, 22), 16), at(date(2024, 7, 27), 0, 0), "x")
    assert quiet.slot(at(date(2024, 7, 23), 8), WORKDAYS, [typhoon]) == at(date(2024, 7, 29), 9, 10)
    assert quiet.due_day(at(date(2024, 7, 25)), WORKDAYS, [typhoon]) == date(2024, 7, 30)
    over = replace(typhoon, ended_at=at(date(2024, 7, 23), 12))
    assert quiet.slot(at(date(2024, 7, 24), 8), WORKDAYS, [over]) == at(date(2024, 7, 24), 9, 10)
    assert quiet.due_day(at(date(2024, 7, 25)), WORKDAYS, [over]) == date(2024, 7, 25)


# --- the words ------------------------------------------------------------------------------------------


def group(stage: Stage = "final", due: date = DUE, **more: object) -> Group:
    found = Group(stage, "6月进展", "市教育局", (19,), at(due), ("①甲", "②乙", "③丙"), False, True)
    return replace(found, **more)  # type: ignore[arg-type]


WHO = Who(("市教育局",), frozenset({"市教育局"}))


def test_the_last_reminder_reads_like_the_offices_sample() -> None:
    assert compose([group()], WHO, DUE, WORKDAYS) == (
        "【今日到期】您好，贵单位6月进展（要点19，共3项）今天17:30到期，尚未收到回复。\n"
        "没有变化请回复“无变化”，不属于贵单位职责请回复“不属本单位”。\n"
        "如今天仍未收到，市百千万办将于6月26日（周三）下午告知贵单位分管领导。有特殊情况请直接说明，我们做好记录。\n"
        "市百千万办"
    )


def test_the_first_reminder_names_what_is_left_by_its_number() -> None:
    part = group("early", open=("②危旧桥梁", "③安防工程"), partial=True, points=(17,))
    assert compose([part], WHO, date(2024, 6, 21), WORKDAYS) == (
        "【临期提醒】您好，贵单位6月进展（要点17）将于6月25日（周二）17:30到期，目前还差②危旧桥梁、③安防工程。\n"
        "若暂时没有准确数，可先报已有的，其余注明预计时间。\n"
        "已在办理的请忽略本条。\n"
        "市百千万办"
    )


def test_several_rounds_are_one_message_the_most_urgent_first() -> None:
    later = group("early", date(2024, 6, 27), round="二季度进展", points=(4,))
    text = compose([group(), later], WHO, DUE, WORKDAYS)
    assert text.startswith("【今日到期】您好，以下报送请留意：\n贵单位6月进展（要点19")
    assert "贵单位二季度进展（要点4，共3项）将于6月27日（周四）17:30到期" in text
    assert text.count("市百千万办将于") == 1


def asking(
    name: str, id: int, point: int, *open: str, due: date = DUE, bundle: str = "ask:2024-06-18:x"
) -> Owing:
    """A prompt of a round of its own."""
    found = owing(due)
    round = replace(found.asked.round, name=name, id=id, due_at=at(due))
    prompt = replace(
        found.asked.prompt, round_id=id, point=point, items=tuple(map(Item, open)), bundle=bundle, id=id * 100
    )
    return replace(found, asked=Asked(prompt, round), open=open)


def test_what_two_rounds_ask_of_a_point_is_reminded_of_in_one_sentence() -> None:
    monthly = asking("6月进展报送", 1, 19, "①学校项目", "②覆盖率")
    quarterly = asking(
        "二季度进展报送", 2, 19, "③学校项目", "④覆盖率", "⑤种子教师", bundle="ask:2024-06-19:x"
    )
    (one,) = grouped([("final", monthly), ("final", quarterly)])
    assert one.open == ("③学校项目", "④覆盖率", "⑤种子教师")  # by the newest message, each once
    text = compose([one], WHO, DUE, WORKDAYS)
    assert "您好，贵单位6月进展、二季度进展（要点19，共3项）今天17:30到期，尚未收到回复。" in text
    assert text.count("要点19") == 1


def test_a_point_that_is_due_twice_stands_with_the_earlier_day() -> None:
    later = date(2024, 6, 28)
    monthly = asking("6月进展报送", 1, 19, "①学校项目")
    same = asking("二季度进展报送", 2, 19, "①学校项目", due=later)
    other = asking("二季度进展报送", 2, 20, "②医共体", due=later)
    first, second = grouped([("early", other), ("early", same), ("final", monthly)])
    assert (first.stage, first.round, first.points, first.due_at) == (
        *("final", "6月进展、二季度进展", (19,), at(DUE)),
    )
    assert (second.stage, second.round, second.points) == ("early", "二季度进展", (20,))


def test_a_unit_without_a_leader_is_rung_up_and_a_suggested_one_is_told_nothing() -> None:
    alone = Who(("市教育局",), frozenset())
    assert "下午电话联系贵单位" in compose([group()], alone, DUE, WORKDAYS)
    assert "市百千万办将于" not in compose([group(warns=False)], WHO, DUE, WORKDAYS)


def test_a_message_that_has_no_room_is_left_as_it_is() -> None:
    long = "甲" * 640 + "\n市百千万办"
    assert joined(long, [group()], WHO, DUE, WORKDAYS) == long
    short = joined("请报送。\n市百千万办", [group()], WHO, DUE, WORKDAYS)
    assert short.startswith("请报送。\n另请留意：贵单位6月进展")
    assert short.endswith("\n市百千万办")
    assert len(short.encode()) < 2048


def test_moments_are_compared_across_zones() -> None:
    typhoon = Quiet("台风", at(date(2024, 7, 22), 16), at(date(2024, 7, 27), 0, 0), "x")
    assert quiet.in_force(datetime(2024, 7, 22, 8, 30, tzinfo=UTC), [typhoon]) == typhoon
    assert quiet.in_force(datetime(2024, 7, 22, 8, 29, tzinfo=UTC), [typhoon]) is None
