"""Visits of `bqw doctor`: to our own callback address the way WeCom comes, to the API for its clock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime

import aiohttp

from bot.wecom.answers import of_transport


async def fetch_text(
    session: aiohttp.ClientSession, url: str, query: Mapping[str, str], *, seconds: float
) -> tuple[int, str]:
    """Status and text of a GET; raises a WeComError when nobody answers."""
    try:
        limits = aiohttp.ClientTimeout(total=seconds)
        async with session.get(url, params=query, timeout=limits, allow_redirects=False) as response:
            raw = await response.content.read(4096)
            return response.status, raw.decode("utf-8", "replace")
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise of_transport(error) from None


async def server_time(
    session: aiohttp.ClientSession, url: str, *, proxy: str, seconds: float
) -> datetime | None:
    """What time it is there, if whoever answers says so; raises a WeComError when nobody answers."""
    try:
        limits = aiohttp.ClientTimeout(total=seconds)
        async with session.get(url, proxy=proxy or None, timeout=limits, allow_redirects=False) as response:
            said = response.headers.get("Date", "")
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise of_transport(error) from None
    try:
        told = parsedate_to_datetime(said)
    except ValueError:
        return None
    return told if told.tzinfo else None
