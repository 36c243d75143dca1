"""What messages sound like: the second opinion on their kind, where no words that were looked for tell it."""

from datetime import date

import pytest

from handlers.turn import Knowing
from knowledge.learnt import ALWAYS, learnt
from knowledge.manner import KINDS, LONGEST, manner
from knowledge.page import Page
from knowledge.reply import Asked, Reading, read
from knowledge.shares import KINDS as SHARES
from knowledge.tone import KINDS as TONES

ON = date(2024, 8, 14)


def said(knows: Knowing, text: str, prompted: int | None = 17, unit: str = "市交通运输局") -> Reading:
    return read(text, Asked(ON, unit, prompted), knows.book, knows.index)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("delegation", "这个卫健那边统一报，我们不单独出数"),
        ("question", "“合格率90%”指的是出厂水还是末梢水，请明确一下"),
        ("ack", "好的，我这就去跟业务科要数，月底前给您"),
        ("chatter", "今晚食堂加菜，每人两个狮子头，先到先得"),
        ("report", "新改建公路31公里，危桥7座，总体进度65%"),
    ],
)
def test_a_message_has_the_kind_it_sounds_like(knows: Knowing, kind: str, text: str) -> None:
    reading = said(knows, text)
    assert reading.kind == kind
    assert bool(reading.records) == (kind == "report")


@pytest.mark.parametrize(
    ("text", "kind"),
    [("要点17不属本单位", "delegation"), ("冷链谁牵头", "question"), ("这个归谁管", "question")],
)
def test_plain_words_are_not_talked_away(knows: Knowing, text: str, kind: str) -> None:
    """Alone, they sounded like something else, and a refusal was answered as a question."""
    assert said(knows, text).kind == kind


def test_numbers_of_the_notices_own_figures_are_not_talked_away(knows: Knowing) -> None:
    assert said(knows, "项目库24个", None, "潮安区").records


def test_without_a_unit_only_the_words_count(knows: Knowing) -> None:
    text = "这个卫健那边统一报，我们不单独出数"
    assert said(knows, text, 20, "").kind != said(knows, text, 20, "市医保局").kind == "delegation"


def test_what_is_long_is_left_to_the_rules() -> None:
    assert manner(Page.of("好" * (LONGEST + 1)), True) is None
    assert manner(Page.of("好的收到"), True) is not None


@pytest.mark.parametrize(("name", "kinds"), [("manners", KINDS), ("shares", SHARES), ("tones", TONES)])
def test_every_piece_has_a_weight_for_each_kind(name: str, kinds: tuple[str, ...]) -> None:
    table = learnt(name)
    assert table.kinds == kinds
    assert all(len(row) == len(kinds) for row in table.weights.values())
    assert ALWAYS in table.weights


@pytest.mark.parametrize(
    ("text", "percent"),
    [
        ("长者饭堂23家，我们镇干到66%光景", 66.0),  # nothing is named that it could be the share of
        ("长者饭堂23家，医养结合服务率36%", None),
    ],
)
def test_a_share_of_nothing_named_is_the_points(knows: Knowing, text: str, percent: float | None) -> None:
    (record,) = said(knows, text, 21, "市民政局").records
    assert record.percent == percent
