"""The clock's look at 10,000 open problems of firms: who is told to hurry, what is drafted.

Half are with units and in good time, a quarter near their end, a fifth wait for the office, some are over.
Measured in the afternoon of a working day, from the query to the commit, on both databases.
"""

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select

from knowledge.book import shipped
from scheduler.problems import near_due
from scheduler.shift import Shift
from storage import people, problem, problems
from storage.engine import Database
from storage.people import PersonRow
from storage.problem import Problem
from storage.tables import drafts, outbox
from supervision.problem_rules import ProblemRules
from supervision.problems import due_at
from supervision.workdays import SHANGHAI, Workdays
from supervision.worktime import Worktime
from tests import postgres
from tests.bench.service import ROOT

MANY = 10_000
NOW = datetime(2024, 7, 17, 14, 50, tzinfo=SHANGHAI)
_AT_ONCE = 1_000


def run() -> list[dict[str, str]]:
    with tempfile.TemporaryDirectory(prefix="bqw-bench-") as name:
        lines = [_apart("SQLite", f"sqlite:///{Path(name) / 'bqw.db'}")]
    with postgres.server() as server:
        if server is not None:
            with postgres.fresh_database(server, "bench_problems") as url:
                lines.append(_apart("PostgreSQL", url))
    return lines


def _apart(name: str, url: str) -> dict[str, str]:
    command = [sys.executable, "-m", "tests.bench.problems", url, str(MANY)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", cwd=ROOT, check=True)
    return {"open problems swept": name, **json.loads(done.stdout)}


def open_problem(number: int, units: list[str], at: Worktime, rules: ProblemRules) -> Problem:
    """One of four: in good time, near its end, waiting for the office, over (one in twenty)."""
    kind = (problem.ORDINARY, problem.COMPLEX, problem.ORDINARY, problem.INQUIRY)[number % 4]
    age = 9 if number % 20 == 0 else (1, 5, 0, 2)[number % 4]
    came = at.begins(NOW - timedelta(days=age, minutes=number % 300))
    waits = number % 5 == 4
    return Problem(
        doc_number="潮百千万发〔2024〕7号",
        year=2024,
        channel=problem.KF,
        recorded_by="bench",
        message_key=f"bench:{number}",
        text=f"第{number}家企业厂区停电，影响生产，请协调尽快恢复供电",
        received_at=came,
        counts_from=came,
        due_at=due_at(kind, came, rules, at),
        firm=f"第{number}陶瓷有限公司",
        contact="陈明",
        phone="13800138000",
        county="潮安区",
        points=(17,),
        kind=kind,
        lead="" if waits else units[number % len(units)],
        state=problem.NEW if waits else problem.CONTACTED,
        assigned_at=None if waits else came,
        accepted_at=None if waits else came,
        contacted_at=None if waits else came,
        planned_at=came,
        number=number,
    )


async def measure(url: str, many: int) -> dict[str, str]:
    book, rules, workdays = shipped(), ProblemRules(), Workdays()
    units = [unit.short for unit in book.directory.units]
    at = Worktime(workdays)
    database = await Database.open(url)
    async with database.transaction() as conn:
        roster = [PersonRow(f"u{n}", f"联络员{n}", "liaison", unit) for n, unit in enumerate(units)]
        await people.bind(conn, roster, by="bench", now=NOW)
        for start in range(1, many + 1, _AT_ONCE):
            rows = [open_problem(n, units, at, rules) for n in range(start, start + _AT_ONCE)]
            await problems.add_all(conn, rows)
    first, again = [await _swept(database, now) for now in (NOW, NOW + timedelta(minutes=30))]
    async with database.transaction() as conn:
        notes = (await conn.execute(select(func.count()).select_from(outbox))).scalar_one()
        drafted = (await conn.execute(select(func.count()).select_from(drafts))).scalar_one()
    await database.close()
    assert notes > len(units) / 2
    assert drafted > 0
    return {
        "open": f"{many:,}",
        "first sweep s": f"{first[0]:.2f}",
        "cpu s": f"{first[1]:.2f}",
        "next sweep, with drafts s": f"{again[0]:.2f}",
        "its cpu s": f"{again[1]:.2f}",
        "notes": str(notes),
        "drafts": str(drafted),
    }


async def _swept(database: Database, now: datetime) -> tuple[float, float]:
    """By the clock on the wall and by the process's own: the machine may do other things."""
    wall, cpu = time.perf_counter(), time.process_time()
    async with database.transaction() as conn:
        await near_due(Shift(conn, shipped(), Workdays(), now, now, frozenset({"admin"})), ProblemRules())
    return time.perf_counter() - wall, time.process_time() - cpu


if __name__ == "__main__":
    print(json.dumps(asyncio.run(measure(sys.argv[1], int(sys.argv[2])))))
