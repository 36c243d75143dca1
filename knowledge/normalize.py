"""Makes what people type comparable: widths, traditional characters, dialect words, emoji, mentions.

Matching and question reading call it; the person's own words are kept elsewhere and never replaced.
It knows nothing about any notice.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Any

from knowledge.speech import speech

LONGEST = 5_000  # characters read; what comes after is somebody's pasted document

# What needs no look at widths, emoji, faces and mentions: nearly every question and every part of a notice.
_SIMPLE = re.compile(r"[\u4e00-\u9fff0-9a-z.,%;:!?+/-]{1,1000}+")
_EMOJI = re.compile(
    "[\U0001f000-\U0001faff\u2600-\u27bf\u2190-\u21ff\u2b00-\u2bff\ufe0f\u200d\u20e3\U000e0000-\U000e007f]"
)
_WECHAT_FACE = re.compile(r"\[[\u4e00-\u9fff]{1,4}\]")
# A name after the sign; “群里@了领导没人回” tells that somebody was mentioned.
_MENTION = re.compile(r"[@＠](?!了|过|一下|领导|我们)[^\s@＠:：,，、?？]{1,24}[\s:：,，]?")
_INVISIBLE = dict.fromkeys((*map(chr, range(0x200B, 0x2010)), "\u2060", "\ufeff", "\u00ad"), "")
_ODD = _INVISIBLE | dict(zip("“”「」『』‘’〇", '""""""\'\'零', strict=True))
_ODD_ONE = re.compile(f"[{''.join(_ODD)}]")  # few characters are: looking for them is faster than translating
_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_REPEATED = re.compile(r"([^\d\s])\1{2,}")
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_BLANKS = re.compile(r"\s+")
_OLD_DIGITS = {
    **dict(zip("壹贰叁参肆伍陆柒捌玖拾佰", "一二三三四五六七八九十百", strict=True)),
    "廿": "二十",
    "卅": "三十",
    "卌": "四十",
}
_COUNTED = r"[一二三四五六七八九十百零壹贰叁参肆伍陆柒捌玖拾佰廿卅卌]"
_SPACED_NUMBER = re.compile(r"第(?:\s*[\d一二三四五六七八九十])+\s*(?=条|点|项|款|号|部分|大点|大块)")
_OLD_NUMBER = re.compile(
    rf"第\s*{_COUNTED}++|(?<!{_COUNTED}){_COUNTED}++(?=\s*(?:条|点|项|款|号|部分|大点|大块))"
)


def plain(text: str) -> str:
    """The comparable form of a text; the notice's own clauses and short questions are made so only once."""
    return _plain_once(text) if len(text) <= 200 else _plain(text)


def _plain(text: str) -> str:
    """One comparable line: simplified, half-width, lower-case; no emoji, mentions or control characters."""
    if not _SIMPLE.fullmatch(text):
        text = _legible(text)
    text = _REPEATED.sub(r"\1", simplified(_standard(text)).lower())
    if " " in text and "第" in text:
        text = _SPACED_NUMBER.sub(lambda m: "".join(m[0].split()), text)
    if not _OLD_DIGITS.keys().isdisjoint(text):
        text = _OLD_NUMBER.sub(lambda m: "".join(_OLD_DIGITS.get(c, c) for c in m[0]), text)
    return _BLANKS.sub(" ", text).strip()


def _legible(text: str) -> str:
    """In half-width characters that print; emoji and mentions are blanks."""
    text = unicodedata.normalize("NFKC", text[:LONGEST])
    text = _ODD_ONE.sub(lambda m: _ODD[m[0]], text)[:LONGEST]
    if not text.isprintable():
        text = "".join(" " if unicodedata.category(c) in _UNPRINTABLE else c for c in text)
    return _MENTION.sub(" ", _EMOJI.sub(" ", _WECHAT_FACE.sub(" ", text)))


def _standard(text: str) -> str:
    """Dialect words in standard Chinese; a Teochew speaker's 个 is a 的 (阿公个老厝)."""
    table = speech()
    if table.dialect_marks.search(text):
        text = table.dialect_of.sub("的", text)
    return table.dialect_pattern.sub(lambda m: table.dialect[m[0]], text)


_plain_once = lru_cache(maxsize=2048)(_plain)


def simplified(text: str) -> str:
    """Traditional characters to simplified ones; the converter is loaded when the first one appears."""
    try:
        text.encode("gb2312")
    except UnicodeEncodeError:
        converted: str = _converter().convert(text)
        return converted
    return text


def has_chinese(text: str) -> bool:
    return _CHINESE.search(text) is not None


@lru_cache(maxsize=1)
def _converter() -> Any:
    import opencc  # 5 MB and 20 ms that most conversations never need

    return opencc.OpenCC("t2s")
