"""`bqw parse`: a liaison's reply read on the command line, one by one or by the file.

It reads the shipped notice and writes nothing; a line it cannot use is named on standard error, and the
lines after it are still read.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from io import TextIOWrapper
from typing import IO, TYPE_CHECKING, Any

import click

from bot import clock

if TYPE_CHECKING:
    from knowledge.reading import Asked, Reading, Record

_KINDS = {
    "report": "报送",
    "correction": "更正",
    "ack": "收到",
    "delegation": "不归本单位",
    "question": "提问",
    "problem": "诉求",
    "chatter": "闲聊",
}
_STATUSES = {
    "done": "已完成",
    "ahead": "快于序时",
    "on_track": "正常推进",
    "behind": "滞后",
    "not_started": "未启动",
}


@click.command()
@click.argument("text", nargs=-1)
@click.option("--jsonl", is_flag=True, help="从标准输入逐行读 {id,text,context}，逐行写出读到的内容")
@click.option("--point", type=int, help="提示问的是第几点")
@click.option("--unit", default="", help="谁在答复，例如 市交通运输局")
@click.option("--date", "day", help="答复的日期，例如 2024-07-15")
def parse(text: tuple[str, ...], jsonl: bool, point: int | None, unit: str, day: str | None) -> None:
    """读一条报送，看它说了哪一点、多少、到什么时候。"""
    from knowledge.reading import Asked

    if jsonl:
        _every_line(TextIOWrapper(sys.stdin.buffer, "utf-8", errors="replace"))
        return
    if not text:
        raise click.UsageError("请写上答复，例如：bqw parse 17项完成65%")
    try:
        on = date.fromisoformat(day) if day else clock.real().date()
    except ValueError:
        raise click.BadParameter("日期应写成 2024-07-15", param_hint="--date") from None
    for line in _told(_reader()(" ".join(text), Asked(on, unit, point))):
        click.echo(line)


def _reader() -> Callable[[str, Asked], Reading]:
    """Reads a reply against the shipped notice, loaded once."""
    from handlers.turn import Knowing
    from knowledge.reply import read

    knows = Knowing.shipped()
    return lambda text, asked: read(text, asked, knows.book, knows.index)


def _every_line(lines: IO[str]) -> None:
    """One answer per good line; bad ones are named, and the command ends with exit code 2."""
    read, bad = _reader(), False
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            text, asked = _asked(row)
        except ValueError as error:
            what = "不是 JSON" if isinstance(error, json.JSONDecodeError) else str(error)
            click.echo(f"第{number}行{what}", err=True)
            bad = True
            continue
        click.echo(json.dumps({"id": row.get("id"), **as_json(read(text, asked))}, ensure_ascii=False))
    if bad:
        raise SystemExit(2)


def _asked(row: Any) -> tuple[str, Asked]:
    """A line's text and context; ValueError says what is wrong with it."""
    from knowledge.reading import Asked

    if not isinstance(row, dict) or not isinstance(row.get("text"), str):
        raise ValueError('没有答复：应有 "text" 一栏')
    context = row.get("context") or {}
    if not isinstance(context, dict):
        raise ValueError('的 "context" 应是 {"prompted_point","unit","date"}')
    prompted, day = context.get("prompted_point"), context.get("date")
    if prompted is not None and (isinstance(prompted, bool) or not isinstance(prompted, int)):
        raise ValueError('的 "prompted_point" 应是整数')
    try:
        on = date.fromisoformat(day) if day else clock.real().date()
    except (TypeError, ValueError):
        raise ValueError('的 "date" 应写成 2024-07-15') from None
    return row["text"], Asked(on, str(context.get("unit") or ""), prompted)


def as_json(reading: Reading) -> dict[str, Any]:
    """A reading in the words of the contract."""
    return {
        "kind": reading.kind,
        "records": [_record(record) for record in reading.records],
        "points": list(reading.points),
        "urgency": reading.urgency,
        "place": reading.place,
        "enterprise": reading.enterprise,
    }


def _record(record: Record) -> dict[str, Any]:
    return {
        "point": record.point,
        "percent": record.percent,
        "status": record.status,
        "quantities": [{"what": q.what, "value": q.value, "unit": q.unit} for q in record.quantities],
        "difficulty": record.difficulty,
        "help_needed": record.help_needed,
        "next_step": record.next_step,
        "due": record.by.isoformat() if record.by else None,
    }


def _told(reading: Reading) -> Iterator[str]:
    """A reading for a person's eyes."""
    yield f"{_KINDS[reading.kind]}{'（撤回）' if reading.withdraws else ''}"
    for record in reading.records:
        yield f"要点{record.point}：{'；'.join(_parts(_record(record), record)) or '没有新的数字'}"
    for doubt in reading.doubts:
        yield f"要问清：{doubt.words}（{doubt.kind}）"
    if reading.refers_to:
        yield f"说是归：{reading.refers_to}"


def _parts(row: Mapping[str, Any], record: Record) -> Iterator[str]:
    if record.percent is not None:
        yield f"进度{record.percent:g}%"
    if record.status:
        yield _STATUSES[record.status]
    for quantity in record.quantities:
        yield f"{quantity.what}{quantity.value:g}{quantity.unit}"
    for label, name in (
        ("困难", "difficulty"),
        ("需协调", "help_needed"),
        ("下一步", "next_step"),
        ("时限", "due"),
    ):
        if row[name]:
            yield f"{label}：{row[name]}"
