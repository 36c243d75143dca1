"""“我的任务”: what a liaison still owes, under the numbers of the message that asked, and what he reported.

It shows no other unit's work; the office has lists of its own.
"""

from __future__ import annotations

import re

from handlers.context import Context, typed
from handlers.correcting import just_told
from handlers.desk import asked_of, desk_of
from handlers.phrasing import heading
from handlers.progress_questions import choices
from handlers.progress_words import figure_words
from knowledge.aims import likeness
from storage import rounds
from storage.message import Message, Reply, Text
from supervision.desk import Desk, figures_told
from supervision.rounds import due_words
from supervision.workdays import SHANGHAI

_TASKS = re.compile(
    r"(?:请问|问一?下|查一?下|看一?下)?(?:我|我们|我单位|本单位|我们单位)?"
    r"(?:这个月|本月|这个季度|本季度|今天|本周|这周|这次|本轮|现在|目前)?(?:我|我们)?的?"
    r"(?:(?:要|该|得)报的)?"
    r"(?:(?:都|还)*(?:要|得|该|需要|差|欠|缺|剩)(?:报|交|填|回复)?(?:送|的)?(?:些)?(?:什么|啥|哪些|哪几项|哪几个|几项|多少项)(?:内容|东西|没报)?"
    r"|(?:都|还)*有?(?:哪些|哪几项|什么|啥)(?:还)?(?:没有?|未|要)(?:报|交|填|回)(?:送|的)?|没报的"
    r"|(?:今年|全年|年度)?的?(?:任务|目标|指标)(?:数|量)?(?:是|有|要)?多少(?:来着)?"
    r"|(?:任务|待办|待报)(?:事项|清单|有哪些|是什么)?|都?报(?:过|了)(?:些)?(?:什么|啥|哪些)|mine)[呢啊呀]?"
)


_WHEN = re.compile(
    r"(?:请问|问一?下)?(?:下次|下回|下一?轮|下个?月|本轮|这轮|本次|这次|这个月|本月|月报|季报|进展|报送|要点\d+|第?\d+项)*的?"
    r"(?:(?:要|得|该|需要)?(?:最晚|最迟)?(?:什么时候|啥时候|几时|何时|哪天|哪一天|几号|几点)(?:之?前)?(?:要|得)?"
    r"(?:截止|截至|报齐|报送|上报|报|交|收口|到期)|(?:报送)?(?:截止|报送)(?:时间|日期|期限)?"
    r"(?:是|到)?(?:什么时候|啥时候|几时|何时|哪天|几号|几点|多久)?)[呢啊呀]?"
)
_PLACE = re.compile(  # ②的目标是多少, ③指什么
    r"(?:请问|问一?下)?([①-⑳])(?:[这那]?一?项)?的?(?:目标|要求|任务|口径|单位|内容|范围)?(?:值|数)?(?:是|指的?|算|要?报|填|按|怎么)*"
    r"(?:什么|啥|多少|哪个|哪些|怎么[算报填]|算|统计)(?:意思|内容|口径)?[呢啊呀]?"
)
_GREETING = re.compile(r"^(?:(?:你好|您好|请问|老师|打扰了?|那|哦|嗯|对了|好的?)[,，。!！~\s]*)+(?=\S)")
_WHOLE = re.compile(  # 报完了吗我, 是不是都报齐了
    r"(?:我们?|本单位|这次|本轮|本月|这个月|现在|两家|两个单位|数|的|那)*(?:是不是|是否|有没有)?(?:已经|全部|都|全)*"
    r"(?:报|交|填)(?:完|齐|全)了?(?:吗|吧|没有?|么|了没|啊|哈)?(?:我们?|的)?"
)
_MY_NUMBERS = re.compile(  # 上次报的是多少, 我刚才公路报了多少
    r"(?:我们?|本单位)?(?:刚才|刚刚|上次|上回|上期|上个?月|之前|前面|此前|昨天|今天|这次)(?:我们?|的)*"
    r"(?P<what>[^\d,，。报]{0,10}?)(?:那[个项])?(?:我们?)?(?:报|填|交)(?:的|了|过)*(?:数字?|数据)?(?:是|有)?(?:多少|几[个座项]|什么|啥)(?:来着)?"
)
_SO_FAR = re.compile(  # after a number was repeated: 完成率多少, 目标是多少吨, 那还差几个
    r"(?:我们?|目前|现在|一共|总共|离目标|距目标|还|的|就|是)*(?:完成(?:率|比例|进度|了|到)?|目标(?:数|值)?|任务(?:数|量)?|差|剩)?(?:是|到|有)?"
    r"(?:多少|几成|几)(?:吨|万吨|公里|[个座项户家处])?(?:了|来着)?"
)
_STILL_COUNTS = re.compile(  # 现在报还算吗, 现在算迟报吗
    r"(?:我们?|今天|明天|现在|这会儿|这时候|再|才)*(?:报|交|补报|补)?(?:的话)?(?:还|也|就|是不是|是否)*"
    r"(?:算不算|来不来得及|算|来得及|作数|有效|晚不晚)(?:迟报|迟到|晚报?|数|逾期)?(?:了)?(?P<asks>吗|么|吧|呢)?"
)
_RETURNED = re.compile(
    r"(?:为什么|为啥|为何|怎么|干嘛)(?:又|还|要|把|给|被|我们?|的)*(?:退回|打回|退)(?:来|给我们?)?了?|退回(?:来)?的?(?:原因|理由)(?:是什么|是啥)?"
    r"|(?:有没有|还有)?(?:什么|哪些|啥)?(?:要求?|需要?|让|叫)?(?:我们?)?(?:再)?补充(?:的|什么|哪些|啥)(?:内容)?|要怎么补充"
)
_SCOPE = re.compile(
    r"(?:什么|啥)(?:叫|是)累计|口径|累计(?:数|的)?还是|当月(?:数|的)?还是|还是累计|还是当月|(?:报|算|填)累计"
)
_ASKING = re.compile(r"什么|啥|还是|哪个|怎么|吗|呢|[?？]")
_LONG = 30  # characters; a longer message has more to say than to ask
_CUMULATIVE = (
    "报累计数：从今年1月1日到现在一共完成多少，不是当月新增；百分比报目前达到的比例。没有变化的回复“无变化”。"
)
_HOW_TO_TELL = "直接在这里回复就行；要晚一些的，可以申请延期，例如：申请延期到7月30日，因……"
_NOTHING = "您没有绑定报送单位，没有要您报的进展。想看哪个单位的任务，可以问：市水务局负责哪些"
_OFFICE = "看各单位报送情况，请回复：报送情况；看待核定的异议，请回复：异议"


async def tasks(message: Message, ctx: Context) -> Reply | None:
    """What the person owes; who owes nothing is told so."""
    said = _GREETING.sub("", typed(message)).rstrip("?？。")
    if ctx.units and (answer := await _asked(said, message, ctx)):
        return answer
    if not _TASKS.fullmatch(said.lower()) and not (ctx.units and _asks_all(said, ctx)):
        return None
    if not ctx.units:
        return Text(_OFFICE if ctx.is_admin else _NOTHING)
    desk = await desk_of(message, ctx, said)
    lines = [*_owed(desk), *_objected(desk), *_reported(desk)]
    if not lines:
        units = "、".join(desk.units)
        return Text(f"目前没有要{units}报送的进展。想看本单位的职责，可以问：{desk.units[0]}负责哪些")
    return Text("\n".join(lines))


def _asks_all(said: str, ctx: Context) -> bool:
    """“报完了吗我”, and that it is all told; where numbers were just repeated, “完成率多少”, “那还差几个”."""
    return bool(_WHOLE.fullmatch(said) or (just_told(ctx) and _SO_FAR.fullmatch(said)))


async def _asked(said: str, message: Message, ctx: Context) -> Reply | None:
    """“什么时候截止”, “累计还是当月”: what a liaison asks before he reports."""
    whole = typed(message)
    if (place := _PLACE.fullmatch(said)) and (told := _thing(place[1], await desk_of(message, ctx, said))):
        return told
    if len(whole) <= _LONG and _SCOPE.search(whole) and _ASKING.search(whole):
        return Text(_CUMULATIVE)
    if found := _MY_NUMBERS.fullmatch(said):
        return _told(found["what"], await desk_of(message, ctx, said))
    if _RETURNED.fullmatch(said):
        return _returned(await desk_of(message, ctx, said))
    if (found := _STILL_COUNTS.fullmatch(said)) and (found["asks"] or "不" in said or whole.endswith("？")):
        return _in_time(await desk_of(message, ctx, said))
    if not _WHEN.fullmatch(said):
        return None
    waiting = (await desk_of(message, ctx, said)).waiting
    if not waiting:
        return Text("目前没有要贵单位报的，不用赶时间。要报新数，直接写就行。")
    latest_first = sorted(waiting, key=lambda one: one.due_at, reverse=True)
    by_round = {one.round.name: one.due_at for one in latest_first}
    lines = [f"“{name}”：{due_words(due.astimezone(SHANGHAI))}前" for name, due in by_round.items()]
    return Text("\n".join([*lines, _HOW_TO_TELL]))


def _thing(mark: str, desk: Desk) -> Reply | None:
    """What stands under a number of the message that asked, with its goal and how it is counted."""
    items, at = asked_of(desk).items, ord(mark) - ord("①")
    if at >= len(items):
        return None
    item = items[at]
    target = next((one for one in desk.book.targets if one.id == item.target), None)
    goal = f"，目标：{target.stated}" if target and target.stated else ""
    return Text(f"{mark}是要点{item.point}的“{item.what}”{goal}。{_CUMULATIVE if target else ''}")


def _told(what: str, desk: Desk) -> Reply | None:
    """What he told, of the one thing that he names or of all."""
    figures = figures_told(desk)
    scores = {figure.target: likeness(what, figure.what) for figure in figures} if what else {}
    best = max(scores.values(), default=0.0)
    if what and not best:
        return None
    newest = {one.target: one for one in figures if not what or scores[one.target] == best}
    if not newest:
        return Text("还没有收到贵单位报的数，直接写在这里就行。")
    days = {one.target: f"（{one.as_of.month}月{one.as_of.day}日报）" for one in newest.values() if one.as_of}
    lines = [f"{figure_words(one, desk.book)}{days.get(one.target, '')}" for one in newest.values()]
    return Text("您报的是：" + "；".join(lines) + "。要改的直接写正确的数。")


def _returned(desk: Desk) -> Reply:
    """What the office sent back, in its own words."""
    back = [one for one in desk.waiting if one.returned]
    if not back:
        return Text("目前没有退回、要您补充的。想看还要报什么，请回复：我的任务")
    due = due_words(min(one.due_at for one in back).astimezone(SHANGHAI))
    lines = [f"要点{one.prompt.point}：{one.returned}" for one in back]
    return Text("\n".join(["市百千万办请您补充：", *lines, f"{due}前直接在这里回复就行，其余不用重报。"]))


def _in_time(desk: Desk) -> Reply:
    """Whether what is told now is late."""
    open_now = [one for one in desk.asked if one.round.closed_at is None]
    if not open_now:
        return Text("现在没有正在报的轮次；您报的数照常入台账，属于已收口轮次的按迟报记录。")
    due_at = min(one.due_at for one in desk.waiting or open_now)
    due = due_words(due_at.astimezone(SHANGHAI))
    if desk.now <= due_at:
        return Text(f"{due}前报都不算迟报，直接在这里回复就行。")
    return Text(f"截止时间是{due}，现在报按迟报记录，数据照常入台账。")


def _owed(desk: Desk) -> list[str]:
    waiting = desk.waiting
    if not waiting:
        told = [one for one in desk.asked if one.prompt.state == rounds.ANSWERED]
        return ["本轮要报的都已报齐。"] if any(one.round.closed_at is None for one in told) else []
    due_at = min(one.due_at for one in waiting)
    due = due_words(due_at.astimezone(SHANGHAI))
    until = f"{due}前，直接在这里回复" if desk.now <= due_at else f"原定{due}，请尽快在这里补报"
    return [f"还要报（{until}）：", *choices(desk)]


def _objected(desk: Desk) -> list[str]:
    names = [f"要点{one.prompt.point}" for one in desk.asked if one.prompt.state == rounds.OBJECTED]
    names += [
        f"要点{one.prompt.point}“{item.what}”"
        for one in desk.asked
        if one.prompt.state != rounds.OBJECTED
        for item in one.prompt.items
        if item.state == rounds.OBJECTED
    ]
    return [f"责任异议待市百千万办核定：{'、'.join(dict.fromkeys(names))}"] if names else []


def _reported(desk: Desk) -> list[str]:
    """What stands from him, newest number of each figure."""
    lines = []
    for point, unit in dict.fromkeys((row.point, row.unit) for row in desk.standing):
        standing = desk.stands(point, unit)
        told = [figure_words(figure, desk.book) for figure in standing.figures.values() if figure.target]
        found = desk.book.notice.point(point)
        if told and found is not None:
            whose = f"（{unit}）" if len(desk.units) > 1 else ""
            lines.append(f"{heading(found)}{whose}：{'，'.join(told)}")
    return ["已报（最新数）：", *lines[:10]] if lines else []
