"""Removes what nobody looks at any more: old runs in the ledger, and files that followed digests long ago.

A job of every working day; what it removed is in its note and in the log.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from scheduler.shift import Shift
from scheduler.times import Keep
from storage import digests, job_runs

_ENDINGS = (".png", ".xlsx", ".docx", ".part")


async def tidy(shift: Shift, keep: Keep, folder: Path) -> str:
    """`folder` is where digests' files lie."""
    runs = await job_runs.forget(shift.conn, shift.now - timedelta(days=keep.runs_days))
    needed = await digests.files_waiting(shift.conn)
    old = shift.now - timedelta(days=keep.files_days)
    files = await asyncio.to_thread(_remove, folder, old, needed)
    return f"删去过期的任务记录{runs}条、专报文件{files}个" if runs or files else "没有过期的"


def _remove(folder: Path, before: datetime, needed: Iterable[str]) -> int:
    """A file bears the time it was last used."""
    kept = {Path(path).name for path in needed}
    removed = 0
    for path in folder.glob("*"):
        if path.suffix in _ENDINGS and path.name not in kept and path.stat().st_mtime < before.timestamp():
            path.unlink(missing_ok=True)
            removed += 1
    return removed
