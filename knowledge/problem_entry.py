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
    ("meeting", r"(?:潮商[·.]?市长)?面对面(?:座谈会?)?|(?:企业)?座谈会"),
    ("express", r"(?:企业)?(?:诉求)?[“\"]?直通车[”\"]?"),
    ("12345", r"12345(?:政务服务)?(?:便民)?(?:热线|平台)?"),
    ("visit", r"挂钩(?:联系)?(?:走访|调研)?|走访(?:企业)?"),
    ("group", r"政企(?:微信)?群|企业群"),
)
_CHANNEL = "|".join(f"(?P<c{at}>{words})" for at, (_, words) in enumerate(_CHANNELS))
_WORD = r"(?:登记|新增|录入|新|转)?(?:来)?(?:企业|公司)?(?:的)?(?:诉求|反映)"
_HEAD = (
    rf"(?:登记|录入|转)?\s*(?:(?:{_CHANNEL})(?:上|中|里|转来|转办|收到|来件)?[\s,:·]*)?(?P<word>{_WORD})?\s*"
)
_ENTRY = re.compile(rf"{_HEAD}[:\n]\s*(?P<body>\S.*)", re.DOTALL | re.ASCII)
_BARE = re.compile(rf"{_HEAD}[。!]?", re.ASCII)


def entry_of(text: str) -> Entry | None:
    """The problem somebody forwards; None for anything else. A body of one word is none."""
    words = text[:LONGEST].strip()
    found = _ENTRY.match(narrow(words))
    if found is None or not (found["word"] or _channel(found)):
        return None
    body = words[found.start("body") :].strip()
    return Entry(_channel(found), body) if len(body) >= 3 else None


def quoting(text: str) -> Entry | None:
    """“诉求”, “座谈会诉求” said beside a quoted message."""
    found = _BARE.fullmatch(narrow(text.strip()))
    if found is None or not (found["word"] or _channel(found)):
        return None
    return Entry(_channel(found), "")


def _channel(found: re.Match[str]) -> str:
    return next((name for at, (name, _) in enumerate(_CHANNELS) if found[f"c{at}"]), "")


# --- whom to call -------------------------------------------------------------------------------------

_SURNAMES = (
    "陈林黄张李王吴刘蔡郑谢许杨周曾苏郭洪邱廖卢罗余庄柯丁沈江何方叶蓝佘翁魏赖詹温钟彭朱徐孙马胡高梁宋唐冯于董萧程曹袁邓傅"
    "吕蒋贾夏潘杜戴范汪田姜邵石熊孟秦白毛侯龙万段雷钱汤尹黎易常武乔贺龚文辜饶欧薛章邹涂巫卓倪俞纪连"
)
_TITLE = r"(?:先生|女士|小姐|老板|经理|厂长|总监|主任|会长|师傅|总|生|姐|哥|工)"
_PHONE = r"(?<!\d)(?:1[3-9]\d[ -]?\d{4}[ -]?\d{4}|0\d{2,3}[ -]?\d{7,8}|400[ -]?\d{3}[ -]?\d{4})(?!\d)"
_LABEL = r"(?:(?:企业|公司|本人)?(?:联系人|联络人|负责人|经办人|对接人)(?:姓名)?(?:和电话|及电话)?)"
_NAME = rf"(?:[{_SURNAMES}][\u4e00-\u9fff·]{{0,3}}?{_TITLE}|[{_SURNAMES}][\u4e00-\u9fff·]{{1,2}})"
_CALL = r"(?:的?(?:联系)?(?:电话|手机|号码|方式)(?:号码)?)"
_BREAK = r"[\s,:;。、()]*"
_NAMED = re.compile(
    rf"{_LABEL}[\s:是为]*(?P<labelled>{_NAME}){_BREAK}(?:{_CALL}{_BREAK})?(?P<its>{_PHONE})?[)]?"
    rf"|(?:(?<=[\s,:;。、(系])|^)(?P<before>{_NAME}){_BREAK}(?:{_CALL}{_BREAK})?(?P<own>{_PHONE})[)]?"
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
