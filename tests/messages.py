"""What people are really sent: a month of a running town, by kind; `python -m tests.messages`.

To be read aloud beside `docs/messages.md` whenever wording changes; with kinds (`digest ask`) all of them.
Nothing is asserted here.
"""

import asyncio
import sys
import tempfile
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import structlog
from sqlalchemy import select

from bot.settings import Digest, Settings
from storage.tables import outbox
from supervision.workdays import SHANGHAI
from tests.town import Town, at, town

SHOWN = 2  # examples of a kind
KINDS = {
    "ask": "催报", "remind": "提醒", "return": "请补充", "draft": "放行的草稿", "digest": "专报、周报",
    "work": "工作单", "drafts": "待审核草稿", "summary": "当日收报", "lookback": "回头看",
    "closing": "销号", "extension": "延期申请", "extended": "延期答复", "objection": "责任异议",
    "decided": "异议核定", "office": "给管理员的话", "leader": "领导回复", "relapse": "反弹",
    "cap": "到了上限", "group": "群消息", "parked": "搁置",
}  # fmt: skip

# What is said at which time; the clock runs through every working day in between.
STORY: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    ("07-15T09:00", (
        ("wanglei", "绑定 linxiao 林晓 潮安区分管领导"),
        ("wanglei", "绑定群 市百千万办工作群 webhook 工作群通报"),
        ("wanglei", "群周报 市百千万办工作群 提醒 郑云"),
        ("wanglei", "每月22日收 无人机视频 要点40 潮安区"),
        ("wanglei", "绑定 sumingzhu 苏明珠 市林业局联络员"),
        ("wanglei", "销号 要点16 市林业局 验收文号潮林验〔2024〕3号"),
        ("zhoumin", "我挂钩凤凰镇"),
        ("zhoumin", "周末也要"),
    )),
    ("07-18T08:45", (("wanglei", "放行 17"), ("wanglei", "开月报 放行17"))),
    ("07-18T10:20", (
        ("huangwei", "①25.6 ②5，困难：两座桥管线迁改没谈拢，请市里协调"),
        ("chenjing", "冷库这项不属于我们，应由市农业农村局负责"),
    )),
    ("07-19T09:20", (
        ("wanglei", "异议1不成立"),
        ("wanglei", "退回 市交通运输局 要点17 请写明两座桥在哪个镇、权属单位是谁"),
        ("huangwei", "能不能晚两天报安防"),
        ("huangwei", "7月29日"),
        ("wanglei", "延期1同意"),
    )),
    ("07-20T11:00", (("chenjing", "①0.1"),)),
    ("07-22T15:00", (("huangwei", "要点17困难：凤凰镇白水桥、东兴桥管线迁改未定，权属为市供水公司"),)),
    ("07-26T15:00", (("wanglei", "放行 草稿1"),)),
    ("07-26T15:20", (("linxiao", "需协调：项目用地没有落实，8月2日前报"),)),
    ("07-29T10:10", (("wanglei", "提请协调 要点17 周敏"), ("wanglei", "放行 草稿4"))),
    ("08-02T15:00", (("wanglei", "草稿5"), ("wanglei", "草稿7"))),
    ("08-14T10:10", (("sumingzhu", "回头看 有反弹，两处积水"),)),
    ("08-16T10:10", ()),
)  # fmt: skip


async def tell(place: Town) -> None:
    now = at("07-15T09:00")
    for when, turns in STORY:
        now = await _until(place, now, at(when))
        for person, said in turns:
            print(f"— {when} {person}：{said}\n{await place.hears(person, said)}\n")


async def _until(place: Town, now: datetime, then: datetime) -> datetime:
    """Every day on the way there, in the morning and in the evening."""
    day = now.date()
    while day <= then.date():
        for hour in ("09:20", "14:50", "17:20"):
            moment = datetime.combine(day, datetime.strptime(hour, "%H:%M").time(), SHANGHAI)  # noqa: DTZ007
            if now < moment < then:
                await place.reaches(moment)
        day += timedelta(days=1)
    if then > now:
        await place.reaches(then)
    return then


async def examples(place: Town) -> dict[str, list[str]]:
    """By kind what was sent, as it was sent, each wording once."""
    found: dict[str, list[str]] = {}
    async with place.bot.database.transaction() as conn:
        rows = await conn.execute(select(outbox).order_by(outbox.c.next_at, outbox.c.id))
        for row in rows:
            kind = row.key.partition(":")[0]
            if kind == "re":
                continue
            left = (row.sent_at or row.next_at).astimezone(SHANGHAI)
            form = row.payload["form"]
            name = row.payload.get("name", "")
            text = f"［{form}］{name}" if form in ("Picture", "File") else row.payload.get("text", "")
            state = "" if row.state == "sent" else f"（{row.state}）"
            found.setdefault(kind, []).append(f"· {left:%m-%d %H:%M} 发给{row.target}{state}\n{text}")
    return found


async def main(kinds: Sequence[str]) -> None:
    """Two of each kind, or all of the kinds that are named."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    settings = Settings(digest=Digest(picture=True))
    with tempfile.TemporaryDirectory(prefix="bqw-said-") as folder:
        async with town(f"sqlite:///{Path(folder) / 'bqw.db'}", settings, ticking=True) as place:
            await tell(place)
            for kind, texts in (await examples(place)).items():
                if not kinds or kind in kinds:
                    print(f"\n======== {KINDS.get(kind, kind)}（{kind}，共{len(texts)}条）")
                    print("\n\n".join(texts if kinds else texts[:SHOWN]))


if __name__ == "__main__":
    print(f"{date(2024, 7, 15)}起一个月里实际发出的话")
    asyncio.run(main(sys.argv[1:]))
