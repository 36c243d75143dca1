"""The office teaches in chat: “教 冻库=17”, “取消教 冻库”, “教过的”.

What was typed is read by `handlers/lessons.py`; here it is held against what the bot answers already, written
with its audit, and told in a sentence that says what will be answered now and how to take it back. Every
replica answers from it within seconds (`bot/library.py`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from handlers import admin, lessons
from handlers.context import Context, UserError, only_admins, typed
from handlers.lessons import Place, Wish
from handlers.phrasing import heading, original
from handlers.turn import Answer, Knowing
from knowledge.normalize import plain
from knowledge.notice import WorkPoint
from storage import phrases, questions
from storage.message import Button, Card, Message, Reply, Text
from storage.questions import OpenQuestion
from storage.taught import Taught

_SHOWN = 20
_TAUGHT = frozenset(
    {"教过的", "教过的说法", "教过哪些", "教过什么", "教过的词", "教过哪些说法", "已教的说法"}
)
_USAGE = (
    "请这样教我：教 冻库=17（等号左边是大家的说法，右边是条号）。专指其中一件事就再写一个词："
    "教 冻库=17 冷链。说“教过的”看教过哪些。"
)
_ONLY_TEACH = re.compile(r"教(?:[\s:].*)?")
_LISTED = re.compile(r"第?\s*(\d{1,2})\s*(?:个|题|号)?(?:问题)?")
_FORGET = re.compile(
    r"(?:请)?(?:(?:取消|撤销|撤回|删除|删掉|去掉|收回|不要)\s*教过?的?(?:[\s::,]+|(?!育|师|学|材|练|授|室|工|职|委|会|培))"
    r"|忘掉[\s::,]*|(?:忘记|忘了|别教)[\s::,]+)(.+)"
)


@dataclass(frozen=True, slots=True)
class _Said:
    """Words to teach, as they are compared and as they were typed."""

    phrase: str
    typed: str
    question: str = ""  # of the list, where it was named by its number


@dataclass(frozen=True, slots=True)
class _Lesson:
    """What a message is about to teach, and what is known of each phrase before it."""

    row: Taught
    question: str
    before: Taught | None  # where it was taught already
    answer: Answer  # what it is answered with so far

    @property
    def known(self) -> bool:
        """Whether it leads there anyway."""
        if self.before is not None:
            return (self.before.point, self.before.quote) == (self.row.point, self.row.quote)
        return self.answer.answered and self.answer.outcome == "answer" and self._leads_there

    @property
    def _leads_there(self) -> bool:
        told = self.answer.points[:1] == (self.row.point,)
        return told and self.row.quote in ("", self.answer.memory.clause)


async def teach(message: Message, ctx: Context) -> Reply | None:
    """“教 冻库=17”, “教 冻库、冷藏库=17 冷链”, “教 冻库=冷链”, “教 3=17” of the list; admins only."""
    wish = lessons.read(typed(message))
    if wish is None:
        return _usage(message, ctx)
    only_admins(ctx, "教我新说法由市百千万办管理员来做。我没答上的，办里会看到")
    place = lessons.place_of(wish.means, ctx.knows, ctx.now)
    if not isinstance(place, Place):
        return _which_point(wish, place, ctx)
    said = {}
    for phrase in wish.said:
        words = await _said(phrase, wish, ctx)
        if not isinstance(words, _Said):
            return words
        said[words.phrase] = words
    return await _teach(list(said.values()), place, ctx)


def _usage(message: Message, ctx: Context) -> Reply | None:
    """An admin who typed half of it is told the rest; for anybody else it is a question like others."""
    text = unicodedata.normalize("NFKC", typed(message))
    return Text(_USAGE) if ctx.is_admin and _ONLY_TEACH.fullmatch(text) else None


async def forget(message: Message, ctx: Context) -> Reply | None:
    """“取消教 冻库”: takes phrases back and says what they are answered with from now on; admins only."""
    found = _FORGET.fullmatch(unicodedata.normalize("NFKC", typed(message)).rstrip("。"))
    if found is None:
        return None
    only_admins(ctx, "教我的说法由市百千万办管理员撤销")
    doc_number = ctx.knows.book.notice.doc_number
    rows = await phrases.all(ctx.conn, doc_number)
    found_rows = (_taught_as(said, rows) for said in lessons.several(found[1]))
    gone = list(dict.fromkeys(row for row in found_rows if row is not None))
    if not gone:
        return Text(f"“{found[1].strip()}”没有教过，不用撤销。说“教过的”看教过哪些。")
    reopened = 0
    for row in gone:
        await phrases.forget(ctx.conn, doc_number, row, by=message.person, now=ctx.now)
        reopened += await questions.reopen(ctx.conn, row.phrase)
    ctx.knowledge_changed = True
    left = ctx.knows.taught([row for row in rows if row not in gone])
    lines = [f"好的，已忘掉“{row.typed}”。{_falls_back(row, left, ctx)}" for row in gone]
    lines += [f"{reopened}个问题又回到“没答上的问题”里。"] if reopened else []
    return Text("\n".join(lines))


async def taught(message: Message, ctx: Context) -> Reply | None:
    """“教过的”: what was taught, by whom and when, newest first; admins only."""
    if typed(message).rstrip("?？。") not in _TAUGHT:
        return None
    only_admins(ctx, "这项内容由市百千万办管理员查看")
    rows = await phrases.all(ctx.conn, ctx.knows.book.notice.doc_number)
    if not rows:
        return Text(f"还没有教过什么。{_USAGE}")
    lines = [f"教过的说法共{len(rows)}个："]
    lines += [_told(row, ctx) for row in rows[:_SHOWN]]
    lines += [f"……还有{len(rows) - _SHOWN}个更早的。"] if len(rows) > _SHOWN else []
    return Text("\n".join([*lines, f"要撤销，回复：取消教 {rows[0].typed}"]))


# --- teaching -----------------------------------------------------------------------------------------


async def _said(typed: str, wish: Wish, ctx: Context) -> _Said | Reply:
    """The words to teach; of a question named by its number what it is about, or which word it shall be."""
    found = _LISTED.fullmatch(typed)
    if found is None:
        return _Said(lessons.phrase_of(typed, ctx.knows), typed)
    question = await _listed(int(found[1]), ctx)
    words = lessons.words_in(question, ctx.knows)
    if len(words) != 1:
        return _which_word(question, words, wish, ctx)
    return _Said(words[0], words[0], question)


async def _listed(number: int, ctx: Context) -> str:
    """A question by its number on the list last shown."""
    listed = await admin.last_shown(ctx)
    if not listed:
        raise UserError(
            f"“{number}”像是列表里的序号。请先说“没答上的问题”看列表；要教一个词，请写出来，例如：教 冻库=17"
        )
    if not 1 <= number <= len(listed):
        raise UserError(f"刚才的列表是第1个到第{len(listed)}个，没有第{number}个。请核对序号。")
    return listed[number - 1]


async def _teach(said: Sequence[_Said], place: Place, ctx: Context) -> Reply:
    """Writes what is new, settles the questions that have their answer now, and says so."""
    doc_number = ctx.knows.book.notice.doc_number
    rows = await phrases.all(ctx.conn, doc_number)
    so_far = ctx.knows.taught(rows)
    wanted = [_lesson(words, place, rows, so_far, ctx) for words in said]
    news = [lesson for lesson in wanted if not lesson.known]
    others = [row for row in rows if row.phrase not in {lesson.row.phrase for lesson in news}]
    after = ctx.knows.taught([*(lesson.row for lesson in news), *others])
    _check(news, after, ctx)
    waiting = await questions.unsettled(ctx.conn)
    settled, left = set[int](), set[int]()
    for lesson in wanted:
        led, astray = _led(lesson, waiting, after, ctx)
        count = await questions.settle(
            ctx.conn, led, how=questions.TAUGHT, by=lesson.row.by, now=ctx.now, phrase=lesson.row.phrase
        )
        if not lesson.known:
            await phrases.teach(ctx.conn, doc_number, lesson.row, before=lesson.before, settled=count)
        settled, left = settled | led, left | astray
    ctx.knowledge_changed |= bool(news)
    return _confirmed(_Done(place, wanted, len(settled), len(left - settled)), ctx)


def _lesson(said: _Said, place: Place, rows: Sequence[Taught], so_far: Knowing, ctx: Context) -> _Lesson:
    row = Taught(said.phrase, place.point.number, place.quote, ctx.message.person, ctx.now, said.typed)
    before = next((row for row in rows if row.phrase == said.phrase), None)
    return _Lesson(row, said.question, before, lessons.asked(said.phrase, so_far, ctx.now))


def _check(news: Sequence[_Lesson], after: Knowing, ctx: Context) -> None:
    """A phrase with an answer of its own kind (a part of the notice, a list) would not listen."""
    for lesson in news:
        if lessons.asked(lesson.row.phrase, after, ctx.now).points[:1] != (lesson.row.point,):
            raise UserError(f"“{lesson.row.typed}”已有自己的答法，教了也不会改。请教一个更具体的说法。")


def _led(
    lesson: _Lesson, waiting: Sequence[OpenQuestion], after: Knowing, ctx: Context
) -> tuple[set[int], set[int]]:
    """The open questions with this phrase: those that lead to its point now, and those that do not."""
    row = lesson.row
    mine = {question.id: question for question in waiting if row.phrase in plain(question.text)}
    if lesson.question:
        mine |= {question.id: question for question in admin.same(lesson.question, waiting)}
    led = {q.id for q in mine.values() if lessons.asked(q.text, after, ctx.now).points[:1] == (row.point,)}
    return led, mine.keys() - led


# --- what the admin reads -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Done:
    place: Place
    lessons: Sequence[_Lesson]
    settled: int
    left: int


def _confirmed(done: _Done, ctx: Context) -> Reply:
    """What is answered now, what it replaces, what it settles, and how to take it back."""
    new = [lesson for lesson in done.lessons if not lesson.known]
    lines = [_no_need(lesson, done.place.point, ctx) for lesson in done.lessons if lesson.known]
    if new:
        lines.append(f"记住了：问{_quoted(new)}，就答{heading(done.place.point)}。")
        lines += [original(done.place.quote)] if done.place.quote else []
        lines += [told for lesson in new if (told := _replaces(lesson, done.place.point))]
    lines += [f"{done.settled}个没答上的问题由此有了答案。"] if done.settled else []
    lines += [f"还有{done.left}个含这个词的问题仍答不到这里，留在“没答上的问题”里。"] if done.left else []
    if not new:
        return Text("\n".join(lines))
    lines.append(f"要撤销，回复：取消教 {'、'.join(lesson.row.typed for lesson in new)}")
    parts = () if done.place.quote else lessons.things(done.place.point, ctx.knows)
    return _with_parts(lines, new, done.place.point, parts, ctx) if parts else Text("\n".join(lines))


def _with_parts(
    lines: Sequence[str],
    new: Sequence[_Lesson],
    point: WorkPoint,
    parts: Sequence[lessons.Thing],
    ctx: Context,
) -> Reply:
    """A point of several things has several leads: one tap, or one word more, binds to the one meant."""
    again = f"教 {'、'.join(lesson.row.typed for lesson in new)}={point.number} "
    names = "、".join(part.name for part in parts)
    text = "\n".join(
        [*lines, f"这一点有几件事：{names}。牵头单位可能不同，专指其中一件就说：{again}{parts[0].name}"]
    )
    if not ctx.cards:
        return Text(text)
    body = "\n".join([*lines, "这一点有几件事，专指其中一件请点："])
    return Card("", body, tuple(Button(part.name, again + part.name) for part in parts), text)


def _no_need(lesson: _Lesson, point: WorkPoint, ctx: Context) -> str:
    if (before := lesson.before) is not None:
        when = f"{before.by}，{_day(before, ctx)}"
        return f"“{lesson.row.typed}”已经教过了（{when}），答的就是{heading(point)}。"
    return f"“{lesson.row.typed}”不用教：问它本来就会答{heading(point)}。"


def _replaces(lesson: _Lesson, point: WorkPoint) -> str:
    """What the phrase stood for until now, where that was something else."""
    if (before := lesson.before) is not None:
        where = "整点" if before.point == point.number and not before.quote else f"第{before.point}点"
        words = f"“{before.quote[:12]}……”" if before.quote else ""
        return f"“{lesson.row.typed}”原来教的是{where}{words}，已改过来。"
    told = lesson.answer
    if told.answered and told.outcome == "answer" and told.points[:1] not in ((), (point.number,)):
        return f"“{lesson.row.typed}”原来会答第{told.points[0]}点，现在改答第{point.number}点。"
    return ""


def _quoted(new: Sequence[_Lesson]) -> str:
    return "".join(f"“{lesson.row.phrase}”" for lesson in new)


def _falls_back(row: Taught, left: Knowing, ctx: Context) -> str:
    answer = lessons.asked(row.phrase, left, ctx.now)
    named = "、".join(f"第{point}点" for point in answer.points[:3])
    if answer.answered and named:
        return f"以后问它，会像教之前那样答{named}。"
    if len(answer.points) > 1:
        return f"以后问它，会请对方在{named}里选。"
    if named:
        return f"以后问它，会先问是不是{named}。"
    return "以后问它，会如实说没有找到。"


def _taught_as(said: str, rows: Collection[Taught]) -> Taught | None:
    comparable = plain(said)
    return next((row for row in rows if comparable in (row.phrase, plain(row.typed))), None)


def _told(row: Taught, ctx: Context) -> str:
    point = ctx.knows.book.notice.point(row.point)
    words = f"“{row.quote[:12]}……”" if row.quote else ""
    rests = "" if point else "，通知里已没有这一点，暂不起作用"
    return f"{row.typed} → 第{row.point}点{words}（{row.by}，{_day(row, ctx)}{rests}）"


def _day(row: Taught, ctx: Context) -> str:
    day = row.at.astimezone(ctx.now.tzinfo)
    return f"{day.month}月{day.day}日"


# --- when it is not clear what is meant ---------------------------------------------------------------


def _which_point(wish: Wish, points: Sequence[WorkPoint], ctx: Context) -> Reply:
    """The right side was words that may mean several points: one tap chooses."""
    said = "、".join(wish.said)
    offered = [(f"教 {said}={point.number}", heading(point)) for point in points]
    return _choice(f"“{wish.means}”说的是哪一点，我拿不准：", offered, ctx)


def _which_word(question: str, words: Sequence[str], wish: Wish, ctx: Context) -> Reply:
    """A question of the list has several words that could be taught, or none."""
    shown = " ".join(question.split())[:40]
    if not words:
        reason = lessons.unfit(ctx.knows.read(question).subject, ctx.knows)
        return Text(f"{reason}\n“{shown}”里要教的词请直接写出来，例如：教 冻库={wish.means}")
    offered = [(f"教 {word}={wish.means}", word) for word in words[: lessons.MOST]]
    return _choice(f"“{shown}”里要教的是哪个词？", offered, ctx)


def _choice(title: str, offered: Sequence[tuple[str, str]], ctx: Context) -> Reply:
    """Each choice is a command that can be typed as well."""
    rows = "\n".join(f"{label}：{command}" for command, label in offered)
    text = f"{title}\n{rows}\n请回复其中一句。"
    if not ctx.cards:
        return Text(text)
    body = "\n".join([title, *(label for _, label in offered)])
    return Card("", body, tuple(Button(label, command) for command, label in offered), text)
