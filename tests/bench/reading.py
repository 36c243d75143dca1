"""Replies read per second on one core: every labelled reply, point, figures, remarks and days."""

import time

from handlers.turn import Knowing
from knowledge.reply import read
from tests.bench import machine
from tests.replies import asked_of, labelled

ROUNDS = 7


def run() -> list[dict[str, str]]:
    machine.pin(machine.cores()[0])
    knows = Knowing.shipped()
    jobs = [(row["text"], asked_of(row)) for row in labelled("replies.jsonl")]
    times: list[float] = []
    for _ in range(ROUNDS):
        began = time.process_time()
        for text, asked in jobs:
            read(text, asked, knows.book, knows.index)
        times.append((time.process_time() - began) / len(jobs))
    best = min(times)
    return [
        {
            "reading": f"{len(jobs)} replies",
            "first round ms": f"{1000 * times[0]:.2f}",
            "best round ms": f"{1000 * best:.2f}",
            "replies per s": f"{1 / best:.0f}",
        }
    ]
