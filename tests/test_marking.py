"""Answers in WeCom's markdown: marks are added, words stay."""

import re

from hypothesis import given
from hypothesis import strategies as st

from handlers.ask import answer
from handlers.context import Context
from handlers.marking import escaped, marked
from handlers.turn import Knowing
from storage.message import Markdown, Message
from tests.conftest import MONDAY


async def test_a_channel_with_markdown_gets_figure_heading_and_quote_marked(knows: Knowing) -> None:
    message = Message("k", "robot", "linxiao", MONDAY, text="今年要新增多少冷库")
    ctx = Context(message=message, now=MONDAY, knows=knows, conn=None, markdown=True)  # type: ignore[arg-type]
    reply = await answer(message, ctx)
    assert isinstance(reply, Markdown)
    lines = reply.content.split("\n")
    assert lines[0] == '<font color="warning">**0.25万吨**</font> 新增投产冷库库容0.25万吨'
    assert lines[1] == "**第17点 推动基础设施提能升级**"
    assert "> 原文：完善一体化农产品冷链物流网建设,新增投产冷库库容0.25万吨" in lines
    assert lines[-1].startswith('<font color="comment">回复“全文”')
    assert reply.text.startswith("【0.25万吨】")


def test_every_word_stays() -> None:
    text = "【28个】潮安区28个\n第3点 项目\n建议由甲牵头\n原文：建立项目库\n回复“全文”"
    bare = re.sub(r"</?font[^>]*>|[*>]", "", marked(text)).replace(" ", "")
    assert bare == text.replace("【", "").replace("】", "").replace(" ", "")


@given(st.text(max_size=200))
def test_escaped_text_carries_no_markup(text: str) -> None:
    """Nothing a person wrote may become a link, a mention or a colour."""
    found = escaped(text)
    assert not set("\\`*_[]#~|<") & set(found)
    assert not re.search(r"^\s*>", found, re.MULTILINE)
