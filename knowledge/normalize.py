"""Makes what people type comparable: widths, traditional characters, dialect words, fillers, emoji.

Matching and question reading call it; the person's own words are kept elsewhere and never replaced.
It knows nothing about any notice.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Any

LONGEST = 5_000  # characters read; what comes after is somebody's pasted document

_EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\u2190-\u21ff\u2b00-\u2bff\ufe0f\u200d\u20e3\U000e0000-\U000e007f]")
_WECHAT_FACE = re.compile(r"\[[\u4e00-\u9fff]{1,4}\]")
_MENTION = re.compile(r"[@＠][^\s@＠:：,，、?？]{1,24}[\s:：,，]?")
_INVISIBLE = {code: None for code in (*range(0x200B, 0x2010), 0x2060, 0xFEFF, 0x00AD)}
_QUOTES = str.maketrans({"“": '"', "”": '"', "「": '"', "」": '"', "『": '"', "』": '"', "‘": "'", "’": "'", "〇": "零", "﹒": "."})
_REPEATED = re.compile(r"([^\d\s])\1{2,}")
_BLANKS = re.compile(r"\s+")

# Words of the local tongues, written the way people type them. Longest first, before simplification:
# 係 becomes 系 once simplified, and 系 is a different word.
_SPOKEN = (
    ("邊個單位", "哪个单位"), ("邊個部門", "哪个部门"), ("邊個局", "哪个局"), ("邊個", "谁"), ("边个单位", "哪个单位"),
    ("边个部门", "哪个部门"), ("边个局", "哪个局"), ("边个", "谁"), ("邊度", "哪里"), ("边度", "哪里"),
    ("邊條", "哪条"), ("边条", "哪条"), ("邊啲", "哪些"), ("边啲", "哪些"), ("邊間", "哪家"), ("边间", "哪家"),
    ("邊項", "哪项"), ("边项", "哪项"), ("邊一", "哪一"), ("边一", "哪一"), ("點解", "为什么"), ("点解", "为什么"),
    ("點樣", "怎么"), ("点样", "怎么"), ("點算", "怎么办"), ("幾多", "多少"), ("几多", "多少"), ("幾時", "什么时候"), ("几时", "什么时候"),
    ("乜嘢", "什么"), ("乜野", "什么"), ("咩嘢", "什么"), ("有冇", "有没有"), ("係咪", "是不是"), ("系咪", "是不是"),
    ("係唔係", "是不是"), ("系唔系", "是不是"), ("可唔可以", "可不可以"), ("得唔得", "行不行"), ("唔該", "谢谢"), ("唔该", "谢谢"),
    ("而家", "现在"), ("依家", "现在"), ("畀", "给"), ("俾", "给"), ("嚟", "来"), ("佢哋", "他们"), ("佢", "他"),
    ("我哋", "我们"), ("你哋", "你们"), ("哋", "们"), ("嘅", "的"), ("嗰", "那"), ("呢個", "这个"), ("呢条", "这条"),
    ("呢條", "这条"), ("呢啲", "这些"), ("啲", "些"), ("喺", "在"), ("咩", "什么"), ("冇", "没有"), ("唔", "不"),
    ("咁", "这么"), ("睇", "看"), ("揾", "找"), ("搵", "找"), ("係", "是"), ("系谁", "是谁"), ("系哪", "是哪"), ("系什么", "是什么"),
    # Teochew, as typed
    ("底個單位", "哪个单位"), ("底个单位", "哪个单位"), ("底個", "哪个"), ("底个", "哪个"), ("地个单位", "哪个单位"), ("底一个", "哪一个"),
    ("底块", "哪里"), ("底塊", "哪里"), ("乜个", "什么"), ("乜個", "什么"), ("乜事", "什么事"), ("偌多", "多少"), ("若多", "多少"), ("若济", "多少"),
    ("做呢", "怎么"), ("作呢", "怎么"), ("怎呢", "怎么"), ("底时", "什么时候"), ("孥仔", "小孩"), ("孥囝", "小孩"), ("奴仔", "小孩"), ("奴囝", "小孩"),
    ("做生理", "做生意"), ("乡里", "村里"), ("鄉里", "村里"), ("只条", "这条"), ("只個", "这个"), ("只块", "这块"), ("阮", "我们"), ("恁", "你们"),
    ("伊人", "他们"), ("物件", "东西"), ("食水", "喝水"), ("食饭", "吃饭"), ("无人管", "没人管"), ("老伙", "老人"), ("老岁", "老人"),
)
_SPOKEN_TABLE = dict(_SPOKEN)
_SPOKEN_PATTERN = re.compile("|".join(sorted(map(re.escape, _SPOKEN_TABLE), key=len, reverse=True)))


def plain(text: str) -> str:
    """One comparable line: simplified, half-width, lower-case, without emoji, mentions and control characters."""
    text = unicodedata.normalize("NFKC", text[:LONGEST]).translate(_QUOTES).translate(_INVISIBLE)
    text = "".join(" " if unicodedata.category(c) in _UNPRINTABLE else c for c in text)[:LONGEST]
    text = _EMOJI.sub(" ", _WECHAT_FACE.sub(" ", text))
    text = _MENTION.sub(" ", text)
    text = _SPOKEN_PATTERN.sub(lambda m: _SPOKEN_TABLE[m[0]], text)
    text = _REPEATED.sub(r"\1", simplified(text).lower())
    return _BLANKS.sub(" ", text).strip()


def simplified(text: str) -> str:
    """Traditional characters to simplified ones; the converter is loaded when the first one appears."""
    try:
        text.encode("gb2312")
    except UnicodeEncodeError:
        converted: str = _converter().convert(text)
        return converted
    return text


def has_chinese(text: str) -> bool:
    return any("\u3400" <= c <= "\u9fff" for c in text)


_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


@lru_cache(maxsize=1)
def _converter() -> Any:
    import opencc  # 5 MB and 20 ms that most conversations never need

    return opencc.OpenCC("t2s")
