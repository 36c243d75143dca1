"""From starting the process to the first 200 of /readyz: on an empty database, and on one that exists."""

import statistics
import tempfile
from pathlib import Path

from tests.bench import machine, service

STARTS = 5


async def run() -> list[dict[str, str]]:
    core, _ = machine.cores()
    first: list[float] = []
    again: list[float] = []
    resident: list[float] = []
    async with service.api() as api:
        for _ in range(STARTS):
            with tempfile.TemporaryDirectory(prefix="bqw-bench-") as name:
                folder = Path(name)
                url = f"sqlite:///{folder / 'bqw.db'}"
                for times in (first, again):
                    with service.bqw(folder, core, url, api.base) as server:
                        times.append(server.ready_seconds)
                        resident.append(machine.resident_mb(server.pid))
    return [
        _line("empty database, made first", first, resident),
        _line("existing database", again, resident),
    ]


def _line(name: str, times: list[float], resident: list[float]) -> dict[str, str]:
    return {
        "start to ready": name,
        "median s": f"{statistics.median(times):.2f}",
        "worst s": f"{max(times):.2f}",
        "RSS MB, idle": f"{statistics.median(resident):.0f}",
    }
