"""`bqw ask --jsonl` on one core: the time of each answer, of loading before it, and of the whole run."""

import json
import statistics
import subprocess
import sys
import time

from tests.bench import machine
from tests.bench.service import BQW, ROOT

ROUNDS = 3
_LOAD = """
from time import perf_counter
from handlers.ask import Knowing
began = perf_counter()
Knowing.shipped()
print(perf_counter() - began)
"""
_FIRST_LOAD = f"""
from pathlib import Path
from tempfile import TemporaryDirectory
from knowledge import stored
folder = TemporaryDirectory()
stored.cache_from_source = lambda _: str(Path(folder.name) / "kept")
{_LOAD}
"""


def run(questions: list[str]) -> list[dict[str, str]]:
    lines = "".join(
        json.dumps({"id": str(number), "q": question}, ensure_ascii=False) + "\n"
        for number, question in enumerate(questions)
    )
    times: list[float] = []
    walls: list[float] = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        done = subprocess.run(
            [BQW, "ask", "--jsonl"],
            input=lines,
            capture_output=True,
            text=True,
            encoding="utf-8",
            cwd=ROOT,
            check=True,
            preexec_fn=lambda: machine.pin(machine.cores()[0]),
        )
        walls.append(time.perf_counter() - began)
        answers = [json.loads(line) for line in done.stdout.splitlines()]
        if len(answers) != len(questions):
            raise SystemExit(f"bqw ask answered {len(answers)} of {len(questions)} questions")
        times += [answer["ms"] for answer in answers]
    cuts = statistics.quantiles(times, n=100)
    return [
        {
            "bqw ask": f"{len(questions)} questions",
            "p50 ms": f"{cuts[49]:.2f}",
            "p99 ms": f"{cuts[98]:.2f}",
            "first load s": f"{statistics.median(_load_seconds(_FIRST_LOAD) for _ in range(ROUNDS)):.2f}",
            "load s": f"{statistics.median(_load_seconds(_LOAD) for _ in range(ROUNDS)):.2f}",
            "questions per s": f"{1000 / statistics.mean(times):.0f}",
            "whole run s": f"{statistics.median(walls):.2f}",
        }
    ]


def _load_seconds(program: str) -> float:
    """What a fresh process takes to read the notice, and to build its index or to find the one kept."""
    command = [sys.executable, "-c", program]
    return float(subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True).stdout)
