"""What people type, made comparable: one pair per habit."""

import pytest

from knowledge.normalize import LONGEST, has_chinese, plain, simplified
from knowledge.pinyin import initials, split, syllables
from knowledge.speech import speech


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("冷鏈邊個單位牽頭", "冷链哪个单位牵头"),
        ("８０％，１７", "80%,17"),
        ("@百千万小助手 第9点", "第9点"),
        ("第17条😀🌹", "第17条"),
        ("谢谢[微笑]", "谢谢"),
        ("急急急急急", "急"),
        ("2000000", "2000000"),
        ("ABC  def", "abc def"),
        ("“四好农村路”", '"四好农村路"'),
        ("a\u200bb\ufeff", "ab"),
        ("农村\x00供水\x07", "农村 供水"),
        ("係咪供水", "是不是供水"),
        ("体系建设", "体系建设"),
        ("底個單位负责", "哪个单位负责"),
        ("阮乡里个老厝欲修", "我们村里的老厝要修"),
        ("阮今年着修几个", "我们今年着修几个"),
        ("三个单位", "三个单位"),
        ("摇摇欲坠", "摇摇欲坠"),
        ("群里@了领导没人回", "群里@了领导没人回"),
    ],
)
def test_plain(typed: str, meant: str) -> None:
    assert plain(typed) == meant


def test_plain_is_stable_and_reads_only_the_beginning_of_a_document() -> None:
    text = "农村供水 " * 5000
    assert plain(plain(text)) == plain(text)
    assert len(plain(text)) <= LONGEST


def test_a_simplified_text_needs_no_converter() -> None:
    assert simplified("农村供水") == "农村供水"
    assert simplified("農村供水") == "农村供水"


def test_has_chinese() -> None:
    assert has_chinese("cold 链")
    assert not has_chinese("cold chain 17")


def test_sounds_that_a_southern_ear_does_not_tell_apart_are_folded() -> None:
    assert syllables("冷链") == syllables("冷练") == ["len", "lian"]
    assert syllables("虚镇") == syllables("圩镇")
    assert syllables("a链1") == ["", "lian", ""]
    assert syllables("银行")[1] == "han"
    assert syllables("自行车")[1] == "xin"


@pytest.mark.parametrize(
    ("letters", "found"),
    [
        ("lenglian", ("len", "lian")),
        ("nongcungongshui", ("lon", "cun", "gon", "sui")),
        ("hymc", None),
        ("cold", None),
        ("", None),
        ("z" * 1000, None),
    ],
)
def test_typed_pinyin_is_cut_into_syllables(letters: str, found: tuple[str, ...] | None) -> None:
    expected = tuple(s.replace("lon", "long").replace("gon", "gong") for s in found) if found else None
    assert split(letters) in (found, expected)


def test_initials_abbreviate_chinese_only() -> None:
    assert initials("海洋牧场") == "hymc"
    assert initials("银行") == "yh"
    assert initials("4G网") == ""


def test_the_tables_of_speech_compile_and_match_nothing_in_an_empty_text() -> None:
    table = speech()
    for pattern in (*table.asks.values(), *table.signs.values(), *(m.pattern for m in table.measures)):
        found = pattern.search("")
        assert found is None
    assert table.noise.sub("", "冷链") == "冷链"


@pytest.mark.parametrize(
    ("typed", "read_as"),
    [
        ("第廿四條", "第二十四条"),
        ("卅六条", "三十六条"),
        ("第拾點", "第十点"),
        ("第壹部分", "第一部分"),
        ("贰拾肆条", "二十四条"),
        ("第 三十 三 点", "第三十三点"),
        ("收拾一下", "收拾一下"),
        ("社会力量参与", "社会力量参与"),
        ("第 17 条", "第17条"),
    ],
)
def test_old_and_spaced_numerals_become_plain_ones_only_where_they_count(typed: str, read_as: str) -> None:
    assert plain(typed) == read_as
