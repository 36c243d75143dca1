"""What may follow a digest's words: the picture of its facts, and with the week's the table behind it.

Files lie in a folder that all replicas share, named by what they show; delivery uploads them when it sends,
and `scheduler/tidying.py` removes old ones.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from knowledge.book import Book
from knowledge.ledger import LedgerRow
from storage.message import File
from supervision.card import OFFICE, picture_of
from supervision.digest_facts import Facts
from supervision.progress import campaign
from supervision.workdays import SHANGHAI


@dataclass(frozen=True, slots=True)
class Beside:
    """Where such files are kept, and which the office wants for who says nothing else; without a folder there
    are none."""

    folder: Path | None = None
    pictures: bool = False
    tables: bool = False

    def pictured(self, wish: bool | None) -> bool:
        """Whether a picture follows for somebody with this wish; None for who has none."""
        return self.folder is not None and (self.pictures if wish is None else wish)


def drawn(facts: Facts, kind: str, folder: Path) -> Path:
    """The picture's file: drawn once for all who see the same."""
    from knowledge.card import draw

    picture = picture_of(facts, kind)
    return kept(folder, picture, ".png", lambda: draw(picture), facts.at)


def tabled(rows: Sequence[LedgerRow], book: Book, now: datetime, folder: Path) -> File:
    """明细表: the 台账 of what the reader may see, written once for all who see the same."""
    from knowledge.ledger import write

    title, on = f"{campaign(book)}工作要点明细表", now.astimezone(SHANGHAI).date()

    def made() -> bytes:
        return write(rows, title=title, as_of=on, office=OFFICE)

    path = kept(folder, (title, on, rows), ".xlsx", made, now)
    return File(str(path), f"百千万工程明细表（截至{on.month}月{on.day}日）.xlsx")


def kept(folder: Path, shown: object, ending: str, make: Callable[[], bytes], now: datetime) -> Path:
    """The file of what it shows, made where there is none yet; never half there. It bears the time of its
    last use, for `scheduler/tidying.py`."""
    path = folder / f"{hashlib.sha256(repr(shown).encode()).hexdigest()}{ending}"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(f".{secrets.token_hex(4)}.part")
        part.write_bytes(make())
        part.replace(path)
    os.utime(path, (now.timestamp(), now.timestamp()))
    return path
