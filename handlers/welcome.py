"""Meets people: the greeting on entering the app, and a useful sentence for what is not text.

Events that mean nothing to a person (contact changes, menu links) are acknowledged in silence.
"""

from __future__ import annotations

from datetime import timedelta

from handlers.context import Context
from storage.message import Message, Reply, Text

_GREETING = "您好，我是百千万督办助手。"
_ANYBODY = """可以直接问，例如：
冷链哪个单位牵头？
今年要新增多少冷库
第17条说什么
回复“帮助”看更多问法。"""
_LIAISON = """要报进展时我会问您，直接回复就行。随时可以说：
我的任务
冷链哪个单位牵头？
回复“帮助”看更多说法。"""
_LEADER = """随时可以问：
今日专报
第17项怎么样了
需协调的有哪些
回复“帮助”看更多问法。"""
_OFFICE = """常用的有：
报送情况
工作单
没答上的问题
回复“帮助”看更多说法。"""

# WeCom reports every opening of the app; greeting each time would be noise.
_GREET_AGAIN_AFTER = timedelta(days=30)

_NOT_TEXT = {
    "image": "图片收到了，目前我还不会看图。请把图里的问题打成文字发给我，例如：冷链哪个单位牵头？",
    "voice": "语音收到了，目前我还听不了语音。请用输入法的“语音转文字”发给我，或直接打字。",
    "video": "视频收到了，目前我还不会看视频。请用文字说明想了解哪项工作。",
    "location": "位置收到了。想了解某个县（区）或镇的任务，可以直接问：潮安有哪些。",
    "link": "链接收到了，目前我打不开链接。请把想问的内容打成文字发给我。",
    "file": "文件收到了，目前我还不会读文件。请用文字说明想了解哪项工作，例如：第17条说什么。",
    "unknown": "这类消息我还看不懂。请用文字提问，例如：冷链哪个单位牵头？",
}


async def greet(message: Message, ctx: Context) -> Reply | None:
    """Greets a person who was given the app, or opens it for the first time in a month."""
    if message.kind != "event":
        return None
    if message.event == "subscribe":
        return _greeted(ctx)
    if message.event in ("enter_agent", "enter_chat") and _long_ago(ctx):
        return _greeted(ctx)
    return None


def _greeted(ctx: Context) -> Reply:
    ctx.memory = {**(ctx.memory or {}), "greeted_at": ctx.now.isoformat()}
    return Text(f"{_GREETING}\n{_for(ctx)}")


def _for(ctx: Context) -> str:
    """What this person will want first: a liaison his tasks, a leader his digest, the office its rounds."""
    if ctx.is_admin:
        return _OFFICE
    if any(one.role == "leader" for one in ctx.bindings):
        return _LEADER
    return _LIAISON if ctx.units else _ANYBODY


def _long_ago(ctx: Context) -> bool:
    greeted_at = (ctx.memory or {}).get("greeted_at")
    return greeted_at is None or greeted_at < (ctx.now - _GREET_AGAIN_AFTER).isoformat()


async def not_text(message: Message, ctx: Context) -> Reply | None:
    """Says what to do instead of sending a picture, a voice message or a place."""
    if message.event:  # an event nobody here knows was not said by anyone
        return None
    sentence = _NOT_TEXT.get(message.kind)
    return None if sentence is None else Text(sentence)
