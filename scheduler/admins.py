"""A word to the office's admins from a job: one message per admin and occasion, however often it is said.

Jobs call it inside their own transaction; it leaves in office hours.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import time

from scheduler.shift import Shift
from storage import outbox, people
from storage.message import File, Text, dump

_EARLIEST = time(8, 41)


async def tell(shift: Shift, occasion: str, text: str, *, file: File | None = None) -> int:
    """Queues the text, with a file behind it, for each admin who was not told of it yet; how many."""
    bound = {person.userid for person in await people.everybody(shift.conn) if person.role == "admin"}
    prefix = f"office:{occasion}:"
    told = await outbox.state_of(shift.conn, prefix)
    keys = {f"{prefix}{admin}": admin for admin in sorted(shift.admins | bound)}
    at = shift.workdays.next_slot(shift.now, _EARLIEST)
    rows = [
        outbox.Outgoing(key, "app", admin, dump(Text(text)), priority=outbox.NOTICE, at=at)
        for key, admin in keys.items()
        if key not in told
    ]
    if rows:
        files = [_behind(row, file) for row in rows] if file else []
        await outbox.add(shift.conn, [(row, None) for row in (*rows, *files)], shift.now)
    return len(rows)


def _behind(row: outbox.Outgoing, file: File) -> outbox.Outgoing:
    return replace(row, key=f"{row.key}:file", payload=dump(file), after=row.key)
