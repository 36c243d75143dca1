"""A file or picture sent to the assistant: wanted in the message's own transaction, and said so.

`keep` is called by whoever knows what the message belongs to (`handlers/sent_files.py`); the bytes are
fetched afterwards by `bot/attachments.py`, which also tells the sender when they cannot be kept.
"""

from __future__ import annotations

from handlers.context import Context
from knowledge.attachment import check_name
from storage import attachments
from storage.message import Message

KINDS = {"image": "图片", "voice": "语音", "video": "视频", "file": "文件"}


async def keep(message: Message, ctx: Context, *, unit: str, point: int | None, subject: str = "") -> str:
    """Has the file fetched; the sentence for the sender.

    What its name forbids is refused at once, and nothing of it is ever fetched. Call it once per message.
    """
    name = message.extra.get("file_name") or (message.text if message.kind == "file" else "")
    what = f"{KINDS[message.kind]}《{name}》" if name else KINDS[message.kind]
    media_id = message.extra.get("media_id", "")
    if not media_id and message.channel == "robot":
        return f"{what}没有存下来：请发到“百千万督办助手”应用的聊天里，那里收到的才能存入台账。"
    if not media_id:
        return f"{what}没有收到内容，请重新发一次。"
    if name and (reason := check_name(name, message.kind)):
        return f"{what}没有存下来：{reason}。"
    wanted = attachments.Wanted(
        message_key=message.key,
        person=message.person,
        unit=unit,
        kind=message.kind,
        name=name,
        media_id=media_id,
        sent_at=ctx.now,
        point=point,
        subject=subject,
    )
    await attachments.want(ctx.conn, wanted)
    return f"{what}已收到，正在存入台账。"
