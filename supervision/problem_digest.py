"""Firms' problems in a digest: the day's and the week's counts, and the matters put before the reader.

Pure; `supervision/digest.py` sets them between its other parts.
"""

from __future__ import annotations

from dataclasses import replace

from supervision.digest_facts import Facts
from supervision.problem_figures import line, week_line


def day(facts: Facts) -> str:
    """新收3件，办结2件，超期0件。"""
    return f"{line(facts.problems)}。" if facts.problems.anything else ""


def asked(facts: Facts) -> list[str]:
    """The lines beneath a digest's parts: what the reader is asked to decide."""
    return ["【专题】请您定：", *topics(facts)] if facts.topics else []


def anything_else(facts: Facts) -> bool:
    """Whether there is news besides the matters put before the reader."""
    return facts.since is None or not replace(facts, topics=()).empty


def topics(facts: Facts) -> list[str]:
    """Each as the office let it out."""
    many = len(facts.topics) > 1
    texts = [one.text for one in facts.topics]
    return [f"【专题{number}】\n{text}" for number, text in enumerate(texts, 1)] if many else texts


def week(facts: Facts) -> str:
    """The week's counts, and those of each county that had any."""
    if not facts.problems.anything:
        return ""
    own = [f"{name}{line(one)}" for name, one in facts.county_problems.items() if one.anything]
    return "。".join([week_line(facts.problems), *(["；".join(own)] if own else [])]) + "。"


def late(facts: Facts) -> list[str]:
    many = facts.problems.late
    return [f"超期{many}件，回复“超期诉求”"] if many else []
