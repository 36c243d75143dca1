"""What is only tried: kept or taken back, and free of charge for those who only read."""

import pytest
from sqlalchemy import event, insert, select, text
from sqlalchemy.exc import IntegrityError

from storage.engine import Connection, Database
from storage.tables import webhooks
from storage.trial import Trial
from tests.conftest import MONDAY


async def write(conn: Connection, name: str) -> None:
    await conn.execute(insert(webhooks).values(name=name, key="k", by="wanglei", at=MONDAY))


async def names(conn: Connection) -> list[str]:
    return list((await conn.execute(select(webhooks.c.name).order_by(webhooks.c.name))).scalars())


async def test_what_was_tried_stands_or_was_never_there(database: Database) -> None:
    async with database.transaction() as conn:
        await write(conn, "before")
        kept = Trial(conn)
        await write(conn, "kept")
        await kept.keep()
        taken_back = Trial(conn)
        await write(conn, "one")
        assert await names(conn) == ["before", "kept", "one"]
        await write(conn, "two")
        await taken_back.undo()
        await write(conn, "afterwards")
    async with database.transaction() as conn:
        assert await names(conn) == ["afterwards", "before", "kept"]


async def test_who_only_reads_sets_no_savepoint(database: Database) -> None:
    async with database.transaction() as conn:
        assert conn.sync_connection is not None
        said: list[str] = []
        event.listen(conn.sync_connection, "savepoint", lambda _, name: said.append(name))
        reading = Trial(conn)
        await names(conn)
        await conn.execute(text("SELECT 1"))
        await reading.undo()
        await write(conn, "after its end")
        assert said == []
        writing = Trial(conn)
        await write(conn, "one")
        await write(conn, "two")
        await writing.keep()
        assert len(said) == 1


async def test_a_transaction_that_is_given_up_leaves_nothing(database: Database) -> None:
    async def fails() -> None:
        async with database.transaction() as conn:
            trial = Trial(conn)
            try:
                await write(conn, "one")
                await write(conn, "one")
            finally:
                trial.end()

    with pytest.raises(IntegrityError):
        await fails()
    async with database.transaction() as conn:
        assert await names(conn) == []
