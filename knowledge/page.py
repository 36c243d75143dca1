"""A message made readable without moving a character: what is quoted from it stays as it was typed.

Every reader of replies works on `Page.words`; `Page.said` gives back the person's own words. Quoted messages,
file names, mentions and addresses are blanked out: they are not what the person says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple
from unicodedata import decimal

from knowledge.normalize import simplified
from knowledge.numerals import CHINESE, DIGITS
from knowledge.width import NARROW, small
from knowledge.wording import wording

LONGEST = 1_600  # characters read; a pasted report of a county is shorter
CLAUSES = 100
BREATH = 20  # characters one may say without a stop

_QUOTED = re.compile(r"(?:转[^\n「]{0,20})?「[^「」]{0,600}」?[ \t]*\n(?:[ \t]*(?:[-—–_][ ]?){3,}\n?)?")
_MAY_NAME_FILES = re.compile(r"\.(?:doc|xls|pdf|wps|et|ppt|jp|png|zip|rar)|\[[文图视语链位表动小聊]")
_FILES = re.compile(
    r"\[(?:文件|图片|视频|语音|链接|位置|表情|动画表情|小程序|聊天记录)\][^\n]{0,80}|[《<]?[^\s,。;:《<]{1,60}\.(?:docx?|xlsx?|pdf|wps|et|pptx?|jpe?g|png|zip|rar)(?![a-z])[》>]?"
)
_MENTION = re.compile(r"@[^\s@:,，。;；、?？!！]{1,20}[\s:,，]?")
_FACE = re.compile(r"\[[\u4e00-\u9fffa-z]{1,5}\]")
_FEELING = re.compile("(?<=[\u4e00-\u9fff])[\U0001f300-\U0001faff](?=[\u4e00-\u9fff])")  # 🥲 ends a thought
_ADDRESS = re.compile(r"https?://[\x21-\x7e]{1,300}|\d{3,4}-\d{7,8}|(?<!\d)1[3-9]\d{9}(?!\d)")
_LONG_NUMBER = re.compile(r"\d\d{6}")  # a telephone has one; this way the search leaps from digit to digit
_ODD = str.maketrans("“”‘’—–·√✔☑【】", "\"\"''-- ✅✅✅ :")
_INVISIBLE = dict.fromkeys((*range(0x200B, 0x2010), 0x2060, 0xFEFF, 0x00AD, 0xFE0F), " ")
# In one go: nothing one of them gives is another's.
_COMPARABLE: dict[int, str | int] = {**_ODD, **_INVISIBLE, **NARROW}
_FOREIGN_DIGIT = re.compile(r"[^\D0-9]")  # ٣ counts, too
# Each way begins with a plain character, so that the search leaps from one to the next.
_BREAK = re.compile(
    r",(?:(?<!\d,)|(?!\d{3}(?!\d)))|。|;|!|\?|\n|\t|……*"
    r"| (?<!\d ) *(?=[^\d%a-z]|\d{1,2}项|\d{1,2}点\S{0,8}?%)"
)
# Dictated without a stop: a new thought begins with one of these.
_BREATH = re.compile(
    r"(?<=[^,]{4})(?=然后|另外|[两三四五六](?:个|项|块|样)都|还有就是|还有那个|再就是|接着|完了以后|就剩|剩下|其他|第[一二三四五]个?条?呢|"
    r"(?<!截至)(?<!到)目前|(?<!到)现在|没什么困难|没有困难|进度的话|进度嘛|进度(?=百分之|\d|[一二三四五六七八九]成|大概|大约|约|差不多)|困难就是|问题就是|希望(?=市|省|县|区|领导|上级|指挥部)|"
    r"第\d{1,2}[项点条](?=大概|大约|约|进度|完成|已|整)|(?:整体|总体|整项)(?=就|算|约|大概|差不多|进度|推进|\d|慢|快|[一二三四五六七八九]))"
)
# A note whose labels stand between blanks: 进度 55% 困难 垃圾车老旧 下一步 更新3台.
_ASKED = "困难|问题|难点|堵点|原因|求助|诉求|需?协调|建议|下一?步|措施|计划|打算|安排|时限|期限"
_NAME = rf"(?:目前|主要|存在|完成)?(?:{_ASKED}|进度|进展|状态|事项)"
_LABEL = re.compile(rf"(?:(?<![^\n])| )({_NAME}) (?! *{_NAME}(?:\s|$))(?= *[^\s])")
_OF_A_NOTE = re.compile(rf"(?:{_ASKED})$")
_SLASH = re.compile(r" / (?!\d)|(?<!\d) / ")  # 完工15个 / 主体封顶 / 均正常
_END = (None, 0, "")
_STOPS = frozenset("。;!?\n")


class Clause(NamedTuple):
    """Words between two commas or stops; `sentence` counts stops, `line` line ends."""

    start: int
    end: int
    words: str
    sentence: int
    line: int


@dataclass(frozen=True, slots=True)
class Page:
    text: str  # as typed
    words: str  # comparable, character by character
    mentions: tuple[str, ...]  # who was called with @
    attached: bool  # a file or picture came with it, or is named

    @classmethod
    def of(cls, text: str) -> Page:
        text = text[:LONGEST]
        words = _simplified(small(text.translate(_COMPARABLE)))
        words = _FOREIGN_DIGIT.sub(lambda found: str(decimal(found[0])), words)
        words, _quoted = _blank(_QUOTED, words) if "「" in words else (words, [])
        words, files = _blank(_FILES, words) if _MAY_NAME_FILES.search(words) else (words, [])
        words, _faces = _blank(_FACE, words) if "[" in words else (words, [])
        words, called = _blank(_MENTION, words) if "@" in words else (words, [])
        if max(words, default="") >= "\U0001f300":
            words = _FEELING.sub(",", words)
        if " / " in words:
            words = _SLASH.sub(" ; ", words)
        if _is_note(words):
            words = _LABEL.sub(_with_stops, words)
        words, _ = _blank(_ADDRESS, words) if "://" in words or _LONG_NUMBER.search(words) else (words, [])
        return cls(text, words, tuple(c.strip("@ :,，\n") for c in called), bool(files))

    @property
    def bare(self) -> str:
        """The words without blanks."""
        return "".join(self.words.split())

    def said(self, start: int, end: int) -> str:
        """The person's own words."""
        return self.text[start:end]

    def clauses(self) -> tuple[Clause, ...]:
        """In order; a comma inside 2,860 ends nothing, a blank between words does."""
        found: list[Clause] = []
        at = sentence = line = 0
        breath = len(self.words) > BREATH and not _BREAK.search(self.words.strip())
        for end, after, stop in (*(_breaths(self.words) if breath else _stops(self.words)), _END):
            part = self.words[at:end]
            if (words := part.strip()) and len(found) < CLAUSES:
                start = at + len(part) - len(part.lstrip())
                found.append(Clause(start, start + len(words), words, sentence, line))
            at = after
            sentence += stop in _STOPS
            line += stop == "\n"
        return tuple(found)


def _stops(words: str) -> Iterator[tuple[int, int, str]]:
    """Where a thought ends, where the next begins, and the stop between."""
    return ((stop.start(), stop.end(), stop[0]) for stop in _BREAK.finditer(words))


def _breaths(words: str) -> Iterator[tuple[int, int, str]]:
    """The same where nothing was typed between thoughts: before some words, and behind what was counted."""
    places = {breath.start() for breath in _BREATH.finditer(words)}
    places |= {counted.end() for counted in _counted().finditer(words)}
    whole = ("整体", "总体", "整项")  # said of all before
    return ((at, at, "。" if words.startswith(whole, at) else "") for at in sorted(places))


@lru_cache(maxsize=1)
def _counted() -> re.Pattern[str]:
    """招聘会三十六场|来了企业九百家|培训…: a number behind its thing, and another thing behind its unit."""
    numeral = "一二三四五六七八九十两百千\\d"
    first = f"(?=[{numeral}])(?<![了有共年这那个第{numeral}])(?!百[镇村校企])"
    number = rf"{first}(?>{CHINESE}|{DIGITS})[多来]?(?:万|亿)?"
    behind = r"(?=[\u4e00-\u9fff]{4})(?![的多左以之中里内也都均全就是在已了出地制级业员头部生亿万])"
    return re.compile(rf"{number}(?:{wording().units})(?!完成|左右|上下){behind}")


def _is_note(words: str) -> bool:
    """Whether at least two labels stand between blanks, one of them of a remark."""
    labels = set(_LABEL.findall(words)) if words.count(" ") > 2 else set()
    return len(labels) > 1 and any(map(_OF_A_NOTE.search, labels))


def _with_stops(label: re.Match[str]) -> str:
    """“ 困难 ” as “;困难:”, of the same length."""
    return f"{';' * label[0].startswith(' ')}{label[1]}:"


def _simplified(words: str) -> str:
    plain = simplified(words)
    return plain if len(plain) == len(words) else words


def _blank(pattern: re.Pattern[str], words: str) -> tuple[str, list[str]]:
    """The words with what the pattern finds made blank (line ends stay), and what was found."""
    found: list[str] = []

    def blank(match: re.Match[str]) -> str:
        found.append(match[0])
        return re.sub(r"[^\n]", " ", match[0])

    return pattern.sub(blank, words), found
