"""How a setting is declared: its default, the comment in the example file, and what would be wrong with it.

Each room declares the slice of the configuration it wants as a frozen dataclass of `setting(...)` fields;
`bot/settings.py` assembles and reads them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from datetime import time
from typing import Any, TypeAlias

Check: TypeAlias = Callable[[Any], str | None]  # what is wrong with a value, None when nothing is


def setting(default: Any, about: str, *, secret: bool = False, check: Check | None = None) -> Any:
    """A setting with its default, its comment in the example file, and a check returning what is wrong."""
    metadata = {"about": about, "secret": secret, "check": check}
    if isinstance(default, (list, tuple)):
        values = tuple(default)
        return field(default_factory=lambda: values, metadata=metadata, repr=not secret)
    if isinstance(default, Mapping):
        return field(default_factory=lambda: dict(default), metadata=metadata)
    return field(default=default, metadata=metadata, repr=not secret)


def between(low: float, high: float) -> Check:
    """A check: the number lies within the bounds, both included."""
    return lambda value: None if low <= value <= high else f"应在 {low:g} 到 {high:g} 之间"


def read_time(text: str) -> time:
    """`09:10`; raises ValueError for anything else."""
    if len(text) != 5:
        raise ValueError(text)
    return time.fromisoformat(text)


def read_span(text: str) -> tuple[time, time]:
    """`08:30-12:00`, the beginning first; raises ValueError for anything else."""
    start, dash, end = text.partition("-")
    span = read_time(start), read_time(end)
    if not dash or span[0] >= span[1]:
        raise ValueError(text)
    return span
