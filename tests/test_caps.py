"""Over a cap messages merge or move to a later day; none is dropped, and the admins are told."""

from datetime import date, datetime, time, timedelta

import pytest

from storage import outbox
from storage.engine import Database
from storage.message import Text, dump
from storage.pushed import Pushed
from storage.quiets import Quiet
from supervision import caps
from supervision.caps import RULES, Asked, MergeInto, Slot, decide, may_push, rules_of
from supervision.rules import Caps
from supervision.workdays import SHANGHAI, Workdays
from tests.conftest import MONDAY

WORKDAYS = Workdays()


def at(month: int, day: int, hour: int = 9, minute: int = 10) -> datetime:
    return datetime(2024, month, day, hour, minute, tzinfo=SHANGHAI)


def left(day: int, month: int = 7, key: str = "ask") -> Pushed:
    return Pushed(f"{key}:2024-{month:02}-{day:02}:chenjing", "chenjing", at(month, day), waits=False)


def waits(day: int, month: int = 7) -> Pushed:
    return Pushed(f"ask:2024-{month:02}-{day:02}:chenjing", "chenjing", at(month, day), waits=True)


def test_the_first_reminder_of_the_day_leaves_at_its_hour() -> None:
    assert decide(RULES["reminder"], [], MONDAY, WORKDAYS) == Slot(at(7, 15))


def test_a_second_reminder_joins_the_one_that_waits() -> None:
    found = decide(RULES["reminder"], [waits(15)], MONDAY, WORKDAYS)
    assert found == MergeInto("ask:2024-07-15:chenjing", at(7, 15))


def test_a_second_reminder_moves_to_the_next_working_day_when_the_first_has_left() -> None:
    friday = at(7, 19, 10)
    found = decide(RULES["reminder"], [left(19)], friday, WORKDAYS)
    assert found == Slot(at(7, 22), "当天催办已达1条上限")


def test_the_seventh_reminder_of_a_month_joins_what_waits_in_it() -> None:
    told = [left(day) for day in (1, 2, 3, 4, 5)] + [waits(25)]
    found = decide(RULES["reminder"], told, MONDAY, WORKDAYS)
    assert found == MergeInto("ask:2024-07-25:chenjing", at(7, 25), "本月催办已达6条上限")


def test_the_seventh_reminder_of_a_month_moves_to_the_next_when_all_have_left() -> None:
    told = [left(day) for day in (1, 2, 3, 4, 5, 8)]
    found = decide(RULES["reminder"], told, MONDAY, WORKDAYS)
    assert found == Slot(at(8, 1), "本月催办已达6条上限")


def test_the_fourth_escalation_to_a_leader_waits_for_the_next_month() -> None:
    rule = RULES["escalation"]
    told = [Pushed(f"draft:{n}", "leader", at(7, n, 14, 40), waits=False) for n in (2, 3)]
    assert decide(rule, told, MONDAY, WORKDAYS) == Slot(at(7, 15))
    told.append(Pushed("draft:4", "leader", at(7, 15, 14, 40), waits=True))
    found = decide(rule, told, MONDAY, WORKDAYS)
    assert found == MergeInto("draft:4", at(7, 15, 14, 40), "本月升级告知已达3条上限")
    told[-1] = Pushed("draft:4", "leader", at(7, 12), waits=False)
    assert decide(rule, told, MONDAY, WORKDAYS) == Slot(at(8, 1), "本月升级告知已达3条上限")


def test_two_escalations_on_one_day_stay_two_while_the_month_has_room() -> None:
    told = [Pushed("draft:1", "leader", at(7, 15, 14, 40), waits=True)]
    assert decide(RULES["escalation"], told, MONDAY, WORKDAYS) == Slot(at(7, 15))


def test_a_group_hears_twice_a_week() -> None:
    told = [Pushed(f"draft:{n}", "group", at(7, 15 + n, 14, 40), waits=False) for n in (0, 1)]
    found = decide(RULES["group"], told, at(7, 17), WORKDAYS)
    assert found == Slot(at(7, 22), "本周群通报已达2条上限")


def test_a_leader_gets_one_digest_a_day() -> None:
    told = [Pushed("digest:2024-07-15:zhoumin", "zhoumin", at(7, 15, 8, 40), waits=False)]
    found = decide(RULES["digest"], told, MONDAY, WORKDAYS, Asked(at=time(8, 40)))
    assert found == Slot(at(7, 16, 8, 40), "当天专报已达1条上限")


def test_what_is_due_waits_for_no_day_after_it() -> None:
    full = [left(day) for day in (1, 2, 3, 4, 5, 8)]
    found = decide(RULES["reminder"], full, MONDAY, WORKDAYS, Asked(no_later=date(2024, 7, 25)))
    assert found == Slot(at(7, 15), "本月催办已达6条上限", anyway=True)
    waiting = [*(left(day) for day in (1, 2, 3, 4, 5)), waits(26)]
    found = decide(RULES["reminder"], waiting, MONDAY, WORKDAYS, Asked(no_later=date(2024, 7, 25)))
    assert found == Slot(at(7, 15), "本月催办已达6条上限", anyway=True)
    reminded = [left(15, key="remind")]
    today = decide(RULES["reminder"], reminded, MONDAY, WORKDAYS, Asked(no_later=date(2024, 7, 15)))
    assert today == Slot(at(7, 15), "当天催办已达1条上限", anyway=True)
    tomorrow = decide(RULES["reminder"], reminded, MONDAY, WORKDAYS, Asked(no_later=date(2024, 7, 16)))
    assert tomorrow == Slot(at(7, 16), "当天催办已达1条上限")


def test_a_second_question_of_one_day_waits_even_for_what_is_due() -> None:
    """Both would bear the same name."""
    found = decide(RULES["reminder"], [left(15)], MONDAY, WORKDAYS, Asked(no_later=date(2024, 7, 15)))
    assert found == Slot(at(7, 16), "当天催办已达1条上限")


def test_what_only_moves_is_not_held_by_a_month_it_was_counted_in() -> None:
    told = [*(left(day) for day in (1, 2, 3, 4, 5)), waits(16)]
    moving = Asked(moving=frozenset({"ask:2024-07-16:chenjing"}))
    assert decide(RULES["reminder"], told, at(7, 17), WORKDAYS, moving) == Slot(at(7, 17))


def test_a_quiet_period_comes_before_every_cap() -> None:
    typhoon = Quiet("台风", MONDAY, at(7, 18, 0, 0), "wanglei")
    assert decide(RULES["reminder"], [], MONDAY, WORKDAYS, Asked((typhoon,))) == Slot(at(7, 18))


def test_the_office_sets_its_own_caps() -> None:
    rules = rules_of(Caps(reminders_per_month=2, group_per_week=1))
    told = [left(1), left(2)]
    assert decide(rules["reminder"], told, MONDAY, WORKDAYS).over == "本月催办已达2条上限"
    circular = [Pushed("draft:1", "group", at(7, 15), waits=False)]
    assert decide(rules["group"], circular, at(7, 16), WORKDAYS).at == at(7, 22)


async def queue(database: Database, key: str, target: str, when: datetime, after: str | None = None) -> None:
    async with database.transaction() as conn:
        row = outbox.Outgoing(key, "app", target, dump(Text("催")), after, outbox.REMINDER, when)
        await outbox.add(conn, [(row, None)], MONDAY)


async def sent(database: Database, now: datetime) -> None:
    async with database.transaction() as conn:
        for row in await outbox.claim(conn, owner="x", now=now, lease=timedelta(seconds=30), limit=50):
            await outbox.sent(conn, row, owner="x", now=now)


async def test_asks_and_reminders_count_together_and_long_ones_once(database: Database) -> None:
    await queue(database, "ask:2024-07-12:chenjing", "chenjing", at(7, 12))
    await queue(database, "ask:2024-07-12:chenjing:1", "chenjing", at(7, 12), "ask:2024-07-12:chenjing")
    for day in (1, 2, 3, 4):
        await queue(database, f"remind:2024-07-0{day}:chenjing", "chenjing", at(7, day))
        await sent(database, at(7, day))
    await sent(database, at(7, 12))
    await sent(database, at(7, 12, 9, 11))
    async with database.transaction() as conn:
        assert await may_push(conn, "reminder", "chenjing", MONDAY, WORKDAYS) == Slot(at(7, 15))
    await queue(database, "remind:2024-07-15:chenjing", "chenjing", at(7, 15))
    async with database.transaction() as conn:
        found = await may_push(conn, "reminder", "chenjing", MONDAY, WORKDAYS)
        assert found == Slot(at(8, 1), "本月催办已达6条上限")  # nothing joins a reminder
        other = await may_push(conn, "reminder", "huangwei", MONDAY, WORKDAYS)
        assert other == Slot(at(7, 15))
    await sent(database, at(7, 15))
    async with database.transaction() as conn:
        found = await may_push(conn, "reminder", "chenjing", at(7, 15, 10), WORKDAYS)
        assert isinstance(found, Slot)
        assert found.at == at(8, 1)


async def test_many_at_once_are_told_the_same_as_one(database: Database) -> None:
    await queue(database, "ask:2024-07-15:u3", "u3", at(7, 15))
    persons = [f"u{n}" for n in range(50)]
    async with database.transaction() as conn:
        found = await caps.may_push_all(conn, "reminder", persons, MONDAY, WORKDAYS)
        assert found["u3"] == await may_push(conn, "reminder", "u3", MONDAY, WORKDAYS)
    assert found["u3"] == MergeInto("ask:2024-07-15:u3", at(7, 15))
    assert {found[person] for person in persons if person != "u3"} == {Slot(at(7, 15))}


@pytest.mark.parametrize("over", ["", "本月催办已达6条上限"])
async def test_the_admins_read_one_line_about_whom_a_cap_held(database: Database, over: str) -> None:
    told = [("市供销社陈静", Slot(at(8, 1), over))]
    async with database.transaction() as conn:
        await caps.tell_admins(conn, told, ["wanglei"], MONDAY, WORKDAYS)
        await caps.tell_admins(conn, told, ["wanglei"], MONDAY, WORKDAYS)  # the same day: still one
        rows = await outbox.claim(conn, owner="x", now=at(7, 15), lease=timedelta(seconds=30), limit=5)
    assert [row.target for row in rows] == (["wanglei"] if over else [])
    if over:
        assert "市供销社陈静：本月催办已达6条上限，顺延到8月1日发出" in rows[0].payload["text"]
