"""Grades answers against labelled questions: how many are right, wrong, or rightly withheld.

`bqw eval` prints it for a question file of the office's own, with `--baselines` beside what plain searches
(`knowledge/baselines.py`) get on the same questions. A gold line has `q`, `gold` (points, any of
which is right), `all` (the whole list is wanted), `abstain` (nothing in the notice answers it), `soft` (the
related point is fine), `answer_contains`, and for a follow-up `context`, the questions asked before it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from knowledge.baselines import Ranked, Search, baselines
from knowledge.notice import Notice

NEAR = 0.6  # for a list, a plain search gives every point with at least this share of the best score


@dataclass(frozen=True, slots=True)
class Grade:
    """`credit` from 0 to 1; `wrong`: something untrue was answered; `figure`: the words wanted are there."""

    credit: float
    bucket: str  # answer | list | abstain
    wrong: bool
    figure: bool | None = None


@dataclass(slots=True)
class Table:
    """Grades added up, and the misses to read."""

    buckets: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    styles: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    figures: list[float] = field(default_factory=list)
    wrong: int = 0
    misses: list[str] = field(default_factory=list)

    def add(self, gold: Mapping[str, Any], said: Mapping[str, Any]) -> None:
        found = grade(gold, said)
        self.buckets[found.bucket].append(found.credit)
        self.styles[str(gold.get("style", "-"))].append(found.credit)
        self.wrong += found.wrong
        if found.figure is not None:
            self.figures.append(float(found.figure))
        if found.credit < 1 or found.figure is False:
            what = "答错" if found.wrong else "缺数字" if found.figure is False else "没答上"
            self.misses.append(
                f"{what} {gold.get('id', '')} {gold.get('q', '')} 应为{gold.get('gold') or '不答'} "
                f"得到{list(said.get('points') or [])[:5]}{'' if said.get('answered') else '（未作答）'}"
            )

    @property
    def credits(self) -> list[float]:
        return [credit for bucket in self.buckets.values() for credit in bucket]

    def lines(self) -> Iterable[str]:
        credits = self.credits
        if not credits:
            yield "文件里没有题目"
            return
        yield f"总分 {_share(credits)}；答错 {self.wrong} 题（{100 * self.wrong / len(credits):.1f}%）"
        for name, label in (("answer", "作答"), ("list", "列表"), ("abstain", "不答")):
            yield f"  {label} {_share(self.buckets.get(name, []))}"
        yield f"  数字 {_share(self.figures)}"
        yield "  按说法：" + "；".join(
            f"{style} {_share(self.styles[style])}" for style in sorted(self.styles)
        )


def beside(ours: Table, golds: Sequence[Mapping[str, Any]], notice: Notice) -> Iterator[str]:
    """One row for the bot, one for each plain search on the same questions."""
    yield _row("", ("总分", "答错", "作答", "列表", "不答", "数字"))
    yield _row("本助手", _figures(ours))
    for name, search in baselines(notice).items():
        yield _row(name, _figures(_best_cut(golds, search, notice)))
    yield "  普通检索何时不答，取它在这份题上总分最高的界限，已是对它最有利的算法；列表题告诉它要列表。"


def _best_cut(golds: Sequence[Mapping[str, Any]], search: Search, notice: Notice) -> Table:
    """A plain search with the threshold for not answering that suits it best on these very questions."""
    found = [(gold, search(str(gold["q"]))) for gold in golds]
    tops = sorted({ranked[0][1] for _, ranked in found})
    cuts = [0.0, *(tops[at * len(tops) // 50] for at in range(50))]
    return max((_table(found, cut, notice) for cut in cuts), key=lambda table: sum(table.credits))


def _table(found: Sequence[tuple[Mapping[str, Any], Ranked]], cut: float, notice: Notice) -> Table:
    table = Table()
    for gold, ranked in found:
        best = ranked[0][1]
        answered = best > 0 and best >= cut
        points = [n for n, score in ranked if score >= NEAR * best] if gold.get("all") else [ranked[0][0]]
        shown = notice.point(ranked[0][0])
        said = {
            "answered": answered,
            "points": points if answered else [],
            "text": shown.text if shown else "",
        }
        table.add(gold, said)
    return table


def _figures(table: Table) -> tuple[str, ...]:
    credits = table.credits
    buckets = (table.buckets.get(name, []) for name in ("answer", "list", "abstain"))
    wrong = f"{100 * table.wrong / len(credits):.1f}%" if credits else "无"
    return (_percent(credits), wrong, *map(_percent, buckets), _percent(table.figures))


def _percent(credits: Sequence[float]) -> str:
    return f"{100 * sum(credits) / len(credits):.1f}%" if credits else "无"


def _row(name: str, cells: Iterable[str]) -> str:
    """Chinese characters take two columns of a terminal."""
    return "  " + name + " " * (20 - _columns(name)) + "".join(" " * (8 - _columns(c)) + c for c in cells)


def _columns(text: str) -> int:
    return sum(2 if ord(char) > 0x2E80 else 1 for char in text)


def grade(gold: Mapping[str, Any], said: Mapping[str, Any]) -> Grade:
    """One answer against its label."""
    answered, points, right = (
        bool(said.get("answered")),
        list(said.get("points") or []),
        list(gold.get("gold") or []),
    )
    if gold.get("abstain") or gold.get("soft"):
        fine = not answered or bool(gold.get("soft") and points and points[0] in right)
        return Grade(float(fine), "abstain", not fine)
    wanted = gold.get("answer_contains") or []
    figure = all(_flat(w) in _flat(str(said.get("text"))) for w in wanted) if wanted else None
    bucket = "list" if gold.get("all") else "answer"
    if not answered:
        return Grade(0.0, bucket, False, figure)
    credit = _overlap(points, right) if gold.get("all") else float(bool(points) and points[0] in right)
    return Grade(credit, bucket, credit < 0.5, figure)


def _overlap(a: Iterable[int], b: Iterable[int]) -> float:
    """F1 of two sets of points."""
    left, right = set(a), set(b)
    both = len(left & right)
    return 2 * both / (len(left) + len(right)) if both else float(not left and not right)


def _flat(text: str) -> str:
    return "".join(text.split())


def _share(credits: list[float]) -> str:
    return f"{_percent(credits)}（共{len(credits)}题）" if credits else "无"
