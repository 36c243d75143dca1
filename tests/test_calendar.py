"""The office's own calendar and quiet periods: what it types or imports, and what waits moves with it."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from bot.cli import cli
from bot.library import Library
from knowledge.book import shipped
from storage import audit
from storage.engine import Database
from storage.tables import outbox
from supervision import holidays, pausing
from supervision.holidays import CalendarError
from supervision.rules import Rules
from supervision.workdays import SHANGHAI, Hours, Workdays
from tests.town import Town, at

TODAY = date(2024, 7, 15)
NOTICE = """一、元旦：1月1日（周五）至3日（周日）放假，共3天。
二、春节：2月5日至11日放假调休，共7天。2月4日（星期四）、2月13日（星期六）上班。
三、国庆节：2027年10月1日至7日放假调休，共7天。9月26日（星期日）上班。"""


async def waiting(place: Town) -> dict[str, datetime]:
    """Reminders in the outbox and when they leave, in local time."""
    async with place.bot.database.transaction() as conn:
        rows = await conn.execute(
            select(outbox.c.key, outbox.c.next_at).where(outbox.c.state == "queued", outbox.c.priority == 9)
        )
        return {row.key: row.next_at.astimezone(SHANGHAI) for row in rows.all()}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("2027年2月8日上班", {date(2027, 2, 8): True}),
        ("2月9日放假", {date(2025, 2, 9): False}),  # the next one there is
        ("7月25日放假，27日上班", {date(2024, 7, 25): False, date(2024, 7, 27): True}),
        ("7月25日至26日放假", {date(2024, 7, 25): False, date(2024, 7, 26): False}),
        ("7月27日照常上班", {date(2024, 7, 27): True}),
        ("7月25日不上班", {date(2024, 7, 25): False}),
        ("明天放假", {TODAY + timedelta(1): False}),
        ("下周日要补班", {TODAY + timedelta(13 - TODAY.weekday()): True}),
        ("7月25日、26日放假", {date(2024, 7, 25): False, date(2024, 7, 26): False}),
    ],
)  # fmt: skip
def test_single_days_are_read_as_typed(said: str, expected: dict[date, bool]) -> None:
    plan = holidays.typed(said, TODAY)
    assert plan is not None
    assert plan.days == expected
    assert not plan.years


@pytest.mark.parametrize(
    "said",
    ["明天放假吗", "明天上班后再报", "2月9日放假吗", "7月25日前完成", "放假", "要点17预计8月1日上班后开工"],
)
def test_what_is_more_than_days_is_no_calendar(said: str) -> None:
    assert holidays.typed(said, TODAY) is None


def test_the_official_notice_of_a_year_is_read_with_its_weekdays_and_totals() -> None:
    plan = holidays.year_plan(f"2027年放假安排\n{NOTICE}")
    assert plan.years == {2027}
    off = {day for day, works in plan.days.items() if not works}
    assert len(off) == 3 + 7 + 7
    assert {day for day in plan.days if day not in off} == {
        date(2027, 2, 4), date(2027, 2, 13), date(2027, 9, 26)
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("2027年\n1月1日", "没有写明是放假还是上班"),
        ("2027年\n2月30日放假", "不是日历上有的日子"),
        ("1月1日放假", "哪一年"),
        ("2027年\n2028年1月5日放假", "不在2027年里"),
        ("2027年\n1月4日上班", "没有读到2027年的放假日"),
    ],
)
def test_a_plan_with_a_mistake_is_refused_whole(text: str, why: str) -> None:
    with pytest.raises(CalendarError, match=why):
        holidays.year_plan(text)


async def test_days_off_move_what_waits_and_days_worked_bring_it_back(office: Town) -> None:
    """At 18:00 the prompts wait for the next morning; that day becomes a holiday."""
    office.wecom.clock.set(at("07-15T18:00"))
    await office.dialogue("wanglei", ("开月报 放行17", "7月16日09:10起发出"))
    assert set((await waiting(office)).values()) == {at("07-16T09:10")}
    await office.dialogue("wanglei", ("7月16日放假", "放假2024年7月16日共1天|有3条随之改了时间"))
    moved = await waiting(office)
    assert set(moved.values()) == {at("07-17T09:10")}
    assert {key.split(":")[1] for key in moved} == {"2024-07-17"}
    await office.dialogue("wanglei", ("7月16日上班", "上班2024年7月16日|有3条"))
    assert set((await waiting(office)).values()) == {at("07-16T09:10")}
    await office.dialogue("wanglei", ("7月16日上班", "没有改动"))
    await office.dialogue("chenjing", ("我的任务", "①"))  # its number is still the message's


async def test_a_quiet_period_holds_what_waits_and_ends_by_itself_or_by_a_word(office: Town) -> None:
    office.wecom.clock.set(at("07-15T18:00"))
    await office.dialogue(
        "wanglei",
        ("暂停情况", "没有暂停"),
        ("暂停催办 台风", "请写明停到哪一天"),
        ("暂停催办 台风 到7月10日", "已经过去"),
        ("台风来了，先别催了", "请写明停到哪一天"),
        ("开月报 放行17", "7月16日09:10起发出"),
        ("暂停催办 台风 到7月20日", "到7月20日（周六）为止|3条改到恢复以后"),
        ("暂停情况", "台风|7月20日（周六）为止（wanglei）"),
    )
    assert set((await waiting(office)).values()) == {at("07-22T09:10")}
    await office.dialogue("wanglei", ("开专项 7月30日前 要点17 放行17", "7月22日09:10起发出"))
    await office.dialogue("wanglei", ("恢复催办", "已恢复催办（台风）"), ("恢复催办", "没有暂停"))
    await office.dialogue(
        "wanglei",
        ("台风来了，先别催了，到7月20日", "暂停催办（台风来了），到7月20日（周六）为止"),
        ("恢复催办", "已恢复催办（台风来了）"),
        ("停催到7月20日", "到7月20日（周六）为止"),
        ("恢复催办", "已恢复"),
    )
    assert set((await waiting(office)).values()) == {at("07-16T09:10")}
    async with office.bot.database.transaction() as conn:
        acts = [entry.action for entry in await audit.latest(conn, 8)]
    assert {"pause", "resume"} <= set(acts)


async def test_only_the_office_sets_the_calendar(office: Town) -> None:
    for said in ("暂停催办 台风 到7月20日", "恢复催办", "导入 2027年放假安排 1月1日放假"):
        assert "管理员" in await office.hears("chenjing", said)
    await office.hears("chenjing", "7月16日放假")
    assert office.bot.library.workdays().is_workday(date(2024, 7, 16))


async def test_an_imported_year_is_no_guess_and_another_replica_learns_it(office: Town) -> None:
    other = await Library.open(office.bot.database)
    assert other.workdays().guessed(date(2027, 3, 1))
    await office.dialogue("wanglei", (f"导入 2027年放假安排\n{NOTICE}", "已登记2027年放假安排|共17天|上班"))
    assert not office.bot.library.workdays().guessed(date(2027, 3, 1))  # at once where it was said
    await other.refresh()
    for library in (other, office.bot.library):
        assert not library.workdays().is_workday(date(2027, 2, 8))
        assert library.workdays().is_workday(date(2027, 2, 13))


async def test_what_is_stored_is_what_is_asked(database: Database) -> None:
    book = shipped()
    async with database.transaction() as conn:
        plan = holidays.from_toml(Path("tests/data/workdays.toml").read_text("utf-8"))
        await pausing.set_days(conn, book, plan, by="x", now=at("07-15T09:00"), hours=Hours(), rules=Rules())
        ours = await pausing.workdays(conn, Hours())
    official = Workdays()
    for n in range(1096):
        day = date(2024, 1, 1) + timedelta(n)
        assert ours.is_workday(day) is official.is_workday(day), day


def test_a_year_is_imported_and_shown_from_the_command_line(tmp_path: Path) -> None:
    (tmp_path / "2027.txt").write_text(f"2027年放假安排\n{NOTICE}", "utf-8")
    (tmp_path / "bad.toml").write_text("[y2027]\noff = 3", "utf-8")
    env = {"BQW_DATABASE_URL": f"sqlite:///{tmp_path / 'bqw.db'}"}
    run = CliRunner(env=env).invoke
    assert "预计" in run(cli, ["calendar", "show", "2027"]).output
    assert "已登记2027年放假安排" in run(cli, ["calendar", "import", str(tmp_path / "2027.txt")]).output
    shown = run(cli, ["calendar", "show", "2027"]).output
    assert "本办导入" in shown
    assert "2月13日（周六）上班（本办登记）" in shown
    bad = run(cli, ["calendar", "import", str(tmp_path / "bad.toml")])
    assert bad.exit_code == 1
    assert "写法有误" in bad.output
