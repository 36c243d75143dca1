"""A pattern that a screen rules out would have found nothing."""

import json
from pathlib import Path

import pytest

from knowledge.normalize import plain
from knowledge.screening import Screen, needed
from knowledge.speech import speech

DATA = Path(__file__).parent / "data"


@pytest.mark.parametrize(
    ("pattern", "chars"),
    [
        ("牵头|主办", "牵主"),
        ("的?牵头", "牵"),
        ("第[一二]条", "第"),
        ("[甲乙](?:的|了)", "甲乙"),
        (r"\d{1,3}(?:顶|项)", "顶项"),
        ("(?<!不)对(?=吗|呢)", "对"),
        ("(?:不|没)?对{0,2}[？?]", "？?"),
        (r"[\u4e00-\u9fff]\(附\)", "("),
        ("(?:甲|.)乙*", None),
        (r"\bwho\b|.*", None),
    ],
)
def test_what_a_pattern_needs(pattern: str, chars: str | None) -> None:
    assert needed(pattern) == (None if chars is None else frozenset(chars))


def test_a_screen_keeps_every_sign_that_can_be_found() -> None:
    table = speech()
    lines = (line for name in ("questions", "asked_tuning") for line in _lines(DATA / f"{name}.jsonl"))
    lost = [
        (name, text)
        for text in dict.fromkeys(plain(json.loads(line)["q"]) for line in lines)
        for name, sign in table.signs.items()
        if sign.search(text) and not table.may_have(name, text)
    ]
    assert lost == []


def test_a_screen_rules_out_most() -> None:
    screen = Screen({"who": "谁|牵头", "when": "何时|几时", "any": ".+"})
    assert screen.possible("冷链谁管") == screen.bit["who"] | screen.bit["any"]


def _lines(path: Path) -> list[str]:
    return [line for line in path.read_text("utf-8").splitlines() if line.strip()]
