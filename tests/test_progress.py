"""A round in chat: prompts go out, liaisons answer in their own words, every number can be walked back."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from storage import reports
from storage.tables import outbox
from tests.town import Town, town

DOC = "潮百千万发〔2024〕7号"


@pytest.fixture
async def office(database_url: str) -> AsyncIterator[Town]:
    async with town(database_url) as found:
        yield found


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Town]:
    """On one database, where the other could make no difference."""
    async with town(f"sqlite:///{tmp_path / 'bqw.db'}") as found:
        yield found


async def figures(place: Town) -> dict[tuple[str, str], tuple[float, str]]:
    """Every figure that stands: (unit, what the notice calls it) → its value and the words that said it."""
    async with place.bot.database.transaction() as conn:
        rows = await reports.standing(conn, DOC)
        said = {row.message_key: row.text for row in await reports.everything(conn, DOC)}
    return {
        (row.unit, figure.target or figure.what): (figure.value, said[figure.message_key])
        for row in rows
        for figure in row.figures
    }


async def pushed(place: Town, person: str) -> list[str]:
    """What lies in the outbox for this person besides answers, sent or not."""
    async with place.bot.database.transaction() as conn:
        rows = await conn.execute(select(outbox.c.key, outbox.c.payload).where(outbox.c.target == person))
        return [row.payload["text"] for row in rows.all() if not row.key.startswith("re:")]


async def test_a_whole_round_of_three_units(office: Town) -> None:
    """Prompt, partial answer, question back, correction, objection, late answer, close."""
    await office.dialogue(
        "wanglei",
        ("开月报 放行17", "7月进展报送|7月25日（周四）17:30|问3位联络员|还没有联络员的单位：饶平县、湘桥区"),
    )
    (asked,) = await pushed(office, "huangwei")
    assert "请于7月25日（周四）17:30前在本对话回复要点17的3项累计数" in asked
    assert "①新改建农村公路（目标：超48.7公里）" in asked
    await office.dialogue(
        "huangwei",
        ("收到", "好的，7月25日（周四）17:30前"),
        ("①25.6 ②5", "已记：要点17|新改建农村公路25.6公里（目标超48.7公里，完成52.6%）|还差1项：③"),
        ("②4", "上期累计5座，这次报4座|是更正吗"),
        ("是", "已更正|4座（目标10座，完成40%）"),
        ("③26，困难：两座桥管线迁改没谈拢", "26公里|困难：两座桥管线迁改没谈拢|本轮已报齐"),
        ("17项总体75%", "整体进度75%"),
        ("更正：17项应为65%", "已更正|整体进度65%"),
        ("冷链谁牵头", "市供销社牵头"),  # a question stays a question
    )
    await office.dialogue(
        "chenjing",
        (
            "冷库这项不属于我们，应由市农业农村局负责",
            "贵单位提出不属本单位|建议由市农业农村局负责|核定前不再",
        ),
    )
    await office.dialogue(
        "wanglei",
        ("异议", "市供销社|第17点|认为应由市农业农村局负责"),
        ("异议1不成立", "仍由市供销社报送"),
        ("哪些没报", "市供销社：要点17|潮安区：要点3"),
        ("收口", "“7月进展报送”已收口|之后的回复照常入台账"),
    )
    await office.dialogue("chenjing", ("冷库1800吨", "0.25万吨，完成72%|本轮已经收口|迟报"))
    assert await figures(office) == {
        ("市交通运输局", "17-1"): (25.6, "①25.6 ②5"),
        ("市交通运输局", "17-2"): (4, "是"),
        ("市交通运输局", "17-3"): (26, "③26，困难：两座桥管线迁改没谈拢"),
        ("市供销社", "17-6"): (1800, "冷库1800吨"),
    }
