"""微信客服: which accounts have something to read and how far they were read, and what visitors may be told.

The app's door says that something came (`want`), one replica at a time reads it
(`bot/channels/kf_reader.py`), the sender counts what it says (`bot/channels/kf.py`). WeCom lets five messages
go within 48 hours of a visitor's last; the count is kept here so that WeCom throws no message away.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from storage.engine import Connection
from storage.tables import kf_accounts as accounts
from storage.tables import kf_visitors as visitors

_FREE = 8  # accounts looked at for one that nobody reads


@dataclass(frozen=True, slots=True)
class Account:
    """An account under this replica's lease. What was sent before `since` is history."""

    open_kfid: str
    cursor: str
    token: str
    token_at: datetime | None
    since: datetime
    wanted_at: datetime


@dataclass(frozen=True, slots=True)
class Visitor:
    """A person who wrote to an account from WeChat. `sent`: messages to him since his own last."""

    id: int
    open_kfid: str
    external_userid: str
    name: str
    heard_at: datetime | None
    sent: int
    handed_at: datetime | None
    servicer: str


# --- accounts -----------------------------------------------------------------------------------------


async def want(conn: Connection, open_kfid: str, token: str, now: datetime) -> None:
    """Something can be read; an account never heard of begins now."""
    dialect = postgresql if conn.dialect.name == "postgresql" else sqlite
    fresh = {"token": token, "token_at": now if token else None, "wanted_at": now, "next_at": now}
    statement = dialect.insert(accounts).values(
        open_kfid=open_kfid, cursor="", since=now, owner="", lease_until=None, **fresh
    )
    await conn.execute(statement.on_conflict_do_update(index_elements=[accounts.c.open_kfid], set_=fresh))


async def want_all(conn: Connection, now: datetime) -> None:
    """Every known account is looked at: a callback may have been missed. A token that came with one stays."""
    await conn.execute(update(accounts).where(accounts.c.wanted_at.is_(None)).values(wanted_at=now))


async def claim(conn: Connection, *, owner: str, now: datetime, until: datetime) -> Account | None:
    """An account that has something to read and that nobody else reads; ours until `until`."""
    free = or_(accounts.c.lease_until.is_(None), accounts.c.lease_until < now, accounts.c.owner == owner)
    found = await conn.execute(
        select(accounts.c.open_kfid)
        .where(accounts.c.wanted_at.is_not(None), accounts.c.next_at <= now, free)
        .order_by(accounts.c.next_at)
        .limit(_FREE)
    )
    for open_kfid in found.scalars().all():
        taken = await conn.execute(
            update(accounts)
            .where(accounts.c.open_kfid == open_kfid, accounts.c.wanted_at.is_not(None), free)
            .values(owner=owner, lease_until=until)
            .returning(*(accounts.c[name] for name in Account.__slots__))
        )
        if row := taken.one_or_none():
            return Account(*row)
    return None


async def read_to(conn: Connection, account: Account, cursor: str, *, owner: str, until: datetime) -> bool:
    """Everything before `cursor` is durable; False when another replica has taken over."""
    done = await conn.execute(
        update(accounts)
        .where(accounts.c.open_kfid == account.open_kfid, accounts.c.owner == owner)
        .values(cursor=cursor, lease_until=until)
    )
    return bool(done.rowcount == 1)


async def finish(conn: Connection, account: Account, *, owner: str) -> None:
    """Nothing more to read; unless a callback came meanwhile, it rests."""
    mine = (accounts.c.open_kfid == account.open_kfid) & (accounts.c.owner == owner)
    still = mine & (accounts.c.wanted_at == account.wanted_at)
    await conn.execute(update(accounts).where(still).values(wanted_at=None))
    await conn.execute(update(accounts).where(mine).values(owner="", lease_until=None))


async def put_off(conn: Connection, account: Account, at: datetime, *, owner: str) -> None:
    """Reading failed: somebody tries again at `at`."""
    mine = (accounts.c.open_kfid == account.open_kfid) & (accounts.c.owner == owner)
    await conn.execute(update(accounts).where(mine).values(owner="", lease_until=None, next_at=at))


# --- visitors -----------------------------------------------------------------------------------------


async def heard(conn: Connection, open_kfid: str, last: Mapping[str, datetime]) -> None:
    """When each of these visitors last wrote. The count begins anew, unless this was known already."""
    dialect = postgresql if conn.dialect.name == "postgresql" else sqlite
    for external_userid, at in sorted(last.items()):
        statement = dialect.insert(visitors).values(
            open_kfid=open_kfid,
            person=external_userid.lower(),
            external_userid=external_userid,
            name="",
            heard_at=at,
            sent=0,
            handed_at=None,
            servicer="",
        )
        newer = or_(visitors.c.heard_at.is_(None), visitors.c.heard_at < at)
        await conn.execute(
            statement.on_conflict_do_update(
                index_elements=[visitors.c.open_kfid, visitors.c.person],
                set_={"heard_at": at, "sent": 0},
                where=newer,
            )
        )


async def entered(conn: Connection, open_kfid: str, external_userid: str) -> None:
    """Somebody opened the chat: he is known, although he has not said anything."""
    dialect = postgresql if conn.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(visitors).values(
        open_kfid=open_kfid,
        person=external_userid.lower(),
        external_userid=external_userid,
        name="",
        heard_at=None,
        sent=0,
        handed_at=None,
        servicer="",
    )
    await conn.execute(statement.on_conflict_do_nothing())


async def of_account(conn: Connection, open_kfid: str, persons: Iterable[str]) -> dict[str, Visitor]:
    """These visitors of an account, by external userid in lower case."""
    rows = await conn.execute(
        select(visitors).where(
            visitors.c.open_kfid == open_kfid, visitors.c.person.in_(sorted({one.lower() for one in persons}))
        )
    )
    return {row.person: _visitor(row) for row in rows}


async def visitor(conn: Connection, person: str) -> Visitor | None:
    """He, in the account he wrote to last; whatever the case of his id."""
    rows = await conn.execute(
        select(visitors)
        .where(visitors.c.person == person.lower())
        .order_by(visitors.c.heard_at.is_(None), visitors.c.heard_at.desc(), visitors.c.id.desc())
        .limit(1)
    )
    row = rows.one_or_none()
    return None if row is None else _visitor(row)


def _visitor(row: Any) -> Visitor:
    return Visitor(*(getattr(row, name) for name in Visitor.__slots__))


async def names(conn: Connection, persons: Iterable[str]) -> dict[str, str]:
    """What visitors call themselves, by external userid in lower case; who has no name is not in it."""
    wanted = sorted({one.lower() for one in persons})
    rows = await conn.execute(
        select(visitors.c.person, visitors.c.name).where(visitors.c.person.in_(wanted), visitors.c.name != "")
    )
    return {row.person: row.name for row in rows}


async def call(conn: Connection, open_kfid: str, found: Mapping[str, str]) -> None:
    """Keeps what visitors call themselves."""
    for person, name in found.items():
        await conn.execute(
            update(visitors)
            .where(visitors.c.open_kfid == open_kfid, visitors.c.person == person.lower())
            .values(name=name[:128])
        )


# --- what may be said ---------------------------------------------------------------------------------


async def take(conn: Connection, visitor: Visitor, *, most: int, since: datetime) -> bool:
    """Counts one message to him before it is sent; False when `most` were sent since his last, or he has said
    nothing since `since`."""
    done = await conn.execute(
        update(visitors)
        .where(visitors.c.id == visitor.id, visitors.c.sent < most, visitors.c.heard_at > since)
        .values(sent=visitors.c.sent + 1)
    )
    return bool(done.rowcount == 1)


async def give_back(conn: Connection, visitor: Visitor) -> None:
    """It was not sent after all, unless he wrote meanwhile and the count began anew."""
    await conn.execute(
        update(visitors)
        .where(visitors.c.id == visitor.id, visitors.c.heard_at == visitor.heard_at, visitors.c.sent > 0)
        .values(sent=visitors.c.sent - 1)
    )


async def use_up(conn: Connection, visitor: Visitor, most: int) -> None:
    """WeCom has counted more than we did."""
    await conn.execute(
        update(visitors)
        .where(visitors.c.id == visitor.id, visitors.c.heard_at == visitor.heard_at)
        .values(sent=most)
    )


async def hand_over(conn: Connection, visitor: Visitor, servicer: str, now: datetime) -> None:
    """A human being answers from now on."""
    await conn.execute(
        update(visitors).where(visitors.c.id == visitor.id).values(handed_at=now, servicer=servicer)
    )


async def take_back(conn: Connection, open_kfid: str, external_userid: str) -> bool:
    """The bot answers again; False when it did all along."""
    done = await conn.execute(
        update(visitors)
        .where(visitors.c.open_kfid == open_kfid, visitors.c.person == external_userid.lower())
        .where(visitors.c.handed_at.is_not(None))
        .values(handed_at=None, servicer="")
    )
    return bool(done.rowcount)
