"""What could not be sent lies before the admins with the next step, and they decide about it in chat."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot import pacing
from storage import audit, outbox, paces
from storage.message import Text, dump
from storage.tables import outbox as table
from tests.conftest import MONDAY
from tests.town import Town, town

GONE = "通讯录中没有这个成员。请核对名单，成员可能已经离职或改名"


@pytest.fixture
async def office(database_url: str) -> AsyncIterator[Town]:
    async with town(database_url) as found:
        yield found


async def park(place: Town, *keys: str) -> None:
    """Rows as an outage leaves them: a message to a liaison, and a second part that waits for the first."""
    async with place.bot.database.transaction() as conn:
        for key in keys:
            payload = dump(Text(f"【今日到期】{key}，请于今天17:30前回复。"))
            row = outbox.Outgoing(key, "nowhere", "chenjing", payload, priority=outbox.REMINDER)
            part = outbox.Outgoing(f"{key}:1", "nowhere", "chenjing", payload, after=key)
            await outbox.add(conn, [(row, None), (part, None)], MONDAY)
        await conn.execute(table.update().where(table.c.key.in_(keys)).values(state="parked", reason=GONE))


async def states(place: Town, key: str) -> list[str]:
    async with place.bot.database.transaction() as conn:
        rows = await conn.execute(
            select(table.c.state).where(table.c.key.startswith(key)).order_by(table.c.id)
        )
        return list(rows.scalars())


async def test_the_office_looks_and_decides(office: Town) -> None:
    await office.dialogue("wanglei", ("搁置的消息", "目前没有搁置的消息"), ("重发 1", "请先回复“搁置的消息”"))
    await park(office, "甲", "乙", "丙")
    await office.dialogue(
        "wanglei",
        ("搁置的消息", f"共3条|1. 7月15日给陈静的“【今日到期】甲|{GONE}|重发 1，或“重发全部”|不发 1"),
        ("冷链谁牵头", "市供销社"),  # the numbers outlive a question in between
        ("重发 5", "第1条到第3条，没有第5条"),
        ("重发 2", "1条已放回，马上重发"),
        ("重发 2", "已经处理过了"),
        ("不发 第1条", "1条不再发送，记录保留"),
        ("搁置的消息", "共1条|1. 7月15日给陈静的“【今日到期】丙"),
        ("重发全部", "1条都已放回"),
        ("重发全部", "目前没有搁置的消息"),
    )
    assert await states(office, "甲") == ["dropped", "dropped"]
    assert await states(office, "乙") == ["queued", "queued"]
    async with office.bot.database.transaction() as conn:
        noted = [(entry.action, entry.person) for entry in await audit.latest(conn, 5)]
    assert ("drop", "wanglei") in noted
    assert noted.count(("resend", "wanglei")) == 2


async def test_nobody_else_may(office: Town) -> None:
    await park(office, "甲")
    for person in ("chenjing", "linxiao", "zhoumin"):
        for said in ("搁置的消息", "重发全部", "不发 1"):
            assert "市百千万办管理员" in await office.hears(person, said)
    assert await states(office, "甲") == ["parked", "queued"]


async def test_a_pause_stands_above_the_list(office: Town) -> None:
    async with office.bot.database.transaction() as conn:
        now = office.wecom.clock.now()
        pause = replace(
            pacing.fresh("webhook:x", now), paused_until=now + timedelta(minutes=5), reason="调用过于频繁"
        )
        await paces.write(conn, pause)
    await office.dialogue("wanglei", ("搁置的消息", "推送暂停到09:0|调用过于频繁|没有搁置"))
