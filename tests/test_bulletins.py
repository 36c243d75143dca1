"""月通报: on the month's first working day the office gets its draft in Word, once, and nobody else does."""

from datetime import datetime
from functools import partial
from io import BytesIO
from pathlib import Path

from docx import Document

from scheduler.bulletins import monthly
from supervision.workdays import SHANGHAI
from tests.town import Town

FIRST = datetime(2024, 8, 1, 9, 50, tzinfo=SHANGHAI)


async def test_the_office_gets_last_months_draft_in_word(office: Town, tmp_path: Path) -> None:
    job = partial(monthly, folder=tmp_path / "digests")
    assert await office.does(job, FIRST) == "还没有单位报送，不起草"
    await office.dialogue("wanglei", ("开月报 放行17", "已开轮次"))
    await office.dialogue("huangwei", ("①25.6 ②5，困难：两座桥管线迁改没谈拢", "已记"))
    assert await office.does(job, FIRST) == "7月通报初稿发给1位管理员"
    assert await office.does(job, FIRST) == "7月通报初稿发给0位管理员"
    office.bot.delivery.poke()
    bubble = await office.wecom.wait_for("wanglei", lambda found: found.kind == "file", seconds=10)
    assert "7月通报（初稿）.docx" in bubble.text
    (path,) = (tmp_path / "digests").glob("*.docx")
    text = "\n".join(part.text for part in Document(BytesIO(path.read_bytes())).paragraphs)
    assert "工作要点进展情况的通报" in text
    assert "初稿，未经审定" in text
    assert "管线迁改" in text
    assert {row.split(":")[-1] for row in await office.queued("office:bulletin")} == {"wanglei", "file"}
