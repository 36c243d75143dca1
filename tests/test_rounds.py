"""Who owes what in a round, the one message that asks for it, and how rounds share a person's day."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select, update

from bot import clock
from bot.cli import cli
from knowledge.assignments import Assignment
from knowledge.book import Book, shipped
from storage import people, reports, rounds
from storage.engine import Connection, Database
from storage.people import PersonRow
from storage.reports import Figure, Report
from storage.rounds import Item
from storage.tables import outbox
from supervision import asking, opening, prompts
from supervision.asking import Opened
from supervision.opening import RoundError, name_of, usual_due
from supervision.rounds import Bundle, Choice, Kind, Line, circled, compose, owed
from supervision.rules import Rules
from supervision.workdays import SHANGHAI, Workdays
from tests.conftest import MONDAY
from tests.town import Town

BOOK = shipped()
ROADS = (
    "推进“四好农村路”提档升级,新改建农村公路超48.7公里,改造农村公路危旧桥梁10座,"
    "完成农村公路安全生命防护工程48公里"
)
EVERY_POINT = frozenset(range(1, 46))


def confirmed(point: int, lead: str, clause: str = "") -> Book:
    row = Assignment(
        point, clause, lead, (), "confirmed", "分工表", confirmed_by="王磊", confirmed_on=date(2024, 6, 3)
    )
    return BOOK.with_assignments([row])


def units(book: Book, choice: Choice) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for row in owed(book, choice):
        found.setdefault(row.point, []).append(row.unit)
    return found


# --- who owes what --------------------------------------------------------------------------------


def test_only_what_the_notice_itself_names_is_asked_while_nothing_is_confirmed() -> None:
    counties = ["潮安区", "饶平县", "湘桥区"]
    assert units(BOOK, Choice("monthly")) == {3: counties, 22: counties, 41: counties, 42: counties}
    assert {row.basis for row in owed(BOOK, Choice("monthly"))} == {"notice"}


def test_a_confirmed_clause_is_owed_by_its_lead_with_its_figures() -> None:
    (row,) = owed(confirmed(17, "市交通运输局", ROADS), Choice("monthly", frozenset({17})))
    assert (row.unit, row.basis) == ("市交通运输局", "confirmed")
    assert [item.target for item in row.items] == ["17-1", "17-2", "17-3"]


def test_a_confirmed_point_is_owed_by_its_lead_where_clauses_are_only_suggested() -> None:
    (row,) = owed(confirmed(8, "市农业农村局"), Choice("monthly", frozenset({8})))
    assert [item.target for item in row.items] == ["08-1", "08-2"]


def test_a_suggested_unit_is_asked_only_when_the_office_releases_the_point() -> None:
    assert 17 not in units(BOOK, Choice("monthly"))
    released = units(BOOK, Choice("monthly", released=frozenset({17})))
    assert set(released[17]) == {"市水务局", "市交通运输局", "市供销社"}


def test_tasks_are_asked_quarterly_and_figures_always() -> None:
    monthly, quarterly = (
        units(BOOK, Choice(kind, released=EVERY_POINT)) for kind in ("monthly", "quarterly")
    )
    assert 23 not in monthly
    assert 23 in quarterly
    assert set(monthly) < set(quarterly)


def test_a_choice_of_units_narrows_a_round() -> None:
    assert units(BOOK, Choice("monthly", units=frozenset({"潮安区"}))) == {
        3: ["潮安区"],
        22: ["潮安区"],
        41: ["潮安区"],
        42: ["潮安区"],
    }


# --- the message ----------------------------------------------------------------------------------


def bundle(*lines: Line) -> Bundle:
    return Bundle(("6月进展报送",), ("市交通运输局",), lines)


def test_the_message_says_what_until_when_against_what_and_how_to_answer() -> None:
    road = Line(17, Item("新改建农村公路", "公里", "17-1"), "超48.7公里", Figure("x", 18.2, "公里"))
    bridge = Line(17, Item("改造农村公路危旧桥梁", "座", "17-2"), "10座", number=2)
    (text,) = compose(bundle(road, bridge), due_at=datetime(2024, 6, 25, 17, 30, tzinfo=SHANGHAI))
    assert text.splitlines() == [
        "【6月进展报送】市交通运输局联络员您好：",
        "请于6月25日（周二）17:30前在本对话回复要点17的2项累计数：",
        "①新改建农村公路（目标：超48.7公里；上期累计18.2公里）",
        "②改造农村公路危旧桥梁（目标：10座）",
        "回复样式：①18.2公里 ②×座，有困难的写明地点和原因",
        "也可回复：无变化/平台已报/不属本单位/需协调",
        "数据请先经分管领导审定。责任分工以市百千万办确认为准。",
        "市百千万办",
    ]


def test_a_long_message_is_cut_between_items_and_every_part_fits() -> None:
    lines = [
        Line(17, Item(f"第{n}件事" + "很长的说法" * 8, "公里", f"x{n}"), "10座", number=n)
        for n in range(1, 40)
    ]
    parts = compose(bundle(*lines), due_at=MONDAY)
    assert len(parts) > 1
    assert all(len(part.encode()) <= 2048 for part in parts)
    assert all(f"第{n}件事" in "\n".join(parts) for n in range(1, 40))
    assert [circled(1), circled(20), circled(21)] == ["①", "⑳", "(21)"]


# --- names and days -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "now", "due"),
    [
        ("monthly", "2024-06-18T09:00", "2024-06-25T17:30"),
        ("monthly", "2024-06-26T09:00", "2024-07-25T17:30"),
        ("monthly", "2026-09-18T09:00", "2026-09-24T17:30"),  # 中秋
        ("quarterly", "2024-12-27T09:00", "2025-01-24T17:30"),  # a Saturday, and too few days after it
        ("weekly", "2024-07-15T09:00", "2024-07-18T17:30"),
        ("once", "2024-07-15T09:00", "2024-07-15T17:30"),
        ("once", "2024-07-19T18:00", "2024-07-22T17:30"),
    ],
)
def test_when_a_round_is_due_if_nobody_says(kind: Kind, now: str, due: str) -> None:
    assert usual_due(kind, clock.parse(now), Workdays()) == clock.parse(due)


def test_a_round_is_named_by_what_it_is() -> None:
    day = date(2024, 7, 25)
    assert [name_of(kind, day) for kind in ("monthly", "quarterly", "weekly", "once")] == [
        "7月进展报送",
        "三季度进展报送",
        "7月25日重点事项周报",
        "7月25日专项报送",
    ]


# --- one message a day ----------------------------------------------------------------------------


async def open_now(conn: Connection, choice: Choice, *, now: datetime = MONDAY, name: str = "") -> Opened:
    return await opening.open_round(
        conn,
        BOOK,
        choice,
        by="wanglei",
        now=now,
        due_at=now + timedelta(days=9),
        workdays=Workdays(),
        rules=Rules(),
        name=name,
    )


async def queue(conn: Connection) -> dict[str, tuple[datetime, str]]:
    rows = await conn.execute(select(outbox.c.key, outbox.c.next_at, outbox.c.payload))
    return {row.key: (row.next_at.astimezone(SHANGHAI), row.payload["text"]) for row in rows}


@pytest.fixture
async def conn(database: Database) -> AsyncIterator[Connection]:
    async with database.transaction() as opened:
        await people.bind(opened, [PersonRow("zheng", "郑云", "liaison", "潮安区")], by="w", now=MONDAY)
        yield opened


async def test_a_second_round_joins_a_message_that_has_not_left(conn: Connection) -> None:
    await open_now(conn, Choice("monthly", frozenset({3})))
    await open_now(conn, Choice("once", frozenset({41})), name="案例专项")
    waiting = await queue(conn)
    assert list(waiting) == ["ask:2024-07-15:zheng"]
    at, text = waiting["ask:2024-07-15:zheng"]
    assert at == MONDAY.replace(hour=9, minute=10)
    assert "①要点3 县域重点项目库项目数" in text
    assert "②要点41 培育典型案例数" in text


async def test_after_it_left_the_next_round_waits_for_the_next_working_day(conn: Connection) -> None:
    friday = MONDAY + timedelta(days=4)
    await open_now(conn, Choice("monthly", frozenset({3})), now=friday)
    await conn.execute(update(outbox).values(state="sent", attempts=1))
    await open_now(conn, Choice("once", frozenset({41})), now=friday, name="案例专项")
    assert list(await queue(conn)) == ["ask:2024-07-19:zheng", "ask:2024-07-22:zheng"]


async def test_what_did_not_leave_in_time_joins_the_message_of_today(conn: Connection) -> None:
    tuesday = MONDAY + timedelta(days=1)
    await open_now(conn, Choice("monthly", frozenset({3})))
    await conn.execute(update(outbox).values(next_at=tuesday + timedelta(minutes=10)))  # put off by delivery
    await open_now(conn, Choice("once", frozenset({41})), now=tuesday, name="案例专项")
    assert await asking.catch_up(conn, BOOK, now=tuesday, workdays=Workdays(), rules=Rules()) == 1
    ((key, (at, text)),) = (await queue(conn)).items()
    assert (key, at) == ("ask:2024-07-16:zheng", tuesday.replace(hour=9, minute=10))
    assert "①要点3" in text
    assert "②要点41" in text
    assert await asking.catch_up(conn, BOOK, now=tuesday, workdays=Workdays(), rules=Rules()) == 0


async def test_a_round_opens_once_and_says_who_cannot_be_asked(conn: Connection) -> None:
    opened = await open_now(conn, Choice("monthly", frozenset({3})))
    assert (opened.prompts, opened.people, opened.unasked) == (3, 1, ("饶平县", "湘桥区"))
    with pytest.raises(RoundError, match="已经开过"):
        await open_now(conn, Choice("monthly", frozenset({3})))
    with pytest.raises(RoundError, match="只是建议"):
        await open_now(conn, Choice("monthly", frozenset({17})), name="x")
    with pytest.raises(RoundError, match="截止时间已经过去"):
        await opening.open_round(
            conn, BOOK, Choice(), by="w", now=MONDAY, due_at=MONDAY, workdays=Workdays(), rules=Rules()
        )


async def test_a_weekly_round_asks_for_a_word_on_what_is_behind(conn: Connection) -> None:
    with pytest.raises(RoundError, match="没有黄灯、红灯的要点"):
        await open_now(conn, Choice("weekly"))
    behind = Report(BOOK.notice.doc_number, 3, "潮安区", "zheng", "m", MONDAY, MONDAY.date(), "才8个",
                    figures=(Figure("项目库", 8, "个", "03-1", 8),))  # fmt: skip
    await reports.add(conn, [behind])
    opened = await open_now(conn, Choice("weekly"))
    assert {one.prompt.point for one in await rounds.of_units(conn, ["潮安区"], since=MONDAY)} == {3}
    (asked,) = await rounds.of_units(conn, ["潮安区"], since=MONDAY)
    word = replace(behind, message_key="m2", figures=(), round_id=opened.round.id)
    assert prompts.missing(asked, [behind]) == (0,)
    assert prompts.missing(asked, [word]) == ()


async def test_what_was_answered_before_the_message_left_is_not_asked(conn: Connection) -> None:
    await open_now(conn, Choice("monthly", frozenset({3, 41})))
    (first, second) = await rounds.of_units(conn, ["潮安区"], since=MONDAY)
    await rounds.mark(conn, first.prompt.id, rounds.ANSWERED, now=MONDAY, key="m")
    await asking.answered(conn, BOOK, {first.prompt.bundle}, now=MONDAY)
    (text,) = [text for _, text in (await queue(conn)).values()]
    assert "①" not in text.replace("回复样式：①", "")
    assert "②" in text  # its number stays
    await rounds.mark(conn, second.prompt.id, rounds.ANSWERED, now=MONDAY, key="m2")
    await asking.answered(conn, BOOK, {second.prompt.bundle}, now=MONDAY)
    assert await queue(conn) == {}


async def left(conn: Connection) -> None:
    await conn.execute(update(outbox).values(state="sent", attempts=1))


async def succeeds(conn: Connection, person: str, unit: str, now: datetime) -> None:
    await people.bind(conn, [PersonRow(person, person, "liaison", unit)], by="w", now=now)
    await asking.succeeded(conn, BOOK, [unit], now=now, workdays=Workdays(), rules=Rules())


async def test_a_successor_is_asked_for_what_is_still_owed_on_his_next_day(conn: Connection) -> None:
    """What the one before was asked and did not answer was asked of nobody."""
    await people.bind(conn, [PersonRow("su", "苏", "liaison", "饶平县")], by="w", now=MONDAY)
    await open_now(conn, Choice("monthly", frozenset({3, 41})))
    await left(conn)
    told = (await rounds.of_units(conn, ["潮安区"], since=MONDAY))[0].prompt
    await rounds.mark(conn, told.id, rounds.ANSWERED, now=MONDAY, key="m")
    tuesday = MONDAY + timedelta(days=1)
    await succeeds(conn, "lin", "潮安区", tuesday)
    text = (await queue(conn))["ask:2024-07-16:lin"][1]
    assert "潮安区联络员您好" in text
    assert "要点41" in text
    assert "要点3" not in text  # the unit has told that
    await left(conn)
    await succeeds(conn, "lin", "饶平县", tuesday)  # he had a message today
    assert "饶平县联络员您好" in (await queue(conn))["ask:2024-07-17:lin"][1]
    await asking.succeeded(conn, BOOK, ["饶平县"], now=tuesday, workdays=Workdays(), rules=Rules())
    asked = [key for key in await queue(conn) if key.endswith(":lin")]
    assert asked == ["ask:2024-07-16:lin", "ask:2024-07-17:lin"]  # and nothing twice


async def test_a_successor_reads_what_was_due_before_his_time(conn: Connection) -> None:
    await open_now(conn, Choice("monthly", frozenset({3})))
    await left(conn)
    later = MONDAY + timedelta(days=21)
    await succeeds(conn, "lin", "潮安区", later)
    text = (await queue(conn))["ask:2024-08-05:lin"][1]
    assert "原定7月24日（周三）09:00报送，请尽快在本对话回复要点3的1项累计数" in text


async def test_who_keeps_one_of_two_units_is_asked_under_new_numbers(conn: Connection) -> None:
    """The message he has numbers what he no longer owes."""
    await people.bind(conn, [PersonRow("zheng", "郑云", "liaison", "饶平县")], by="w", now=MONDAY)
    await open_now(conn, Choice("monthly", frozenset({3})))
    await left(conn)
    await succeeds(conn, "lin", "潮安区", MONDAY)
    waiting = await queue(conn)
    assert {"ask:2024-07-15:lin", "ask:2024-07-16:zheng"} <= waiting.keys()
    assert "饶平县联络员您好" in waiting["ask:2024-07-16:zheng"][1]
    assert "①县域重点项目库项目数" in waiting["ask:2024-07-16:zheng"][1]


# --- on the command line --------------------------------------------------------------------------


def bqw(tmp_path: Path, *words: str) -> str:
    config = tmp_path / "c.toml"
    config.write_text(f'[database]\nurl = "sqlite:///{tmp_path / "b.db"}"\n', "utf-8")
    done = CliRunner().invoke(cli, [*words, "--config", str(config)])
    return f"{done.exit_code} {done.output}"


def test_a_round_is_opened_looked_at_and_closed_by_command(tmp_path: Path) -> None:
    now = ("--now", "2024-07-15T09:00")
    assert "1 " in bqw(tmp_path, "round", "open", "--points", "17", *now)[:2]
    told = bqw(tmp_path, "round", "open", "--release", "17", *now, "--by", "王磊")
    assert told.startswith("0 已开轮次“7月进展报送”，截止7月25日（周四）17:30")
    assert "还没有联络员的单位" in told
    assert "应报15项，已报0项" in bqw(tmp_path, "round", "status", *now)
    assert "没有要点99" in bqw(tmp_path, "round", "open", "--points", "99", *now, "--name", "x")
    bqw(tmp_path, "round", "open", "--points", "41", *now, "--kind", "once", "--name", "案例专项")
    assert bqw(tmp_path, "round", "close", *now).startswith("1 请写明收口哪一轮；开着的有：案例专项、7月")
    assert "没有开着的轮次“x”；开着的有" in bqw(tmp_path, "round", "close", "x", *now)
    assert "已收口" in bqw(tmp_path, "round", "close", "案例专项", *now)
    assert "不是要点号" in bqw(tmp_path, "round", "open", "--points", "十七", *now)
    assert "已收口" in bqw(tmp_path, "round", "close", *now)
    assert bqw(tmp_path, "round", "close", *now).startswith("1 没有开着的轮次")


# --- numbers of messages, and rounds that are over --------------------------------------------------------


async def test_a_closed_round_is_not_called_complete_while_something_is_missing(here: Town) -> None:
    """“④4” was answered with “本轮已报齐” while ② and ③ had never come."""
    await here.dialogue("wanglei", ("开月报", "已开轮次"), ("收口", "已收口"))
    assert "这一轮还差3项：②慈善超市示范点数" in await here.hears("zhengyun", "①21")
    await here.dialogue("zhengyun", ("②1 ③2", "迟报|还差1项：④"), ("④4", "迟报|本轮已报齐"))


async def test_numbers_mean_the_newest_message_and_beyond_it_the_one_before(here: Town) -> None:
    """“②1” to a message that asked one thing was taken for “收到”, with a day that was over."""
    await here.dialogue("wanglei", ("开月报", "已开轮次"))
    await here.comes("07-15T09:30")
    await here.dialogue("wanglei", ("开专项 7月17日前 要点42", "已开轮次"))
    await here.comes("07-16T09:30")
    assert len(await here.pushed("zhengyun")) == 2
    await here.dialogue(
        "zhengyun",
        ("我的任务", "①要点42 开展自主改革数|②要点22 慈善超市示范点数|③要点41|要点3 县域重点项目库"),
        ("②1", "慈善超市示范点数1个"),
        ("⑤6", "请您报的里面没有⑤，这条没有记"),
        ("案例2个", "要点41 培育典型案例数2个"),
        ("3", "要点42 开展自主改革数3项"),  # a bare number answers the newest message
    )
    await here.comes("07-26T09:30")
    await here.dialogue(
        "zhengyun", ("收到", "原定7月25日（周四）17:30报送，请尽快"), ("我的任务", "原定7月25日")
    )


# --- one-off rounds ---------------------------------------------------------------------------------------


async def test_there_may_be_several_one_off_rounds_a_day_and_in_whatever_words(here: Town) -> None:
    """The second was refused for its name, which nobody can choose in chat; “下班前把要点41报一下” was
    answered with the text of the point."""
    await here.dialogue(
        "wanglei",
        ("下班前把要点41报一下", "已开轮次“7月15日专项报送”，截止7月15日（周一）17:30"),
        ("下班前报 要点41", "“7月15日专项报送”还开着，问的已经是这些"),
        ("请潮安区下班前报要点42", "已开轮次“7月15日专项报送之二”|共1项，问1位"),
        ("要点17什么时候下班前报", "第17点"),
        ("市交通运输局下班前报了要点17", "第17点"),
        ("7月15日专项报送收口", "“7月15日专项报送”已收口"),
        ("收口", "“7月15日专项报送之二”已收口"),
        ("下班前报 要点41", "已开轮次“7月15日专项报送之三”"),
    )
    await here.dialogue("linxiao", ("请潮安区下班前报要点42", "第42点"))


async def test_the_office_is_told_who_hears_of_a_round_when_it_is_over(here: Town) -> None:
    """One message a day: who had his was asked on the next morning for what was due this evening, and
    nobody said so."""
    await here.dialogue("wanglei", ("开月报", "已开轮次"))
    await here.comes("07-15T09:30")
    opened = await here.hears("wanglei", "下班前报 要点22 要点17 放行17")
    assert "要等截止以后才发到的：潮安区郑云。要赶在截止前，请电话告知" in opened
    await here.dialogue("zhengyun", ("我的任务", "①要点22 慈善超市示范点数"), ("①1", "慈善超市示范点数1个"))
    for point in ("17、22", "41", "42"):
        await here.dialogue("wanglei", (f"开专项 7月17日前 要点{point} 放行17", "已开轮次"))
    status = await here.hears("wanglei", "报送情况")
    assert status.count("应报") == 3
    assert "还开着的：7月15日专项报送、7月进展报送。" in status
