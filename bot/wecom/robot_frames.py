"""The frames of the smart robot's long connection, read and written; pure, and never wrong about a bad one.

A frame is JSON text: a request has `cmd`, `headers.req_id` and `body`, an acknowledgement has `errcode` in
place of `cmd`. Real frames sometimes carry raw control characters, and anything may come: what is no frame is
a `BadFrame`, with one word for the log.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

SUBSCRIBE, PING = "aibot_subscribe", "ping"
MESSAGE, EVENT = "aibot_msg_callback", "aibot_event_callback"
RESPOND, WELCOME, UPDATE = "aibot_respond_msg", "aibot_respond_welcome_msg", "aibot_respond_update_msg"
SEND = "aibot_send_msg"
UPLOAD_INIT, UPLOAD_CHUNK = "aibot_upload_media_init", "aibot_upload_media_chunk"
UPLOAD_FINISH = "aibot_upload_media_finish"

FRAME_LIMIT = 512 * 1024  # characters: the longest message a person can send, quote included, is a tenth
_ID_LIMIT = 256
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f]")

Problem: TypeAlias = Literal["frame_too_large", "frame_not_json", "frame_without_headers", "frame_not_text"]


class BadFrame(Exception):
    """What came is no frame: log it, and go on reading."""

    def __init__(self, reason: Problem) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Frame:
    """`code` is set in an acknowledgement only, and 0 when the request was accepted."""

    req_id: str
    cmd: str = ""
    body: Mapping[str, Any] = field(default_factory=dict)
    code: int | None = None
    detail: str = ""

    @property
    def event(self) -> str:
        """The name of the event it tells of, empty for everything else."""
        found = self.body.get("event") if self.cmd == EVENT else None
        name = found.get("eventtype") if isinstance(found, Mapping) else None
        return name if isinstance(name, str) else ""


def read(raw: str) -> Frame:
    """Raises BadFrame."""
    if len(raw) > FRAME_LIMIT:
        raise BadFrame("frame_too_large")
    try:
        found = json.loads(_CONTROL.sub("", raw), strict=False)
    except (ValueError, RecursionError):  # RecursionError: nothing but brackets
        raise BadFrame("frame_not_json") from None
    headers = found.get("headers") if isinstance(found, dict) else None
    req_id = headers.get("req_id") if isinstance(headers, dict) else None
    if not isinstance(req_id, str) or not 0 < len(req_id) <= _ID_LIMIT:
        raise BadFrame("frame_without_headers")
    cmd, body, code = found.get("cmd"), found.get("body"), found.get("errcode")
    return Frame(
        req_id=req_id,
        cmd=cmd if isinstance(cmd, str) else "",
        body=body if isinstance(body, dict) else {},
        code=code if isinstance(code, int) and not isinstance(code, bool) else None,
        detail=str(found.get("errmsg", ""))[:200],
    )


def write(cmd: str, req_id: str, body: Mapping[str, Any] | None = None) -> str:
    """A request; without a body where the command has none."""
    frame: dict[str, Any] = {"cmd": cmd, "headers": {"req_id": req_id}}
    if body is not None:
        frame["body"] = body
    return json.dumps(frame, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace").decode()
