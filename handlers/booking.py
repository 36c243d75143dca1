"""Writes what a message came to, in its own transaction, and makes the answer that tells it.

Versions, marks on prompts, messages that need not be sent any more, the question that is asked back, and the
files that belong to the report: one place, whoever read the words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from handlers import asking_back
from handlers import progress_words as words
from handlers.context import Context
from handlers.desk import desk_of
from storage import attachments, reports, rounds
from storage.message import Reply
from supervision import asking
from supervision.desk import Desk
from supervision.queries import Query
from supervision.reporting import Settled

TOLD_FOR = timedelta(minutes=30)  # how long files and a bare “不对” are about what was just repeated


async def write(settled: Settled, desk: Desk, ctx: Context, *, rest: Sequence[Query] = ()) -> Reply | None:
    """`rest` are questions that waited behind the one just answered."""
    written = await reports.add(ctx.conn, settled.versions)
    marked = {mark.asked.prompt.id: mark.state for mark in settled.marks}  # the last word counts
    for state in sorted(set(marked.values())):
        ids = [prompt_id for prompt_id, said in marked.items() if said == state]
        await rounds.mark_all(ctx.conn, ids, state, now=ctx.now, key=desk.key)
    await asking.answered(
        ctx.conn, desk.book, {mark.asked.prompt.bundle for mark in settled.marks}, now=ctx.now
    )
    asked = [replace(query, said=desk.text, key=desk.key) for query in settled.queries]
    asking_back.remember(ctx, [*asked, *rest])
    if written:
        await _tie_files(written[-1], desk, ctx)
    after = await desk_of(ctx.message, ctx, desk.text)
    return words.told(settled, written, [*settled.queries, *rest][:1], desk, after)


async def _tie_files(newest: reports.Report, desk: Desk, ctx: Context) -> None:
    """Files sent just before belong to this report, and those that follow will."""
    at = ctx.now.isoformat()
    subject = f"report:{newest.id}"
    sent = await attachments.of_person(ctx.conn, desk.person, ctx.now - TOLD_FOR)
    loose = [one.message_key for one in sent if not one.subject]
    await attachments.link(ctx.conn, loose, subject=subject, point=newest.point)
    follow = {"subject": subject, "point": newest.point, "at": at}
    ctx.memory = {**(ctx.memory or {}), "told_at": at, "files_for": follow}
