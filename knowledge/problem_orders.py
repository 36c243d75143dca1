"""Reads what officials say about a numbered problem: “接办38”, “38已联系企业”, “第0038号办结：已解决……”.

Pure; handlers decide who may say it and whether such a problem exists. A number may be bare, so `explicit`
says whether it can only mean a problem: what is not explicit may as well be about a work point.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from knowledge.width import narrow

Verb = Literal[
    "show", "assign", "accept", "contact", "plan", "object", "keep", "extend", "grant", "deny", "answer",
    "note", "help", "rate", "visit", "sort", "refuse", "settle", "redo", "detail", "raise",
]  # fmt: skip
Ending = Literal["", "solved", "explained", "tracked"]
Rating = Literal["", "satisfied", "mostly", "unsatisfied"]


@dataclass(frozen=True, slots=True)
class Order:
    """`rest` is what was said beside verb and number; `words` the message from the verb on."""

    verb: Verb
    number: int
    rest: str = ""
    words: str = ""
    explicit: bool = False
    year: int = 0  # where one was said: numbers begin anew with each year's notice


_NOUN = r"(?:政企问题|企业诉求|企业问题|诉求|问题|工单|件)"
_NUMBER = (
    rf"(?:(?P<year>20\d\d)年?(?:度)?的?\s*(?=政企|企业|诉求|问题|工单|第))?(?P<noun>{_NOUN})?\s*(?:编号)?\s*[#]?\s*(?P<ord>第)?\s*(?P<zero>0{{0,4}})(?P<number>[1-9]\d{{0,4}})"
    r"(?:-\d)?\s*(?P<tail>号)?(?:\s*(?P<after>诉求|问题|工单|件))?"
)
# Tried in this order: 不同意延期 before 延期, 异议不成立 before 不属.
_VERBS: tuple[tuple[Verb, str], ...] = (
    (
        "deny",
        r"不(?:同意|批准|批|准)\s*延期|延期\s*(?:不同意|不批准|不批|驳回)|驳回延期"
        r"|不(?:同意|批准)(?=\s*(?:$|[,:。]|\s))",
    ),
    (
        "grant",
        r"(?:同意|批准|准予|准)\s*延期|延期\s*(?:同意|批准|准予|可以)|(?:同意|批准)(?=\s*(?:$|[,。]|延?[到至]))",
    ),
    (
        "keep",
        r"(?:异议|不属)\s*(?:不成立|驳回)|不支持异议|维持(?:原)?(?:分办|主办)|仍[由请](?=.{2,20}办)",
    ),
    (
        "assign",
        r"(?:异议|不属)\s*成立|分办(?:给|到|至)?|交办(?:给)?|派给|派单(?:给)?|改派(?:给)?|转办(?:给)?|转给"
        r"|转(?=\s*(?:给|[市潮湘饶]|\S{1,10}?(?:局|委|办|社|部|区|县|会|联)))"
        r"|交?[给由](?!\s*[我本贵])(?=\s*(?:[市潮湘饶]|\S{1,10}?(?:局|委|办|社|部|区|县|会|联)))",
    ),
    ("refuse", r"不予?受理|不受理"),
    ("settle", r"定性(?:为)?|核定为|认定为"),
    ("redo", r"(?:同意)?(?:退回)?重(?:新)?(?:办(?:理)?|立项)|再办"),
    ("visit", r"回访(?:结果)?|回头看"),
    (
        "rate",
        r"(?:电话)?(?:回访)?[:]?(?:企业|对方|厂里)?(?:电话)?(?:里|中)?(?:评价|反馈|说|表示|回复|觉得)?[:为是]?\s*(?=(?:很|非常|十分|基本|比较|不)?满意)"
        r"|(?:企业)?评价(?:为|是)?",
    ),
    ("help", r"协办(?:意见|反馈)?|(?:协办)?意见(?=:)"),
    (
        "contact",
        r"(?:已经?|刚)?(?:电话|上门|当面)?(?:联系|对接)(?:上|过|好)?(?:了)?(?:企业|对方|负责人|厂里|公司)?(?!人)(?:了)?"
        r"|(?:已经?|刚)?(?:跟|和|与)?(?:企业|对方|厂里)?(?:打过电话|通过?电话|电话沟通|见过面)(?:了)?"
        r"|已上门|(?:已经?|刚)?(?:到过?|去过?)(?:现场|企业|厂里)(?:了|看过?)?",
    ),
    ("plan", r"(?:办理|处理|解决)?方案"),
    (
        "object",
        r"(?:这[个件条])?(?:不属(?:于|本|我)?|不归|不是我们|不是我单位|不是本单位|非本单位|不是我[局委办]|不在我们|有异议|异议|退回)",
    ),
    (
        "extend",
        r"(?:我们|我局)?(?:想|要|需要?|能不能|能否|可否)?(?:申请|请求|请予)?\s*(?:延期|延长|延到|延至|宽限|推迟)",
    ),
    (
        "accept",
        r"(?:同意|[由给])?(?:我们|我局|我单位|本单位)?接办(?:理)?(?:了)?|接收|接下|签收|我们接|我局接|我单位接|接了|接(?=\s*$)",
    ),
    (
        "sort",
        r"(?:改(?:为|成)?|列为|按|转为)?\s*(?=(?:咨询|一般|复杂)(?:类|诉求|件)?)|(?=加急|特急|不急|普通件)",
    ),
    ("detail", r"(?:补充)?(?=联系人|企业|单位名称|电话|手机|地点|地址)"),
    (
        "answer",
        r"办结|办完|办好|结案|答复|(?=已(?:经)?(?:\S{0,4}?)(?:解决|答复|处理|修复|恢复|办|送电|通电|供水|供电|修好|修通|换[好上]?|装[好上]|整改|拨付|发放|开通|疏通|清理|拆除))|(?=纳入长期跟踪|长期跟踪|政策不支持)",
    ),
    ("note", r"进展|最新情况|补充|备注|情况"),
    ("raise", r"提请协调|呈报|呈"),
)
_SEPARATORS = r"[\s,:。;、-]*"
_FIRST = [(verb, re.compile(rf"{_NUMBER}{_SEPARATORS}(?P<verb>{said})", re.ASCII)) for verb, said in _VERBS]
_LEADING: frozenset[Verb] = frozenset(
    ("assign", "accept", "answer", "refuse", "settle", "redo", "contact", "plan", "raise", "grant", "deny")
)
_EXPLICITLY: frozenset[Verb] = frozenset(("visit",))
_NO_COUNT = r"(?![\d.%年月日天个公万人户家])"
_THEN = [
    (verb, re.compile(rf"(?P<verb>{said}){_SEPARATORS}{_NUMBER}{_NO_COUNT}", re.ASCII))
    for verb, said in _VERBS
    if verb in _LEADING | _EXPLICITLY
]
_SHOW = re.compile(
    rf"(?:看一?下?|查看?|查一?下?)?\s*{_NUMBER}\s*"
    r"(?:怎么样了|办得怎么样了?|办到哪(?:里|一步)?了?|进度|情况|详情|到哪了)?[?。!]*",
    re.ASCII,
)
_UNNUMBERED: tuple[tuple[Verb, re.Pattern[str]], ...] = (
    ("accept", re.compile(r"(?:同意|[由我们局单位好的,])*接办(?:理)?了?")),
    (
        "contact",
        re.compile(
            r"(?:已经?|刚)(?:电话|上门|当面)?(?:联系|对接)(?:上|过|好)?了?(?:企业|对方|厂里)了?(?P<rest>.*)",
            re.S,
        ),
    ),
    ("plan", re.compile(r"(?:办理|处理|解决)?方案:(?P<rest>.+)", re.S)),
    ("answer", re.compile(r"已?办结[:,](?P<rest>.+)", re.S)),
    ("deny", re.compile(r"不同意延期(?P<rest>.*)", re.S)),
    ("grant", re.compile(r"同意延期(?P<rest>.*)", re.S)),
    ("assign", re.compile(r"(?:按建议)?分办(?:给)?(?P<rest>[^\d]*)", re.S)),
)
_GREETS = re.compile(r"(?:(?:您好|你好|请|麻烦|好的|收到|我们|我局|我单位|把|将|@\S{1,24}\s)[,:。\s]*)+")
_THANKS = re.compile(r"(?:(?:谢谢|感谢|辛苦了?)[,。!\s]*)+$")
_AROUND = " \t\r\n,，:：;；、-"
_LONGEST = 2_000
_EARLY = 12  # characters before the word that says it
_MARKS = " ,，:：。;；!！~"


def order_of(text: str) -> Order | None:
    """The order a message gives about one problem, or None; “38” alone is none, “诉求38” shows it."""
    words = _without_courtesy(text[:_LONGEST].strip())
    said = narrow(words)
    if not any(char.isdigit() for char in said[:40]):
        return None
    for verb, pattern in _FIRST:
        if found := pattern.match(said):
            return _order(verb, found, words, words[found.start("verb") :])
    for verb, pattern in _THEN:
        if (found := pattern.match(said)) and (verb in _LEADING or _explicit(found)):
            return _order(verb, found, words, f"{found['verb']} {words[found.end() :].strip(_AROUND)}")
    shown = _SHOW.fullmatch(said)
    if shown and _names_it(shown):
        return Order("show", int(shown["number"]), explicit=True, year=int(shown["year"] or 0))
    return None


def unnumbered(text: str) -> Order | None:
    """What is said in answer to a message about one problem, “接办”, “办结：……”, with number 0."""
    words = _without_courtesy(text[:_LONGEST].strip())
    said = narrow(words)
    for verb, pattern in _UNNUMBERED:
        if found := pattern.fullmatch(said):
            rest = words[found.start("rest") :] if "rest" in pattern.groupindex else ""
            return Order(verb, 0, rest.strip(_AROUND), words)
    return None


def _without_courtesy(words: str) -> str:
    """Without 您好 before and 谢谢 after; every other character stays as it was typed."""
    if found := _GREETS.match(narrow(words)):
        words = words[found.end() :]
    if found := _THANKS.search(narrow(words)):
        words = words[: found.start()]
    return words.strip(_AROUND)


def _order(verb: Verb, found: re.Match[str], words: str, said: str) -> Order:
    rest = words[found.end() :].strip(_AROUND)
    year = int(found["year"] or 0)
    return Order(verb, int(found["number"]), rest, said.strip(_AROUND), _explicit(found), year)


def _explicit(found: re.Match[str]) -> bool:
    return bool(_names_it(found) or found["tail"])


def _names_it(found: re.Match[str]) -> bool:
    """A problem, or a number written as only a problem's is; 17号 may be a day."""
    return bool(found["noun"] or found["zero"] or found["after"])


# --- what the words say -------------------------------------------------------------------------------

_ENDINGS: tuple[tuple[Ending, re.Pattern[str]], ...] = (
    (
        "tracked",
        re.compile(
            r"长期跟踪|长期跟进|持续跟踪|列入(?:明年|下一?年|来年|\S{0,6}计划)|纳入\S{0,8}(?:计划|规划)"
        ),
    ),
    (
        "explained",
        re.compile(
            r"政策(?:暂|目前)?不(?:支持|允许)|不符合\S{0,8}?(?:政策|条件|规定|要求)|不予支持|(?:已|作了|做了|做好)(?:\S{0,6}?)(?:说明|解释)|无法办理|不能办理"
            r"|暂不(?:能|具备)|没有(?:政策|依据)|(?:已|予以)答复[(（,，:：]"
        ),
    ),
    (
        "solved",
        re.compile(
            r"(?<!未)(?<!没有)(?<!没)(?:已经?|全部|问题|得到|予以)?(?:解决|办妥|办好|处理好|处理完毕?|办理完毕|修好|换好|弄好|整改到位)(?!不了)|已(?:经)?(?:修复|恢复|完成|修好|送电|通电|供水|拨付"
            r"|到位|开通|拆除|清理|疏通|发放|到账|通车|办理|落实|安装|更换|调整)|恢复(?:供电|供水|通行|正常)"
        ),
    ),
)
_PARTLY = re.compile(
    r"(?:大?部分|初步|基本|暂时)(?:得到|已经?)?(?:解决|恢复|完成)|(?:其余|剩余|其他|余下)(?:的|部分)?"
)
_NOT_SOLVED = re.compile(r"(?:未|没有|没|尚未|无法|暂未|不能)(?:得到|能)?(?:解决|办妥|完成|恢复|修复)")


def ending_of(words: str) -> Ending:
    """Which of the three honest endings the words mean; "" where they mean none, or more than one."""
    said = narrow(words[:_LONGEST])
    found = [name for name, sign in _ENDINGS if sign.search(_NOT_SOLVED.sub("", said))]
    if "solved" in found and _PARTLY.search(said):
        return ""
    if found[:1] == ["tracked"]:  # “政策不支持，纳入长期跟踪” goes on
        return "tracked" if "solved" not in found else ""
    return found[0] if len(found) == 1 else ""


# Words that say it, and words that only can mean it: those are the reason, too.
_RATINGS: tuple[tuple[Rating, re.Pattern[str]], ...] = (
    (
        "unsatisfied",
        re.compile(
            r"(?<!没)(?<!没有)(?:非常|很|十分|太)?不(?:太|是很|怎么|够|甚|算)?满意|(?:说不上|谈不上|算不上|不能说|很难说|无法|没法)满意"
            r"|(?:很|非常|十分|表示|感到)?不满(?![\d意足员一二三四五六七八九十半])|很?不行|差评|(?:还是|根本|并|都|仍然?)?(?:没有?|未)(?:得到)?解决"
        ),
    ),
    (
        "mostly",
        re.compile(r"(?:基本上?|比较|还算|算是?|大[体致]|勉强|一般)满意|还(?:可以|行)|基本上?可以"),
    ),
    (
        "satisfied",
        re.compile(
            r"(?<!不)(?:很|非常|十分|都|表示|挺|相当|特别)?满意(?!度)|好评|点赞|👍|(?:办得|做得)(?:很|挺|真|相当)?(?:不错|好)|^(?:很|挺|非常|真)(?:好|不错)"
        ),
    ),
)
_STILL = re.compile(
    r"(?:没有?|未)(?:人)?(?:来过?|管|理|联系|处理|弄好|修好|办好|落实|兑现|改善|变化|动静|效果|用)|没什么(?:用|变化|改善|效果)"
    r"|还是(?:老样子|一样|那样|不[行通好])|骗人|忽悠|敷衍|踢皮球|推来推去|走过场|太差|很差|差劲|失望|白反映"
)
_LEAD_IN = re.compile(
    r"^(?:企业|对方|厂里|说|反映|觉得|我们?|评价|原因|理由|因为|是|为|对|表示|了|的|吧|啊|呀|哦|还(?!是))*[\s,，:：!！]*"
)
_LABEL = re.compile(r"^(?:诉求|问题|工单)?\s*(?:第\s*\d{1,5}\s*号?|\d{1,5}\s*号?)(?:诉求|问题)?[\s,，:：]*")
_QUESTION = re.compile(r"[?？吗呢]\s*$|怎么(?!满意)|如何|哪")


def rating_of(words: str) -> tuple[Rating, str]:
    """What a firm thinks of the outcome, and why; ("", "") where it does not say."""
    said = _LABEL.sub("", narrow(words[:_LONGEST]).strip())
    if _QUESTION.search(said):
        return "", ""
    for name, sign in _RATINGS:
        if (found := sign.search(said)) and found.start() <= _EARLY:
            around = (said[: found.start()], said[found.end() :])
            return name, "，".join(filter(None, (_LEAD_IN.sub("", one.strip(_MARKS)) for one in around)))
    if (found := _STILL.search(said)) and found.start() <= _EARLY:
        return "unsatisfied", said.strip(_MARKS)
    return "", ""
