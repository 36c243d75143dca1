"""Where the running bot listens: one web server for all doors, and what an operator's monitor asks of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

from aiohttp import web

from bot.delivery import Delivery
from bot.dispatch import Dispatcher
from bot.metrics import Metrics
from bot.settings import Settings
from bot.wecom.crypto import XML_BODY_LIMIT
from storage.engine import Database


async def listen(settings: Settings, found: list[web.RouteDef], stack: AsyncExitStack) -> str:
    """Serves these routes until the stack closes; the address."""
    app = web.Application(client_max_size=XML_BODY_LIMIT, middlewares=[_say_nothing])
    app.add_routes(found)
    # WeCom never compresses, so nothing is unpacked: a forger's archive is just no XML.
    runner = web.AppRunner(
        app, access_log=None, handle_signals=False, shutdown_timeout=5, auto_decompress=False
    )
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.TCPSite(runner, settings.server.host, settings.server.port).start()
    host, port = runner.addresses[0][:2]
    return f"http://{host}:{port}"


@web.middleware
async def _say_nothing(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """A wrong path or method learns nothing but its status."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        return web.Response(status=error.status)


def health_routes(
    database: Database, dispatcher: Dispatcher, delivery: Delivery, metrics: Metrics
) -> list[web.RouteDef]:
    async def healthz(_request: web.Request) -> web.Response:
        """The process turns. Says nothing of the database: a restart does not mend an outage."""
        return web.Response(text="ok\n")

    async def touch() -> None:
        async with database.transaction():
            pass

    async def readyz(_request: web.Request) -> web.Response:
        """Messages are worked on, and the database takes a transaction within two seconds."""
        if not dispatcher.alive:
            return web.Response(text="dispatch\n", status=503)
        # Not a timeout: a driver waiting for a lock cannot be interrupted, only left behind.
        asked = asyncio.ensure_future(touch())
        asked.add_done_callback(lambda done: done.cancelled() or done.exception())
        await asyncio.wait({asked}, timeout=2)
        if not asked.done() or asked.exception():
            return web.Response(text="database\n", status=503)
        return web.Response(text="ok\n")

    async def page(_request: web.Request) -> web.Response:
        await asyncio.wait({asyncio.ensure_future(delivery.measure())}, timeout=2)
        return web.Response(body=metrics.page(), content_type="text/plain", charset="utf-8")

    return [web.get("/healthz", healthz), web.get("/readyz", readyz), web.get("/metrics", page)]
