"""Storage keeps what it promises: no lost update, safe migrations, and a damaged file is left alone."""

import asyncio
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from storage import migrate
from storage.engine import Database, DatabaseRefused, open_engine
from storage.migrate import DatabaseTooNew
from storage.tables import metadata, tokens
from storage.tokens import Tokens
from tests.conftest import MONDAY


async def test_read_then_update_loses_nothing(database: Database) -> None:
    """SQLAlchemy's SQLite defaults lost 246 of 320 such updates without an error."""
    async with database.transaction() as conn:
        await conn.execute(
            insert(tokens).values(key="n", value="0", expires_at=None, lease_owner="", lease_until=None)
        )
    locking = database.engine.dialect.name == "postgresql"

    async def add_one() -> None:
        for _ in range(25):
            async with database.transaction() as conn:
                query = select(tokens.c.value).where(tokens.c.key == "n")
                found = (await conn.execute(query.with_for_update() if locking else query)).scalar_one()
                await asyncio.sleep(0)
                await conn.execute(
                    update(tokens).where(tokens.c.key == "n").values(value=str(int(found) + 1))
                )

    await asyncio.gather(*(add_one() for _ in range(8)))
    assert (await Tokens(database).get("n")) is None  # no expiry: not a token anyone may use
    async with database.transaction() as conn:
        assert (await conn.execute(select(tokens.c.value))).scalar_one() == "200"


async def test_sqlite_is_asked_once_for_each_statement(tmp_path: Path) -> None:
    """aiosqlite visits its thread four times for a query: to make a cursor, execute, fetch and close."""
    database = await Database.open(f"sqlite:///{tmp_path / 'bqw.db'}")
    visits = 0
    async with database.transaction() as conn:
        raw = (await conn.get_raw_connection()).driver_connection
        visit = raw._execute

        async def counting(*call: object) -> object:
            nonlocal visits
            visits += 1
            return await visit(*call)

        raw._execute = counting
        rows = [{"key": key, "value": key, "lease_owner": ""} for key in "abc"]
        written = await conn.execute(insert(tokens), rows)
        assert (written.rowcount, visits) == (3, 1)
        found = await conn.execute(select(tokens.c.key).order_by(tokens.c.key))
        assert (found.scalars().all(), visits) == (["a", "b", "c"], 2)
        with pytest.raises(IntegrityError):
            await conn.execute(insert(tokens), rows[0])
        assert visits == 3
        raw._execute = visit
    await database.close()


async def test_several_processes_may_migrate_at_once(empty_database_url: str) -> None:
    engines = [open_engine(empty_database_url) for _ in range(4)]
    changed = await asyncio.gather(*(migrate.upgrade(engine) for engine in engines))
    assert sorted(changed) == [False, False, False, True]
    assert await migrate.current(engines[0]) == migrate.newest()
    for engine in engines:
        await engine.dispose()


def differences(conn: Connection) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(conn), metadata))


async def test_an_empty_database_gets_the_tables_the_program_uses(database: Database) -> None:
    async with database.transaction() as conn:
        assert await conn.run_sync(differences) == []


async def test_the_migrations_one_by_one_make_the_same_tables(empty_database_url: str) -> None:
    engine = open_engine(empty_database_url)
    async with engine.begin() as conn:
        await conn.run_sync(migrate._run_alembic)
        assert await conn.run_sync(differences) == []
        found = await conn.run_sync(indexes)
    async with engine.begin() as conn:
        await conn.run_sync(metadata.drop_all)
        await conn.execute(text("DROP TABLE alembic_version"))
    assert await migrate.upgrade(engine)
    async with engine.begin() as conn:
        assert await conn.run_sync(indexes) == found
    await engine.dispose()


def indexes(conn: Connection) -> set[str]:
    """Every index with its condition, which a comparison of tables does not see."""
    source = "sqlite_master" if conn.dialect.name == "sqlite" else "pg_indexes"
    column = "sql" if conn.dialect.name == "sqlite" else "indexdef"
    found = conn.execute(text(f"SELECT {column} FROM {source} WHERE {column} LIKE 'CREATE%INDEX%ix_%'"))  # noqa: S608
    return {" ".join(row[0].split()) for row in found}


async def test_a_database_of_a_newer_version_is_refused(database_url: str) -> None:
    database = await Database.open(database_url)
    async with database.transaction() as conn:
        await conn.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    await database.close()
    with pytest.raises(DatabaseTooNew, match="9999"):
        await Database.open(database_url)


@pytest.mark.parametrize("damage", ["not a database at all" * 100, ""])
async def test_a_corrupt_file_is_refused_and_left_as_it_is(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "bqw.db"
    opened = await Database.open(f"sqlite:///{path}")
    await opened.close()
    before = bytearray(path.read_bytes())
    before[: len(damage)] = damage.encode()
    if not damage:
        before[4096:8192] = b"\xff" * 4096  # a sound header, a page of rubbish
    path.write_bytes(before)
    with pytest.raises(DatabaseRefused, match="已损坏"):
        await Database.open(f"sqlite:///{path}")
    assert path.read_bytes() == before


async def test_a_place_where_nothing_can_be_written_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(DatabaseRefused, match="打不开"):
        await Database.open(f"sqlite:///{tmp_path}")  # a folder
    (tmp_path / "file").touch()
    with pytest.raises(DatabaseRefused, match="打不开"):
        await Database.open(f"sqlite:///{tmp_path / 'file' / 'bqw.db'}")  # below a file
    with pytest.raises(DatabaseRefused, match="不支持"):
        open_engine("mysql://localhost/x")
    with pytest.raises(DatabaseRefused, match="写法不对"):
        open_engine("::::")


async def test_a_server_that_is_not_there_is_a_sentence_without_the_password() -> None:
    with pytest.raises(DatabaseRefused) as caught:
        await Database.open("postgresql://user:hunter2@127.0.0.1:1/none")
    assert "连不上" in str(caught.value)
    assert "hunter2" not in str(caught.value)


async def test_times_come_back_aware_and_naive_ones_are_refused(database: Database) -> None:
    table = Tokens(database)
    await table.claim("k", "me", MONDAY, MONDAY)
    await table.put("k", "v", MONDAY)
    found = await table.get("k")
    assert found == ("v", MONDAY)
    assert found[1].tzinfo is not None
    with pytest.raises(Exception, match="naive"):
        await table.put("k", "v", MONDAY.replace(tzinfo=None))


async def test_only_one_replica_may_fetch_a_token(database: Database) -> None:
    table = Tokens(database)
    taken = await asyncio.gather(*(table.claim("k", f"r{n}", MONDAY, MONDAY) for n in range(5)))
    assert sum(taken) == 1
