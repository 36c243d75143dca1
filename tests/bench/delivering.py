"""A wave of reminders for a whole province, and answers that must not wait behind it.

The outbox, the claims and the limits are real; the sender takes no time, so what is measured is ours.
"""

import asyncio
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

from bot import clock, logs
from bot.delivery import Delivery
from bot.metrics import Metrics
from bot.settings import Delivery as Settings
from storage import outbox
from storage.engine import Database
from storage.message import Payload, Text, dump
from tests import postgres

PEOPLE = 26_500
AT_ONCE = 2_000  # rows per statement, as supervision/asking.py writes them
START = datetime(2024, 7, 22, 9, 10, tzinfo=clock.SHANGHAI)
ANSWER_EVERY = 0.25  # seconds


class Stub:
    """Takes everything at once and notes when."""

    def __init__(self) -> None:
        self.sent: dict[str, float] = {}
        self.twice = 0

    async def send(self, target: str, payload: Payload, *, key: str, maybe_sent: timedelta | None) -> None:
        self.twice += key in self.sent
        self.sent[key] = time.perf_counter()


def run(per_minute: int = Settings().per_app_minute, people: int = PEOPLE) -> list[dict[str, str]]:
    logs.set_up("error")
    return [asyncio.run(_measure(name, url, per_minute, people)) for name, url in _databases()]


def _databases() -> Iterator[tuple[str, str]]:
    with tempfile.TemporaryDirectory(prefix="bqw-bench-") as folder:
        yield "SQLite", f"sqlite:///{Path(folder) / 'bqw.db'}"
    with postgres.server() as server:
        if server is not None:
            with postgres.fresh_database(server, "bench_delivery") as url:
                yield "PostgreSQL", url


async def _measure(name: str, url: str, per_minute: int, people: int) -> dict[str, str]:
    database = await Database.open(url)
    began = time.perf_counter()
    await _enqueue(database, people)
    enqueued = time.perf_counter() - began
    stub, settings = Stub(), Settings(per_app_minute=per_minute)
    asked: dict[str, float] = {}
    async with _delivering(database, stub, settings) as delivery:
        answers = asyncio.create_task(_ask(database, delivery, asked))
        while sum(key.startswith("ask:") for key in stub.sent) < people:
            await asyncio.sleep(0.2)
        answers.cancel()
    await database.close()
    return _line(name, per_minute, enqueued, stub, asked)


async def _enqueue(database: Database, people: int) -> None:
    """One wave, in one transaction, as a round is opened."""
    payload = dump(Text("【临期提示】贵单位7月进展报送还差1项，请于7月25日（周四）17:30前回复。" * 5))
    rows = [
        outbox.Outgoing(f"ask:2024-07-22:u{n}", "app", f"u{n}", payload, priority=outbox.REMINDER, at=START)
        for n in range(people)
    ]
    async with database.transaction() as conn:
        for start in range(0, people, AT_ONCE):
            await outbox.add(conn, [(row, None) for row in rows[start : start + AT_ONCE]], START)


@asynccontextmanager
async def _delivering(database: Database, stub: Stub, settings: Settings) -> AsyncIterator[Delivery]:
    delivery = Delivery(
        database=database,
        senders={"app": stub},
        settings=settings,
        clock=clock.from_now_on(START),
        metrics=Metrics(),
    )
    await delivery.start()
    try:
        yield delivery
    finally:
        await delivery.close()


async def _ask(database: Database, delivery: Delivery, asked: dict[str, float]) -> None:
    """Answers that come while the wave goes out."""
    for number in range(10**6):
        key = f"re:{number}"
        row = outbox.Outgoing(key, "app", f"u{number}", dump(Text("市供销社牵头。")))
        async with database.transaction() as conn:
            await outbox.add(conn, [(row, None)], START)
        asked[key] = time.perf_counter()
        delivery.poke()
        await asyncio.sleep(ANSWER_EVERY)


def _line(name: str, per_minute: int, enqueued: float, stub: Stub, asked: dict[str, float]) -> dict[str, str]:
    wave = sorted(at for key, at in stub.sent.items() if key.startswith("ask:"))
    everything = sorted(stub.sent.values())
    seconds = wave[-1] - wave[0]
    rate = 60 * sum(at <= wave[-1] for at in everything) / seconds
    waits = sorted(stub.sent[key] - at for key, at in asked.items() if key in stub.sent)
    return {
        "delivery": name,
        "reminders": f"{len(wave):,}",
        "enqueued s": f"{enqueued:.1f}",
        "drained s": f"{seconds:.0f}",
        "limit /min": f"{per_minute:,}",
        "sent /min": f"{rate:,.0f}",
        "of the limit": f"{100 * rate / per_minute:.1f}%",
        "most in 60 s": f"{_most(everything):,}",
        "answers": f"{len(waits)}",
        "median ms": f"{1000 * statistics.median(waits):.0f}",
        "p99 ms": f"{1000 * waits[int(0.99 * len(waits))]:.0f}",
        "worst ms": f"{1000 * waits[-1]:.0f}",
        "sent twice": f"{stub.twice}",
    }


def _most(times: list[float]) -> int:
    """The fullest window of a minute."""
    most = first = 0
    for last, at in enumerate(times):
        while times[first] <= at - 60:
            first += 1
        most = max(most, last - first + 1)
    return most
