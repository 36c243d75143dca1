"""Uploads a file over the robot's long connection, piece by piece; the media id it gets lives three days."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal, TypeAlias

from bot.wecom import robot_frames as frames
from bot.wecom.errors import Rejected, RetryLater

Ask: TypeAlias = Callable[[str, Mapping[str, Any]], Awaitable[Mapping[str, Any]]]

PIECE = 512 * 1024  # bytes, before base64
_TRIES = 3
_MEGABYTE = 1024 * 1024
_LIMIT = {"image": 10 * _MEGABYTE, "file": 20 * _MEGABYTE}


async def upload(ask: Ask, data: bytes, name: str, kind: Literal["image", "file"]) -> str:
    """The media id. Raises a WeComError."""
    if not 5 < len(data) <= _LIMIT[kind]:
        limit = _LIMIT[kind] // _MEGABYTE
        raise Rejected(f"文件大小不合适（{len(data)} 字节）", f"请换一个不超过 {limit} MB 的文件")
    pieces = [data[start : start + PIECE] for start in range(0, len(data), PIECE)]
    begun = await ask(
        frames.UPLOAD_INIT,
        {
            "type": kind,
            "filename": name,
            "total_size": len(data),
            "total_chunks": len(pieces),
            "md5": hashlib.md5(data, usedforsecurity=False).hexdigest(),
        },
    )
    upload_id = _text(begun, "upload_id")
    for number, piece in enumerate(pieces):  # WeCom's page counts from 1, its own client from 0: like it
        await _send_piece(ask, upload_id, number, piece)
    return _text(await ask(frames.UPLOAD_FINISH, {"upload_id": upload_id}), "media_id")


async def _send_piece(ask: Ask, upload_id: str, number: int, piece: bytes) -> None:
    """A piece may be sent again: WeCom takes it once."""
    body = {
        "upload_id": upload_id, "chunk_index": number, "base64_data": base64.b64encode(piece).decode("ascii"),
    }  # fmt: skip
    for _ in range(_TRIES - 1):
        try:
            await ask(frames.UPLOAD_CHUNK, body)
        except RetryLater:
            continue
        return
    await ask(frames.UPLOAD_CHUNK, body)


def _text(answer: Mapping[str, Any], name: str) -> str:
    value = answer.get(name)
    if not isinstance(value, str) or not value:
        raise RetryLater("智能机器人没有给出上传结果", "会自动重试，不需要处理")
    return value
