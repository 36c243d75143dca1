"""What a message may contain: each msgtype of message/send checked, shortened and put into words.

`wecom.py` calls `read` with the request's body. Limits are WeCom's and count bytes of UTF-8; what WeCom
cuts is cut here, what it refuses raises ApiError.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from simulator.cards import read_card
from simulator.errors import ApiError
from simulator.mailbox import Content
from simulator.media import Media

Json: TypeAlias = Mapping[str, Any]
FindMedia: TypeAlias = Callable[[str], Media]
TEXT_BYTES = 2048
_TITLE_BYTES = 128
_DESCRIPTION_BYTES = 512
_URL_BYTES = 2048
_ARTICLES = 8


def read(body: Json, find_media: FindMedia) -> Content:
    """The content of a message/send request."""
    kind = str(body.get("msgtype", ""))
    part = body.get(kind)
    if kind not in _READERS:
        raise ApiError(40008, "invalid message type")
    if not isinstance(part, Mapping):
        raise ApiError(40058, f"missing {kind}")
    return _READERS[kind](part, find_media)


def cut_bytes(text: str, limit: int) -> str:
    """As much of `text` as fits; half a character at the cut is dropped."""
    return text.encode()[:limit].decode(errors="ignore")


def text_content(text: str) -> Content:
    """WeCom shows the first 2048 bytes and throws the rest away without a word."""
    if not text:
        raise ApiError(44004, "text content is empty")
    short = cut_bytes(text, TEXT_BYTES)
    return Content("text", {"content": short}, _A_TAG.sub(r"\1", short), cut=short != text)


def media_content(media: Media) -> Content:
    label = {"image": "[图片]", "voice": "[语音]", "video": "[视频]"}.get(media.kind, f"[文件] {media.name}")
    body = {"media_id": media.id, "name": media.name, "size": len(media.data)}
    return Content(media.kind, body, label)


def news_content(articles: list[dict[str, str]]) -> Content:
    if not 1 <= len(articles) <= _ARTICLES:
        raise ApiError(45008 if articles else 40058, "articles: one to eight")
    kept = [_article(article) for article in articles]
    return Content("news", {"articles": kept}, "\n".join(article["title"] for article in kept))


_A_TAG = re.compile(r"<a\s+href=[\"'][^\"']*[\"']\s*>(.*?)</a>", re.S)
_DIV_TAG = re.compile(r"</?div[^>]*>|<br\s*/?>")


def _text(part: Json, _: FindMedia) -> Content:
    return text_content(str(part.get("content") or ""))


def _markdown(part: Json, _: FindMedia) -> Content:
    content = str(part.get("content") or "")
    if not content:
        raise ApiError(44004, "markdown content is empty")
    if len(content.encode()) > TEXT_BYTES:
        raise ApiError(45002, "content size out of limit")
    return Content("markdown", {"content": content}, content)


def _textcard(part: Json, _: FindMedia) -> Content:
    title, description, url = (str(part.get(key) or "") for key in ("title", "description", "url"))
    if not (title and description and url):
        raise ApiError(40058, "textcard needs title, description and url")
    if len(url.encode()) > _URL_BYTES:
        raise ApiError(40058, "url exceeds max length")
    body = {
        "title": cut_bytes(title, _TITLE_BYTES),
        "description": cut_bytes(description, _DESCRIPTION_BYTES),
        "url": url,
        "btntxt": str(part.get("btntxt") or "详情")[:4],
    }
    cut = (body["title"], body["description"]) != (title, description)
    return Content("textcard", body, f"{body['title']}\n{_DIV_TAG.sub(' ', body['description'])}", cut)


def _media(kind: str) -> Callable[[Json, FindMedia], Content]:
    def read_media(part: Json, find_media: FindMedia) -> Content:
        media = find_media(str(part.get("media_id") or ""))
        if media.kind != kind:
            raise ApiError(40007, "media_id is of another type")
        return media_content(media)

    return read_media


def _news(part: Json, _: FindMedia) -> Content:
    articles = part.get("articles")
    if not isinstance(articles, list) or not all(isinstance(a, dict) for a in articles):
        raise ApiError(40058, "news needs articles")
    return news_content(articles)


def _article(article: Json) -> dict[str, str]:
    title, url = str(article.get("title") or ""), str(article.get("url") or "")
    if not title or not (url or article.get("appid")):
        raise ApiError(40058, "an article needs title and url")
    return {
        "title": cut_bytes(title, _TITLE_BYTES),
        "description": cut_bytes(str(article.get("description") or ""), _DESCRIPTION_BYTES),
        "url": url,
        "picurl": str(article.get("picurl") or ""),
    }


def _template_card(part: Json, _: FindMedia) -> Content:
    return read_card(part)


_READERS: dict[str, Callable[[Json, FindMedia], Content]] = {
    "text": _text,
    "markdown": _markdown,
    "textcard": _textcard,
    "image": _media("image"),
    "voice": _media("voice"),
    "video": _media("video"),
    "file": _media("file"),
    "news": _news,
    "template_card": _template_card,
}
