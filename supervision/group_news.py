"""Gathers what `supervision/group_words.py` puts into words: the week of a group, the drafts of circulars.

The clock's job and the office's words in chat call it inside their transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from knowledge.book import Book
from storage import cases, chats, drafts, people, releases, reports, rounds
from storage.cases import CASE
from storage.chats import Group
from storage.drafts import Draft
from storage.engine import Connection
from storage.reports import Report
from storage.rounds import Prompt, Round
from supervision import group_words
from supervision.group_words import ATTENTION, NAMES, PRACTICE, REPORTED, Week
from supervision.groups import target_of
from supervision.overview import View, overview
from supervision.standing import folded
from supervision.workdays import SHANGHAI, Workdays

_RECENT = timedelta(days=7)
_REPORTED = ("monthly", "quarterly")


async def week_of(conn: Connection, book: Book, group: Group, now: datetime) -> Week:
    """The week before this one as the group may know it: its own county or section, or all."""
    today = now.astimezone(SHANGHAI).date()
    monday = today - timedelta(days=today.weekday())
    first, last = monday - timedelta(days=7), monday - timedelta(days=3)
    since = datetime.combine(first, time(0), SHANGHAI)
    until = datetime.combine(monday, time(0), SHANGHAI)
    counts = []
    for one in await rounds.latest(conn, book.notice.doc_number):
        if one.closed_at is None or one.closed_at >= since:
            own = [
                row
                for row in await rounds.of_round(conn, one.id)
                if _is_own(group, row.unit, row.point, book)
            ]
            counts.append(group_words.count(one, own))
    standing = await reports.standing(conn, book.notice.doc_number)
    heard = [row for row in standing if since <= row.at < until and _is_own(group, row.unit, row.point, book)]
    return Week(first, last, tuple(reversed(counts)), len(heard), _where(group, book))


def _is_own(group: Group, unit: str, point: int, book: Book) -> bool:
    if group.purpose == chats.COUNTY:
        return unit == group.scope
    if group.purpose == chats.TASK_FORCE:
        return any(str(one.number) == group.scope and point in one.points for one in book.notice.sections)
    return True


def _where(group: Group, book: Book) -> str:
    if group.purpose == chats.TASK_FORCE:
        return next((one.title for one in book.notice.sections if str(one.number) == group.scope), "")
    return group.scope


async def called(conn: Connection, group: Group) -> str:
    """The name of who is pinged; "" for nobody, or somebody the office does not know."""
    return (await people.names(conn, [group.ping])).get(group.ping, "") if group.ping else ""


# --- drafts -----------------------------------------------------------------------------------------------


async def draft_reported(conn: Connection, book: Book, round: Round, now: datetime) -> Draft | None:
    """报送情况 of a round; None when it was drafted already, whatever became of it."""
    key = f"{REPORTED}:{round.id}"
    if await _is_there(conn, REPORTED, key, round.opened_at):
        return None
    prompts = await rounds.of_round(conn, round.id)
    counties = [area.short for area in book.directory.counties]
    told = await _difficulties(conn, book, prompts)
    body = group_words.reported(round, prompts, counties, told, now)
    return await _write(
        conn, REPORTED, key, f"{NAMES[REPORTED]}：{round.name}", body, now, {"round": round.id}
    )


async def _is_there(conn: Connection, kind: str, key: str, since: datetime) -> bool:
    return any(one.key == key for one in await drafts.of_kind(conn, kind, since))


async def _difficulties(conn: Connection, book: Book, prompts: Sequence[Prompt]) -> list[str]:
    points = sorted({one.point for one in prompts})
    places: dict[tuple[int, str], list[Report]] = {}
    for row in await reports.standing(conn, book.notice.doc_number, points=points):
        places.setdefault((row.point, row.unit), []).append(row)
    return [folded(rows).told("difficulty") for rows in places.values()]


async def draft_attention(conn: Connection, book: Book, now: datetime, workdays: Workdays) -> Draft | None:
    """重点事项提示 as of now; None when nothing is behind."""
    doc_number = book.notice.doc_number
    today = now.astimezone(SHANGHAI).date()
    released = await releases.of_kind(conn, releases.RED, doc_number)
    rows = await reports.standing(conn, doc_number)
    states = overview(book, rows, View(today, workdays, released=released))
    body = group_words.attention(states, today, workdays)
    if not body:
        return None
    title = f"{NAMES[ATTENTION]}（{today.month}月{today.day}日）"
    return await _write(conn, ATTENTION, f"{ATTENTION}:{now.isoformat()}", title, body, now, {})


async def draft_practice(conn: Connection, book: Book, keyword: str, now: datetime) -> Draft | None:
    """做法交流 of the newest case with these words; None when there is none."""
    words = keyword.split()
    for one in await cases.all(conn, book.notice.doc_number, CASE):
        if all(word in one.title or word in one.text for word in words):
            body = group_words.practice(one, keyword)
            title = f"{NAMES[PRACTICE]}：{one.title}"
            key = f"{PRACTICE}:{one.id}:{now.isoformat()}"
            return await _write(conn, PRACTICE, key, title, body, now, {"case": one.id})
    return None


async def _write(
    conn: Connection, kind: str, key: str, title: str, body: str, now: datetime, detail: dict[str, int]
) -> Draft:
    return await drafts.write(conn, Draft(kind, key, title, body, target_of(chats.HEADQUARTERS), detail, now))


async def due_rounds(conn: Connection, book: Book, now: datetime) -> list[Round]:
    """Rounds whose day has passed within the last week: their 报送情况 is due to be drafted."""
    midnight = datetime.combine(now.astimezone(SHANGHAI).date(), time(0), SHANGHAI)
    latest = await rounds.latest(conn, book.notice.doc_number)
    return [one for one in latest if midnight - _RECENT < one.due_at < midnight and one.kind in _REPORTED]
