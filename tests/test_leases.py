"""One holder at a time, whichever replica asks; addresses that work once."""

import asyncio
from datetime import timedelta

from bot.lease import Lease
from storage import leases, outbox, robots
from storage.engine import Database
from storage.message import Text, dump
from tests.conftest import MONDAY, Clock

HOUR = timedelta(hours=1)


async def test_a_lease_has_one_holder_until_it_ends(database: Database, clock: Clock) -> None:
    one, other = (Lease(database, "robot:x", clock=clock, seconds=10) for _ in range(2))
    assert sorted(await asyncio.gather(one.take(), other.take())) == [False, True]
    first, second = (one, other) if await one.take() else (other, one)
    clock.step(seconds=9)
    assert await first.take(), "the holder prolongs it"
    clock.step(seconds=9)
    assert not await second.take()
    clock.step(seconds=2)
    assert await second.take(), "its holder has died"
    assert not await first.take()
    await second.let_go()
    assert await first.take()
    async with database.transaction() as conn:
        assert await leases.holder(conn, "robot:x", clock()) is not None
        assert await leases.holder(conn, "robot:x", clock() + HOUR) is None
        assert await leases.holder(conn, "another", clock()) is None


async def test_a_lease_outlives_a_hiccup_of_storage_and_no_more(database: Database, clock: Clock) -> None:
    lease = Lease(database, "robot:x", clock=clock, seconds=10)
    assert await lease.take()
    async with database.transaction() as conn:
        await conn.exec_driver_sql("ALTER TABLE leases RENAME TO gone")
    assert await lease.take(), "until its end it is ours, for nobody else can have taken it"
    clock.step(seconds=11)
    assert not await lease.take()
    await lease.let_go()


async def test_an_address_works_once_and_best_for_its_own_message(database: Database) -> None:
    async with database.transaction() as conn:
        for key, target in (("a", "wrA"), ("b", "wrA"), ("c", "linxiao")):
            await robots.keep(conn, key, target, f"https://x/{key}", now=MONDAY, until=MONDAY + HOUR)
        await robots.keep(conn, "a", "wrA", "https://x/a2", now=MONDAY, until=MONDAY + HOUR)
    async with database.transaction() as conn:
        assert await robots.take(conn, "b", "wrA", MONDAY) == "https://x/b"
        assert await robots.take(conn, "b", "wrA", MONDAY) == "https://x/a2", "any other of the same chat"
        assert await robots.take(conn, "b", "wrA", MONDAY) is None
        assert await robots.take(conn, "c", "linxiao", MONDAY + 2 * HOUR) is None, "its hour is over"


async def test_an_answer_is_handed_over_only_while_the_door_has_it(database: Database) -> None:
    async with database.transaction() as conn:
        rows = [(outbox.Outgoing(key, "robot", "wrA", dump(Text(key))), MONDAY + HOUR) for key in "abc"]
        await outbox.add(conn, rows, MONDAY)
        await outbox.answered_inline(conn, ["a"], MONDAY)
        assert not await outbox.hand_over(conn, "a", MONDAY, maybe_sent=False)
        assert await outbox.hand_over(conn, "b", MONDAY, maybe_sent=True)
        await outbox.let_be(conn, "c", "太晚")
        claimed = await outbox.claim(conn, owner="x", now=MONDAY, lease=HOUR, limit=9, channel="robot")
    assert [(row.key, row.maybe_sent_at) for row in claimed] == [("b", MONDAY)]
