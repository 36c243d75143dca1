"""Access tokens, fetched once for everybody: this process's tasks, its clients, and the other replicas.

The client asks for a token before each call and for a new one when WeCom refuses it. The shared table is
handed in; nothing here knows a database, and a token is never logged.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol, TypeAlias

from bot.wecom.errors import RetryLater

Fetch: TypeAlias = Callable[[], Awaitable["Fetched"]]

_USE = 0.85  # of the lifetime WeCom grants: the rest is for clocks and calls under way
_LEASE = timedelta(seconds=15)  # longer than a fetch may take
_LOOK_AGAIN = 0.05  # seconds between looks at the table while another replica fetches
_PATIENCE = 20.0  # seconds: longer than a lease


class TokenTable(Protocol):
    """What the replicas share. `storage.tokens.Tokens` keeps it in the database."""

    async def get(self, key: str) -> tuple[str, datetime] | None: ...

    async def claim(self, key: str, owner: str, until: datetime, now: datetime) -> bool: ...

    async def put(self, key: str, value: str, expires_at: datetime) -> None: ...


@dataclass(frozen=True, slots=True)
class Fetched:
    """WeCom's answer to gettoken."""

    token: str
    seconds: float


class TokenStore:
    """One per process, for all its clients; `owner` names the process among the replicas."""

    def __init__(self, table: TokenTable, *, owner: str, clock: Callable[[], datetime]) -> None:
        self._table = table
        self._owner = owner
        self._clock = clock
        self._held: dict[str, tuple[str, datetime]] = {}
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def get(self, key: str, fetch: Fetch) -> str:
        """A token that should still be good."""
        return self._good(key, "") or await self._single(key, "", fetch)

    async def renew(self, key: str, refused: str, fetch: Fetch) -> str:
        """Another token than `refused`, unless somebody has fetched one already: then that one."""
        return self._good(key, refused) or await self._single(key, refused, fetch)

    def _good(self, key: str, refused: str) -> str:
        token, until = self._held.get(key, ("", None))
        return token if until is not None and token != refused and self._clock() < until else ""

    async def _single(self, key: str, refused: str, fetch: Fetch) -> str:
        async with self._locks[key]:
            return self._good(key, refused) or await self._from_table(key, refused, fetch)

    async def _from_table(self, key: str, refused: str, fetch: Fetch) -> str:
        """Waits for whichever replica is fetching, or fetches in its place when it has died."""
        loop = asyncio.get_running_loop()
        give_up = loop.time() + _PATIENCE
        while loop.time() < give_up:
            if await self._look(key, refused):
                return self._held[key][0]
            now = self._clock()
            if await self._table.claim(key, self._owner, now + _LEASE, now):
                return await self._fetch_claimed(key, refused, fetch)
            await asyncio.sleep(_LOOK_AGAIN)
        raise RetryLater("另一个进程正在获取访问凭证，迟迟没有结果", "会自动重试，不需要处理")

    async def _look(self, key: str, refused: str) -> bool:
        """Whether the table has a good token; it is held from then on."""
        found = await self._table.get(key)
        if found is None or found[0] == refused or found[1] <= self._clock():
            return False
        self._held[key] = found
        return True

    async def _fetch_claimed(self, key: str, refused: str, fetch: Fetch) -> str:
        # Between our look and our claim the former holder may have finished.
        if await self._look(key, refused):
            await self._table.put(key, *self._held[key])
            return self._held[key][0]
        fetched = None
        try:
            fetched = await fetch()
        finally:
            if fetched is None:
                # Let go of the claim at once: the others should not wait for a lease that nobody uses.
                await asyncio.shield(self._table.put(key, "", self._clock()))
        until = self._clock() + timedelta(seconds=_USE * fetched.seconds)
        await self._table.put(key, fetched.token, until)
        self._held[key] = (fetched.token, until)
        return fetched.token


@dataclass(slots=True)
class MemoryTable:
    """The table of a single process, for commands that run without a database."""

    _tokens: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    _claims: dict[str, tuple[str, datetime]] = field(default_factory=dict)

    async def get(self, key: str) -> tuple[str, datetime] | None:
        return self._tokens.get(key)

    async def claim(self, key: str, owner: str, until: datetime, now: datetime) -> bool:
        holder, lease = self._claims.get(key, (owner, now))
        if holder != owner and lease >= now:
            return False
        self._claims[key] = (owner, until)
        return True

    async def put(self, key: str, value: str, expires_at: datetime) -> None:
        self._tokens[key] = (value, expires_at)
        self._claims.pop(key, None)
