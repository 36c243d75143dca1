"""Uploads over the robot's connection: begun, sent piece by piece in any order, finished in half an hour."""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from simulator.corp import Corp
from simulator.errors import ApiError

_LIFE = timedelta(minutes=30)
_PIECE, _PIECES = 512 * 1024, 100


@dataclass(slots=True)
class _Upload:
    kind: str
    name: str
    size: int
    pieces: int
    md5: str
    at: datetime
    got: dict[int, bytes] = field(default_factory=dict)


class Uploads:
    def __init__(self, corp: Corp) -> None:
        self._corp = corp
        self._uploads: dict[str, _Upload] = {}

    def do(self, cmd: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """One step; what its acknowledgement carries."""
        step = cmd.removeprefix("aibot_upload_media_")
        if step == "init":
            return self._begin(body)
        upload = self._uploads.get(str(body.get("upload_id")))
        if upload is None or self._corp.clock.now() - upload.at > _LIFE:
            raise ApiError(40058, "invalid upload_id")
        if step == "chunk":
            return self._take(upload, body)
        if step == "finish":
            return self._finish(upload)
        raise ApiError(40008, "unknown cmd")

    def _begin(self, body: Mapping[str, Any]) -> dict[str, Any]:
        size, pieces = int(body.get("total_size") or 0), int(body.get("total_chunks") or 0)
        if not (0 < pieces <= _PIECES and size and body.get("filename")):
            raise ApiError(40058, "invalid upload")
        upload_id = secrets.token_hex(16)
        self._uploads[upload_id] = _Upload(
            str(body.get("type")), str(body["filename"]), size, pieces, str(body.get("md5") or ""),
            self._corp.clock.now(),
        )  # fmt: skip
        return {"upload_id": upload_id}

    def _take(self, upload: _Upload, body: Mapping[str, Any]) -> dict[str, Any]:
        try:
            piece = base64.b64decode(str(body.get("base64_data")), validate=True)
        except binascii.Error:
            raise ApiError(40058, "invalid base64_data") from None
        if not 0 < len(piece) <= _PIECE:
            raise ApiError(40058, "invalid chunk size")
        upload.got[int(body.get("chunk_index", -1))] = piece
        return {}

    def _finish(self, upload: _Upload) -> dict[str, Any]:
        """WeCom's page numbers pieces from 1, its client from 0; both are taken."""
        first = min(upload.got, default=0)
        data = b"".join(upload.got.get(first + place, b"") for place in range(upload.pieces))
        if first not in (0, 1) or len(data) != upload.size:
            raise ApiError(40058, "chunks are missing")
        if upload.md5 and hashlib.md5(data, usedforsecurity=False).hexdigest() != upload.md5:
            raise ApiError(40058, "md5 differs")
        media = self._corp.media.upload(upload.kind, upload.name, data)
        created = str(int(self._corp.clock.now().timestamp()))
        return {"type": media.kind, "media_id": media.id, "created_at": created}
