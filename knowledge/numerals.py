"""Numbers as people write them: 2,860, 32.5, 一百二十八, 两点三, 十五亿六千万.

Readers of amounts, shares and dates call it; it knows no units and no notice.
"""

from __future__ import annotations

import re

DIGITS = r"(?<![\d.])(?:\d{1,3}(?:,\d{3})+(?!\d)|\d{1,12})(?:\.\d{1,6})?(?!\d)"
_FIGURES = "零〇一二三四五六七八九两十百千"
CHINESE = rf"[{_FIGURES}]{{1,9}}(?:[万亿][{_FIGURES}]{{1,9}}){{0,2}}(?:点[零一二三四五六七八九]{{1,4}})?"
_ONES = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_TENS = {"十": 10, "百": 100, "千": 1000}
_SCALES = {"万": 10_000, "亿": 100_000_000}
_SPLIT = re.compile(r"([万亿])")


def value_of(words: str) -> float:
    """2,860 → 2860, 两点三 → 2.3, 十五亿六千万 → 1560000000."""
    if words[:1].isdigit() and words.isascii():
        return float(words.replace(",", ""))
    whole, _, decimals = words.partition("点")
    value = float(_whole(whole))
    return value + (_decimals(decimals) if decimals else 0.0)


def _whole(words: str) -> int:
    total, group, scale = 0, 0, 1
    for part in _SPLIT.split(words):
        if part in _SCALES:
            total, group = (total + group) * _SCALES[part] if part == "亿" else total + group * 10_000, 0
            scale = _SCALES[part] // 10
        elif part:
            group = _below_ten_thousand(part) * (scale if len(part) == 1 else 1)  # 十二万六
    return total + group


def _below_ten_thousand(words: str) -> int:
    """四千一百二十, 十八; also read out digit by digit (一二八) and with its end cut off (一千二)."""
    if len(words) > 1 and not set(words) & set(_TENS):
        return int("".join(str(_ONES[c]) for c in words))
    total, rest, last = 0, 0, 1
    for char in words:
        if char in _TENS:
            last = _TENS[char]
            total, rest = total + (rest or 1) * last, 0
        else:
            rest, last = _ONES[char], 1 if char in "零〇" else last
    return total + rest * (last // 10 if last >= 100 and words[-2:-1] in "百千" else 1)


def _decimals(words: str) -> float:
    return float("0." + "".join(str(_ONES[c]) for c in words))
