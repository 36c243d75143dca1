"""The labelled questions in tests/data keep their scores; the sets are described there.

The validation sets are only scored: nothing is tuned on them, and a fall below the line is found here.
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from handlers.ask import reply_to
from handlers.memory import Memory
from handlers.quality import Table
from handlers.turn import Knowing
from tests.conftest import MONDAY

DATA = Path(__file__).parent / "data"


def turns(file: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each labelled question with its conversation; questions without one are asked alone."""
    for number, line in enumerate((DATA / file).read_text("utf-8").splitlines()):
        row = json.loads(line)
        for turn in row.get("turns", [row]):
            yield f"{file}:{number}", turn


def scored(knows: Knowing, file: str) -> Table:
    table = Table()
    memories: dict[str, Memory] = defaultdict(Memory)
    for conversation, gold in turns(file):
        for earlier in gold.get("context", ()):
            memories[conversation] = reply_to(earlier, memories[conversation], knows, MONDAY).memory
        found = reply_to(gold["q"], memories[conversation], knows, MONDAY)
        memories[conversation] = found.memory
        table.add(gold, {"points": found.points, "answered": found.answered, "text": found.text})
    return table


@pytest.mark.parametrize(
    ("file", "least", "most_wrong"),
    [
        ("asked_tuning.jsonl", 95, 2.5),
        ("asked_author.jsonl", 98, 1),
        ("asked_validation.jsonl", 93, 3.5),
        ("asked_fresh_tuning.jsonl", 98, 1.5),
        ("asked_fresh_validation.jsonl", 94, 4),
        ("asked_spring_tuning.jsonl", 99, 1),
        ("asked_spring_validation.jsonl", 96, 2),
        ("asked_november_validation.jsonl", 90, 3),
        ("asked_read_at_sight.jsonl", 97, 1),
        ("asked_read_at_sight.jsonl", 98, 1),
        ("clauses_tuning.jsonl", 98.5, 1),
        ("clauses_short.jsonl", 98.5, 1),
        ("clauses_validation.jsonl", 97, 1.5),
        ("dialogues_spring_tuning.jsonl", 97, 3),
        ("dialogues_spring_validation.jsonl", 95, 2.5),
        ("dialogues_fresh_tuning.jsonl", 97, 3),
        ("dialogues_fresh_validation.jsonl", 97, 2),
        ("dialogues_tuning.jsonl", 95, 2),
        ("dialogues_validation.jsonl", 94, 3),
        ("questions.jsonl", 98, 1),
        ("questions_hard.jsonl", 95, 1.5),
        ("questions_validation.jsonl", 97, 1.5),
        ("questions_blind.jsonl", 97, 1.5),
        ("questions_folk.jsonl", 95, 3),
        ("questions_fresh.jsonl", 95, 4),
        ("questions_voices.jsonl", 96, 2.5),
    ],
)
def test_the_question_sets_keep_their_scores(
    knows: Knowing, file: str, least: float, most_wrong: float
) -> None:
    table = scored(knows, file)
    credits = table.credits
    assert 100 * sum(credits) / len(credits) >= least
    assert 100 * table.wrong / len(credits) <= most_wrong


@pytest.mark.parametrize("file", ["clauses_tuning.jsonl", "clauses_short.jsonl", "clauses_validation.jsonl"])
def test_a_clause_in_everyday_words_is_answered_with_its_own_lead(knows: Knowing, file: str) -> None:
    named = scored(knows, file).figures
    assert 100 * sum(named) / len(named) >= 97
