"""Outbox rows leave once, in order, within WeCom's windows, and the hopeless ones say what to do."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from bot.delivery import Delivery
from bot.metrics import Metrics
from bot.settings import Delivery as Settings
from bot.wecom.errors import ConfigError, DropRecipient, RateLimited, RetryLater, WeComError
from storage import outbox, paces, parked
from storage.engine import Database
from storage.message import Payload, Text, dump
from storage.tables import outbox as table
from supervision.workdays import Workdays
from tests.conftest import MONDAY, Clock

QUICK = Settings(poll_seconds=0.01)


class Recorder:
    """A channel that notes what it was given; `answers` are raised in turn first."""

    def __init__(self, *answers: WeComError | None) -> None:
        self.answers = list(answers)
        self.sent: list[tuple[str, str, timedelta | None]] = []
        self.arrived = asyncio.Event()

    async def send(self, target: str, payload: Payload, *, key: str, maybe_sent: timedelta | None) -> None:
        answer = self.answers.pop(0) if self.answers else None
        if answer is not None:
            self.arrived.set()
            raise answer
        assert isinstance(payload, Text)
        self.sent.append((target, payload.text, maybe_sent))
        self.arrived.set()


@asynccontextmanager
async def delivering(
    database: Database,
    sender: Recorder,
    clock: Clock,
    settings: Settings = QUICK,
    channel: str = "app",
    workdays: Callable[[], Workdays] | None = None,
) -> AsyncIterator[Delivery]:
    delivery = Delivery(
        database=database,
        senders={channel: sender},
        settings=settings,
        clock=clock,
        metrics=Metrics(),
        admins=frozenset({"wanglei"}),
        workdays=workdays,
    )
    await delivery.start()
    yield delivery
    await delivery.close()


async def queue(database: Database, *texts: str, target: str = "linxiao", **more: object) -> None:
    async with database.transaction() as conn:
        for text in texts:
            row = outbox.Outgoing(
                key=f"{target}:{text}", channel="app", target=target, payload=dump(Text(text))
            )
            await outbox.add(conn, [(replace(row, **more), None)], MONDAY)  # type: ignore[arg-type]


async def until(database: Database, *states: str) -> dict[str, tuple[str, str]]:
    """Every row's state and reason, once all are in one of `states`."""
    async with asyncio.timeout(20):
        while True:
            async with database.transaction() as conn:
                rows = {row.key: (row.state, row.reason) for row in await conn.execute(select(table))}
            if rows and all(state in states for state, _ in rows.values()):
                return rows
            await asyncio.sleep(0.005)


async def test_queued_rows_leave_in_order_and_only_once(database: Database, clock: Clock) -> None:
    sender = Recorder()
    await queue(database, "一", "二", "三")
    async with delivering(database, sender, clock), delivering(database, sender, clock):
        await until(database, "sent")
    assert [text for _, text, _ in sender.sent] == ["一", "二", "三"]


async def test_an_answer_goes_before_a_reminder(database: Database, clock: Clock) -> None:
    sender = Recorder()
    await queue(database, "提醒", priority=outbox.REMINDER)
    await queue(database, "答复", priority=outbox.ANSWER)
    async with delivering(database, sender, clock):
        await until(database, "sent")
    assert [text for _, text, _ in sender.sent] == ["答复", "提醒"]


async def test_a_reminder_waits_for_the_morning_and_an_answer_does_not(
    database: Database, clock: Clock
) -> None:
    """It was to leave on Friday, and nothing could be sent before Friday night."""
    sender = Recorder()
    await queue(database, "提醒", priority=outbox.REMINDER)
    await queue(database, "答复", priority=outbox.ANSWER)
    clock.step(days=4, hours=13)
    async with delivering(database, sender, clock, workdays=Workdays) as delivery:
        await until(database, "sent", "queued")
        while len(rows := await waiting(database)) != 1 or rows["linxiao:提醒"] == MONDAY:
            await asyncio.sleep(0.01)
        assert rows == {"linxiao:提醒": MONDAY + timedelta(days=7, minutes=10)}
        assert [text for _, text, _ in sender.sent] == ["答复"]
        clock.step(days=2, hours=12)
        delivery.poke()
        await until(database, "sent")
    assert [text for _, text, _ in sender.sent] == ["答复", "提醒"]


async def test_what_is_left_of_yesterday_does_not_leave_beside_what_asks_today(
    database: Database, clock: Clock
) -> None:
    sender = Recorder()
    await queue(database, "昨天的", key="ask:2024-07-15:linxiao", priority=outbox.REMINDER)
    await queue(database, "今天的", key="ask:2024-07-16:linxiao", priority=outbox.REMINDER)
    await queue(database, "别人的", key="ask:2024-07-15:wang", target="wang", priority=outbox.REMINDER)
    clock.step(days=1, minutes=15)
    async with delivering(database, sender, clock, workdays=Workdays) as delivery:
        while len(sender.sent) < 2:
            await asyncio.sleep(0.01)
        while len(rows := await waiting(database)) != 1:
            await asyncio.sleep(0.01)
        assert rows == {"ask:2024-07-15:linxiao": MONDAY + timedelta(days=2, minutes=10)}
        assert sorted(text for _, text, _ in sender.sent) == ["今天的", "别人的"]
        clock.step(days=1)
        delivery.poke()
        await until(database, "sent")
    assert [text for _, text, _ in sender.sent][-1] == "昨天的"


async def waiting(database: Database) -> dict[str, datetime]:
    """What has not left, and when it may."""
    async with database.transaction() as conn:
        rows = await conn.execute(select(table.c.key, table.c.next_at).where(table.c.state != "sent"))
        return {row.key: row.next_at for row in rows}


@pytest.mark.parametrize("maybe_done", [False, True])
async def test_a_hiccup_is_tried_again_and_says_whether_it_may_have_worked(
    database: Database, clock: Clock, maybe_done: bool
) -> None:
    sender = Recorder(RetryLater("企业微信系统繁忙", code=-1, after=2.0, maybe_done=maybe_done))
    await queue(database, "一")
    async with delivering(database, sender, clock) as delivery:
        await sender.arrived.wait()
        await until(database, "queued")
        assert sender.sent == []
        clock.step(seconds=2)
        delivery.poke()
        await until(database, "sent")
    assert sender.sent == [("linxiao", "一", timedelta(seconds=2) if maybe_done else None)]


async def test_a_full_window_waits_until_it_is_free(database: Database, clock: Clock) -> None:
    sender = Recorder(RateLimited("接口调用太频繁", until=MONDAY + timedelta(minutes=5), code=45009))
    await queue(database, "一")
    async with delivering(database, sender, clock) as delivery:
        await sender.arrived.wait()
        clock.step(minutes=4)
        delivery.poke()
        assert (await until(database, "queued"))["linxiao:一"] == ("queued", "接口调用太频繁")
        clock.step(minutes=1)
        delivery.poke()
        await until(database, "sent")


async def test_what_cannot_succeed_is_parked_with_the_next_step(database: Database, clock: Clock) -> None:
    sender = Recorder(DropRecipient("通讯录中没有这个成员", "请核对名单", code=60111))
    await queue(database, "一")
    async with delivering(database, sender, clock):
        rows = await until(database, "parked", "sent")
    assert rows["linxiao:一"] == ("parked", "通讯录中没有这个成员。请核对名单")


async def test_a_parked_message_can_be_sent_again(database: Database, clock: Clock) -> None:
    sender = Recorder(DropRecipient("通讯录中没有这个成员", code=60111))
    await queue(database, "一")
    async with delivering(database, sender, clock):
        await until(database, "parked", "sent")
        async with database.transaction() as conn:
            assert [row.target for row in await parked.listed(conn)] == ["linxiao"]
            assert await parked.release(conn, None, clock()) == 1
        await until(database, "sent")
    assert [sent for sent in sender.sent if sent[0] == "linxiao"] == [("linxiao", "一", None)]


async def test_after_many_tries_a_person_is_asked(database: Database, clock: Clock) -> None:
    sender = Recorder(*[ConfigError("应用被停用", "请在管理后台启用", code=50003)] * 2)
    await queue(database, "一")
    async with delivering(database, sender, clock, replace(QUICK, max_attempts=2)) as delivery:
        await sender.arrived.wait()
        await until(database, "queued")
        clock.step(minutes=6)
        delivery.poke()
        while sender.answers:
            await asyncio.sleep(0.005)
        await settled(database, "linxiao:一")
        rows = await until(database, "parked", "queued")  # the line to the admin waits for the pause to end
    assert rows["linxiao:一"][1] == "试了2次仍未成功：应用被停用。请在管理后台启用"


async def test_one_person_never_gets_more_than_the_window_over_several_replicas(
    database: Database, clock: Clock
) -> None:
    sender = Recorder()
    few = replace(QUICK, per_member_minute=30, lease_seconds=600)
    await queue(database, *[f"{n:03}" for n in range(70)])
    await queue(database, "别人", target="chenjing")
    async with (
        delivering(database, sender, clock, few),
        delivering(database, sender, clock, few),
        delivering(database, sender, clock, few),
    ):
        for minute in range(1, 4):
            async with asyncio.timeout(20):
                while sum(target == "linxiao" for target, _, _ in sender.sent) < min(30 * minute, 70):
                    await asyncio.sleep(0.005)
            clock.step(seconds=30)
            assert sum(target == "linxiao" for target, _, _ in sender.sent) == min(30 * minute, 70)
            clock.step(seconds=31)
        await until(database, "sent")
    assert [text for target, text, _ in sender.sent if target == "linxiao"] == [f"{n:03}" for n in range(70)]


async def test_a_row_whose_sender_was_killed_comes_back(database: Database, clock: Clock) -> None:
    await queue(database, "一")
    async with database.transaction() as conn:
        dead = await outbox.claim(conn, owner="dead", now=clock(), lease=timedelta(seconds=30), limit=1)
    sender = Recorder()
    async with delivering(database, sender, clock) as delivery:
        clock.step(seconds=29)
        delivery.poke()
        assert (await until(database, "sending"))["linxiao:一"][0] == "sending"
        clock.step(seconds=2)
        delivery.poke()
        await until(database, "sent")
        async with database.transaction() as conn:
            assert not await outbox.sent(conn, dead[0], owner="dead", now=clock())
    assert sender.sent == [("linxiao", "一", timedelta(seconds=1))]  # since the dead one's lease ended


async def test_a_row_of_a_newer_version_is_parked_not_lost(database: Database, clock: Clock) -> None:
    async with database.transaction() as conn:
        row = outbox.Outgoing(key="k", channel="app", target="linxiao", payload={"form": "Hologram"})
        await outbox.add(conn, [(row, None)], MONDAY)
    async with delivering(database, Recorder(), clock):
        rows = await until(database, "parked", "sent")
    assert rows["k"][0] == "parked"
    assert "升级" in rows["k"][1]


async def test_a_row_that_surprises_is_parked_in_the_end_and_holds_up_nobody(
    database: Database, clock: Clock
) -> None:
    class Surprised(Recorder):
        async def send(
            self, target: str, payload: Payload, *, key: str, maybe_sent: timedelta | None
        ) -> None:
            if isinstance(payload, Text) and payload.text == "怪":
                self.arrived.set()
                raise RuntimeError("boom")
            await super().send(target, payload, key=key, maybe_sent=maybe_sent)

    sender = Surprised()
    await queue(database, "怪")
    await queue(database, "二", target="chenjing")
    async with delivering(database, sender, clock, replace(QUICK, max_attempts=3)) as delivery:
        for _ in range(3):
            await sender.arrived.wait()
            sender.arrived.clear()
            await settled(database, "linxiao:怪")
            clock.step(minutes=10)
            delivery.poke()
        rows = await until(database, "sent", "parked")
    assert rows["linxiao:怪"][0] == "parked"
    assert "boom" not in rows["linxiao:怪"][1]
    assert rows["chenjing:二"][0] == "sent"


async def settled(database: Database, key: str) -> None:
    """Until the row is not being sent just now."""
    async with asyncio.timeout(20):
        while True:
            async with database.transaction() as conn:
                state = (await conn.execute(select(table.c.state).where(table.c.key == key))).scalar_one()
            if state != "sending":
                return
            await asyncio.sleep(0.005)


async def test_a_part_waits_for_the_one_before_it_even_if_that_needs_a_person(
    database: Database, clock: Clock
) -> None:
    sender = Recorder(DropRecipient("通讯录中没有这个成员", code=60111))
    await queue(database, "一")
    await queue(database, "二", after="linxiao:一")
    async with delivering(database, sender, clock) as delivery:
        await sender.arrived.wait()
        await settled(database, "linxiao:一")
        clock.step(minutes=1)
        delivery.poke()
        async with database.transaction() as conn:
            assert await parked.release(conn, None, clock()) == 1
        delivery.poke()
        await until(database, "sent")
    assert [text for target, text, _ in sender.sent if target == "linxiao"] == ["一", "二"]


async def test_a_refused_endpoint_is_left_alone_by_the_other_rows_too(
    database: Database, clock: Clock
) -> None:
    limit = RateLimited("接口调用太频繁", until=MONDAY + timedelta(minutes=5), code=45009)
    sender = Recorder(limit, limit, limit)
    for number in range(20):
        await queue(database, "一", target=f"user{number}")
    async with delivering(database, sender, clock, replace(QUICK, at_once=1)) as delivery:
        await sender.arrived.wait()
        await settled(database, "user0:一")
        for _ in range(5):
            delivery.poke()
            await asyncio.sleep(0)
        assert len(sender.answers) == 2, "another row was tried during the block"
        sender.answers.clear()
        clock.step(minutes=6)
        delivery.poke()
        await until(database, "sent")


async def test_a_clock_moved_back_does_not_silence_anybody(database: Database, clock: Clock) -> None:
    sender = Recorder()
    few = replace(QUICK, per_member_minute=1)
    await queue(database, "一")
    async with delivering(database, sender, clock, few):
        await until(database, "sent")
    clock.step(days=-1)
    async with database.transaction() as conn:
        row = outbox.Outgoing(key="later", channel="app", target="linxiao", payload=dump(Text("二")))
        await outbox.add(conn, [(row, None)], clock())
    async with delivering(database, sender, clock, few):
        await until(database, "sent")


async def test_a_pause_holds_for_every_replica(database: Database, clock: Clock) -> None:
    limit = RateLimited("接口调用太频繁", until=MONDAY + timedelta(minutes=5), code=45009)
    refused, other = Recorder(limit), Recorder()
    await queue(database, "一")
    async with delivering(database, refused, clock):
        await refused.arrived.wait()
        await settled(database, "linxiao:一")
    await queue(database, "二", target="chenjing")
    async with delivering(database, other, clock) as delivery:
        async with database.transaction() as conn:
            (pause,) = await paces.paused(conn, clock())
        assert (pause.scope, pause.reason) == ("app", "接口调用太频繁")
        for _ in range(20):
            delivery.poke()
            await asyncio.sleep(0.005)
        assert other.sent == []
        clock.step(minutes=5)
        delivery.poke()
        await until(database, "sent")


async def test_an_answer_overtakes_a_wave_that_waits_its_turn(database: Database, clock: Clock) -> None:
    clock.step(minutes=10)
    sender, slow = Recorder(), replace(QUICK, per_app_minute=60)
    for number in range(40):
        await queue(database, "提醒", target=f"user{number}", priority=outbox.REMINDER)
    async with delivering(database, sender, clock, slow) as delivery:
        await sender.arrived.wait()
        await queue(database, "答复", target="chenjing")
        delivery.poke()
        async with asyncio.timeout(20):  # the clock stands still: the wave's next turn never comes
            while ("chenjing", "答复", None) not in sender.sent:
                await asyncio.sleep(0.005)
        assert len(sender.sent) < 5
        async with asyncio.timeout(20):
            while len(sender.sent) < 41:
                clock.step(seconds=1)
                delivery.poke()
                await asyncio.sleep(0.005)


async def test_no_more_than_the_limit_leaves_in_a_minute_over_several_replicas(
    database: Database, clock: Clock
) -> None:
    clock.step(minutes=10)
    sender, slow = Recorder(), replace(QUICK, per_app_minute=60)
    for number in range(100):
        await queue(database, "提醒", target=f"user{number}", priority=outbox.REMINDER)
    async with (
        delivering(database, sender, clock, slow),
        delivering(database, sender, clock, slow),
        delivering(database, sender, clock, slow),
    ):
        for _ in range(60):
            await asyncio.sleep(0.06)  # three replicas look several times, in every order
            clock.step(seconds=1)
    assert 1 <= len(sender.sent) <= 60
    assert len({target for target, _, _ in sender.sent}) == len(sender.sent)


async def test_a_webhook_has_a_window_of_its_own_per_key(database: Database, clock: Clock) -> None:
    sender = Recorder()
    for key in ("群一", "群二"):
        await queue(database, *[f"{n:02}" for n in range(25)], target=key, channel="webhook")
    async with delivering(database, sender, clock, channel="webhook") as delivery:
        async with asyncio.timeout(20):
            while len(sender.sent) < 36:
                await asyncio.sleep(0.005)
        for _ in range(10):
            delivery.poke()
            await asyncio.sleep(0.005)
        assert [sum(target == key for target, _, _ in sender.sent) for key in ("群一", "群二")] == [18, 18]
        clock.step(minutes=1, seconds=1)
        await until(database, "sent")


async def test_after_an_outage_the_admin_reads_one_line_and_not_one_per_row(
    database: Database, clock: Clock
) -> None:
    broken = [RetryLater("连不上企业微信", "请检查网络")] * 12
    sender = Recorder(*broken)
    for number in range(6):
        await queue(database, "提醒", target=f"user{number}")
    async with delivering(database, sender, clock, replace(QUICK, max_attempts=2)) as delivery:
        async with asyncio.timeout(20):
            while sender.answers:
                clock.step(seconds=5)
                delivery.poke()
                await asyncio.sleep(0.02)
        clock.step(minutes=31)
        rows = await until(database, "parked", "sent")
    assert sum(state == "parked" for state, _ in rows.values()) == 6
    (line,) = [text for target, text, _ in sender.sent if target == "wanglei"]
    assert "给user" in line
    assert "试了2次仍未成功：连不上企业微信。请检查网络" in line
    assert "搁置的消息" in line


async def test_a_slow_send_is_written_down_though_others_were_meanwhile(
    database: Database, clock: Clock
) -> None:
    free = asyncio.Event()

    class Slow(Recorder):
        async def send(
            self, target: str, payload: Payload, *, key: str, maybe_sent: timedelta | None
        ) -> None:
            if target == "linxiao":
                await free.wait()
            await super().send(target, payload, key=key, maybe_sent=maybe_sent)

    sender = Slow()
    await queue(database, "慢")
    async with delivering(database, sender, clock) as delivery:
        for target in ("chenjing", "huangwei"):
            await queue(database, "二", target=target)
            delivery.poke()
            await left(database, f"{target}:二")
        free.set()
        await until(database, "sent")
    assert [text for _, text, _ in sender.sent] == ["二", "二", "慢"]


async def left(database: Database, key: str) -> None:
    """Until the row is known to have been sent."""
    async with asyncio.timeout(20):
        while True:
            async with database.transaction() as conn:
                state = (await conn.execute(select(table.c.state).where(table.c.key == key))).scalar_one()
            if state == "sent":
                return
            await asyncio.sleep(0.005)
