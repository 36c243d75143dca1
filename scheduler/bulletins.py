"""月通报: at the beginning of a month its draft in Word goes to the office's admins, to be edited and signed.

`scheduler/jobs.py` calls it. Nothing of it reaches anybody else; `bqw export 通报.docx` writes the same at
any time.
"""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from pathlib import Path

from knowledge.ledger import LedgerRow
from scheduler import admins
from scheduler.beside import kept
from scheduler.shift import Shift
from storage import cases
from storage.message import File
from supervision import ledger
from supervision.circular import draft
from supervision.workdays import SHANGHAI

_NOTE = "初稿，未经审定"


async def monthly(shift: Shift, folder: Path) -> str:
    """A line and the file to each admin, or nothing where no unit has reported yet."""
    today = shift.now.astimezone(SHANGHAI).date()
    rows = await ledger.rows(shift.conn, shift.book, shift.now, workdays=shift.workdays, rules=shift.rules)
    if not any(row.source for row in rows):
        return "还没有单位报送，不起草"
    month = (today.replace(day=1) - timedelta(days=1)).month
    path = await asyncio.to_thread(_written, shift, rows, today, await _cases(shift), folder)
    file = File(str(path), f"{month}月通报（初稿）.docx")
    told = await admins.tell(shift, f"bulletin:{today:%Y-%m}", _words(month), file=file)
    return f"{month}月通报初稿发给{told}位管理员"


async def _cases(shift: Shift) -> list[cases.Case]:
    doc_number = shift.book.notice.doc_number
    kinds = (cases.CASE, cases.REFORM)
    return [one for kind in kinds for one in await cases.all(shift.conn, doc_number, kind)]


def _written(shift: Shift, rows: list[LedgerRow], today: date, told: list[cases.Case], folder: Path) -> Path:
    from knowledge.circular import write  # Word's library is for those who need it

    progress = draft(ledger.outside(rows), shift.book, today, told, note=_NOTE)
    return kept(folder, progress, ".docx", lambda: write(progress), shift.now)


def _words(month: int) -> str:
    return (
        f"【{month}月通报初稿】按各单位报送的数据写成，随后发来Word文件。问题没有点名单位，时限留空，"
        "请核对、修改后按程序审定签发。\n市百千万办"
    )
