"""The one ordered table of what happens when someone speaks: the first handler that answers, answers.

Order is meaning: events before words, exact commands before free questions. The help text, the docs and the
tests read the same table, so a route without an example does not exist.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from handlers import (
    admin,
    ask,
    calendar,
    cases,
    closing,
    collecting,
    digest,
    drafts,
    entering,
    extensions,
    firms,
    glances,
    group_talk,
    groups,
    help,
    in_group,
    lights,
    lookback,
    mine,
    objections,
    parked,
    people,
    problem,
    problem_lists,
    problem_office,
    problem_orders,
    progress,
    returns,
    roster,
    rounds,
    sent_files,
    standing,
    subscriptions,
    teach,
    welcome,
)
from handlers.context import Context
from storage.message import Message, Reply

Handler: TypeAlias = Callable[[Message, Context], Awaitable[Reply | None]]


@dataclass(frozen=True, slots=True)
class Route:
    """`examples` are things a person could type that reach this handler and no other.

    Only what is marked `group` answers in a group; for the rest people are asked into the private chat.
    """

    name: str
    handler: Handler
    usage: str
    examples: tuple[str, ...]
    who: str = "所有人"
    quotes: bool = True  # whether what a group reads begins with the words it answers
    group: bool = False


_OFFICE = "市百千万办管理员"
_LEADERS = "市百千万办管理员、市领导"
_LIAISONS = "各单位联络员"
_FIRMS = "企业（微信客服）"
_OUTSIDE = frozenset({"所有人", _FIRMS})  # what somebody who is no member may reach
_STAFF = "市百千万办、各单位工作人员"
_SEERS = "市百千万办管理员、市领导；联络员看本单位"

ROUTES: tuple[Route, ...] = (
    Route("group-unbound", groups.unknown_group, "没绑定的群里有人@我：告诉管理员（不用输入）", ()),
    Route(
        "group-bind",
        groups.bind,
        "绑定一个群的推送：写群名、用途（办公室、县区名、某某专班、政企）和群机器人地址，只在单聊里写",
        (
            "绑定群 市百千万办工作群 办公室 webhook 工作群",
            "绑定群 潮安区工作群 潮安区 应用群 chaoan2024",
        ),
        who=_OFFICE,
        group=True,
    ),
    Route(
        "group-bind-here",
        groups.bind_here,
        "在群里@我绑定本群：写群名和用途",
        ("绑定本群 市百千万办工作群 办公室",),
        who=_OFFICE,
        group=True,
    ),
    Route("group-list", groups.listed, "看绑定了哪些群、怎么推送", ("绑定的群",), who=_OFFICE),
    Route(
        "group-unbind",
        groups.unbind,
        "解绑一个群，不再往那里发",
        ("解绑群 政企微信群",),
        who=_OFFICE,
        group=True,
    ),
    Route(
        "group-weekly",
        groups.weekly,
        "每周在一个群里发一行上周进展，可以真正@到一个人",
        ("群周报 潮安区工作群 提醒 郑云", "停群周报 潮安区工作群"),
        who=_OFFICE,
    ),
    Route(
        "group-say",
        group_talk.say,
        "往一个群里发一条，可以真正@到几个人；工作群一周最多两条",
        ("群消息 市百千万办工作群 明天下午3点开调度会 提醒 黄伟、陈静",),
        who=_OFFICE,
    ),
    Route(
        "group-draft",
        group_talk.draft,
        "起草一份群通报：报送情况、重点事项，或把一个案例写成做法交流；放行后才发",
        ("起草群通报 报送情况", "起草群通报 重点事项", "起草群通报 案例 示范街"),
        who=_OFFICE,
    ),
    Route(
        "group-make",
        group_talk.make,
        "用应用建一个群，写用途和成员",
        ("建群 潮安区专班群 潮安区 成员 郑云、林晓",),
        who=_OFFICE,
    ),
    Route(
        "group-members",
        group_talk.change,
        "给应用建的群加人、减人",
        ("群加人 潮安区专班群 黄伟",),
        who=_OFFICE,
    ),
    Route("kf-welcome", firms.welcome, "进入微信客服时的问候（不用输入）", (), who=_FIRMS),
    Route("kf-over", firms.session_over, "人工接待结束时的一句话（不用输入）", (), who=_FIRMS),
    Route("kf-human", firms.human, "在微信客服里回复“转人工”：上班时间转给工作人员", (), who=_FIRMS),
    Route(
        "firm",
        problem.firm,
        "企业说的话：登记诉求、看进度、评价、回访；也可以问政策和分工",
        (),
        quotes=False,
        group=True,
    ),
    Route("welcome", welcome.greet, "进入应用时的问候（不用输入）", ()),
    Route("file", sent_files.file, "联络员发来的文件、照片：存下来，附在要点、案例或刚报的进展后面", ()),
    Route("not-text", welcome.not_text, "图片、语音、位置等：告诉您目前怎样最方便", (), group=True),
    Route("help", help.show, "看能问什么", ("帮助", "怎么用", "help"), group=True),
    Route(
        "problem-record",
        problem.record,
        "登记企业诉求（转发、座谈会、直通车、12345、挂钩走访）；也可以引用一条消息只说“诉求”",
        ("诉求：凤塘工业区停电，联系人陈明 13800138000", "面对面座谈会 诉求：新厂房接电要12周，希望提前"),
        who=_STAFF,
        quotes=False,
        group=True,
    ),
    Route(
        "problem-list",
        problem_lists.listed,
        "看企业诉求：在办的、超期的、某单位某县（区）的",
        ("诉求", "超期诉求", "潮安区诉求"),
        who=_SEERS,
        group=True,
    ),
    Route(
        "problem-show",
        problem_lists.detail,
        "看一件诉求的经过",
        ("诉求38", "第0038号诉求怎么样了"),
        who=_SEERS,
        group=True,
    ),
    Route(
        "problem-figures",
        problem_lists.figures,
        "看诉求的收件、办结、超期、评价",
        ("诉求统计", "诉求统计 6月"),
        who=_LEADERS,
    ),
    Route(
        "problem-order",
        problem_orders.unit_order,
        "办理诉求：接办、联系企业、方案、不属、延期、办结",
        ("接办38", "诉求38方案：先临时接入，7月2日送电", "第0038号办结：已解决，7月2日送电"),
        who=_LIAISONS,
    ),
    Route(
        "problem-office",
        problem_office.office_order,
        "分办、核定诉求：改派、同意延期、不受理、登记电话评价和回访、定性、重办、提请协调",
        (
            "分办38 潮州供电局 协办 市城管执法局",
            "38同意延期",
            "38异议不成立",
            "38不受理 属合同纠纷，可拨打12348",
            "38企业满意",
            "38定性 已答复 政策不支持",
            "提请协调 诉求38 周敏",
        ),
        who=_OFFICE,
    ),
    Route(
        "unanswered",
        admin.unanswered,
        "看没答上、答得不准的问题，每个都带序号",
        ("没答上的问题", "待答问题"),
        who=_OFFICE,
    ),
    Route(
        "ignore",
        admin.ignore,
        "按序号让问题不再列出",
        ("忽略 3", "忽略 3、5"),
        who=_OFFICE,
    ),
    Route(
        "teach",
        teach.teach,
        "教一个说法指哪一点、哪件事，马上起作用；右边也可以写词，左边也可以写列表里的序号（教 3=17）",
        ("教 冻库=17", "教 冻库、冷藏库=17 冷链", "教 冻库=冷链"),
        who=_OFFICE,
    ),
    Route("forget", teach.forget, "撤销教过的说法", ("取消教 冻库", "忘掉 冻库"), who=_OFFICE),
    Route("taught", teach.taught, "看教过哪些说法、谁教的", ("教过的", "教过的说法"), who=_OFFICE),
    Route(
        "round-open",
        rounds.open_round,
        "开一轮报送：月报、季报、周报、专项；可以写截止日、要点、单位，和放行哪些建议分工",
        ("开月报", "开季报 7月25日前 放行17、19", "下班前报 要点17"),
        who=_OFFICE,
    ),
    Route("drafts", drafts.listed, "看待审核的草稿；带序号看全文", ("草稿", "草稿1"), who=_OFFICE),
    Route(
        "draft-decide",
        drafts.decide,
        "放行、不发或暂缓一份草稿，可以写原因",
        ("放行 草稿1", "草稿1不发 已电话说明", "草稿1暂缓", "草稿1已电话 数据周五出"),
        who=_OFFICE,
    ),
    Route("draft-change", drafts.change, "改一份草稿的文字", ("草稿1改为：请您了解情况。",), who=_OFFICE),
    Route(
        "raise",
        drafts.raise_,
        "把单位提出的需协调事项起草成呈市领导的草稿",
        ("提请协调 要点17 周敏",),
        who=_OFFICE,
    ),
    Route("extensions", extensions.listed, "看待定的延期申请", ("延期",), who=_OFFICE),
    Route(
        "extension-decide",
        extensions.decide,
        "定延期申请并告知单位，可以改日期、写原因",
        ("延期1同意", "延期1同意到7月28日", "延期1不同意 月底要汇总"),
        who=_OFFICE,
    ),
    Route(
        "give-back",
        returns.give_back,
        "把报来的进展退回补充，两个工作日；退回两次改由电话",
        ("退回 市交通运输局 要点17 请写明镇街和原因",),
        who=_OFFICE,
    ),
    Route(
        "enter",
        entering.enter,
        "替单位记它电话、书面报来的数，写单位和原话；记在单位名下，并告诉联络员",
        ("代报 市交通运输局 要点17 新改建农村公路32公里",),
        who=_OFFICE,
    ),
    Route("release-red", lights.release_red, "放行红灯，之后领导才看得到", ("放行红灯 17",), who=_OFFICE),
    Route("round-release", rounds.release, "本轮加问建议分工的单位", ("放行 17", "放行 17、19"), who=_OFFICE),
    Route(
        "objection-decide",
        objections.decide,
        "核定责任异议，并告知单位",
        ("异议1成立", "异议1不成立"),
        who=_OFFICE,
    ),
    Route("objections", objections.listed, "看待核定的责任异议", ("异议",), who=_OFFICE),
    Route(
        "round-status",
        rounds.status,
        "看本轮报了多少、哪些没报",
        ("报送情况", "哪些没报", "这个月谁还没交"),
        who=_LEADERS,
    ),
    Route("round-close", rounds.close_round, "收口一轮，之后的回复按迟报记录", ("收口",), who=_OFFICE),
    Route(
        "calendar-set",
        calendar.set_days,
        "登记哪天上班、哪天放假，导入一年的放假安排（一行写一段）；没发出的催办随之改时间",
        ("2027年2月8日上班", "2月9日放假", "导入 2027年放假安排 1月1日至3日放假，1月9日上班"),
        who=_OFFICE,
    ),
    Route(
        "pause",
        calendar.pause,
        "暂停催办到某一天：期间不催报、不提醒、不升级",
        ("暂停催办 台风 到7月20日",),
        who=_OFFICE,
    ),
    Route("resume", calendar.resume, "提前恢复催办", ("恢复催办",), who=_OFFICE),
    Route("pause-status", calendar.status, "看是不是在暂停催办", ("暂停情况",), who=_OFFICE),
    Route("parked", parked.listed, "看没有送达、搁置的消息和怎么办", ("搁置的消息",), who=_OFFICE),
    Route("parked-again", parked.again, "按序号重发搁置的消息", ("重发 3", "重发全部"), who=_OFFICE),
    Route("parked-never", parked.never, "按序号不再发搁置的消息，记录保留", ("不发 3",), who=_OFFICE),
    Route(
        "bind",
        people.bind,
        "绑定或更换联络员",
        ("绑定 zhangsan 张三 市水务局联络员", "市水务局联络员换成 lisi 李四"),
        who=_OFFICE,
    ),
    Route("unbind", people.unbind, "解绑离任的人，历史记录保留", ("解绑 zhangsan",), who=_OFFICE),
    Route(
        "liaisons",
        roster.listed,
        "看有哪些联络员、哪些单位还没有",
        ("联络员名单", "哪些单位没有联络员"),
        who=_OFFICE,
    ),
    Route("liaison", people.who, "看某单位的联络员是谁", ("市水务局联络员是谁",), who=_SEERS),
    Route(
        "close-point",
        closing.close,
        "销号并转入回头看，告知联络员；写明单位和依据",
        ("销号 要点16 市林业局 验收文号潮林验〔2024〕3号",),
        who=_OFFICE,
    ),
    Route("reopen-point", closing.reopen, "把销了号的重新列入", ("重新列入 要点16 市林业局",), who=_OFFICE),
    Route("lookback-list", lookback.listed, "看销号和回头看的结果", ("回头看", "回头看结果"), who=_LEADERS),
    Route(
        "collection-set",
        collecting.set_up,
        "设一项定期收集：多久一次、收什么、哪个要点、向谁收",
        ("每月10日收 无人机视频 要点40 潮安区、饶平县、湘桥区",),
        who=_OFFICE,
    ),
    Route("collection-list", collecting.listed, "看定期收集", ("收集清单",), who=_OFFICE),
    Route("collection-stop", collecting.stop, "停止一项定期收集", ("停止收集 无人机视频",), who=_OFFICE),
    Route("digest", digest.today, "看今日专报、周报，和定时发的一样", ("今日专报", "周报"), who=_LEADERS),
    Route("work-list", digest.work_list, "看办公室自己要办的", ("工作单", "今日工作单"), who=_OFFICE),
    Route("source", digest.sources, "看专报里每个数出自谁、哪天、原话", ("来源", "来源2"), who=_LEADERS),
    Route(
        "subscription",
        subscriptions.change,
        "设专报几点发、看哪些、挂钩哪里；管理员可以替领导设，前面写姓名",
        ("每天9点发我", "只看产业", "周末不要", "我挂钩凤凰镇", "没有新情况就不用发", "恢复全部", "不用发了"),
        who=_LEADERS,
    ),
    Route("lights", lights.lights, "看红黄灯和依据", ("红黄灯", "17项是什么灯"), who=_SEERS),
    Route("needs", standing.needs, "看需要协调的事项", ("需协调的有哪些",), who=_SEERS),
    Route("stock", standing.stock, "看各县（区）项目库入库情况", ("项目库",), who=_SEERS),
    Route("unit-progress", standing.of_unit, "看某单位、某县（区）报的进展", ("潮安区进展",), who=_SEERS),
    Route(
        "glance",
        glances.glance,
        "随口问进展：某件事做了多少、某单位怎么样、报了没有",
        ("公路修了多少公里", "冷库建得怎么样", "潮安区怎么样", "交通运输局报了吗"),
        who=_LEADERS,
    ),
    Route(
        "case-tell",
        cases.tell,
        "报典型案例或改革举措，照片文件接着发",
        ("报案例 示范街先议后建。沿街商户先议定……",),
        who=_LIAISONS,
    ),
    Route("case-withdraw", cases.withdraw, "撤回报错的案例、改革", ("撤回案例",), who=_LIAISONS),
    Route("case-list", cases.listed, "看案例、改革报了几个", ("案例情况", "改革有哪些"), who=_SEERS),
    Route("case-find", cases.find, "在案例库里找", ("案例 示范街",), who=_SEERS),
    Route(
        "lookback-answer",
        lookback.answer,
        "答回头看：正常、基本正常，还是有反弹",
        ("回头看 正常，由镇里管护",),
        who=_LIAISONS,
    ),
    Route(
        "mine",
        mine.tasks,
        "看还要报什么、已报了什么、几时截止、按什么口径",
        ("我的任务", "还差什么", "什么时候截止"),
        who=_LIAISONS,
    ),
    Route(
        "extension-ask",
        extensions.ask,
        "申请延期，写到哪一天、为什么",
        ("要点17申请延期到7月30日，因管线迁改未定", "能不能晚两天报"),
        who=_LIAISONS,
    ),
    Route("enter-answer", entering.answer, "代单位报数时，对追问的回答", ()),
    Route(
        "report",
        progress.reply,
        "报进展：用自己的话说，一条说几项都行；能更正、撤回，也可以回“无变化”“平台已报”“不属本单位”",
        ("①25.6 ②5 ③26", "要点17 新改建农村公路32公里，整体进度66%", "更正：17项应为65%"),
        who=_LIAISONS,
    ),
    Route("leader-answer", drafts.answered, "分管领导对告知事项的回复，原话转市百千万办", ()),
    Route("stranger", people.stranger, "还没有绑定单位的人：告诉您怎么绑定", ()),
    Route(
        "ask",
        ask.answer,
        "问工作要点：谁牵头、原文、指标、某单位或某地有哪些任务；"
        "答后可以接着说“全文”“那湘桥呢”“上一条”“还有吗”，答得不对就说“不对”",
        (
            "冷链哪个单位牵头？",
            "第17条",
            "今年要新增多少冷库",
            "市水务局负责哪些",
            "which unit leads cold chain?",
        ),
        group=True,
    ),
)


async def walk(message: Message, ctx: Context) -> tuple[str, Reply | None]:
    """The name of the route that took the message, and its reply; ("ignored", None) when none did."""
    if message.in_group:
        return await in_group.walk(message, ctx, ROUTES)
    for route in ROUTES:
        if message.outside and route.who not in _OUTSIDE:
            continue
        reply = await route.handler(message, ctx)
        if reply is not None:
            return route.name, reply
    return "ignored", None
