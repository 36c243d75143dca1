"""What a member of staff forwards for a firm, “座谈会 诉求：……”, and who can be called about it.

Pure. The contact is taken out of the words, so that they can be shown to others; `masked` and `called` are
how a person's number and name look to everybody who does not handle the matter.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.width import narrow

LONGEST = 2_000
_SHORTEST = 3  # characters of a problem


@dataclass(frozen=True, slots=True)
class Entry:
    """`channel` as rows name it, "" where none was said; `body` what the firm wants, "" when it is quoted."""

    channel: str
    body: str


@dataclass(frozen=True, slots=True)
class Contact:
    """`rest` is the text without them."""

    name: str
    phone: str
    rest: str


_CHANNELS: tuple[tuple[str, str], ...] = (
    ("meeting", r"(?:潮商[·.]?)?(?:市长)?面对面(?:座谈会?)?|(?:企业|早餐)?座谈会|座谈"),
    ("express", r"(?:企业)?(?:诉求)?[“\"]?直通车[”\"]?"),
    ("12345", r"12345(?:政务服务)?(?:便民)?(?:热线|平台)?(?:工单)?|(?:政务)?热线"),
    ("visit", r"(?:(?:市)?领导)?挂钩(?:联系)?(?:走访|调研)?|(?:(?:市)?领导)?走访(?:调研)?(?:企业)?"),
    ("group", r"政企(?:微信)?群|企业群"),
)
_CHANNEL = "|".join(f"(?P<c{at}>{words})" for at, (_, words) in enumerate(_CHANNELS))
_WORD = (
    r"(?:登记|新增|录入|新|转发?|收到)?(?:一[条件个])?(?:来)?(?:某?企业|公司|厂家)?(?:的)?"
    r"(?:诉求(?:登记)?|反映|提出)"
)
_AT = r"(?:上|中|里|时|期间|过程中|转来|转办|收到|来件|发现|了解到)*"
_LED_BY = r"(?:\S{2,4}(?:副?(?:市长|书记|主任|部长|秘书长|[区县局镇]长)|常委|同志)(?:带队)?)?"
_HEAD = (
    rf"{_LED_BY}[#【\[]?(?:登记|录入|转发?)?\s*(?:(?:{_CHANNEL}){_AT}[\s,:·]*)?(?P<word>{_WORD})?[】\]]?\s*"
)
_ENTRY = re.compile(rf"{_HEAD}(?:[:\n]|(?<=[】\]]))\s*(?P<body>\S.*)", re.DOTALL | re.ASCII)
_BY_FIRM = re.compile(  # “座谈会上宏瑞陶瓷反映：……”: the firm's name belongs to the words
    rf"{_LED_BY}(?:{_CHANNEL}){_AT}[\s,]*(?P<body>[^\s:,]{{2,16}}?(?:反映|提出|反馈|说)\s*[:,]\s*\S.*)",
    re.DOTALL | re.ASCII,
)
_PLAIN = re.compile(r"(?:请)?登记(?:一下)?\s*:\s*(?P<body>\S.*)", re.DOTALL)
_FIGURE = re.compile(
    r"[约近共超]?\d+(?:\.\d+)?\s*(?:家|户|次|场|人|个|件|%|$)"
)  # “走访企业：25家” is a report
_BARE = re.compile(rf"{_HEAD}[。!]?", re.ASCII)
_KEEP_IT = re.compile(  # beside a quoted message: “请登记一下”, “这条转办公室登记”
    r"(?:请|麻烦|帮忙?|这[条个件是]*|把?它|市?百千万办|办公室|你们|我们|转给?|交给?|一下|[\s,])*"
    r"(?:登记|录入|受理|立案|记录?一?下|收一下)(?:一下|下|为?(?:企业)?诉求|在册|吧|了)*(?:[\s,]*(?:谢谢|辛苦了?))?[。!]?"
)


def entry_of(text: str) -> Entry | None:
    """The problem somebody forwards; None for anything else. A body of one word is none."""
    words = text[:LONGEST].strip()
    said = narrow(words)
    found = _ENTRY.match(said)
    named = found is not None and bool(found["word"])
    if found is None or not (named or _channel(found)):
        found = _BY_FIRM.match(said) or _PLAIN.match(said)
    if found is None:
        return None
    body = words[found.start("body") :].strip()
    if len(body) < _SHORTEST or (not named and _FIGURE.match(narrow(body))):
        return None
    return Entry(_channel(found), body)


def quoting(text: str) -> Entry | None:
    """“诉求”, “座谈会诉求”, “请登记一下” said beside a quoted message."""
    said = narrow(text.strip())
    found = _BARE.fullmatch(said)
    if found is not None and (found["word"] or _channel(found)):
        return Entry(_channel(found), "")
    return Entry("", "") if _KEEP_IT.fullmatch(said) else None


def _channel(found: re.Match[str]) -> str:
    groups = found.groupdict()
    return next((name for at, (name, _) in enumerate(_CHANNELS) if groups.get(f"c{at}")), "")


# --- whom to call -------------------------------------------------------------------------------------

_SURNAMES = (
    "陈林黄张李王吴刘蔡郑谢许杨周曾苏郭洪邱廖卢罗余庄柯丁沈江何方叶蓝佘翁魏赖詹温钟彭朱徐孙马胡高梁宋唐冯于董萧程曹袁邓傅"
    "吕蒋贾夏潘杜戴范汪田姜邵石熊孟秦白毛侯龙万段雷钱汤尹黎易常武乔贺龚文辜饶欧薛章邹涂巫卓倪俞纪连"
)
_TITLE = r"(?:先生|女士|小姐|老板|经理|厂长|总监|主任|会长|师傅|总|生|姐|哥|工)"
_PHONE = r"(?<!\d)(?:1[3-9]\d[ -]?\d{4}[ -]?\d{4}|0\d{2,3}[ -]?\d{7,8}|400[ -]?\d{3}[ -]?\d{4})(?!\d)"
_LABEL = r"(?:(?:企业|公司|本人)?(?:联系人|联络人|负责人|经办人|对接人)(?:姓名)?(?:和电话|及电话)?)"
_NAME = (
    rf"(?:[老小阿][{_SURNAMES}](?![\u4e00-\u9fff])"
    rf"|[{_SURNAMES}][\u4e00-\u9fff·]{{0,3}}?{_TITLE}|[{_SURNAMES}][\u4e00-\u9fff·]{{1,2}})"
)
_CALL = r"(?:的?(?:联系)?(?:电话|手机|号码|方式)(?:号码)?)"
_BREAK = r"[\s,:;。、()]*"
_NAMED = re.compile(
    rf"{_LABEL}[\s:是为]*(?P<labelled>{_NAME}){_BREAK}(?:{_CALL}{_BREAK})?(?P<its>{_PHONE})?[)]?"
    rf"|(?:(?<=[\s,:;。、(系的是叫司厂店社瓷业])|^)(?P<before>{_NAME}){_BREAK}(?:{_CALL}{_BREAK})?(?P<own>{_PHONE})[)]?"
    rf"|(?:{_CALL}{_BREAK})?(?P<first>{_PHONE})[\s,(]*(?P<then>{_NAME})(?=$|[\s,。;)])[)]?",
    re.ASCII,
)
_ALONE = re.compile(rf"(?:{_CALL}{_BREAK})?(?P<phone>{_PHONE})", re.ASCII)
_DIGITS = re.compile(rf"{_PHONE}|\d{{11,}}", re.ASCII)  # longer ones are identity cards and accounts
_TIDY = re.compile(r"[,，、;；:：\s(（]+(?=[)）。，,]|$)|[(（]\s*[)）]")


def contact_in(text: str) -> Contact:
    """The name and number somebody left, and the text without them."""
    said = narrow(text)
    name = phone = ""
    taken = (0, 0)
    if found := _NAMED.search(said):
        name = found["labelled"] or found["before"] or found["then"]
        phone = found["its"] or found["own"] or found["first"] or ""
        taken = found.span()
    alone = [one for one in _ALONE.finditer(said) if not taken[0] <= one.start() < taken[1]]
    phone = phone or next((one["phone"] for one in alone), "")
    gone = sorted([*([taken] if taken[1] else []), *(one.span() for one in alone)])
    tidy = _TIDY.sub("", _without(text, gone)).strip(" ,，;；:：、") if gone else text
    return Contact(name, re.sub(r"[ -]", "", phone), tidy)


def _without(text: str, gone: Sequence[tuple[int, int]]) -> str:
    kept, at = "", 0
    for start, end in gone:
        kept += text[at:start]
        at = end
    return kept + text[at:]


def masked(text: str) -> str:
    """Telephone numbers in somebody's words, for everybody: 138****8000."""
    shown, at = "", 0
    for found in _DIGITS.finditer(narrow(text)):
        shown += text[at : found.start()] + _hidden(found[0])
        at = found.end()
    return shown + text[at:]


def _hidden(phone: str) -> str:
    digits = re.sub(r"\D", "", phone)
    return f"{digits[:3]}****{digits[-4:]}"


def called(name: str, phone: str) -> str:
    """陈**，138****8000: what shows that somebody can be called, and not whom."""
    parts = [f"{name[0]}**"] if name else []
    parts += [_hidden(phone)] if phone else []
    return "，".join(parts)
