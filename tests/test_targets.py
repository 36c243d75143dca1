"""Figures and the words that set them."""

import json
from pathlib import Path

import pytest

from knowledge.notice import parse
from knowledge.targets import TargetError, load, targets_of

NOTICE = parse(Path("knowledge/data/notice.txt").read_text("utf-8"))
JSONL = Path("knowledge/data/indicators.jsonl").read_text("utf-8")


def test_every_shipped_figure_is_word_for_word_in_its_point() -> None:
    targets = load(JSONL, NOTICE)
    assert len(targets) == len(JSONL.splitlines())
    for target in targets:
        point = NOTICE.point(target.point)
        assert target.quote in (point.text if point else NOTICE.header)


def test_a_figure_keeps_how_the_notice_states_it() -> None:
    by_id = {t.id: t for t in load(JSONL, NOTICE)}
    roads = by_id["17-1"]
    assert (roads.op, roads.value, roads.unit, roads.scope) == (">", 48.7, "公里", "全市")
    assert by_id["06-1"].stance == "争取"
    assert by_id["40-1"].value is None
    assert (by_id["06-1"].due_stated, by_id["17-1"].due_stated) == (True, False)


def test_the_figures_of_a_point_are_those_it_states_not_the_ones_expanded_by_county() -> None:
    targets = load(JSONL, NOTICE)
    assert [t.id for t in targets_of(targets, 41)] == ["41-1", "41-5"]
    assert [t.scope for t in targets_of(targets, 3)] == ["潮安区", "饶平县", "湘桥区"]
    assert targets_of(targets, 4) == ()


def test_every_quote_that_is_not_in_the_notice_fails_the_load_and_is_named() -> None:
    rows = [json.loads(line) for line in JSONL.splitlines()]
    rows[5]["quote"] = "湘桥区不少于23个项目"
    rows[7]["point"] = 5
    rows[9]["quote"] = ""
    with pytest.raises(TargetError) as caught:
        load("\n".join(json.dumps(row) for row in rows), NOTICE)
    assert len(caught.value.problems) == 3
    assert caught.value.problems[0] == f"指标{rows[5]['id']}：“湘桥区不少于23个项目”不是第3点原文"
