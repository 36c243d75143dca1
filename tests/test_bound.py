"""What storage keeps of bound groups, their robots' keys, and visitors of 微信客服."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from storage import audit, chats, kf
from storage.chats import Address, Group
from storage.engine import Database
from tests.conftest import MONDAY

OFFICE = Group("市百千万办工作群", chats.HEADQUARTERS, "", "wanglei", MONDAY)
LEASE = timedelta(minutes=2)


async def test_a_group_is_reached_by_the_way_that_can_ping(database: Database) -> None:
    async with database.transaction() as conn:
        first = await chats.bind(conn, OFFICE, Address(chats.ROBOT, "wr-office"))
        assert first.address == Address("robot", "wr-office")
        both = await chats.bind(conn, replace(first, by="wanglei"), Address(chats.WEBHOOK, OFFICE.name))
        assert both.address == Address("webhook", OFFICE.name)
        assert [one.id for one in await chats.bound(conn)] == [first.id]
        assert await chats.at(conn, "robot", "WR-OFFICE") is None
        assert await chats.switch_off(conn, Address("webhook", OFFICE.name), reason="93000", now=MONDAY)
        assert not await chats.switch_off(conn, Address("webhook", OFFICE.name), reason="93000", now=MONDAY)
        found = await chats.named(conn, OFFICE.name)
        assert found is not None
        assert found.address == Address("robot", "wr-office")


async def test_a_chat_and_a_name_are_bound_once_until_unbound(database: Database) -> None:
    async with database.transaction() as conn:
        await chats.bind(conn, OFFICE, Address("robot", "wr-office"))
        await chats.keep_key(conn, OFFICE.name, "k-1", by="wanglei", now=MONDAY)
    with pytest.raises(IntegrityError):
        async with database.transaction() as conn:
            await chats.bind(conn, replace(OFFICE, name="另一个名"), Address("robot", "wr-office"))
    with pytest.raises(IntegrityError):
        async with database.transaction() as conn:
            await chats.bind(conn, OFFICE, Address("robot", "wr-other"))
    async with database.transaction() as conn:
        (group,) = await chats.bound(conn)
        await chats.unbind(conn, group, by="wanglei", now=MONDAY)
        assert await chats.bound(conn) == []
        assert await chats.keys(conn) == {}
        again = await chats.bind(conn, OFFICE, Address("robot", "wr-office"))
        assert again.id != group.id
        entries = await audit.latest(conn)
    assert [entry.action for entry in entries] == ["group-bind", "group-unbind", "group-key", "group-bind"]
    assert "k-1" not in str(entries)


async def test_one_replica_reads_an_account_and_a_callback_meanwhile_is_not_lost(database: Database) -> None:
    now = MONDAY
    async with database.transaction() as conn:
        await kf.want(conn, "wk1", "t1", now)
        first = await kf.claim(conn, owner="a", now=now, until=now + LEASE)
        assert first is not None
        assert (first.cursor, first.token, first.since) == ("", "t1", now)
        assert await kf.claim(conn, owner="b", now=now, until=now + LEASE) is None
        assert await kf.read_to(conn, first, "c1", owner="a", until=now + LEASE)
        await kf.want(conn, "wk1", "t2", now + timedelta(seconds=5))
        await kf.finish(conn, first, owner="a")
        second = await kf.claim(conn, owner="b", now=now + timedelta(seconds=5), until=now + LEASE)
        assert second is not None
        assert (second.cursor, second.token, second.since) == ("c1", "t2", now)
        assert not await kf.read_to(conn, first, "c9", owner="a", until=now + LEASE)
        await kf.finish(conn, second, owner="b")
        assert await kf.claim(conn, owner="a", now=now + LEASE, until=now + 2 * LEASE) is None


async def test_a_dead_replicas_account_is_taken_over_and_a_failure_waits(database: Database) -> None:
    now, later = MONDAY, MONDAY + LEASE + timedelta(seconds=1)
    async with database.transaction() as conn:
        await kf.want(conn, "wk1", "", now)
        assert await kf.claim(conn, owner="a", now=now, until=now + LEASE)
        taken = await kf.claim(conn, owner="b", now=later, until=later + LEASE)
        assert taken is not None
        await kf.put_off(conn, taken, later + timedelta(minutes=1), owner="b")
        assert await kf.claim(conn, owner="b", now=later, until=later + LEASE) is None
        again = later + timedelta(minutes=1)
        assert await kf.claim(conn, owner="a", now=again, until=again + LEASE)


async def test_five_messages_may_follow_one_of_the_visitors_within_two_days(database: Database) -> None:
    since = MONDAY - timedelta(hours=48)
    async with database.transaction() as conn:
        await kf.entered(conn, "wk1", "wmAbC")
        known = await kf.visitor(conn, "WMABC")
        assert known is not None
        assert known.external_userid == "wmAbC"
        assert not await kf.take(conn, known, most=5, since=since)  # he has said nothing
        await kf.heard(conn, "wk1", {"wmAbC": MONDAY})
        taken = [await kf.take(conn, known, most=5, since=since) for _ in range(6)]
        assert taken == [True] * 5 + [False]
        await kf.heard(conn, "wk1", {"wmAbC": MONDAY})  # the same page read again
        assert not await kf.take(conn, known, most=5, since=since)
        await kf.heard(conn, "wk1", {"wmAbC": MONDAY + timedelta(seconds=1)})
        assert await kf.take(conn, known, most=5, since=since)
        assert not await kf.take(conn, known, most=5, since=MONDAY + timedelta(hours=48))


async def test_a_visitor_is_met_where_he_wrote_last(database: Database) -> None:
    async with database.transaction() as conn:
        await kf.heard(conn, "wk1", {"wmA": MONDAY})
        await kf.heard(conn, "wk2", {"wmA": MONDAY + timedelta(minutes=1)})
        await kf.entered(conn, "wk3", "wmA")
        await kf.call(conn, "wk2", {"wmA": "苏总"})
        found = await kf.visitor(conn, "wma")
        assert found is not None
        assert (found.open_kfid, found.name) == ("wk2", "苏总")
        assert await kf.names(conn, ["WMA", "wmb"]) == {"wma": "苏总"}
        await kf.hand_over(conn, found, "wanglei", MONDAY)
        assert await kf.take_back(conn, "wk2", "wmA")
        assert not await kf.take_back(conn, "wk2", "wmA")
