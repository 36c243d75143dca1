"""What the clock does by itself so far: the month's round opens at T-5, and an unknown year is spoken of."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import select

from knowledge.book import shipped
from scheduler.calendar import warn_calendar
from scheduler.rounds import open_due_rounds
from scheduler.shift import Shift
from storage import people, rounds
from storage.engine import Connection, Database
from storage.people import PersonRow
from storage.tables import outbox
from supervision.workdays import SHANGHAI, Workdays
from tests.town import Town, town

DOC = "潮百千万发〔2024〕7号"


@pytest.fixture
async def office(database_url: str) -> AsyncIterator[Town]:
    async with town(database_url, ticking=True) as found:
        await found.bot.ticker.tick()  # it has seen the morning of Monday 15 July
        yield found


async def day(place: Town, moment: str) -> None:
    """The demonstration's clock is set, and the bot looks at it."""
    place.wecom.clock.set(datetime.fromisoformat(moment).replace(tzinfo=SHANGHAI))
    await place.bot.ticker.tick()


async def pushed(conn: Connection, person: str) -> list[str]:
    rows = await conn.execute(
        select(outbox.c.key, outbox.c.payload).where(outbox.c.target == person).order_by(outbox.c.id)
    )
    return [row.payload["text"] for row in rows.all() if not row.key.startswith("re:")]


async def told(place: Town, person: str) -> list[str]:
    """What the opening of rounds pushed; the day's other jobs write to the office as well."""
    async with place.bot.database.transaction() as conn:
        said = await pushed(conn, person)
    return [text for text in said if text.startswith(("【7月进展报送】", "【已自动开轮】"))]


async def test_the_round_opens_by_itself_five_working_days_before_it_is_due(office: Town) -> None:
    await day(office, "2024-07-17T18:00")
    assert await told(office, "zhengyun") == []
    await day(office, "2024-07-18T09:00")
    (asked,) = await told(office, "zhengyun")
    assert asked.startswith("【7月进展报送】潮安区联络员您好：\n请于7月25日（周四）17:30前")
    (said,) = await told(office, "wanglei")
    assert said.startswith(
        "【已自动开轮】7月进展报送，7月25日（周四）17:30到期。\n"
        "共12项，问1位联络员，今天09:10起发出。\n"
        "还没有联络员的单位：饶平县、湘桥区。\n"
        "分工还只是建议、没有催报的要点：6、"
    )
    assert said.endswith("。要问这些单位，请回复“放行 6”。\n市百千万办")
    await office.dialogue("wanglei", ("放行 17", "加问3项"), ("轮次", "7月进展报送"))
    await day(office, "2024-07-19T09:00")
    await day(office, "2024-07-18T08:45")
    await day(office, "2024-07-19T09:00")
    assert len(await told(office, "wanglei")) == 1


async def test_a_round_the_office_opened_is_left_alone(office: Town) -> None:
    await office.dialogue("wanglei", ("开月报 放行17", "7月进展报送"))
    await day(office, "2024-07-18T09:00")
    assert await told(office, "wanglei") == []
    async with office.bot.database.transaction() as conn:
        assert [one.name for one in await rounds.latest(conn, DOC)] == ["7月进展报送"]


# -- the jobs alone ---------------------------------------------------------------------------------------


def shift(conn: Connection, moment: str, workdays: Workdays | None = None) -> Shift:
    now = datetime.fromisoformat(moment).replace(tzinfo=SHANGHAI)
    return Shift(conn, shipped(), workdays or Workdays(), now, now, frozenset({"wangfang"}))


async def test_in_a_quarters_last_month_the_quarters_round_takes_its_place(database: Database) -> None:
    async with database.transaction() as conn:
        assert (
            await open_due_rounds(shift(conn, "2024-09-17T08:50"))
            == "三季度进展报送9月18日（周三）开窗，还没到"
        )
        assert (await open_due_rounds(shift(conn, "2024-09-18T08:50"))).startswith("已开“三季度进展报送”")
        assert await open_due_rounds(shift(conn, "2024-09-19T08:50")) == "“三季度进展报送”已经开过"
        assert (await rounds.latest(conn, DOC))[0].kind == "quarterly"


async def test_a_round_missed_on_its_day_opens_on_the_next(database: Database) -> None:
    async with database.transaction() as conn:
        assert (await open_due_rounds(shift(conn, "2024-07-23T08:50"))).startswith("已开“7月进展报送”")


async def test_shortly_before_it_is_due_the_office_decides(database: Database) -> None:
    async with database.transaction() as conn:
        late = await open_due_rounds(shift(conn, "2024-07-24T08:50"))
        await open_due_rounds(shift(conn, "2024-07-25T08:50"))
        (said,) = await pushed(conn, "wangfang")
        assert await rounds.latest(conn, DOC) == []
    assert late == "没有开“7月进展报送”：离到期已不足两个工作日"
    assert "开轮请回复“开月报”" in said


async def test_where_nobody_can_be_asked_the_office_is_told_once(database: Database) -> None:
    nobody = replace(shipped(), targets=())
    async with database.transaction() as conn:
        for moment in ("2024-07-18T08:50", "2024-07-19T08:50"):
            said = await open_due_rounds(replace(shift(conn, moment), book=nobody))
            assert said.startswith("没有开“7月进展报送”：")
        assert len(await pushed(conn, "wangfang")) == 1


async def test_from_december_admins_hear_of_an_unknown_year_once_a_month(database: Database) -> None:
    async with database.transaction() as conn:
        await people.bind(
            conn, [PersonRow("wanglei", "王磊", "admin", "市百千万办")], by="test",
            now=shift(conn, "2026-11-02T09:40").now,
        )  # fmt: skip
        assert await warn_calendar(shift(conn, "2026-11-02T09:40")) == "2026年的节假日安排已经齐全"
        for moment in ("2026-12-01T09:40", "2026-12-02T10:00", "2027-01-04T09:40"):
            await warn_calendar(shift(conn, moment))
        said = await pushed(conn, "wangfang")
        assert said == await pushed(conn, "wanglei")
        assert len(said) == 2
        assert all("2027年的放假和调休安排还没有登记" in text for text in said)
        announced = Workdays(announced=frozenset({2027}))
        known = await warn_calendar(shift(conn, "2026-12-01T09:40", announced))
    assert known == "2027年的节假日安排已经齐全"


async def test_a_late_warning_waits_for_office_hours(database: Database) -> None:
    async with database.transaction() as conn:
        await warn_calendar(shift(conn, "2026-12-01T22:00"))
        (row,) = (await conn.execute(select(outbox.c.next_at))).all()
    assert row.next_at == datetime(2026, 12, 2, 8, 41, tzinfo=SHANGHAI)
