"""The table of jobs as this configuration has it.

`bot/app.py` hands it to the ticker; `bqw jobs` shows the same and does the same by hand.
"""

from __future__ import annotations

from pathlib import Path

from bot.settings import Settings
from scheduler.beside import Beside
from scheduler.jobs import Entry, table


def jobs_of(settings: Settings) -> tuple[Entry, ...]:
    folder = Path(settings.files.folder) / "digests"
    beside = Beside(folder, pictures=settings.digest.picture, tables=settings.digest.table)
    return table(
        settings.schedule, beside=beside, keep=settings.keep, folder=folder, problems=settings.problems
    )
