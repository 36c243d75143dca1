"""Reads a question: what it asks for (who, how many, by when, a list …), what it points at, what it is about.

Small tables of patterns, each line one way of asking. `handlers/ask.py` calls it and decides; nothing here looks
at the notice's answers, only at which of its phrases occur in the question.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from knowledge.match import Index, Span, is_stopword, stem, words_of
from knowledge.normalize import has_chinese, plain
from knowledge.pinyin import split, syllables

NUMBER = r"(?:\d{1,3}|[一二三四五六七八九十百两]{1,5})"

# What is asked for. Several may apply at once.
ASKS: dict[str, re.Pattern[str]] = {
    "who": re.compile(
        r"谁|哪(?:一|几)?(?:个|家|些)?(?:市直)?(?:单位|部门|局|科室|机构|口子)|哪家|(?:什么|啥|"
        r"何)(?:单位|部门|局)|牵头|签头|迁头|牵投|负责|主管|责任(?:单位|部门|人)|主抓|归口"
        r"|对接|承办|经办|主责|归哪|找哪|归.{0,4}管|who\b|which (?:unit|department|bureau|office|"
        r"agency|authority)|in charge|responsib"
        r"|\blead(?:s|ing|er)?\b|(?:department|bureau|unit|agency) (?:for|of)\b|handles?\b|"
        r"\bowner\b|contact (?:unit|department)"
    ),
    "figure": re.compile(
        r"多少|(?<![哪第好])几(?!条路|时|点钟|号|月)(?:个|条|家|座|条|公里|户|项|亿|万|吨|年|成|"
        r"名|人|所|间|处|宗|倍|千|百)|百分之几|百分之多|指标(?:是|数)?|目标值|数量|总投资|投资额|"
        r"增速|增幅|涨幅|比例是|率是"
        r"|多大|多高|多长|几何|how (?:many|much|long|far|big)|what percent|percentage|\btarget\b|"
        r"\bnumber of\b|what rate|figures?\b|capacity|\bgoals?\b"
    ),
    "deadline": re.compile(
        r"什么时候|啥时候|何时|几时|期限|截止|时限|哪一?年|多久|什么时间|啥时|多长时间|deadline|"
        r"\bwhen\b|by when|due date"
    ),
    "progress": re.compile(
        r"进展|怎么样了|咋样了|完成情况|进度|完成了多少|完成没|搞定没|到哪一?步|做得怎|progress|"
        r"how is .* going"
    ),
    "full": re.compile(
        r"全文|原文|整条|完整内容|完整的|全部内容|full text|original (?:text|wording)|whole (?:text|"
        r"item|point)"
    ),
    "where": re.compile(
        r"第几(?:条|点|项)|哪(?:一)?(?:条|点|项|款)|(?:写|列|提|放)?在哪(?:里|儿|个地方|块)?(?:写|"
        r"提|讲|说|有)?|which (?:item|point|clause)"
    ),
    "list": re.compile(
        r"哪(?:几|些)(?:条款|条目|条|点|项|款|要点)|(?:有|跟|和|与|同).{1,12}(?:有关|相关|"
        r"沾边)的?(?:都|有|是|条|工作|任务|内容|要点|列)|列出|列一下|列个|都列|罗列|都?有几(?:条|"
        r"项|点)|全部列"
        r"|都(?:在|有)哪|(?:任务|工作|条款|要点)(?:都)?(?:有|是)?(?:哪些|什么|啥)|"
        r"提到.{0,12}(?:哪些|几条)|(?:哪些|哪几).{0,6}(?:提到|讲到|涉及|说到|出现|写到)|(?:有|"
        r"是)哪些[啊呀呢吗?？。]*$|有哪几|都有(?:啥|什么|些)"
        r"|which (?:items|points|clauses)|list (?:all|the|every)|all (?:items|points)|"
        r"everything about|what (?:items|points)"
    ),
}  # fmt: skip

# Asking what is done about a thing is not asking for a list of points.
_NOT_A_LIST = re.compile(
    r"(?:有|是)?(?:哪些|什么|啥)(?:措施|举措|政策|办法|安排|要求|内容|规定|做法|支持|扶持|目标|好处|"
    r"行业|产业|展会|企业|单位|部门)"
)
QUANTIFIED = re.compile(
    r"量化|有数字|带数字|硬指标|有指标|数字指标|有具体数|quantif|with (?:numbers|figures)"
)

_POINT_NUMBER = re.compile(
    rf"第\s*({NUMBER})\s*(?:条|点|项|款|号|个?要点|个点|个|小点)(?!部分|季度|批|产业)|"
    rf"(?:工作)?要点\s*({NUMBER})(?!\d|个|条|项)"
    r"|(?:\bno\.?|\bitem|\bpoint|\bnumber|#|\bclause|\bart(?:icle)?\.?)\s*(\d{1,3})\b"
)
_BARE_NUMBER = re.compile(rf"({NUMBER})\s*(?:条|点|项|款|号|个要点|th|st|nd|rd)?")
_LOOSE_NUMBER = re.compile(
    r"(?:^|[^\d一二三四五六七八九十百第.上下前后另哪这那每几再])(\d{1,3}|"
    r"[二三四五六七八九十百]{1,5})(?:条|点|项|号)"
)
_SECTION_NUMBER = re.compile(
    rf"第\s*({NUMBER})\s*个?(?:大部分|部分|大点|大块|板块|大项|大类|块|章|篇|方面|大方面|大条)|"
    rf"({NUMBER})大?部分|(?:section|part|chapter)\s*(\d+|one|two|three|four|five|six)"
)
_BLOCK = re.compile(
    r"部分|板块|那块|这块|那一块|这一块|大块|那一大块|大点|章节?|\bsection\b|\bpart\b|方面|大类"
)
_LAST = re.compile(
    rf"倒数第\s*({NUMBER})\s*(?:条|点|项|个)|最后(?:那|一|的)*(?:条|点|项|个)|末尾(?:那|一)条|"
    rf"最末一?条|\blast (?:item|point|one|clause)"
)
_STEP_BACK = re.compile(
    r"上一?(?:条|点|项)|前一(?:条|点|项|个)|往上(?:一|再)|往前一|再上一|上面那?一?(?:条|点|项)|"
    r"previous|\bprev\b|one before"
)
_STEP_ON = re.compile(
    r"下一?(?:条|点|项)|后一(?:条|点|项)|往下一|往后一|再下一|下面那?一?(?:条|点|项)|接下来(?:那|一)|"
    r"\bnext\b|one after"
)
_OF_LIST = (
    (re.compile(r"后面那?一?(?:条|个|项|点)|后一个|第二(?:条|个|项)|\bthe (?:second|latter)"), 1),
    (
        re.compile(r"前面那?一?(?:条|个|项|点)|前一个|第一(?:条|个|项)|头一(?:条|个)|\bthe (?:first|former)"),
        0,
    ),
    (re.compile(r"第三(?:条|个|项)|\bthe third"), 2),
)
_INSIDE = re.compile(rf"(?:里面|其中|当中|里头)的?第\s*({NUMBER})")
_OTHER = re.compile(
    r"另外(?:一|那|的)*(?:条|个|项|点)|另一(?:条|个|项)|还有别的|有没有别的|别的条|其他条|其它条|"
    r"其他的?还?有|除了这|another|other items|anything else"
)
_MORE = re.compile(
    r"^(?:那|然后)?(?:还有|还有没有|还有别的)(?:吗|没|没有|呢|么)?[?？]*$|^(?:继续|more)[?？]*$"
)
_POINTER = re.compile(
    r"它|这(?:一)?(?:条|点|项|个|块|事)|那(?:一)?(?:条|点|项|个|块|事)|刚才|刚刚|上面|前面|该(?:项|条|"
    r"点)|此(?:项|条)|\bit\b|\bthis\b|\bthat\b"
)
_FOLLOW = re.compile(r"^(?:那么?|然后|还有|and\b|what about|how about)|呢[?？。]*$|来着[?？]*$")
_THIS_SECTION = re.compile(
    r"(?:这|那|该|本)(?:一)?(?:个)?(?:部分|板块|章|大块|大点)|(?:this|that|same) section"
)
_GREETING = re.compile(
    r"你好|您好|大家好|早上好|早安|上午好|中午好|下午好|晚上好|晚安|在吗|在不在|有人吗|嗨|哈喽|"
    r"哈啰|hello|\bhi\b|good (?:morning|afternoon|evening)|\bhey\b|吃饭了吗|吃了吗|你是谁|您是谁|"
    r"祝.{0,12}(?:顺利|愉快|快乐|安康)"
)
_THANKS = re.compile(
    r"谢谢|多谢|感谢|辛苦了?|thanks|thank you|\bthx\b|好的|收到|明白了?|知道了|了解了|\bok(?:ay)?\b|"
    r"嗯+|哦+|再见|拜拜|\bbye\b|好滴|赞|厉害|不错|太好了|哈+|呵+|嘻+|嘿+"
)
_NOT_THAT = re.compile(
    r"^(?:都?不是|不对|错了|不是这(?:个|条|些)|none of them|none|neither|no(?=[,.!\s]*$|,))(?:这(?:条|"
    r"个|些)|的|啊|呀|吧)?[,,。.!?\s]*"
)
_PICK = re.compile(r"^(?:选|看|要|就)?(?:第)?\s*([1-3一二三])\s*(?:个|号|条|项|点|\.|、|吧|\))?[。.!]*$")

# Words that say nothing about the subject; cut out before matching, unless they are part of a known phrase.
_NOISE = re.compile(
    "|".join(
        (
            r"(?:到底|具体|应该|应当|应|该|现在|主要|都|归|由|是|要|得|找|属于|让|请)*(?:谁|"
            r"哪(?:一|几)?(?:个|家|些)?(?:市直)?(?:单位|部门|局|科室|机构|口子)|哪家|(?:什么|啥|"
            r"何)(?:单位|部门|局))"
            r"(?:们)?(?:来|在|去|是)*(?:牵头|负责|主管|主抓|承担|组织实施|抓着|抓|管着|管|跟进|跟|"
            r"弄|搞|做|建|办|处理|解决|对接|推进|落实|实施|出面|主责)*",
            r"(?:牵头|责任|主管|配合|负责|承办)(?:单位|部门|局|人)|牵头|签头|迁头|牵投|负责|主管|"
            r"主抓|归口管理|归口|对接|归哪里?管?|归属|承办|经办|谁管",
            r"不超过多少|大概|大约|左右|一共|总共|合计|总计|共计|总的|分别|各自|各是|多少(?:个|家|"
            r"座|条|公里|户|项|亿元?|万吨?|吨|年|名|人|所|间|处|钱|亩|元|块|成|米|平方|%)*|"
            r"百分之(?:几|多少)",
            r"几(?:个|家|座|条|公里|户|项|亿|万|吨|年|名|人|所|间|处)(?:项目)?(?=$|"
            r"[\s?？,,。呢吗啊来才])|几(?:个|家|座|公里|户|亿|吨|年|名|所|间|处)",
            r"什么时候|啥时候|何时|几时|期限|截止时间|截止日期|截止|时限|哪一?年|什么时间|多长时间|多久",
            r"第几(?:条|点|项)|哪一?(?:条|点|项|款)|哪(?:几|些)(?:条款|条目|条|点|项|款|要点|个)?|"
            r"(?:写|列|提|放)?在哪(?:里|儿)?|哪里|哪儿|哪边",
            r"(?:请|都|全部)*列(?:出来?|一下|个清单|举)|条目|条款|全部|所有|统统|沾边|有关(?:的|"
            r"系)?|相关的?|关于|涉及到?|提到|提及|讲到|说到|写到|出现|包含|包括|二字|字样|这几个字",
            r"说的?(?:是)?(?:什么|啥|些什么)|讲的?(?:是)?(?:什么|啥|些什么)|讲(?:了)?(?:什么|啥)|"
            r"说(?:了)?(?:什么|啥)|写(?:了)?(?:什么|啥)|是(?:什么|啥)(?:意思|东西)?|什么意思|"
            r"啥意思|干什么的?|做什么的?|要做什么|做些?什么|干啥的?|怎么写的?|怎么说的?|咋说的?|"
            r"怎么讲的?",
            r"怎么(?:办|弄|搞|样了?|做|解决|处理|推进|安排|规定|发展|落实|管)?|怎样|如何|咋(?:办|"
            r"弄|搞|样)?|为什么|为啥|凭什么|有什么(?:说法|安排|政策|措施|要求|规定|办法|支持|"
            r"好处)?|有啥(?:说法|安排|政策|措施|要求|规定|支持)?|有(?:没有|无|否)(?:说法|安排|"
            r"政策|措施|要求|规定|办法|讲|写|提|说)?",
            r"什么|啥|是不是|是否|能不能|能否|可不可以|可否|可以|会不会|要不要|用不用|需不需要|"
            r"算不算|对不对|对吧|行不行|好不好|有写吗?|有讲(?:吗|没)?|有提(?:吗|没)?|有说(?:吗|没|"
            r"法没)?|也?归这条管?",
            r"请(?:问|教|提供|告知|说明|列出|查|给出)(?:一下)?|麻烦(?:您|你)?(?:了)?|帮(?:忙|我|"
            r"咱)(?:们)?|(?:查|问|看|说|讲|发|贴|给|了解|咨询|打听|确认|核实)一?下(?:子)?|查查|"
            r"看看|问问|想问|我想|想了解|想知道|想要|了解|咨询|请教|打扰(?:一下|了)?|不好意思|"
            r"劳驾|烦请|有劳",
            r"你好|您好|大家好|早上好|上午好|下午好|晚上好|在吗|在不在|有人吗|"
            r"领导(?=[,,\s好您你])|各位领导|谢谢(?:您|你|领导|啦|啊|哈)*|多谢|感谢|辛苦了?|急急+|"
            r"急用|在线等|挺急的?|急(?=$|[\s,,。!])|领导等着要?|等着要|老师(?=[,,\s]|您好|你好)|"
            r"哈喽|小助手|机器人|同志们?|哥们?(?=[,,\s])|亲(?=[,,\s])",
            r"那个啥|那个什么|就是说|就是那个|就是|然后(?:呢)?|怎么说呢|那什么|呃+|嗯+|"
            r"额(?=[,,\s.。…]|那|就|这|请|我)|哦+|喔|诶|欸|哎+|唉+|喂+|啊+|呀+|嘛|啦|咯|哈+|嘞|噢|"
            r"话说|对了|另外问|顺便(?:问)?|反正|其实|好像|可能|应该是|的话|来着|这样子|那样子",
            r"我(?:们)?(?:局|镇|村|司|厂|单位|公司|县|区|部门|这边|这里|想)?(?=拟|想|要|需)|"
            r"拟汇总|拟|需要?(?=[\u4e00-\u9fff]{2})|我们|咱们|你们|他们|它们?|咱|我局|我司|我单位|"
            r"本局|本单位|各位|大家",
            r"通知(?:里|中|上|内)?(?:面)?|文件(?:里|中|上)?(?:面)?|工作要点|这份|该份|上面|里面|"
            r"里头|当中|其中|方案里|要点(?:里|中)?",
            r"这(?:一)?(?:块|方面|条|项|点|件事|个事情?|事|些)(?:工作|事情?|内容)?|那(?:一)?(?:块|"
            r"方面|条|项|点|件事|个事情?|事|些)(?:工作|事情?|内容)?|这个|那个|此项(?:工作)?|"
            r"该项(?:工作)?|一事|这类|这种|那种|方面|的事情?|这边|那边|这次|刚才|刚刚",
            r"今年|本年度?|全年|今年内|年内|2024年度?|二〇二四年|24年|(?<![一-龥])年度|全市(?!镇)|"
            r"我市|市里|咱市|潮州市?(?=[的今要有])|目前|眼下|现在",
            r"任务|工作(?:内容|安排|要求|任务|情况)?|目标(?:值|任务)?|指标|要求|规定|内容|情况|"
            r"安排|说法|措施|举措|办法|部署|打算|进展|进度|完成情况|全文|原文|整条|数量|具体|责任|"
            r"支持力度|的政策|有政策|政策(?:支持|上)",
            r"回到|再(?=往|下|上|问|来)|一句|一条|一项|一点(?=$|\s)|另外|还有(?:没有)?|别的|"
            r"其他的?|还|都(?=有|在|是)|吗|呢|吧|么(?=$|[\s?？])|没(?=$|[\s?？])|了没|"
            r"[\s,,。.!!?？、;;:：\"'()()《》\[\]…~/|—-]+",
        )
    )
)
_SCOPE = re.compile(
    r"每?(?:个|家)?(?:县区|县\(区\)|县|区|单位|部门|我们局|镇街|镇|街道)|(?:each|per|every|"
    r"a) (?:county|district|unit|department|bureau)"
)

_MEASURES = (
    (re.compile(
        r"百分之|几个点|percent|%|比例|覆盖率|合格率|率(?:是|要|达|提)?.{0,6}(?:多少|几)|增速|增幅|"
        r"\brate\b"
    ), ("%", "比例")),
    (re.compile(
        r"多少亿|几个?亿|多少(?:个)?钱|几多钱|多少元|多少块|多少万元|多少资金|多少经费|投多少|"
        r"how much (?:money|investment|is invested)|total investment|总投资|投资额|投资多少"
    ), ("亿元", "金额")),
    (re.compile(r"多少公里|几公里|多长|how (?:many|much) (?:km|kilomet)"), ("公里", "里程")),
    (re.compile(r"多少亩|几亩|亩数|面积|多少平"), ("亩", "面积")),
    (re.compile(r"多少(?:万)?吨|几吨"), ("吨", "吨数")),
    (re.compile(r"多少户|几户"), ("户", "户数")),
    (re.compile(r"多少座|几座"), ("座", "座数")),
    (re.compile(r"(?<!好)几年|多少年|how many years|how long"), ("年", "年数")),
    (re.compile(r"多少人|几个人|多少名|人数"), ("人", "人数")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Question:
    """What was understood. `runs` are the words of its subject, `spans` the known phrases among them."""

    text: str
    english: bool = False
    asks: frozenset[str] = frozenset()
    number: int | None = None  # a point's number, or the place within `section`
    section: int | None = None
    last: int = 0  # 1 = the last, 2 = the last but one
    step: int = 0  # +1 next, -1 previous
    place_in_list: int | None = None
    this_section: bool = False
    other: bool = False
    more: bool = False
    pointer: bool = False
    follow: bool = False
    greeting: bool = False
    thanks: bool = False
    runs: tuple[tuple[str, ...], ...] = ()
    spans: tuple[Span, ...] = ()
    subject: str = ""  # what is left after noise, runs joined by blanks
    elsewhere: tuple[str, ...] = ()
    details: tuple[str, ...] = ()
    measure: tuple[str, str] | None = None
    years: tuple[int, ...] = ()
    block: bool = False
    scopes: tuple[str, ...] = field(default=())

    @property
    def empty(self) -> bool:
        """Whether it names no subject of its own."""
        return not self.runs


def read(text: str, index: Index) -> Question:
    """Understand one message; `text` is as typed."""
    words = _from_letters(plain(text), index)
    english = not has_chinese(words) and any(c.isalpha() for c in words)
    words = _NOT_THAT.sub("", words) or words
    spans = index.spans(words)
    foreign = _foreign(words, index, spans)
    details = _details(words, index, spans)
    number, section = _numbers(words, spans)
    keep = [s for s in spans if has_chinese(s.phrase) or any(c.isdigit() for c in s.phrase) or english]
    cut = _without_numbers(words) if number is not None or section is not None else words
    runs, subject = _subject(cut, index.spans(cut) if cut != words else keep)
    known = index.spans(cut)
    if not known and not english:
        known = [span for run in runs for span in index.heard("".join(run))]
    return Question(
        text=words,
        english=english,
        asks=frozenset(name for name, pattern in ASKS.items() if pattern.search(words)) - _untrue(words),
        number=number,
        section=section,
        last=_last(words),
        step=_step(words),
        place_in_list=_place(words),
        this_section=bool(_THIS_SECTION.search(words)),
        other=bool(_OTHER.search(words)),
        more=bool(_MORE.search(words)),
        pointer=bool(_POINTER.search(words)),
        follow=bool(_FOLLOW.search(words)),
        greeting=bool(_GREETING.search(words)),
        thanks=bool(_THANKS.search(words)),
        runs=tuple(map(tuple, runs)),
        spans=tuple(known),
        subject=subject,
        elsewhere=foreign,
        details=details,
        measure=next((m for pattern, m in _MEASURES if pattern.search(words)), None),
        years=tuple(int(y) for y in re.findall(r"(?<!\d)(20\d\d)(?!\d)", words)),
        block=bool(_BLOCK.search(words)),
        scopes=tuple(_SCOPE.findall(words)),
    )


def picked(text: str) -> int | None:
    """Which of the offered suggestions a message picks, from 0; None when it is not a pick."""
    found = _PICK.match(plain(text))
    return "123一二三".index(found[1]) % 3 if found else None


def declines(text: str) -> bool:
    """“都不是”: none of the suggestions was meant, and nothing else is asked."""
    words = plain(text)
    return bool(_NOT_THAT.match(words)) and not _NOT_THAT.sub("", words)


def number_of(digits: str) -> int:
    """第十七 → 17, 四十五 → 45; also plain digits."""
    if digits.isdigit():
        return int(digits)
    ones = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"两": 2}
    total, rest = 0, 0
    for char in digits:
        if char == "百":
            total, rest = total + (rest or 1) * 100, 0
        elif char == "十":
            total, rest = total + (rest or 1) * 10, 0
        else:
            rest = ones.get(char, 0)
    return total + rest


def _untrue(words: str) -> frozenset[str]:
    return frozenset({"list"}) if _NOT_A_LIST.search(words) else frozenset()


def _numbers(words: str, spans: list[Span]) -> tuple[int | None, int | None]:
    section = None
    if found := _SECTION_NUMBER.search(words):
        digits = next(g for g in found.groups() if g)
        names = ("one", "two", "three", "four", "five", "six")
        section = names.index(digits) + 1 if digits in names else number_of(digits)
    rest = _SECTION_NUMBER.sub(" ", words)
    if found := _POINT_NUMBER.search(rest):
        return number_of(next(g for g in found.groups() if g)), section
    bare = _NOISE.sub("", rest).strip()
    if found := _BARE_NUMBER.fullmatch(bare):
        return number_of(found[1]), section
    if (found := _LOOSE_NUMBER.search(" " + rest)) and not _in_phrase(found.start(1) - 1, spans):
        tail = _NOISE.sub("", rest.replace(found[0].strip(), "", 1)).strip()
        if not tail:
            return number_of(found[1]), section
    return None, section


def _in_phrase(at: int, spans: list[Span]) -> bool:
    return any(s.start <= at < s.end for s in spans)


def _without_numbers(words: str) -> str:
    return _POINT_NUMBER.sub(" ", _SECTION_NUMBER.sub(" ", words))


def _last(words: str) -> int:
    found = _LAST.search(words)
    return 0 if not found else number_of(found[1]) if found[1] else 1


def _step(words: str) -> int:
    return -1 if _STEP_BACK.search(words) else 1 if _STEP_ON.search(words) else 0


def _place(words: str) -> int | None:
    if found := _INSIDE.search(words):
        return number_of(found[1]) - 1
    return next((place for pattern, place in _OF_LIST if pattern.search(words)), None)


def _foreign(words: str, index: Index, spans: list[Span]) -> tuple[str, ...]:
    """Subjects the notice does not deal with, unless they are only part of a longer phrase it knows."""
    found = []
    for word in index.lexicon.elsewhere:
        at = words.find(word)
        if at >= 0 and not any(
            s.start <= at and at + len(word) <= s.end and len(s.phrase) > len(word) for s in spans
        ):
            found.append(word)
    if index.lexicon.elsewhere_en:
        padded = f" {' '.join(re.findall(r'[a-z]+', words))} "
        found.extend(w for w in index.lexicon.elsewhere_en if f" {w} " in padded)
    return tuple(sorted(found, key=len, reverse=True))


def _details(words: str, index: Index, spans: list[Span]) -> tuple[str, ...]:
    """Names of details asked for; a word inside a longer known phrase (经验材料) asks for nothing."""
    found = {}
    for word, name in index.lexicon.details.items():
        at = words.find(word)
        if at >= 0 and not any(s.start <= at and at + len(word) <= s.end for s in spans):
            found[name] = None
    return tuple(found)


def _subject(words: str, spans: list[Span]) -> tuple[list[list[str]], str]:
    """The text without noise, cut into runs; known phrases are never cut."""
    marked = list(words)
    for noise in _NOISE.finditer(words):
        start, end = noise.span()
        if any(s.start < end and start < s.end and not _swallowed(s, start, end) for s in spans):
            continue
        for at in range(start, end):
            marked[at] = " "
    runs = []
    kept = []
    for part in "".join(marked).split():
        part = part.strip(_EDGES)
        run = [w for w in words_of(part) if not (w.isascii() and is_stopword(w))]
        if run and not all(w in _EMPTY for w in run):
            runs.append(run)
            kept.append(part)
    return _glued(runs), " ".join(kept)


_EMPTY = frozenset(
    "的了在是有要和跟与及个把被就都也又很太不没去来到对给让得着过会能可想说问讲看找用按上下里中这那它他她我你要写"
)


_EDGES = "的了在是有要和跟与及把被就也又那这它他您你我吗呢啊吧"


def _swallowed(span: Span, start: int, end: int) -> bool:
    """Noise that holds the whole phrase and more wins over it: 责任单位 over 单位."""
    return start <= span.start and span.end <= end and (end - start) > (span.end - span.start)


def _glued(runs: list[list[str]]) -> list[list[str]]:
    """Latin words stand apart by blanks but belong together, so "cold storage" is one run."""
    glued: list[list[str]] = []
    for run in runs:
        if glued and run[0].isascii() and glued[-1][-1].isascii():
            glued[-1] = glued[-1] + run
        else:
            glued.append(run)
    return glued


# --- typed pinyin -----------------------------------------------------------------------------------

_ASKED_ALOUD = (
    "谁 谁管 谁负责 谁牵头 哪个单位 哪个部门 单位 部门 牵头 负责 多少 几个 几条 几年 哪几条 哪条 "
    "哪一条 在哪 哪里 在 哪 哪些 有哪些 什么 是什么 什么时候 怎么 怎么办 "
    "怎么搞 今年 目标 任务 有关 第几条 要 有 说什么 讲什么 管 归谁管 找谁 的 多少个 你好 谢谢 "
    "请问 电话 地址 村里 农村 全文 原文 是 和 哪个 个 新增 建设"
).split()  # fmt: skip


def _from_letters(words: str, index: Index) -> str:
    """Typed pinyin and initials turned into the phrases they stand for; other text stays."""
    letters = re.findall(r"[a-z]+", words)
    if not letters or len(letters) > 40:
        return words
    if has_chinese(words):
        return re.sub(r"[a-z]+", lambda m: _spoken_out(m[0], index, short=True), words)
    if _looks_english(letters, index):
        return words
    heard: list[str] = []
    for word in letters:
        if (found := split(word)) and len(word) > 1:
            heard.extend(found)
        elif phrases := index.abbreviations.get(word):
            return re.sub(r"[a-z]+", lambda m: _spoken_out(m[0], index, short=True), words)
        else:
            return words
    return re.sub(r"[a-z][a-z' ]*", "", words) + _read_aloud(heard, index)


def _looks_english(letters: list[str], index: Index) -> bool:
    known = sum(stem(w) in index.english or is_stopword(w) for w in letters)
    pinyin = sum(bool(split(w)) for w in letters)
    return known > len(letters) / 2 or (known > 0 and pinyin < len(letters))


def _spoken_out(word: str, index: Index, short: bool) -> str:
    if stem(word) in index.english and word not in index.abbreviations:
        return word
    found = split(word)
    if found and len(found) > 1:
        return _read_aloud(list(found), index)
    names = index.abbreviations.get(word, ()) if short and len(word) >= 2 else ()
    return names[0] if len(names) >= 1 and len(word) >= 3 else word


def _read_aloud(heard: list[str], index: Index) -> str:
    """Longest phrases first; a syllable that fits nothing stays as "~syllable" and is matched by sound."""
    asked = _asking_sounds()
    out: list[str] = []
    at = 0
    while at < len(heard):
        for size in range(min(8, len(heard) - at), 0, -1):
            key = tuple(heard[at : at + size])
            if phrase := asked.get(key) or (index.readings.get(key) if size > 1 else None):
                out.append(phrase)
                at += size
                break
        else:
            out.append(f"~{heard[at]}")
            at += 1
    return "".join(out)


@lru_cache(maxsize=1)
def _asking_sounds() -> dict[tuple[str, ...], str]:
    found: dict[tuple[str, ...], str] = {}
    for word in _ASKED_ALOUD:
        found.setdefault(tuple(syllables(word)), word)
    return found
