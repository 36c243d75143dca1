"""Who wants to know when something happens: open chat pages, and tests that wait for a message.

Everything that changes is published here as one JSON-ready object. A listener that stops reading is cut
off after a thousand unread events, so it cannot fill the memory.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

Event: TypeAlias = dict[str, Any]
_UNREAD = 1000


class Hub:
    def __init__(self) -> None:
        self._queues: set[asyncio.Queue[Event | None]] = set()

    def publish(self, event: Event) -> None:
        for queue in tuple(self._queues):
            if queue.qsize() >= _UNREAD:
                self._queues.discard(queue)
                queue.put_nowait(None)
            else:
                queue.put_nowait(event)

    @contextmanager
    def listen(self) -> Iterator[asyncio.Queue[Event | None]]:
        """A queue of what happens from now on; None ends it."""
        queue: asyncio.Queue[Event | None] = asyncio.Queue()
        self._queues.add(queue)
        try:
            yield queue
        finally:
            self._queues.discard(queue)

    def close(self) -> None:
        for queue in self._queues:
            queue.put_nowait(None)
        self._queues.clear()
