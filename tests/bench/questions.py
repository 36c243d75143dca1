"""The questions people ask, and the unhurried answer to each: what every reply under load is held to."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.bench import machine, service
from tests.bench.load import Job
from tests.bench.service import Server

_FILE = Path(__file__).resolve().parents[1] / "data" / "questions.jsonl"
_FIRST_ID = 10**12  # far from the ids of the measured callbacks


@dataclass(frozen=True, slots=True)
class Sample:
    """Questions answered inline, and their answers. Cards are pushed, so those questions are left out."""

    questions: list[str]
    answers: dict[str, str]
    left_out: int


def everyone_asks() -> list[str]:
    """Every labelled question once, as it was asked."""
    asked = [json.loads(line)["q"] for line in _FILE.read_text("utf-8").splitlines() if line.strip()]
    return list(dict.fromkeys(asked))


async def sample(server: Server) -> Sample:
    """Asks one after the other, over one connection, each as a new person."""
    asked = everyone_asks()
    job = Job(server.port, machine.cores()[1], 1, _FIRST_ID, asked, {}, keep=True)
    replies = json.loads(await service.measured(json.dumps(asdict(job))))["replies"]
    answers = {question: reply for question, reply in zip(asked, replies, strict=True) if reply}
    return Sample(list(answers), answers, len(asked) - len(answers))
