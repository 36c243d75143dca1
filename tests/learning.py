"""Learns the tables of `knowledge/learnt.py`: a logistic regression over pieces of labelled words.

`tests/manners.py`, `tests/tones.py` and `tests/shares.py` bring what is labelled; the replies put aside are
never among it.
"""

from __future__ import annotations

import json
import math
import random
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from knowledge.learnt import ALWAYS, SCALE, Learnt

DATA = Path(__file__).parent / "data"
TABLES = Path(__file__).parent.parent / "knowledge" / "data"
SEEN = 3  # times a piece must have been seen to be worth a weight
ROUNDS, STEP, DECAY = 14, 0.06, 0.0008
LEAST = 3  # hundredths; a weaker piece is left out

Labelled = tuple[str, list[str], str]  # batch, pieces, kind
Weights = dict[str, list[float]]


def replies() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every reply that may be learnt from, with its batch: its file, or the first letters of its id."""
    for path in sorted(DATA.glob("replies*.jsonl")):
        if "validation" in path.name or "unlearnt" in path.name:
            continue
        for line in path.read_text("utf-8").splitlines():
            one = json.loads(line)
            yield one["id"][:2] if "people" in path.name else path.stem, one


def learn(labelled: Sequence[Labelled], kinds: Sequence[str]) -> Learnt:
    seen = Counter(piece for _, told, _ in labelled for piece in told)
    weights: Weights = {piece: [0.0] * len(kinds) for piece, times in seen.items() if times >= SEEN}
    weights[ALWAYS] = [0.0] * len(kinds)
    squares: Weights = {piece: [1e-8] * len(kinds) for piece in weights}
    kept = [([p for p in told if p in weights] + [ALWAYS], kinds.index(kind)) for _, told, kind in labelled]
    dice = random.Random(1)
    for _ in range(ROUNDS):
        dice.shuffle(kept)
        for told, kind in kept:
            _step(weights, squares, told, kind)
    return Learnt.of(tuple(kinds), _rounded(weights))


def _step(weights: Weights, squares: Weights, told: Sequence[str], kind: int) -> None:
    """One example pulls its pieces towards its own kind and away from the others."""
    rows = [weights[piece] for piece in told]
    sums = [sum(column) for column in zip(*rows, strict=True)]
    best = max(sums)
    shares = [math.exp(each - best) for each in sums]
    total = sum(shares)
    errors = [share / total - (at == kind) for at, share in enumerate(shares)]
    wrong = [(at, error) for at, error in enumerate(errors) if abs(error) > 0.002]
    for piece, row in zip(told, rows, strict=True):
        past = squares[piece]
        for at, error in wrong:
            slope = error + DECAY * row[at]
            past[at] += slope * slope
            row[at] -= STEP * slope / math.sqrt(past[at])


def _rounded(weights: Weights) -> dict[str, list[int]]:
    """As a table holds them, without pieces that say nearly nothing."""
    whole = {piece: [round(SCALE * each) for each in row] for piece, row in weights.items()}
    return {piece: row for piece, row in whole.items() if piece == ALWAYS or max(map(abs, row)) >= LEAST}


def write(name: str, known: Learnt) -> None:
    rows = ["\t".join((piece, *map(str, row))) for piece, row in sorted(known.weights.items())]
    (TABLES / f"{name}.tsv").write_text("\n".join(["\t".join(("", *known.kinds)), *rows]) + "\n", "utf-8")


def held_out(labelled: Sequence[Labelled], kinds: Sequence[str]) -> None:
    """Prints how often it is right in batches nothing was learnt from."""
    batches = Counter(batch for batch, _, _ in labelled)
    right = 0
    for batch, size in sorted(batches.items()):
        known = learn([one for one in labelled if one[0] != batch], kinds)
        here = sum(known.judge(told).kind == kind for own, told, kind in labelled if own == batch)
        right += here
        print(f"{batch}: {here} of {size}")
    print(f"all: {100 * right / len(labelled):.1f}% of {len(labelled)}")


def run(name: str, labelled: Sequence[Labelled], kinds: Sequence[str]) -> None:
    """Writes the table, or with --held-out says how good it would be."""
    if "--held-out" in sys.argv:
        held_out(labelled, kinds)
    else:
        write(name, learn(labelled, kinds))
