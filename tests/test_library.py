"""What is imported in one process is what another answers from, within seconds."""

from datetime import date
from pathlib import Path

import pytest

from bot.library import Library
from handlers.ask import reply_to
from handlers.memory import Memory
from knowledge.book import shipped
from knowledge.hearing import Ear
from storage import assignments, notices
from storage.assignment import Assignment
from storage.engine import Database
from storage.notices import StoredNotice
from tests.conftest import MONDAY

COLD_CHAIN = "完善一体化农产品冷链物流网建设,新增投产冷库库容0.25万吨"
CONFIRMED = Assignment(
    17, COLD_CHAIN, "市商务局", ("市供销社",), "confirmed", "分工表.xlsx",
    confirmed_by="王科长", confirmed_on=date(2024, 6, 3),
)  # fmt: skip

OTHER = """潮安区2025年重点工作要点
潮安百千万发〔2025〕1号
潮安区指挥部
2025年3月1日
一、大抓产业发展
1.做强陶瓷产业。推动陶瓷企业技术改造20家。
2.建设冷链仓库。新建冷链仓库3座。
"""


NEW_WORDS = ("新增投产冷库库容0.25万吨", "新增投产冷库库容0.35万吨")


def says(library: Library, question: str) -> str:
    return reply_to(question, Memory(), library.current(), MONDAY).text


async def test_a_confirmed_assignment_is_taken_over_without_a_restart(database: Database) -> None:
    library = await Library.open(database)
    assert "建议由市供销社牵头" in says(library, "冷链谁牵头")
    index = library.current().index
    assert not await library.refresh()
    async with database.transaction() as conn:
        await assignments.replace(conn, shipped().notice.doc_number, [CONFIRMED], now=MONDAY, by="wang")
    assert await library.refresh()
    answer = says(library, "冷链谁牵头")
    assert "市商务局牵头" in answer
    assert "王科长" in answer
    assert "2024年6月3日" in answer
    assert "待市百千万办确认" not in answer
    assert library.current().index is index  # no word of the notice changed, so it was not made again


async def test_nobody_waits_for_the_first_pinyin(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """What hears pinyin takes tenths of a second to make, in which nobody else was answered."""
    library = await Library.open(database)
    library.current().index.ear.cache_clear()  # type: ignore[attr-defined]
    await library.warm()
    monkeypatch.setattr(Ear, "of", None)  # nobody makes another
    assert "市供销社" in says(library, "lengku shui guan")


async def test_another_notice_stands_beside_the_first_until_it_is_put_in_force(database: Database) -> None:
    library = await Library.open(database)
    for active, expected in ((False, "推动基础设施提能升级"), (True, "建设冷链仓库")):
        async with database.transaction() as conn:
            await notices.add(
                conn,
                StoredNotice(
                    doc_number="潮安百千万发〔2025〕1号",
                    title="潮安区2025年重点工作要点",
                    issuer="潮安区指挥部",
                    issued_on=date(2025, 3, 1),
                    year=2025,
                    text=OTHER,
                    source_name=Path("other.txt").name,
                    imported_at=MONDAY,
                    imported_by="wang",
                    active=active,
                ),
            )
        await library.refresh()
        assert expected in says(library, "冷链")
    assert "没有" in says(library, "第17条")


async def test_a_corrected_text_of_the_same_notice_keeps_what_still_fits(database: Database) -> None:
    notice = shipped().notice
    corrected = StoredNotice(
        doc_number=notice.doc_number,
        title=notice.title,
        issuer=notice.issuer,
        issued_on=notice.issued_on,
        year=notice.year,
        text=notice.text.replace(*NEW_WORDS),
        source_name="更正.txt",
        imported_at=MONDAY,
        imported_by="wang",
        active=True,
    )
    library = await Library.open(database)
    async with database.transaction() as conn:
        await notices.add(conn, corrected)
    await library.refresh()
    assert "0.35万吨" in says(library, "今年要新增多少冷库")
    assert "市水务局" in says(library, "农村供水谁牵头")
