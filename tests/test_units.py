"""Names of units as people say them, and the county bureaus that must never be taken for the city's."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.units import Area, Directory, Unit
from knowledge.width import fold, narrow

DATA = tomllib.loads(Path("knowledge/data/units.toml").read_text("utf-8"))
DIRECTORY = Directory.of(DATA)


def unit_of(name: str) -> str | None:
    found = DIRECTORY.unit(name)
    return found.short if found else None


def test_every_unit_and_area_is_found_by_each_of_its_names_in_both_languages() -> None:
    assert (len(DIRECTORY.units), len(DIRECTORY.counties)) == (65, 3)
    for item in (*DIRECTORY.units, *DIRECTORY.areas):
        assert item.en
        for name in (item.short, item.full, item.en, *item.aliases):
            if len(DIRECTORY.ambiguous(name) or ()) < 2:
                assert DIRECTORY.unit(name) is item, name


def test_no_name_belongs_to_two_units() -> None:
    owners: dict[str, set[str]] = {}
    for item in (*DIRECTORY.units, *DIRECTORY.areas):
        for name in (item.short, item.full, item.en, *item.aliases):
            owners.setdefault(fold(name), set()).add(item.short)
    assert {name: o for name, o in owners.items() if len(o) > 1} == {}


@pytest.mark.parametrize(
    ("said", "short"),
    [
        ("交通局", "市交通运输局"),
        ("工信局", "市工业和信息化局"),
        ("发改局", "市发展改革局"),
        ("发改委", "市发展改革局"),
        ("市发改委", "市发展改革局"),
        ("住建局", "市住房城乡建设局"),
        ("人社局", "市人力资源社会保障局"),
        ("卫健局", "市卫生健康局"),
        ("卫健委", "市卫生健康局"),
        ("文旅局", "市文化广电旅游体育局"),
        ("自然资源局", "市自然资源局"),
        ("教育局", "市教育局"),
        ("财政局", "市财政局"),
        ("水务局", "市水务局"),
        ("潮州市水务局", "市水务局"),
        ("潮州水务局", "市水务局"),
        ("组织部", "市委组织部"),
        ("供电局", "潮州供电局"),
        ("枫溪区", "枫溪镇"),
        ("饶平", "饶平县"),
        ("water affairs bureau", "市水务局"),
        ("Raoping", "饶平县"),
        ("工业和信息化局", "市工业和信息化局"),
        (" 市水务局 ", "市水务局"),
    ],
)
def test_spoken_names_are_understood(said: str, short: str) -> None:
    assert unit_of(said) == short


@pytest.mark.parametrize("said", ["饶平县教育局", "县教育局", "天文局", "", "局", "市"])
def test_names_outside_the_directory_are_nobodys(said: str) -> None:
    assert DIRECTORY.unit(said) is None


def test_a_name_that_could_mean_two_units_is_asked_back() -> None:
    assert DIRECTORY.unit("指挥部") is None
    assert DIRECTORY.ambiguous("指挥部") == ("市百千万指挥部", "深潮指挥部")
    assert DIRECTORY.unit("农办") is None
    assert DIRECTORY.ambiguous("市水务局") is None


def test_the_former_district_is_a_town_of_chaoan_and_says_so() -> None:
    town = DIRECTORY.unit("枫溪区")
    assert isinstance(town, Area)
    assert not town.county_level
    assert town.parent == "潮安区"
    assert "撤" in town.note
    county = DIRECTORY.county_of("枫溪镇")
    assert county is not None
    assert county.short == "潮安区"


# --- in free text ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "area"),
    [
        ("饶平县教育局", "饶平县"),
        ("潮安教育局", "潮安区"),
        ("湘桥区卫健局", "湘桥区"),
        ("饶平的教育局", "饶平县"),
        ("县教育局", None),
        ("区教育局", None),
        ("县里的教育局", None),
        ("镇水务站", None),
        ("各县（区）财政局", None),
        ("潮州市饶平县水务局", "饶平县"),
        ("饶平县委组织部", "饶平县"),
        ("潮安区发改委", "潮安区"),
        ("湘桥区市场监管局", "湘桥区"),
        ("湘桥市监局", "湘桥区"),
        ("饶平供电局", "饶平县"),
        ("潮安税务局", "潮安区"),
        ("饶平县水利部门", "饶平县"),
        ("潮安区财政和教育局", "潮安区"),
        ("饶平县指挥办", "饶平县"),
        ("庵埠镇派出所", "潮安区"),
        ("枫溪区教育局", "枫溪镇"),
        ("Raoping County Education Bureau", "饶平县"),
        ("the education bureau of Raoping County", "饶平县"),
        ("Chao'an's water affairs bureau", "潮安区"),
    ],
)
@pytest.mark.parametrize("around", ["{}", "请问{}负责哪些?", "我想问{}"])
def test_a_countys_bureau_is_never_the_citys(text: str, area: str | None, around: str) -> None:
    mentions = DIRECTORY.find(around.format(text))
    assert [m.unit for m in mentions] == [None]
    assert mentions[0].county_bureau
    assert (mentions[0].area.short if mentions[0].area else None) == area


@pytest.mark.parametrize("county", ["饶平县", "潮安", "湘桥区", "县", "区", "县里的", "饶平那边的"])
def test_no_bare_name_of_the_directory_resolves_to_the_city_behind_a_county(county: str) -> None:
    for unit in DIRECTORY.units:
        for name in (unit.short, *unit.aliases):
            bare = name.removeprefix("市")
            if (
                bare.endswith(("局", "委", "办", "社", "联", "部"))
                and name.startswith("市")
                and "市委" not in name
            ):
                found = DIRECTORY.find(county + bare)
                assert not any(m.unit for m in found), county + bare


def test_a_second_bare_name_after_a_countys_bureau_is_the_countys_too() -> None:
    found = DIRECTORY.find("饶平县财政局、教育局和市水务局")
    assert [(m.text, m.county_bureau, m.unit and m.unit.short) for m in found] == [
        ("饶平县财政局", True, None),
        ("教育局", True, None),
        ("市水务局", False, "市水务局"),
    ]


def test_a_bare_name_without_a_county_is_the_citys_and_marked_as_bare() -> None:
    (found,) = DIRECTORY.find("教育局负责哪些")
    assert isinstance(found.unit, Unit)
    assert (found.unit.short, found.bare, found.county_bureau) == ("市教育局", True, False)
    (found,) = DIRECTORY.find("市教育局负责哪些")
    assert (found.unit and found.unit.short, found.bare) == ("市教育局", False)


def test_the_longest_name_wins_and_places_are_those_of_the_original_text() -> None:
    text = "问一下：市住房城乡建设局和庵埠镇（潮安区）"
    found = DIRECTORY.find(text)
    assert [text[m.start : m.end] for m in found] == ["市住房城乡建设局", "庵埠镇", "潮安区"]
    assert [m.text for m in found] == ["市住房城乡建设局", "庵埠镇", "潮安区"]
    assert (found[1].town, found[1].area and found[1].area.short) == ("庵埠镇", "潮安区")


@pytest.mark.parametrize(
    "text", ["凤凰单丛茶", "百万党员进党校", "社区教育", "村卫生站", "人行道", "全市交通", "园区建设"]
)
def test_words_that_only_look_like_names_are_left_alone(text: str) -> None:
    assert DIRECTORY.find(text) == ()


def test_english_names_count_only_as_whole_words() -> None:
    assert [m.unit and m.unit.short for m in DIRECTORY.find("Does the Municipal Tax Bureau join?")] == [
        "市税务局"
    ]
    assert DIRECTORY.find("antitax bureaucracy") == ()


@given(st.text(max_size=60))
def test_folding_keeps_every_place(text: str) -> None:
    assert len(fold(text)) == len(narrow(text)) == len(text)


@given(st.text(alphabet="市县区饶平潮安教育水务局委组织部的里和、 一abMunicipal", max_size=40))
def test_mentions_never_overlap_and_quote_the_text(text: str) -> None:
    end = 0
    for mention in DIRECTORY.find(text):
        assert end <= mention.start < mention.end
        assert text[mention.start : mention.end] == mention.text
        assert not (mention.county_bureau and mention.unit)
        end = mention.end


def test_protocol_order_comes_before_counties_and_unknown_names_last() -> None:
    names = ["湘桥区", "市水务局", "某公司", "市委组织部", "潮安区"]
    assert sorted(names, key=DIRECTORY.order_of) == ["市委组织部", "市水务局", "潮安区", "湘桥区", "某公司"]
