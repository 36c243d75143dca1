"""Old runs and files of digests go, and nothing that is still needed goes with them."""

import os
from datetime import datetime, timedelta
from pathlib import Path

from knowledge.book import shipped
from scheduler.shift import Shift
from scheduler.tidying import tidy
from scheduler.times import Keep
from storage import job_runs, outbox
from storage.engine import Database
from storage.message import File, dump
from storage.tables import job_runs as table
from supervision.workdays import Workdays
from tests.conftest import MONDAY

KEEP = Keep(runs_days=400, files_days=60)


async def write_runs(database: Database, *ages: int) -> None:
    async with database.transaction() as conn:
        await job_runs.begin(conn, ["digest"], MONDAY - timedelta(days=900))
        for age in ages:
            fire_at = MONDAY - timedelta(days=age)
            run = await job_runs.claim(
                conn, "digest", fire_at, owner="x", now=fire_at, lease=timedelta(seconds=30)
            )
            assert run is not None
            if age != 500:
                await job_runs.finish(conn, run, job_runs.DONE, "", fire_at)


def write_file(folder: Path, name: str, age: int) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_bytes(b"x")
    used = (MONDAY - timedelta(days=age)).timestamp()
    os.utime(path, (used, used))
    return path


async def tidied(database: Database, folder: Path, now: datetime = MONDAY) -> str:
    async with database.transaction() as conn:
        return await tidy(Shift(conn, shipped(), Workdays(), now, now), KEEP, folder)


async def test_what_is_past_its_days_goes(database: Database, tmp_path: Path) -> None:
    folder = tmp_path / "digests"
    await write_runs(database, 10, 399, 401, 402, 500)
    old = [write_file(folder, name, 61) for name in ("a.png", "b.xlsx", "b.docx", "c.1f2e.part")]
    kept = [write_file(folder, "d.png", 59), write_file(folder, "someone's.pdf", 900)]
    unsent = write_file(folder, "e.xlsx", 61)
    async with database.transaction() as conn:
        row = outbox.Outgoing(
            "digest:2024-05-13:zhoumin:table", "app", "zhoumin", dump(File(str(unsent), "明细表.xlsx")),
            after="digest:2024-05-13:zhoumin", at=MONDAY + timedelta(days=1),
        )  # fmt: skip
        await outbox.add(conn, [(row, None)], MONDAY)
    assert await tidied(database, folder) == "删去过期的任务记录2条、专报文件4个"
    assert not [path for path in old if path.exists()]
    assert all(path.exists() for path in [*kept, unsent])
    async with database.transaction() as conn:
        left = await conn.execute(table.select().order_by(table.c.fire_at))
        states = [row.state for row in left]
    assert states == ["began", "running", "done", "done"], "what began, and what is not over, stays"
    assert await tidied(database, folder) == "没有过期的"


async def test_where_no_file_was_ever_made_there_is_nothing_to_do(database: Database, tmp_path: Path) -> None:
    assert await tidied(database, tmp_path / "none") == "没有过期的"


async def test_a_file_that_is_used_again_is_young_again(tmp_path: Path) -> None:
    from scheduler.beside import drawn
    from tests.golden_facts import facts

    path = drawn(facts(), "daily", tmp_path)
    assert path.stat().st_mtime == facts().at.timestamp()
    os.utime(path, (0, 0))
    assert drawn(facts(), "daily", tmp_path) == path
    assert path.stat().st_mtime == facts().at.timestamp()
