"""Learns how messages of each kind sound, for `knowledge/manner.py`: a logistic regression over pieces of
labelled replies, in plain Python.

`python -m tests.manners` writes knowledge/data/manners.tsv from the replies that may be read;
`python -m tests.manners --held-out` leaves out one batch after another and tells how often it is right.
"""

from __future__ import annotations

import json
import math
import random
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from knowledge.manner import KINDS, LONGEST, SCALE, likeliest, pieces
from knowledge.page import Page

DATA = Path(__file__).parent / "data"
TARGET = Path(__file__).parent.parent / "knowledge" / "data" / "manners.tsv"
SEEN = 3  # times a piece must have been seen to be worth a weight
ROUNDS, STEP, DECAY = 14, 0.06, 0.0008
LEAST = 3  # hundredths; a weaker piece is left out

Labelled = tuple[str, list[str], int]  # batch, pieces, kind
Weights = dict[str, list[float]]


def labelled(paths: Iterable[Path]) -> list[Labelled]:
    """The replies of these files; one of the batches put together has its batch in its id."""
    found = []
    for path in paths:
        for line in path.read_text("utf-8").splitlines():
            one = json.loads(line)
            page = Page.of(one["text"])
            if len(page.text) > LONGEST:
                continue
            batch = one["id"][:2] if "people" in path.name else path.stem
            told = sorted(pieces(page, one["context"].get("prompted_point") is not None))
            found.append((batch, told, KINDS.index(one["kind"])))
    return found


def readable() -> list[Path]:
    return [path for path in sorted(DATA.glob("replies*.jsonl")) if "validation" not in path.name]


def learn(replies: Sequence[Labelled]) -> Weights:
    """Weights of each piece for each kind, "" the one that always counts."""
    seen = Counter(piece for _, told, _ in replies for piece in told)
    weights: Weights = {piece: [0.0] * len(KINDS) for piece, times in seen.items() if times >= SEEN}
    weights[""] = [0.0] * len(KINDS)
    squares: Weights = {piece: [1e-8] * len(KINDS) for piece in weights}
    kept = [([piece for piece in told if piece in weights] + [""], kind) for _, told, kind in replies]
    order, dice = list(range(len(kept))), random.Random(1)
    for _ in range(ROUNDS):
        dice.shuffle(order)
        for at in order:
            _step(weights, squares, *kept[at])
    return weights


def _step(weights: Weights, squares: Weights, told: Sequence[str], kind: int) -> None:
    """One reply pulls its pieces towards its own kind and away from the others."""
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


def rounded(weights: Weights) -> dict[str, list[int]]:
    """As the file holds them, without pieces that say nearly nothing."""
    whole = {piece: [round(SCALE * each) for each in row] for piece, row in weights.items()}
    return {piece: row for piece, row in whole.items() if not piece or max(map(abs, row)) >= LEAST}


def write(weights: dict[str, list[int]]) -> None:
    rows = ["\t".join((piece, *map(str, row))) for piece, row in sorted(weights.items())]
    TARGET.write_text("\n".join(["\t".join(("", *KINDS)), *rows]) + "\n", "utf-8")


def judge(weights: dict[str, list[int]], told: Iterable[str]) -> tuple[str, float]:
    rows = [row for piece in told if piece and (row := weights.get(piece))]
    found = likeliest([sum(column) for column in zip(*rows, weights[""], strict=True)])
    return found.kind, found.sure


def held_out(replies: Sequence[Labelled]) -> None:
    """Prints how often the kind is right in a batch nothing was learnt from."""
    right = Counter[str]()
    batches = Counter(batch for batch, _, _ in replies)
    for batch in sorted(batches):
        weights = rounded(learn([one for one in replies if one[0] != batch]))
        tried = [(judge(weights, told)[0], KINDS[kind]) for own, told, kind in replies if own == batch]
        right[batch] = sum(found == kind for found, kind in tried)
        print(f"{batch}: {right[batch]} of {batches[batch]}")
    print(f"all: {100 * right.total() / len(replies):.1f}% of {len(replies)}")


def main() -> None:
    replies = labelled(readable())
    if "--held-out" in sys.argv:
        held_out(replies)
    else:
        write(rounded(learn(replies)))


if __name__ == "__main__":
    main()
