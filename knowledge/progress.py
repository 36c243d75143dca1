"""What a 进展 says, as plain values, before it is a document.

`supervision/progress.py` composes it and `knowledge/circular.py` writes it; it stands apart so that composing
does not load Word's library.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from knowledge.ledger import LedgerRow


@dataclass(frozen=True, slots=True)
class PointProgress:
    heading: str  # 要点17 推动基础设施提能升级
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SectionProgress:
    title: str  # 大抓产业发展
    points: tuple[PointProgress, ...]
    silent: str  # which points nobody has reported on; empty: none


@dataclass(frozen=True, slots=True)
class Progress:
    title: str
    as_of: date
    office: str  # who signs
    overview: tuple[str, ...]
    sections: tuple[SectionProgress, ...]
    matters: tuple[str, ...]  # problems and what is asked for, one paragraph each
    steps: tuple[str, ...]
    annex: tuple[LedgerRow, ...]
    annex_title: str
    note: str = ""  # under the title: （初稿）
    practices: tuple[str, ...] = ()
    circular: bool = False  # a 通报: practices instead of sections, and demands instead of steps
