"""One setting: its default, its comment in the example file, whether it is secret, and what is wrong with it.

`bot/settings.py` and the slices beside the channels declare their sections with it.
"""

from __future__ import annotations

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
