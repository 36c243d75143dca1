"""“③不属于我们，是公安局的”: which of the things asked a liaison refuses, and what else he said.

Pure. `handlers/objecting.py` writes the objection down; a refusal that names nothing is about all of it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.aims import likeness
from knowledge.book import Book
from knowledge.reading import Item
from knowledge.units import Directory
from knowledge.width import narrow

_NOT_OURS = re.compile(
    r"不(?:属于?|归|由|是|该|应该?由?)(?:本|我们?|咱们?)(?:单位|局|办|委|中心|公司|这边)?"
    r"|不属于?(?:本|我)?(?:单位|局|办)?(?:的?职责)?$"
    r"|(?:我们?|本单位|我局)(?:不|没有?)(?:负责|管|牵头|承担)|与(?:本单位|我们?|我局)无关"
)
_THEIRS = re.compile(
    r"(?:应当?|应该|该|都|一直)?(?:由|归|是|属于?)(?P<who>[^\d]{2,16}?)(?:来|去)?(?:报送?|负责|管|提供|牵头|承担|的|$)"
)
_PIECE = re.compile(r"[①-⑳]+[^①-⑳,，。;；!！\n]*|[^①-⑳,，。;；!！\n]+")
_PLACE = re.compile(r"[①-⑳]")
_TOLD = re.compile(r"\d|[一二两三四五六七八九十百]+(?:座|个|条|公里|处|户|家|宗|项)|[?？]|吗$")
_ASIDE = re.compile(r"^\s*(?:困难|问题|原因|主要|其中|因为?|由于|下一?步|说明|备注)|权属|产权|路段|施工|招标")
_POINT = re.compile(r"(?:第|要点)?\d{1,2}[项点条]|要点\d{1,2}")


@dataclass(frozen=True, slots=True)
class Refusal:
    """The items refused, the unit named instead ("" for none), and the rest of the message."""

    items: tuple[Item, ...]
    refers_to: str
    rest: str


def refused(
    said: str, items: Sequence[Item], book: Book, units: Sequence[str], *, delegates: bool
) -> Refusal | None:
    """None where no single thing is refused: nothing is, or the whole of it. `delegates`: whether the message
    as a whole says that something is another's, so that naming a unit is enough."""
    found: list[Item] = []
    refers_to, rest, after = "", [], False
    for piece in _PIECE.findall(said):
        text = _POINT.sub("", narrow(piece))
        other = _other(text, book.directory, units)
        named = other if delegates or _PLACE.search(piece) else ""
        meant = _meant(text, items) if _refuses(text, named) else ()
        after = bool(meant) or (after and not _PLACE.search(piece) and bool(other or _NOT_OURS.search(text)))
        found += [item for item in meant if item not in found]
        refers_to = refers_to or (other if after else "")
        rest += [] if after else [piece]
    return Refusal(tuple(found), refers_to, "，".join(rest)) if found else None


def _refuses(text: str, other: str) -> bool:
    """A number in it is told, and not refused; a difficulty or a question is none either."""
    if _TOLD.search(_PLACE.sub("", text)) or _ASIDE.search(text):
        return False
    return bool(_NOT_OURS.search(text) or other)


def _other(text: str, directory: Directory, units: Sequence[str]) -> str:
    """The unit that is said to be responsible."""
    found = _THEIRS.search(text)
    if found is None:
        return ""
    named = [mention.unit or mention.area for mention in directory.find(found["who"])]
    return next((one.short for one in named if one and one.short not in units), "")


def _meant(text: str, items: Sequence[Item]) -> tuple[Item, ...]:
    """By the numbers of the message that asked, or the one that is called so before the refusal."""
    places = [ord(mark) - ord("①") for mark in _PLACE.findall(text)]
    if places:
        return tuple(items[at] for at in places if at < len(items))
    cut = min((m.start() for m in (_NOT_OURS.search(text), _THEIRS.search(text)) if m), default=len(text))
    name = text[:cut] or _NOT_OURS.sub("", text)  # 我们不负责安防
    if not text[:cut] and len(name) < 2:
        return ()
    scores = [(likeness(name, item.what), item) for item in items if item.what]
    best = max((score for score, _ in scores), default=0.0)
    nearest = [item for score, item in scores if best and score == best]
    return tuple(nearest) if len(nearest) == 1 else ()
