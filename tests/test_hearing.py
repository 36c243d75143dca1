"""Typed pinyin becomes the words that were most likely meant, whatever else is typed beside it."""

import pytest

from handlers.ask import Knowing
from knowledge.hearing import Ear
from knowledge.match import Index
from knowledge.naming import readings
from knowledge.typed import read_aloud


@pytest.fixture(scope="module")
def index(knows: Knowing) -> Index:
    return knows.index


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("daikuan nan zhao na jia yinhang", "贷款难找哪家银行"),
        ("cishan chaoshi mei xian ji ge", "慈善超市每县几个"),
        ("jintian tianqi zenmeyang", "今天天气怎么样"),
        ("zhege lenglian shei guan", "这个冷链谁管"),
        ("huiyuan chengshi shei guan", "花园城市谁管"),
        ("cunli meiyou shouru", "村里没有收入"),
        ("lengku要多少", "冷库要多少"),
        ("冷ku要多少", "冷库要多少"),
        ("村ba谁管", "村ba谁管"),
        ("17tiao", "第17条"),
        ("gdp多少", "gdp多少"),
        ("who is in charge of cold storage", "who is in charge of cold storage"),
    ],
)
def test_pinyin_is_heard_as_what_people_say(index: Index, typed: str, meant: str) -> None:
    assert read_aloud(typed, index).words == meant


def test_how_it_is_spelt_decides_between_words_that_a_southern_ear_confuses() -> None:
    ear = Ear.of(["住房", "租房", "厂房"], [], readings(["住房", "租房", "厂房"]))
    assert [ear.hear(typed, bool) for typed in ("zhufang", "zufang", "cangfan")] == ["住房", "租房", "厂房"]


def test_what_is_no_pinyin_is_not_heard() -> None:
    assert Ear.of(["冷库"], [], readings(["冷库"])).hear("lengkv x", bool) == ""
