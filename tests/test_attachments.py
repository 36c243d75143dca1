"""The rows of files people sent: each goes to one fetcher at a time, and what was decided stays decided."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from storage import attachments
from storage.attachments import Attachment, Wanted
from storage.engine import Database
from tests.conftest import MONDAY

LEASE = timedelta(minutes=5)


def wanted(key: str = "m1", name: str = "17项.docx", **more: object) -> Wanted:
    values = {"person": "HuangWei", "unit": "市交通运输局", "kind": "file", "media_id": f"M-{key}"}
    return Wanted(message_key=key, name=name, sent_at=MONDAY, **{**values, **more})  # type: ignore[arg-type]


async def put(database: Database, *rows: Wanted) -> None:
    async with database.transaction() as conn:
        for row in rows:
            await attachments.want(conn, row)


async def sent_by(database: Database, person: str = "huangwei") -> list[Attachment]:
    async with database.transaction() as conn:
        return await attachments.of_person(conn, person, MONDAY - timedelta(days=1))


async def test_a_row_goes_to_one_of_several_replicas_and_comes_back_after_its_lease(
    database: Database,
) -> None:
    await put(database, *(wanted(f"m{n}") for n in range(6)))

    async def claims() -> list[str]:
        async with database.transaction() as conn:
            rows = await attachments.claim(conn, now=MONDAY, lease=LEASE, limit=2)
        return [row.message_key for row in rows]

    taken = await asyncio.gather(*(claims() for _ in range(5)))
    assert sorted(key for keys in taken for key in keys) == [f"m{n}" for n in range(6)]
    async with database.transaction() as conn:
        again = await attachments.claim(conn, now=MONDAY + LEASE, lease=LEASE, limit=9)
    assert [row.attempts for row in again] == [2] * 6


async def test_who_lost_his_lease_changes_nothing_any_more(database: Database) -> None:
    await put(database, wanted())
    async with database.transaction() as conn:
        (slow,) = await attachments.claim(conn, now=MONDAY, lease=LEASE, limit=1)
        (quick,) = await attachments.claim(conn, now=MONDAY + LEASE, lease=LEASE, limit=1)
        assert not await attachments.refused(conn, slow, reason="太大")
        assert not await attachments.retry_at(conn, slow, at=MONDAY, reason="")
        place = {"name": "a", "path": "aa/a.docx", "size": 1, "sha256": "a"}
        assert await attachments.stored(conn, quick, now=MONDAY, **place)  # type: ignore[arg-type]
        assert not await attachments.stored(conn, slow, now=MONDAY, **place)  # type: ignore[arg-type]
        assert await attachments.counts(conn) == {"stored": 1}


async def test_a_message_has_one_file_and_it_is_linked_to_what_it_belongs_to(database: Database) -> None:
    await put(database, wanted("m1"), wanted("m2", point=9))
    with pytest.raises(IntegrityError):
        await put(database, wanted("m1"))
    async with database.transaction() as conn:
        assert await attachments.link(conn, ["m1", "m2", "m3"], subject="report:7", point=None) == 2
        assert await attachments.link(conn, ["m1"], subject="report:7", point=17) == 1
        linked = await attachments.of_subject(conn, "report:7")
    assert [(row.message_key, row.point) for row in linked] == [("m1", 17), ("m2", 9)]
    assert await sent_by(database, "HUANGWEI") == linked
