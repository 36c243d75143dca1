"""Callbacks answered per second: `bqw serve`, each message committed before its reply, against the ceiling.

The rounds are interleaved, so that a busy minute of the machine meets all servers alike; figures are medians.
The first round of each server warms it up and is not counted.
"""

import contextlib
import itertools
import json
import sqlite3
import statistics
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

import psycopg

from tests import postgres
from tests.bench import machine, questions, service
from tests.bench.load import Job
from tests.bench.questions import Sample
from tests.bench.service import Server

CONNECTIONS = 50
CALLBACKS = 2000
ROUNDS = 7


@dataclass(slots=True)
class Contender:
    """A server and what was measured of it."""

    name: str
    server: Server
    database_url: str = ""
    per_second: list[float] = field(default_factory=list)
    p50: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)
    answered: int = 0
    wrong: list[str] = field(default_factory=list)
    wrong_count: int = 0


async def run(rounds: int = ROUNDS) -> list[dict[str, str]]:
    """One line per server."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bqw-bench-")))
        async with service.api() as api:
            sample = await _unhurried(folder, api.base)
            contenders = list(_contenders(stack, folder, api.base))
            ids = itertools.count(1, CALLBACKS)
            for number in range(rounds + 1):
                for contender in contenders:
                    await _round(contender, sample, next(ids), counted=number > 0)
        return [_line(contender, contenders[0]) for contender in contenders]


async def _unhurried(folder: Path, api_base: str) -> Sample:
    url = f"sqlite:///{folder / 'unhurried.db'}"
    with service.bqw(folder / "unhurried", machine.cores()[0], url, api_base) as server:
        found = await questions.sample(server)
    print(f"  {len(found.questions)} different questions; {found.left_out} more are answered by a card")
    return found


def _contenders(stack: contextlib.ExitStack, folder: Path, api_base: str) -> Iterator[Contender]:
    core, _ = machine.cores()
    for parser in ("bare", "wechatpy"):
        server = stack.enter_context(service.ceiling(folder, core, parser))
        yield Contender(f"echo, stores nothing ({parser})", server)
    url = f"sqlite:///{folder / 'bqw.db'}"
    server = stack.enter_context(service.bqw(folder / "sqlite", core, url, api_base))
    yield Contender("bqw, SQLite (WAL, FULL)", server, url)
    postgres_url = stack.enter_context(postgres.server())
    if postgres_url is None:
        return
    url = stack.enter_context(postgres.fresh_database(postgres_url, "bench"))
    server = stack.enter_context(service.bqw(folder / "postgres", core, url, api_base))
    yield Contender("bqw, PostgreSQL", server, url)


async def _round(contender: Contender, sample: Sample, first_id: int, *, counted: bool) -> None:
    asked = list(itertools.islice(itertools.cycle(sample.questions), CALLBACKS))
    expected = sample.answers if contender.database_url else {}
    job = Job(contender.server.port, machine.cores()[1], CONNECTIONS, first_id, asked, expected)
    before = machine.cpu_seconds(contender.server.pid)
    outcome = json.loads(await service.measured(json.dumps(asdict(job))))
    used = machine.cpu_seconds(contender.server.pid) - before
    contender.answered += CALLBACKS
    contender.wrong += outcome["wrong"]
    contender.wrong_count += outcome["wrong_count"]
    if counted:
        cuts = statistics.quantiles(outcome["latencies_ms"], n=100)
        contender.per_second.append(CALLBACKS / outcome["seconds"])
        contender.p50.append(cuts[49])
        contender.p99.append(cuts[98])
        contender.cpu_ms.append(1000 * used / CALLBACKS)


def _line(contender: Contender, ceiling: Contender) -> dict[str, str]:
    rate, top = (statistics.median(each.per_second) for each in (contender, ceiling))
    for fault in contender.wrong[:3]:
        print(f"  wrong reply of {contender.name}: {fault[:300]}")
    return {
        "server": contender.name,
        "per s": f"{rate:.0f}",
        "of ceiling": f"{rate / top:.2f}",
        "p50 ms": f"{statistics.median(contender.p50):.1f}",
        "p99 ms": f"{statistics.median(contender.p99):.1f}",
        "worst p99": f"{max(contender.p99):.1f}",
        "cpu ms": f"{statistics.median(contender.cpu_ms):.2f}",
        "RSS MB": f"{machine.resident_mb(contender.server.pid):.0f}",
        "answered": str(contender.answered),
        "wrong": str(contender.wrong_count),
        "stored": _stored(contender.database_url),
    }


def _stored(url: str) -> str:
    """How many messages the database holds: as many as were answered, or something was lost."""
    count = "SELECT count(*) FROM inbox"
    if url.startswith("sqlite:"):
        with contextlib.closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as conn:
            return str(conn.execute(count).fetchone()[0])
    if url:
        with psycopg.connect(url) as conn:
            row = conn.execute(count).fetchone()
            return str(row[0] if row else 0)
    return "-"
