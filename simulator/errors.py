"""The one error of the API: a call that WeCom answers with a code instead of doing it."""

from __future__ import annotations


class ApiError(Exception):
    """Becomes `{"errcode": code, "errmsg": message}` with HTTP 200, as WeCom does."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{code} {message}")
        self.code = code
        self.message = message
