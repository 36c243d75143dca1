"""Which chats are bound, asked for a whole batch of messages at once."""

from storage import chats
from storage.chats import APPCHAT, HEADQUARTERS, ROBOT, Address, Group
from storage.engine import Database
from tests.conftest import MONDAY


async def test_of_some_chats_the_bound_ones_are_named(database: Database) -> None:
    async with database.transaction() as conn:
        for name, address in (
            ("工作群", Address(ROBOT, "wrOffice")),
            ("联络群", Address(ROBOT, "wrOthers")),
            ("专班群", Address(APPCHAT, "wrByApp")),
        ):
            await chats.bind(conn, Group(name, HEADQUARTERS, "", "wanglei", MONDAY), address)
        asked = ["wrOffice", "wroffice", "wrByApp", "wrNobody", "wrOthers"]
        assert await chats.bound_among(conn, ROBOT, asked) == {"wrOffice", "wrOthers"}
        assert await chats.bound_among(conn, ROBOT, ["wrOffice"]) == {"wrOffice"}
        assert await chats.bound_among(conn, ROBOT, []) == frozenset()
        found = await chats.named(conn, "联络群")
        assert found is not None
        await chats.unbind(conn, found, by="wanglei", now=MONDAY)
        assert await chats.bound_among(conn, ROBOT, asked) == {"wrOffice"}
