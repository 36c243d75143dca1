"""What people asked, as `knowledge/leaning.py` learns from it.

`python -m tests.examples` writes knowledge/data/asked.tsv from the questions in tests/data that may be read.
"""

import json
from collections.abc import Iterator
from pathlib import Path

from knowledge.book import shipped

DATA = Path(__file__).parent / "data"
TARGET = Path(__file__).parent.parent / "knowledge" / "data" / "asked.tsv"


def readable() -> list[Path]:
    names = ("asked_*.jsonl", "questions*.jsonl", "clauses_*.jsonl")
    found = sorted(path for name in names for path in DATA.glob(name))
    return [path for path in found if "validation" not in path.name]


def examples() -> Iterator[tuple[str, str]]:
    """The title of the point meant, "" for none, and the question: whole ones about one thing only."""
    titles = {point.number: point.title for point in shipped().notice.points}
    for path in readable():
        for line in path.read_text("utf-8").splitlines():
            one = json.loads(line)
            if one.get("all") or one.get("context") or (one.get("soft") and not one["gold"]):
                continue
            nowhere = one.get("abstain") and not one.get("soft")
            title = "" if nowhere or not one["gold"] else titles[one["gold"][0]]
            yield title, " ".join(one["q"].split())


def written() -> str:
    return "".join(f"{title}\t{question}\n" for title, question in sorted(set(examples())))


if __name__ == "__main__":
    TARGET.write_text(written(), "utf-8")
