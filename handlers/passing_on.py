"""“转给小李了”, “我调岗了，以后找陈晓敏”: said of colleagues and not of another unit, so no objection.

The unit still owes what it was asked. A change of liaison is told to the office, which binds people.
"""

from __future__ import annotations

import re

from handlers import progress_words as words
from handlers import telling
from handlers.context import Context
from knowledge.reading import Reading
from storage.message import Reply, Text
from supervision.desk import Desk

_ELSEWHERE = re.compile(r"不属|不归|不是|不该|无关|不负责|不管|牵头|主责|口子|改派|职责")
_CHANGES = re.compile(
    r"调岗|调走|调离|换人|换(?:个|了|一?下)?(?:联络员|联系人|对接人)|(?:联络员|联系人|对接人)(?:要|得|已经?)?(?:换|变|改)"
    r"|新(?:的)?(?:联络员|联系人|对接人|同事)|(?:以后|今后|往后)[^,，。]{0,6}(?:找|由|联系|跟)|不在[^,，。]{0,4}(?:办公室|岗位?)了"
    r"|(?:休|请)(?:了|着)?[年产病事婚探]?假"
)
_PASSES = re.compile(
    r"转给|转[^,，。]{1,4}阅|对接|代为?(?:填|报)|^@|(?:找|问|由|联系)(?:[小老][\u4e00-\u9fff]|[\u4e00-\u9fff]{1,2}(?:科|股|主任|工))"
    r"|(?:股|科室?)(?:来|去)?(?:答|回|报|填)|[\u4e00-\u9fff](?:科|股|主任)[^,，。]{0,8}(?:你|您)"
)


async def pass_on(reading: Reading, said: str, desk: Desk, ctx: Context) -> Reply | None:
    """The answer to such words; None for an objection."""
    if reading.refers_to or _ELSEWHERE.search(said):
        return None
    if _CHANGES.search(said):
        await telling.office(f"liaison:{desk.key}", Text(words.wants_another_liaison(desk)), ctx)
        return Text(f"{words.OFFICE_WILL_BIND}{words.still_owed(desk)}")
    return Text(f"{words.COLLEAGUE}{words.still_owed(desk)}") if _PASSES.search(said) else None
