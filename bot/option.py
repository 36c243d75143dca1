"""How the outer room declares a setting: as every room does (`supervision/setting.py`); its own checks."""

from __future__ import annotations

import re

from supervision.setting import between as between
from supervision.setting import setting as setting


def is_key(value: str) -> str | None:
    """A check: an EncodingAESKey as the console shows it."""
    if value and len(value) != 43:
        return f"应为 43 个字符，现在是 {len(value)} 个"
    return None if re.fullmatch(r"[A-Za-z0-9+/]*", value) else "应为 43 个字母和数字，现在含有别的字符"


def is_token(value: str) -> str | None:
    """A check: a callback's Token as the console takes it."""
    return None if re.fullmatch(r"[A-Za-z0-9]{0,64}", value) else "应全是字母和数字"
