"""What every table is made of: one metadata, times that are never naive, keys that number themselves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, MetaData, TypeDecorator, text


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime. SQLite has no time zones, so values are stored as UTC and come back as UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuses a naive time: it would be read as another hour on the way back."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime never reaches the database")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None]:
        """From SQLite's text in one step: a sweep reads tens of thousands of times."""
        return _from_text if dialect.name == "sqlite" else _in_utc


def _from_text(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(f"{value}+00:00")


def _in_utc(value: datetime | None) -> datetime | None:
    return None if value is None else value.astimezone(UTC)


# SQLite only numbers rows by itself when the key is a plain INTEGER.
Id = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData()


def where(condition: str) -> dict[str, Any]:
    """The condition of a partial index, for both databases."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}
