"""What kind of message words sound like, learnt from labelled replies: run by run of characters.

“回头补上”, “找他们要” or “算哪边的” are said in ever new words, but of the same pieces of one to three
characters. `knowledge/reply.py` asks for it as a second opinion; `python -m tests.manners` learns it from
tests/data.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from knowledge.learnt import Verdict, learnt, runs
from knowledge.page import Page

KINDS = ("report", "correction", "ack", "delegation", "question", "problem", "chatter")
LONGEST = 100  # characters; whoever writes more reports
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def manner(page: Page, prompted: bool) -> Verdict | None:
    """What a message sounds like; None for one too long to tell."""
    return None if len(page.text) > LONGEST else learnt("manners").judge(pieces(page, prompted))


def pieces(page: Page, prompted: bool) -> Iterable[str]:
    """Every run of one to three characters once; a number is 0, whatever it is. The beginning tells whether a
    point was asked about, somebody was called and a file came with it."""
    head = ("p" if prompted else "n") + ("@" if page.mentions else "") + ("&" if page.attached else "")
    return runs(f"{head}|{_NUMBER.sub('0', ' '.join(page.words.split()))}|")
