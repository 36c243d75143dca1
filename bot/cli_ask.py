"""`bqw ask` and `bqw eval`: the same answers as in chat, on the command line, one by one or by the file.

They read the shipped notice (or, with --config, the one in force in that database and what the office taught)
and write nothing.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from io import TextIOWrapper
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from bot import clock

if TYPE_CHECKING:
    from bot.cli import Tools
    from handlers.ask import Answer, Knowing
    from handlers.memory import Memory

_path = click.Path(path_type=Path)
_units = click.option("--units", "units_file", type=_path, help="改用这份分工：分工表.xlsx 或 units.toml")
_now = click.option("--now", help="把现在当作这个时刻，例如 2024-07-15T09:00")
_config = click.option("--config", type=_path, help="按这份配置的数据库里的通知、分工和教过的说法回答")


@click.command()
@click.argument("question", nargs=-1)
@click.option("--jsonl", is_flag=True, help="从标准输入逐行读 {id,q,conversation}，逐行写出回答")
@_units
@_now
@_config
@click.pass_obj
def ask(
    tools: Tools,
    question: tuple[str, ...],
    jsonl: bool,
    units_file: Path | None,
    now: str | None,
    config: Path | None,
) -> None:
    """问一个问题，看到的和企业微信里一样。"""
    asking = _Asking(_knowing(tools, units_file, config), _moment(now))
    if jsonl:
        asking.knows.index.ear()  # as the service does before its first message, not during one
    gc.freeze()  # the index lives until the end: the collector need not walk over it between two answers
    if jsonl:
        for row in _rows(TextIOWrapper(sys.stdin.buffer, "utf-8")):
            click.echo(json.dumps(asking.answered(row), ensure_ascii=False))
        return
    if not question:
        raise click.UsageError("请写上问题，例如：bqw ask 冷链谁牵头")
    click.echo(asking.ask(" ".join(question)).text)


@click.command("eval")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--wrong", "shown", default=20, show_default=True, help="列出前几道没答对的题")
@click.option("--baselines", is_flag=True, help="同一份题目，再用三种普通检索各答一遍，并排列出")
@_units
@_now
@_config
@click.pass_obj
def evaluate(
    tools: Tools,
    file: Path,
    shown: int,
    baselines: bool,
    units_file: Path | None,
    now: str | None,
    config: Path | None,
) -> None:
    """用一份标注好的题目或对话(.jsonl)给回答打分。"""
    from handlers.quality import Table, beside

    asking, table = _Asking(_knowing(tools, units_file, config), _moment(now)), Table()
    rows = _labelled(file)
    slowest = []
    for row in rows:
        said = asking.answered(row)
        slowest.append(said["ms"])
        table.add(row, said)
    for line in (*table.lines(), *(f"  {miss}" for miss in table.misses[:shown])):
        click.echo(line)
    if not rows:
        return
    slowest.sort()
    middle, nearly_all = slowest[len(slowest) // 2], slowest[int(len(slowest) * 0.99)]
    click.echo(f"  用时 p50 {middle:.2f} ms，p99 {nearly_all:.2f} ms")
    if baselines:
        for line in beside(table, rows, asking.knows.book.notice):
            click.echo(line)


def _labelled(file: Path) -> list[dict[str, Any]]:
    """The labelled questions of a file; a dialogue's turns in order, each with the dialogue's id."""
    try:
        with file.open(encoding="utf-8-sig") as lines:
            return list(_rows(lines, dialogues=True))
    except (OSError, UnicodeDecodeError) as error:
        raise click.ClickException(
            f"读不了{file}：请给一份 UTF-8 的 .jsonl 文件({type(error).__name__})"
        ) from None


@dataclass(slots=True)
class _Asking:
    """Conversations by their id, each with its own memory."""

    knows: Knowing
    now: datetime
    memories: dict[str, Memory] = field(default_factory=dict)

    def ask(self, text: str, conversation: str = "") -> Answer:
        from handlers.ask import reply_to
        from handlers.memory import Memory

        found = reply_to(text, self.memories.get(conversation, Memory()), self.knows, self.now)
        if conversation:
            self.memories[conversation] = found.memory
        return found

    def answered(self, row: dict[str, Any]) -> dict[str, Any]:
        """One line of the contract; `context` are questions asked before it in the same conversation."""
        conversation = str(row.get("conversation") or (f"#{row.get('id')}" if row.get("context") else ""))
        for earlier in row.get("context") or ():
            self.ask(str(earlier), conversation)
        began = time.perf_counter()
        found = self.ask(str(row["q"]), conversation)
        spent = (time.perf_counter() - began) * 1000
        points = found.points if found.outcome == "list" else found.points[:5]
        return {
            "id": row.get("id"),
            "points": list(points),
            "answered": found.answered,
            "text": found.text,
            "ms": round(spent, 3),
        }


def _rows(lines: IO[str] | Iterable[str], *, dialogues: bool = False) -> Iterator[dict[str, Any]]:
    """JSON objects with a question; a bad line is named and stops the run with exit code 1.

    With `dialogues` an object may hold "turns" instead, questions of one conversation.
    """
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError:
            raise click.ClickException(f"第{number}行不是 JSON") from None
        turns = row.get("turns") if dialogues and isinstance(row, dict) else None
        whole = f"对话{row.get('id', number)}" if isinstance(turns, list) else ""
        for at, turn in enumerate(turns if isinstance(turns, list) else [row]):
            if not isinstance(turn, dict) or not isinstance(turn.get("q"), str):
                raise click.ClickException(f'第{number}行没有问题：应有 "q" 一栏')
            yield turn | {"id": f"{row.get('id')}#{at}", "conversation": whole} if whole else turn


def _moment(now: str | None) -> datetime:
    if now is None:
        return clock.real()
    try:
        return clock.parse(now)
    except ValueError:
        raise click.BadParameter("时间应写成 2024-07-15T09:00", param_hint="--now") from None


def _knowing(tools: Tools, units_file: Path | None, config: Path | None) -> Knowing:
    """What answers are made from; every mistake in the units file is named, then the command ends."""
    from handlers.ask import Knowing
    from knowledge.assignments import AssignmentError
    from knowledge.book import shipped
    from knowledge.sheets import SheetError

    if units_file is not None and config is not None:
        raise click.UsageError("--units 和 --config 只能给一个")
    if config is not None:
        return asyncio.run(_in_force(tools, config))
    try:
        return Knowing.of(shipped(units_file))
    except (AssignmentError, SheetError) as error:
        for problem in error.problems:
            click.echo(problem, err=True)
        raise SystemExit(1) from None


async def _in_force(tools: Tools, config: Path | None) -> Knowing:
    from bot.library import knowing

    async with tools.transaction(config) as conn:
        return await knowing(conn)
