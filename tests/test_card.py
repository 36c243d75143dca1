"""The digest's picture: phone width, drawn with the font in the package, saying what the digest says."""

from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from knowledge.book import shipped
from knowledge.card import draw, lacking
from scheduler.beside import drawn
from supervision.card import picture_of
from supervision.digest_facts import BarFact, Facts
from tests.golden_facts import SECTIONS, SHOWN, TUESDAY

GREEN, RED = (46, 158, 91), (208, 52, 44)


def bar(point: int, done: float, colour: str = "green") -> BarFact:
    return BarFact(
        point, "新改建农村公路", "市交通运输局", "25.6公里", "超48.7公里", done, 48.4, colour, TUESDAY
    )


def facts(*bars: BarFact) -> Facts:
    return replace(SHOWN["daily-news"], sections=SECTIONS, bars=bars)


def image(found: Facts) -> Image.Image:
    return Image.open(BytesIO(draw(picture_of(found)))).convert("RGB")


def has(picture: Image.Image, colour: tuple[int, int, int]) -> bool:
    """Whether some pixel is nearly of this colour: the palette rounds."""
    found = picture.getcolors(1 << 20) or []
    return any(sum(abs(a - b) for a, b in zip(pixel, colour, strict=True)) < 12 for _, pixel in found)  # type: ignore[arg-type]


def test_it_is_as_wide_as_a_phone_and_grows_with_its_bars() -> None:
    short, long = image(facts()), image(facts(bar(17, 52.6), bar(17, 20)))
    assert short.width == long.width == 750
    assert 300 < short.height < long.height < 2000


def test_lights_and_bars_have_their_colours() -> None:
    assert has(image(facts(bar(17, 12, "red"))), RED)
    assert not has(image(facts(bar(17, 52))), RED)
    assert has(image(facts(bar(17, 52))), GREEN)


def test_a_bar_is_as_long_as_its_share() -> None:
    """The filled part of 50 % ends in the middle, of 114 % at the edge."""

    def ends(done: float) -> int:
        picture = image(facts(bar(17, done, "red")))
        columns = [
            x
            for x in range(picture.width)
            for y in range(picture.height)
            if sum(abs(a - b) for a, b in zip(picture.getpixel((x, y)), RED, strict=True)) < 12  # type: ignore[arg-type]
        ]
        return max(columns)

    assert abs(ends(50) - 375) < 6
    assert abs(ends(114.3) - 710) < 6


def test_the_font_has_every_character_of_the_notice_and_the_units() -> None:
    book = shipped()
    names = "".join(unit.short + unit.full for unit in book.directory.units)
    towns = "".join(name for area in book.directory.areas for name in (area.short, *area.towns))
    assert lacking(book.notice.text + names + towns) == []
    assert lacking("龘") == ["龘"]  # the measure itself works


def test_the_font_stays_small_and_its_licence_beside_it() -> None:
    data = Path(__file__).parent.parent / "knowledge/data"
    assert (data / "NotoSansCJKsc-subset.otf").stat().st_size < 1_500_000
    assert "SIL OPEN FONT LICENSE Version 1.1" in (data / "OFL.txt").read_text("utf-8")


def test_more_figures_than_fit_are_named_and_news_come_first() -> None:
    bars = (*(bar(number, 50) for number in range(1, 13)), bar(17, 52.6))
    picture = picture_of(facts(*bars))
    assert len(picture.bars) == 8
    assert picture.bars[-1].label.startswith("要点17")
    assert "另有5项有数的指标未画出" in picture.source
    assert picture.plan == "竖线为时间进度48.4%"


def test_every_number_has_its_day_and_unit() -> None:
    (only,) = picture_of(facts(bar(17, 52.6))).bars
    assert only.value == "25.6公里，目标超48.7公里（市交通运输局，6月25日报）"
    assert date(2024, 6, 25) == TUESDAY
    assert "截至6月26日8:40" in picture_of(facts()).source


@pytest.mark.parametrize("times", [1, 2])
def test_drawn_again_it_is_the_same_file(tmp_path: Path, times: int) -> None:
    paths = {drawn(facts(bar(17, 52.6)), "daily", tmp_path / "cards") for _ in range(times)}
    assert len(paths) == 1
    assert [path.suffix for path in (tmp_path / "cards").iterdir()] == [".png"]
