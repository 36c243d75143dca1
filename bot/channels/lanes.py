"""Lets only a few things of one conversation through at a time, so that a flood in it delays nobody else.

The robot's doors take a turn for each message before dispatch sees it: dispatch works in order of arrival,
and what waits here waits behind its own conversation only.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

AT_ONCE = 4
MOST = 1000


class Crowded(Exception):
    """More waits in this lane than anybody could have meant."""


@dataclass(slots=True)
class _Lane:
    room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    users: int = 0


class Lanes:
    """A lane per conversation, there as long as somebody is in it."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._lanes: dict[str, _Lane] = {}

    @contextlib.asynccontextmanager
    async def turn(self, name: str) -> AsyncIterator[None]:
        """Waits for a turn in the lane, first come, first served. Raises Crowded."""
        lane = self._lanes.setdefault(name, _Lane())
        if lane.users >= self._most:
            raise Crowded
        lane.users += 1
        try:
            async with lane.room:
                yield
        finally:
            lane.users -= 1
            if lane.users == 0:
                del self._lanes[name]
