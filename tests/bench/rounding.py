"""Opening a round for many: who owes what, one message each, all in one transaction.

5,000 liaisons on SQLite and 26,500 (every village of the province) on PostgreSQL. Measured from the choice to
the commit, in a process of its own, so that the memory is that of nothing else.
"""

import asyncio
import json
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select

from knowledge.assignments import Assignment, Assignments
from knowledge.book import Book, shipped
from storage import people
from storage.engine import Database
from storage.people import PersonRow
from storage.tables import outbox, prompts
from supervision import opening
from supervision.rounds import Choice
from supervision.rules import Rules
from supervision.workdays import Workdays
from tests import postgres
from tests.bench.service import ROOT
from tests.conftest import MONDAY

POINT = 12  # 农村人居环境: every village has to do with it


def run() -> list[dict[str, str]]:
    with tempfile.TemporaryDirectory(prefix="bqw-bench-") as name:
        lines = [_apart("SQLite", f"sqlite:///{Path(name) / 'bqw.db'}", 5_000)]
    with postgres.server() as server:
        if server is not None:
            with postgres.fresh_database(server, "bench_round") as url:
                lines.append(_apart("PostgreSQL", url, 26_500))
    return lines


def _apart(name: str, url: str, many: int) -> dict[str, str]:
    command = [sys.executable, "-m", "tests.bench.rounding", url, str(many)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", cwd=ROOT, check=True)
    return {"round opened and bundled": name, **json.loads(done.stdout)}


def villages(many: int) -> Book:
    """The shipped notice, with `many` villages confirmed for one of its points."""
    book = shipped()
    rows = [
        Assignment(POINT, "", f"第{number}村", (), "confirmed", "bench", confirmed_by="bench",
                   confirmed_on=MONDAY.date())
        for number in range(many)
    ]  # fmt: skip
    return replace(book, assignments=Assignments.of(book.notice, rows))


async def measure(url: str, many: int) -> dict[str, str]:
    book = villages(many)
    database = await Database.open(url)
    async with database.transaction() as conn:
        roster = [PersonRow(f"v{at}", f"村{at}", "liaison", f"第{at}村") for at in range(many)]
        await people.bind(conn, roster, by="bench", now=MONDAY)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.perf_counter()
    async with database.transaction() as conn:
        opened = await opening.open_round(
            conn,
            book,
            Choice("quarterly", frozenset({POINT})),
            by="bench",
            now=MONDAY,
            due_at=MONDAY + timedelta(days=10),
            workdays=Workdays(),
            rules=Rules(),
        )
    spent = time.perf_counter() - began
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    async with database.transaction() as conn:
        asked = (await conn.execute(select(func.count()).select_from(prompts))).scalar_one()
        queued = (await conn.execute(select(func.count()).select_from(outbox))).scalar_one()
    await database.close()
    assert asked == queued == opened.people == many
    return {
        "liaisons": f"{many:,}",
        "seconds": f"{spent:.2f}",
        "per second": f"{many / spent:,.0f}",
        "peak memory grown MB": f"{grown:.0f}",
    }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(measure(sys.argv[1], int(sys.argv[2])))))
