"""Labelled replies of tests/data, and how a reading is held against its label."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from bot.cli_parse import as_json
from handlers.turn import Knowing
from knowledge.reply import Asked, read

DATA = Path(__file__).parent / "data"
SCALES = (("亿", 1e8), ("千万", 1e7), ("百万", 1e6), ("万", 1e4), ("千", 1e3))
SAME = {"千米": "公里", "km": "公里", "百分点": "%", "个百分点": "%"}
TEXTS = ("difficulty", "help_needed", "next_step")
Row = dict[str, Any]


@dataclass
class Score:
    """`fields` count hits, what was read, and what the labels have."""

    exact: list[bool] = field(default_factory=list)
    kinds: list[bool] = field(default_factory=list)
    invented: int = 0
    fields: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def f1(self, name: str) -> float:
        counts = self.fields[name]
        return 2 * counts["hit"] / (counts["got"] + counts["want"]) if counts["hit"] else 0.0


def labelled(file: str) -> Iterator[Row]:
    for line in (DATA / file).read_text("utf-8").splitlines():
        yield json.loads(line)


def asked_of(row: Row) -> Asked:
    context = row["context"]
    return Asked(date.fromisoformat(context["date"]), context["unit"] or "", context["prompted_point"])


def scored(knows: Knowing, file: str) -> Score:
    score = Score()
    for row in labelled(file):
        hold(score, row, as_json(read(row["text"], asked_of(row), knows.book, knows.index)))
    return score


def hold(score: Score, gold: Row, said: Row) -> None:
    """One reading against its label."""
    right = said["kind"] == gold["kind"]
    score.kinds.append(right)
    wanted = {record["point"]: record for record in gold["records"]}
    got = {record["point"]: record for record in said["records"]}
    score.invented += bool(not gold["is_report"] and got)
    right &= wanted.keys() == got.keys()
    for point in wanted.keys() | got.keys():
        a, b = wanted.get(point), got.get(point)
        _count(score, "point", bool(a and b), bool(b), bool(a))
        if a and b:
            right &= _records(score, a, b)
    score.exact.append(right)


def _records(score: Score, a: Row, b: Row) -> bool:
    right = True
    for name in ("percent", "status", "due"):
        same = a.get(name) == b.get(name)
        _count(
            score, name, same and a.get(name) is not None, b.get(name) is not None, a.get(name) is not None
        )
        right &= same
    x, y = ({amount(q) for q in row.get("quantities") or ()} for row in (a, b))
    score.fields["quantities"].update(hit=len(x & y), got=len(y), want=len(x))
    right &= x == y
    for name in TEXTS:
        alike = _alike(a.get(name), b.get(name))
        _count(score, name, alike, bool(b.get(name)), bool(a.get(name)))
        right &= name == "next_step" or alike or not (a.get(name) or b.get(name))
    return right


def _count(score: Score, name: str, hit: bool, got: bool, want: bool) -> None:
    score.fields[name].update(hit=hit, got=got, want=want)


def amount(quantity: Row) -> tuple[float, str]:
    """2.1 千吨 and 2100 吨 are the same."""
    unit, value = "".join(str(quantity["unit"] or "").split()), float(quantity["value"])
    unit = SAME.get(unit, unit)
    for word, scale in SCALES:
        if unit.startswith(word):
            value, unit = value * scale, unit[len(word) :]
            break
    return round(value, 4), "个" if unit.startswith("个") else unit or "个"


def _alike(a: str | None, b: str | None) -> bool:
    """At least seven characters in ten are the same."""
    x, y = Counter("".join((a or "").split())), Counter("".join((b or "").split()))
    both = sum((x & y).values())
    return bool(both) and 2 * both / (x.total() + y.total()) >= 0.7
