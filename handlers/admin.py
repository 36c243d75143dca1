"""What the headquarters office does with the questions the bot could not answer: reads them, lets some rest.

Teaching an answer to them is `handlers/teach.py`. The numbers in “忽略 3” and “教 3=17” are those of the list
last shown to this admin; it is remembered beside the conversation, so that any replica knows them.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from handlers.context import Context, UserError, only_admins, typed
from handlers.lessons import words_in
from knowledge.normalize import plain
from storage import audit, inbox, questions
from storage.message import Message, Reply, Text
from storage.questions import OpenQuestion

_UNANSWERED = frozenset(
    {
        "没答上的问题",
        "待答问题",
        "未答问题",
        "没答上的",
        "没答上",
        "没有答上的问题",
        "答不上的问题",
        "没答对的问题",
    }
)
_SHOWN = 10
_SHORT = 28  # characters of a question in the list
_NUMBER = r"第?\s*\d{1,2}\s*(?:个|条|题|号)?"
_IGNORE = re.compile(rf"(?:请)?忽略[\s::]*({_NUMBER}(?:[\s、,;和及到至~-]+{_NUMBER})*)(?:问题)?")


@dataclass(frozen=True, slots=True)
class Group:
    """One question as often as it was asked, the newest first."""

    asked: tuple[OpenQuestion, ...]

    @property
    def text(self) -> str:
        return self.asked[0].text

    @property
    def people(self) -> int:
        return len({question.person.lower() for question in self.asked})


async def unanswered(message: Message, ctx: Context) -> Reply | None:
    """The open questions, those that most people asked first; admins only."""
    if typed(message).rstrip("?？。") not in _UNANSWERED:
        return None
    only_admins(ctx, "这项内容由市百千万办管理员查看")
    groups = grouped(await questions.unsettled(ctx.conn))
    if not groups:
        return Text("目前没有积压的问题。")
    shown = groups[:_SHOWN]
    await _remember(ctx, [group.asked[0].id for group in shown])
    more = f"，先列{_SHOWN}个" if len(groups) > _SHOWN else ""
    lines = [f"没答上或答得不准的问题共{len(groups)}个{more}："]
    lines += [f"{number}. {_line(group)}" for number, group in enumerate(shown, start=1)]
    return Text("\n".join([*lines, _hint(shown, ctx)]))


async def ignore(message: Message, ctx: Context) -> Reply | None:
    """“忽略 3、5”: takes questions off the list without teaching anything."""
    found = _IGNORE.fullmatch(unicodedata.normalize("NFKC", typed(message)).rstrip("。"))
    if found is None:
        return None
    only_admins(ctx)
    listed = await last_shown(ctx)
    numbers = _numbers(found[1])
    if not listed:
        return Text("序号指的是列表里的问题。请先说“没答上的问题”，看过列表再回复，例如：忽略 3")
    if beyond := [number for number in numbers if not 1 <= number <= len(listed)]:
        raise UserError(f"刚才的列表是第1个到第{len(listed)}个，没有第{beyond[0]}个。请核对序号。")
    return Text(await _settle(ctx, numbers, listed))


async def last_shown(ctx: Context) -> tuple[str, ...]:
    """The questions of the list last shown to this admin, in its order."""
    kept = (await inbox.memories(ctx.conn, [_key(ctx)])).get(_key(ctx), {})
    ids = [int(number) for number in kept.get("questions", ())]
    texts = await questions.texts(ctx.conn, ids)
    return tuple(texts.get(number, "") for number in ids)


def same(text: str, asked: Iterable[OpenQuestion]) -> list[OpenQuestion]:
    """Those of the questions that say the same as `text`."""
    wanted = _comparable(text)
    return [question for question in asked if _comparable(question.text) == wanted]


def _comparable(text: str) -> str:
    """Without blanks and punctuation: with or without a question mark it is the same question."""
    return "".join(char for char in plain(text) if char.isalnum()) or text


def grouped(asked: Iterable[OpenQuestion]) -> list[Group]:
    """Equal questions together; what most people asked first, then the newest."""
    found: dict[str, list[OpenQuestion]] = {}
    for question in asked:
        found.setdefault(_comparable(question.text), []).append(question)
    groups = [Group(tuple(questions)) for questions in found.values()]
    return sorted(groups, key=lambda group: (-group.people, -group.asked[0].id))


# --- the list -----------------------------------------------------------------------------------------


def _line(group: Group) -> str:
    words = " ".join(group.text.split())
    short = words if len(words) <= _SHORT else f"{words[:_SHORT]}……"
    people = f"{group.people}人问过，" if group.people > 1 else ""
    return f"{short}（{people}{'；'.join(_outcomes(group)[:2])}）"


def _outcomes(group: Group) -> list[str]:
    """What became of it, the most telling first: what was picked, what was wrong, what was offered."""
    told = []
    for outcome in ("picked", "wrong", "suggest", "unknown"):
        rows = [question for question in group.asked if question.outcome == outcome]
        if rows:
            told.append(_outcome(outcome, [point for point, _ in _points(rows)[:3]]))
    return told


def _outcome(outcome: str, points: Sequence[int]) -> str:
    named = "、".join(f"第{point}点" for point in points)
    if outcome == "picked":
        return f"选了{named}"
    if outcome == "wrong" and named:
        return f"给过{named}，都不对" if len(points) > 1 else f"答了{named}，不对"
    return f"给过{named}" if named else "没答上"


def _points(rows: Iterable[OpenQuestion]) -> list[tuple[int, int]]:
    return Counter(point for question in rows for point in question.points).most_common()


def _hint(shown: Sequence[Group], ctx: Context) -> str:
    """How to go on, with an example that may be right: a question with a word to teach, whose askers picked
    a point."""
    can = [n for n, group in enumerate(shown, 1) if len(words_in(group.text, ctx.knows)) == 1] or [1]
    picks = ((n, q.points[0]) for n in can for q in shown[n - 1].asked if q.outcome == "picked")
    number, point = next(picks, (can[0], 17))
    return (
        f"教我：教 {number}={point}（让第{number}个问题答第{point}点），或直接教词：教 冻库=17。"
        f"不用管的：忽略 {number}"
    )


def _key(ctx: Context) -> str:
    """A memory of its own: a question asked in between must not make the numbers forgotten."""
    return f"{ctx.message.conversation}:questions"


async def _remember(ctx: Context, ids: list[int]) -> None:
    await inbox.remember(ctx.conn, {_key(ctx): {"questions": ids}}, ctx.now)


# --- letting questions rest ---------------------------------------------------------------------------


def _numbers(words: str) -> tuple[int, ...]:
    """“3、5”, “3和5”, “3到5”."""
    if between := re.fullmatch(r"\D*(\d+)\D*?(?:到|至|~|-)\D*(\d+)\D*", words):
        first, last = sorted((int(between[1]), int(between[2])))
        return tuple(range(first, last + 1))
    return tuple(dict.fromkeys(map(int, re.findall(r"\d+", words))))


async def _settle(ctx: Context, numbers: Sequence[int], listed: Sequence[str]) -> str:
    by = ctx.message.person
    waiting = await questions.unsettled(ctx.conn)
    done: list[int] = []
    for number in numbers:
        text = listed[number - 1]
        ids = [question.id for question in same(text, waiting)]
        if await questions.settle(ctx.conn, ids, how=questions.IGNORED, by=by, now=ctx.now):
            done.append(number)
            await audit.note(ctx.conn, audit.Entry(ctx.now, by, "ignore", text, {"questions": ids}))
    before = [number for number in numbers if number not in done]
    told = [f"好的，第{_and(done)}个问题不再列出。"] if done else []
    told += [f"第{_and(before)}个已经处理过了。"] if before else []
    return "".join(told) + "说“没答上的问题”看其余的。"


def _and(numbers: Sequence[int]) -> str:
    return "、".join(map(str, numbers))
