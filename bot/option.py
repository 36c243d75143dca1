"""One setting: its default, its comment in the example file, whether it is secret, and what is wrong with it.

`bot/settings.py` and the slices beside the channels declare their sections with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import field
from typing import Any


def setting(
    default: Any,
    about: str,
    *,
    secret: bool = False,
    check: Callable[[Any], str | None] | None = None,
) -> Any:
    """A setting with its default, its comment in the example file, and a check returning what is wrong."""
    metadata = {"about": about, "secret": secret, "check": check}
    if isinstance(default, (list, tuple)):
        values = tuple(default)
        return field(default_factory=lambda: values, metadata=metadata, repr=not secret)
    return field(default=default, metadata=metadata, repr=not secret)


def between(low: float, high: float) -> Callable[[Any], str | None]:
    """A check: the number lies within the bounds, both included."""
    return lambda value: None if low <= value <= high else f"应在 {low:g} 到 {high:g} 之间"


def is_key(value: str) -> str | None:
    """A check: an EncodingAESKey as the console shows it."""
    if value and len(value) != 43:
        return f"应为 43 个字符，现在是 {len(value)} 个"
    return None if re.fullmatch(r"[A-Za-z0-9+/]*", value) else "应为 43 个字母和数字，现在含有别的字符"


def is_token(value: str) -> str | None:
    """A check: a callback's Token as the console takes it."""
    return None if re.fullmatch(r"[A-Za-z0-9]{0,64}", value) else "应全是字母和数字"
