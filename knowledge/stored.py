"""Keeps a made index where Python keeps its compiled modules, so that the next process starts sooner.

The file's name says of which notice, data and program the index was made, so a stale one is never found; the
file begins with its own digest, so half of one is never believed. Where nothing may be written, the index is
made anew each time. `handlers/turn.py` asks for it.
"""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import fields
from hashlib import sha256
from importlib.util import cache_from_source
from pathlib import Path

from knowledge.hearing import ear_for
from knowledge.indexing import undisturbed
from knowledge.lexicon import shipped_lexicon
from knowledge.match import Index
from knowledge.notice import Notice
from knowledge.pieces import words_once

KEPT = 4  # files: of a notice, of the one before it, and of those a developer is comparing
LARGEST = 500  # points; a province's index takes longer to read than it is worth
_MADE_FROM = ("*.py", "data/*.toml", "data/*.txt", "data/*.tsv")
_MADE_ANEW = ("_notice", "_text", "_points_of", "ear")  # of the index's parts, those that are at hand anyway


@undisturbed()
def index_of(notice: Notice, names: Sequence[str], folder: Path | None = None) -> Index:
    """The index over a notice with the shipped lexicon; `folder` is another one to keep it in."""
    if len(notice.points) > LARGEST:
        return Index.of(notice, shipped_lexicon(notice), names)
    folder = folder or Path(cache_from_source(__file__)).parent
    path = folder / f"index.{_digest_of(notice, names)}.pickle"
    if found := _read(path):
        return _restored(found, notice)
    made = Index.of(notice, shipped_lexicon(notice), names)
    with suppress(OSError):  # a program folder that nobody may write to
        _write(path, _parts(made))
    return made


def _digest_of(notice: Notice, names: Sequence[str]) -> str:
    told = sha256(repr((sys.version, notice, names)).encode())
    room = Path(__file__).parent
    for path in sorted(path for pattern in _MADE_FROM for path in room.glob(pattern)):
        told.update(path.read_bytes())
    return told.hexdigest()[:32]


def _parts(index: Index) -> bytes:
    parts = {part.name: getattr(index, part.name) for part in fields(index) if part.name not in _MADE_ANEW}
    return pickle.dumps(parts, pickle.HIGHEST_PROTOCOL)


def _restored(parts: bytes, notice: Notice) -> Index:
    found = pickle.loads(parts)  # noqa: S301 -- written by this program, beside what else it is made of
    layout = found["_layout"]
    ear = ear_for(*(found[part] for part in ("lexicon", "phrases", "readings", "_combinations")))
    made = {"_notice": notice, "_text": words_once(notice), "ear": ear, "_points_of": layout.remembering()}
    return Index(**found, **made)


def _read(path: Path) -> bytes:
    """What was kept, b"" where there is nothing, or not all of it."""
    try:
        digest, parts = (data := path.read_bytes())[:32], data[32:]
    except OSError:
        return b""
    return parts if sha256(parts).digest() == digest else b""


def _write(path: Path, parts: bytes) -> None:
    """In one go, whoever else is writing; the oldest are cleared away."""
    path.parent.mkdir(exist_ok=True)
    new = path.with_suffix(f".{os.getpid()}")
    new.write_bytes(sha256(parts).digest() + parts)
    new.replace(path)
    kept = sorted(path.parent.glob("index.*.pickle"), key=lambda one: one.stat().st_mtime, reverse=True)
    for old in kept[KEPT:]:
        old.unlink(missing_ok=True)
