"""Calls WeCom's API for one self-built app: sending, cards, media both ways, members, callback addresses.

Delivery, the fetcher of files and `bqw doctor` use it. Every failure is one of `errors`, which says what to
do next; a refused token is renewed and the call made again once, nothing else is retried here. It never logs,
and no secret and no address with a token in it ever reaches an error text.
"""

from __future__ import annotations

import asyncio
import json
import re
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal, TypeAlias, TypeVar
from urllib.parse import unquote

import aiohttp

from bot.wecom.agent import Agent
from bot.wecom.answers import NETWORK, of_transport, read
from bot.wecom.errors import ConfigError, RefreshToken, Rejected, RetryLater, TooLarge, Unsupported, of_code
from bot.wecom.signing import Signer
from bot.wecom.tokens import Fetched, TokenStore

MediaKind: TypeAlias = Literal["image", "voice", "video", "file"]
Made = TypeVar("Made")

TIMEOUT = 8.0  # seconds for one call, connecting and reading included
DOWNLOAD_TIMEOUT = 120.0  # 20 MB over a thin government line
MOST_RECEIVERS = 1000
_ANSWER_LIMIT = 4 * 1024 * 1024
_MEGABYTE = 1024 * 1024
_MEDIA_LIMIT = {
    "image": 10 * _MEGABYTE,
    "voice": 2 * _MEGABYTE,
    "video": 10 * _MEGABYTE,
    "file": 20 * _MEGABYTE,
}
# WeCom's duplicate check compares contents, and says "ok" for what it drops: two equal messages that are both
# meant would become one. So it is asked for only when this very message may have arrived already.
_CHECK_MARGIN, _CHECK_MOST = 60, 14_400  # seconds
_UNSAFE_NAME = re.compile(r'[\x00-\x1f\x7f"\\/]')
_STAR_NAME = re.compile(r"filename\*\s*=\s*utf-8'[^';]*'([^;]+)", re.I)
_PLAIN_NAME = re.compile(r'filename\s*=\s*(?:"([^"]*)"|([^;"]+))', re.I)


@dataclass(frozen=True, slots=True)
class SendResult:
    """`invalid` are the receivers WeCom left out, in lower case; a card's response code lives 72 hours."""

    msgid: str
    invalid: tuple[str, ...] = ()
    response_code: str = ""


@dataclass(frozen=True, slots=True)
class Member:
    """What the contacts say of a member; mobile and mail are not given to apps any more."""

    userid: str
    name: str
    departments: tuple[int, ...]
    position: str
    active: bool


def open_session(ca_file: str = "", *, connections: int = 16) -> aiohttp.ClientSession:
    """The HTTP session the clients of a process share; `ca_file` is a government's own authority."""
    # Without one, aiohttp's own context will do: reading every authority of the system again takes 50 ms.
    context = ssl.create_default_context(cafile=ca_file) if ca_file else True
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=connections, ssl=context),
        cookie_jar=aiohttp.DummyCookieJar(),
    )


class Client:
    """One self-built app. `api_base` may carry a path prefix (private deployments, provincial gateways)."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        api_base: str,
        corp_id: str,
        agent_id: int,
        secret: str,
        tokens: TokenStore,
        clock: Callable[[], datetime],
        proxy: str = "",
        timeout: float = TIMEOUT,
        signer: Signer | None = None,
        post_only: bool = False,
    ) -> None:
        self._session = session
        self._base = api_base.rstrip("/")
        self._corp_id = corp_id
        self._agent_id = agent_id
        self._secret = secret
        self._tokens = tokens
        self._clock = clock
        self._proxy = proxy or None
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._signer = signer
        self._post_only = post_only

    async def send(
        self, to: Sequence[str], body: Mapping[str, Any], *, maybe_sent: timedelta | None = None
    ) -> SendResult:
        """Sends a body of `render`; `maybe_sent` says how long ago an earlier attempt may have worked."""
        answer = await self.post(
            "message/send",
            {
                **body,
                "touser": _receivers(to),
                "agentid": self._agent_id,
                **_once_only(maybe_sent),
            },
        )
        left_out = f"{_text(answer, 'invaliduser')}|{_text(answer, 'unlicenseduser')}".split("|")
        return SendResult(
            _text(answer, "msgid"), tuple(user for user in left_out if user), _text(answer, "response_code")
        )

    async def update_card(self, to: Sequence[str], body: Mapping[str, Any]) -> None:
        """Replaces a sent card for these people; a response code works once."""
        receivers = _receivers(to).split("|")
        await self.post(
            "message/update_template_card", {**body, "userids": receivers, "agentid": self._agent_id}
        )

    async def upload(self, content: bytes | Path, name: str, kind: MediaKind, *, key: str = "") -> str:
        """The media id of an uploaded file; it lives three days. With `key` it is for that group robot."""
        data = content if isinstance(content, bytes) else await read_file(content)
        if not 5 < len(data) <= _MEDIA_LIMIT[kind]:
            limit = _MEDIA_LIMIT[kind] // _MEGABYTE
            raise Rejected(f"文件大小不合适（{len(data)} 字节）", f"请换一个不超过 {limit} MB 的文件")
        if key:
            params = {"key": key, "type": kind}
            answer = await self._once("POST", "webhook/upload_media", params, {"data": _form(data, name)})
        else:
            answer = await self._call(
                "POST", "media/upload", {"type": kind}, lambda: {"data": _form(data, name)}
            )
        return _text(answer, "media_id")

    async def media(self, media_id: str, write: Callable[[bytes], object], *, most: int) -> str:
        """Hands what a person sent to `write`, piece by piece; the file's name, where WeCom says it.

        Raises TooLarge beyond `most` bytes and UploadAgain when the media has expired; what was written until
        an error is no file. `write` must not raise an OSError: it would pass for a trouble of the network.
        """
        return await self._with_token(
            lambda token: self._download({"access_token": token, "media_id": media_id}, write, most)
        )

    async def user(self, userid: str) -> Member:
        """Raises DropRecipient when the contacts have no such member, or none that the app may see."""
        answer = await self.get("user/get", {"userid": userid})
        departments = answer.get("department")
        return Member(
            userid=_text(answer, "userid") or userid,
            name=_text(answer, "name"),
            departments=tuple(departments) if isinstance(departments, list) else (),
            position=_text(answer, "position"),
            active=answer.get("status", 1) == 1,
        )

    async def agent(self) -> Agent:
        """The app as the console shows it. Raises Unsupported where a version does not tell."""
        return Agent.of(await self.get("agent/get", {"agentid": str(self._agent_id)}))

    async def who(self, code: str) -> str:
        """The member who signed in with this code, empty for an outsider."""
        try:
            answer = await self.get("auth/getuserinfo", {"code": code})
        except Unsupported:  # an older version
            answer = await self.get("user/getuserinfo", {"code": code})
        return _text(answer, "userid") or _text(answer, "UserId")

    async def callback_ips(self) -> tuple[str, ...]:
        """Where callbacks come from; advisory, the signature is the real check."""
        found = (await self.get("getcallbackip", {})).get("ip_list")
        return tuple(map(str, found)) if isinstance(found, list) else ()

    async def check(self) -> None:
        """Makes sure that a token can be had; raises what is wrong. For `bqw doctor` and /readyz."""
        await self._tokens.get(self._token_key, self._fetch_token)

    # -- one call ---------------------------------------------------------------------------------------

    async def get(self, path: str, params: Mapping[str, str]) -> Mapping[str, Any]:
        """Any call that only asks; the answer's `errcode` was 0."""
        return await self._call("GET", path, params, dict)

    async def post(self, path: str, body: Mapping[str, Any], *, key: str = "") -> Mapping[str, Any]:
        """Any call with a body. With `key`, a group robot's, no token is needed."""
        data = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        headers = {"Content-Type": "application/json; charset=utf-8"}
        if key:
            return await self._once("POST", path, {"key": key}, {"data": data, "headers": headers})
        return await self._call("POST", path, {}, lambda: {"data": data, "headers": headers})

    async def _call(
        self, method: str, path: str, params: Mapping[str, str], content: Callable[[], dict[str, Any]]
    ) -> Mapping[str, Any]:
        return await self._with_token(
            lambda token: self._once(method, path, {**params, "access_token": token}, content())
        )

    async def _with_token(self, call: Callable[[str], Awaitable[Made]]) -> Made:
        """The call with a token, and once more with a new one when the first was refused."""
        token = await self._tokens.get(self._token_key, self._fetch_token)
        try:
            return await call(token)
        except RefreshToken:
            token = await self._tokens.renew(self._token_key, token, self._fetch_token)
        try:
            return await call(token)
        except RefreshToken as error:
            raise ConfigError(
                "新取的访问凭证也被拒绝", error.next_step, code=error.code, detail=error.detail
            ) from None

    @property
    def _token_key(self) -> str:
        return f"app:{self._corp_id}:{self._agent_id}"

    async def _fetch_token(self) -> Fetched:
        params = {"corpid": self._corp_id, "corpsecret": self._secret}
        try:
            answer = await self._once("GET", "gettoken", params, {})
        except RefreshToken as error:
            raise ConfigError(error.reason, error.next_step, code=error.code, detail=error.detail) from None
        token = _text(answer, "access_token")
        if not token:
            raise RetryLater("接口没有给出访问凭证", NETWORK)
        return Fetched(token, _seconds(answer.get("expires_in")))

    async def _once(
        self, method: str, path: str, params: Mapping[str, str], content: dict[str, Any]
    ) -> Mapping[str, Any]:
        return self._checked(await self._exchange(method, path, params, content))

    def _checked(self, answer: Mapping[str, Any]) -> Mapping[str, Any]:
        code = answer.get("errcode", 0)
        if code == 0:
            return answer
        if not isinstance(code, int):
            raise RetryLater("接口的回应看不懂", NETWORK, maybe_done=True)
        raise of_code(code, _text(answer, "errmsg"), self._clock())

    async def _exchange(
        self, method: str, path: str, params: Mapping[str, str], content: dict[str, Any]
    ) -> Mapping[str, Any]:
        """One HTTP exchange. aiohttp's errors name the address with the token, so none is chained."""
        try:
            async with self._request(
                method, path, params=params, timeout=self._timeout, **content
            ) as response:
                return read(path, response.status, await _body(response))
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise of_transport(error) from None

    def _request(
        self, method: str, path: str, **content: Any
    ) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        """The request as the gateway in between wants it, if there is one."""
        headers = content.pop("headers", {})
        if self._post_only and method == "GET":
            method, headers = "POST", {"Content-Type": "application/json"}
        if self._signer is not None:
            headers = {**headers, **self._signer.headers(method, path, self._clock())}
        url = f"{self._base}/{path}"
        return self._session.request(
            method, url, headers=headers, proxy=self._proxy, allow_redirects=False, **content
        )

    async def _download(self, params: Mapping[str, str], write: Callable[[bytes], object], most: int) -> str:
        """One download. WeCom answers with the bytes and their name, or with JSON that says why not."""
        limits = aiohttp.ClientTimeout(total=DOWNLOAD_TIMEOUT, sock_connect=TIMEOUT, sock_read=TIMEOUT)
        try:
            async with self._request("GET", "media/get", params=params, timeout=limits) as response:
                if not _is_media(response):
                    self._checked(read("media/get", response.status, await _body(response)))
                    raise RetryLater("接口没有给出文件", NETWORK)
                await _copy(response, write, most)
                return _file_name(response.headers.get("Content-Disposition", ""))
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise of_transport(error) from None


def _is_media(response: aiohttp.ClientResponse) -> bool:
    """A person may send a JSON file too: what has a name is a file, whatever its type."""
    if response.status != 200:
        return False
    named = "Content-Disposition" in response.headers
    return named or response.content_type.partition("/")[0] in ("image", "audio", "video")


async def _copy(response: aiohttp.ClientResponse, write: Callable[[bytes], object], most: int) -> None:
    left = most
    if (response.content_length or 0) > most:
        raise _too_large(most)
    async for chunk in response.content.iter_any():
        left -= len(chunk)
        if left < 0:  # it had said less, or nothing
            raise _too_large(most)
        write(chunk)


def _too_large(most: int) -> TooLarge:
    return TooLarge("文件太大", f"请发不超过 {most // _MEGABYTE} MB 的文件")


def _file_name(disposition: str) -> str:
    """The name in a Content-Disposition header, which WeCom and gateways write in several ways."""
    star, plain = _STAR_NAME.search(disposition), _PLAIN_NAME.search(disposition)
    found = star[1] if star else (plain[1] or plain[2] or "") if plain else ""
    raw = unquote(found.strip()).encode("utf-8", "surrogateescape")
    return _UNSAFE_NAME.sub("_", raw.decode("utf-8", "replace"))[:200]


async def _body(response: aiohttp.ClientResponse) -> bytes:
    """The whole body; one that is too long comes back cut, and is then no JSON."""
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > _ANSWER_LIMIT:
            break
    return bytes(body[:_ANSWER_LIMIT])


def _once_only(maybe_sent: timedelta | None) -> dict[str, int]:
    if maybe_sent is None:
        return {}
    back = int(maybe_sent.total_seconds()) + _CHECK_MARGIN
    return {"enable_duplicate_check": 1, "duplicate_check_interval": max(1, min(back, _CHECK_MOST))}


def _receivers(to: Sequence[str]) -> str:
    """The people, never everybody: a bot that can say "@all" will say it by mistake one day."""
    if not 1 <= len(to) <= MOST_RECEIVERS or any(not user or "|" in user or "@all" in user for user in to):
        raise ValueError(f"cannot send to {len(to)} receivers, or one of them is no userid")
    return "|".join(to)


async def read_file(path: Path) -> bytes:
    """What is to be sent; raises Rejected when it cannot be read."""
    try:
        return await asyncio.to_thread(path.read_bytes)
    except OSError as error:
        raise Rejected("要发送的文件读不出来", "请重新生成文件后再发", detail=type(error).__name__) from None


def _form(data: bytes, name: str) -> aiohttp.FormData:
    # WeCom shows the name as it is sent: raw UTF-8, so what would end the header is taken out here.
    form = aiohttp.FormData(quote_fields=False)
    safe = _UNSAFE_NAME.sub("_", name) or "file"
    form.add_field("media", data, filename=safe, content_type="application/octet-stream")
    return form


def _text(answer: Mapping[str, Any], name: str) -> str:
    value = answer.get(name)
    return str(value) if isinstance(value, (str, int)) else ""


def _seconds(value: object) -> float:
    return float(value) if isinstance(value, (int, float)) and value > 0 else 7200.0
