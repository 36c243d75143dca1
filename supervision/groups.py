"""Says something in the groups the office has bound: when it may leave, by which way, whom it pings.

Handlers and jobs call `tell` or `say` inside their transaction and get back which group hears it when. A work
group hears at most twice a week (`supervision/caps.py`); what is more joins what waits there. Everybody is
never pinged, and what a group hears names no unit that did not report.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from storage import chats, outbox, pushed
from storage.chats import Address, Group, Purpose
from storage.engine import Connection
from storage.message import Payload, Ping, Text, dump, load
from supervision import caps
from supervision.caps import MergeInto, Slot
from supervision.rules import Rules
from supervision.workdays import Workdays

KEY = "group"
_TARGET = "chat:"  # of a draft that goes to groups: their purpose, and whose they are
_PART_BYTES = 1_800  # a message is cut between lines well below WeCom's 2048
_BETWEEN = "\n\n"
_USUAL = Rules()
_AFTER_NOON = timedelta(minutes=10)  # groups hear things when the afternoon has begun
PURPOSES: dict[str, Purpose] = {
    str(one): one for one in (chats.HEADQUARTERS, chats.COUNTY, chats.TASK_FORCE, chats.FIRMS)
}
_CAPPED = (chats.HEADQUARTERS, chats.COUNTY, chats.TASK_FORCE)  # a firm's group is answered, not informed


@dataclass(frozen=True, slots=True)
class Told:
    """What a group will hear: when, and whether a cap put it off (`over`) or joined it to what waits."""

    group: str
    at: datetime
    over: str = ""
    joined: bool = False


async def tell(
    conn: Connection,
    purpose: Purpose,
    text: str,
    *,
    key: str,
    now: datetime,
    workdays: Workdays,
    rules: Rules = _USUAL,
    scope: str | None = None,
    ping: Sequence[str] = (),
) -> list[Told]:
    """Says it once in every group bound to this purpose: of one county (its short name) or one section (its
    number) where `scope` is given. `key` names the occasion: said again, it is not repeated. Empty when no
    group hears it, and then the caller tells the office. `ping` are userids. The `rules` matter where caps
    do: not in groups of firms.
    """
    found = []
    for group in await chats.of_purpose(conn, purpose, scope):
        told = await say(conn, group, text, key=key, now=now, workdays=workdays, rules=rules, ping=ping)
        found += [told] if told else []
    return found


async def say(
    conn: Connection,
    group: Group,
    text: str,
    *,
    key: str,
    now: datetime,
    workdays: Workdays,
    rules: Rules = _USUAL,
    ping: Sequence[str] = (),
) -> Told | None:
    """The same in one group; None when there is no way into it."""
    address = group.address
    if address is None:
        return None
    first = f"{key if key.startswith('draft:') else f'{KEY}:{key}'}:{address.target}"
    slot = await _slot(conn, group, now, workdays, rules)
    if (waits := await outbox.waiting_until(conn, first)) is not None:
        return Told(group.name, waits)
    if await outbox.payload_of(conn, first) is not None:
        return Told(group.name, now)
    if isinstance(slot, MergeInto) and await _join(conn, slot.key, text, ping):
        return Told(group.name, slot.at, slot.over, joined=True)
    before = slot.key if isinstance(slot, MergeInto) else None
    await outbox.add(conn, _rows(first, address, text, ping, slot.at, before), now)
    return Told(group.name, slot.at, slot.over, joined=before is not None)


def target_of(purpose: Purpose, scope: str = "") -> str:
    """The target of a draft that is for groups: chat:county:潮安区."""
    return f"{_TARGET}{purpose}:{scope}".rstrip(":")


def meant_by(target: str) -> tuple[Purpose, str | None] | None:
    """The purpose and scope in such a target; None for a person's."""
    if not target.startswith(_TARGET):
        return None
    purpose, _, scope = target.removeprefix(_TARGET).partition(":")
    return PURPOSES[purpose], scope or None


async def _slot(
    conn: Connection, group: Group, now: datetime, workdays: Workdays, rules: Rules
) -> Slot | MergeInto:
    """When the group may hear more; by whatever way it heard the last."""
    if group.purpose not in _CAPPED:
        return Slot(workdays.next_slot(now))
    rule = caps.rules_of(rules.caps)["group"]
    targets = {one.target for one in group.addresses}
    rows = await pushed.beginning_with(conn, [f"{name}:" for name in rule.others])
    at = (datetime.combine(now, workdays.hours.afternoon[0]) + _AFTER_NOON).time()
    asked = caps.Asked(at=at)
    return caps.decide(rule, [row for row in rows if row.target in targets], now, workdays, asked)


async def _join(conn: Connection, key: str, text: str, ping: Sequence[str]) -> bool:
    """Adds it to a message that waits; False when that has left or has no room."""
    row = await outbox.payload_of(conn, key)
    waiting = load(row) if row else None
    if not isinstance(waiting, Text | Ping):
        return False
    both = f"{waiting.text}{_BETWEEN}{text}"
    if len(both.encode()) > _PART_BYTES:
        return False
    people = (*(waiting.people if isinstance(waiting, Ping) else ()), *ping)
    return await outbox.amend(conn, key, dump(_payload(both, people)))


def _rows(
    key: str, address: Address, text: str, ping: Sequence[str], at: datetime, before: str | None
) -> list[tuple[outbox.Outgoing, None]]:
    """One row per part; the first pings. A row after another is a further part and counts for no cap."""
    rows: list[tuple[outbox.Outgoing, None]] = []
    for number, part in enumerate(_parts(text)):
        row = outbox.Outgoing(
            key=key if number == 0 else f"{key}:{number}",
            channel=address.channel,
            target=address.target,
            payload=dump(_payload(part, ping if number == 0 else ())),
            after=rows[-1][0].key if rows else before,
            priority=outbox.NOTICE,
            at=at,
        )
        rows.append((row, None))
    return rows


def _payload(text: str, people: Iterable[str]) -> Payload:
    called = tuple(dict.fromkeys(one for one in people if one and one.lower() != "@all"))
    return Ping(text, called) if called else Text(text)


def _parts(text: str) -> list[str]:
    parts: list[str] = []
    for line in text.splitlines():
        if parts and len(f"{parts[-1]}\n{line}".encode()) <= _PART_BYTES:
            parts[-1] += f"\n{line}"
        else:
            parts.append(line)
    return parts


async def note_unbound(
    conn: Connection, channel: str, chat: str, *, admins: Iterable[str], now: datetime, workdays: Workdays
) -> bool:
    """Somebody speaks in a group nobody has bound: each admin is told once; whether somebody is."""
    if await chats.at(conn, channel, chat) is not None:
        return False
    text = (
        "有一个还没有绑定的群在问我，群里没有说明用途，我只答通知里的内容。\n"
        "如果是我们的群，请在那个群里@我并回复，例如：绑定本群 市百千万办工作群 办公室"
    )
    prefix = f"unbound:{channel}:{chat}:"
    told = await outbox.state_of(conn, prefix)
    at = workdays.next_slot(now)
    rows = [
        outbox.Outgoing(f"{prefix}{one}", "app", one, dump(Text(text)), priority=outbox.NOTICE, at=at)
        for one in sorted(admins)
        if f"{prefix}{one}" not in told
    ]
    if rows:
        await outbox.add(conn, [(row, None) for row in rows], now)
    return True
