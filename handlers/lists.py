"""Questions that want a list: a section, a place, a word, the points with figures.

`handlers/ask.py` tries these kinds in its order. A list is complete: what it is about must stand in the
notice or in the division of work, likeness is only the last resort.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from handlers import english, phrasing, places
from handlers.composing import about, answered, list_of, listing, plain_words, together
from handlers.finding import best_within, names_of, rest_of, search, side_by_side, spoken, sure
from handlers.resolve import each_of, literal, measured
from handlers.turn import Answer, Turn
from knowledge.indexing import LONGEST_PHRASE
from knowledge.ordinals import number_of
from knowledge.question import Question
from knowledge.speech import speech
from knowledge.subject import LONG
from knowledge.terms import STOP
from knowledge.units import Area, Mention

_STOPS = re.compile(r"[\s,。?!、]")
_OF_THIS_ONE = re.compile(
    r"(?:它|这[条点项个])?有(?:没有)?(?:具体|量化|数字)?的?(?:指标|数字)[吗么呢没有?？]*"
)
_OF_THE_LIST = re.compile("其中|里面|里头|当中|这(?:些|里|几[点条项个])|(?:刚才|上面)")
_COUNTS_POINTS = "点分条项几个大块部章成 "  # “一共有多少点,分几大块” names nothing but these
_WHOLE = re.compile("通知|文件|全文|部分|要点|大块|板块")
_ALL_OF_IT = "两三几事情活的任务指标工作干忙"
PART = 2  # characters; a shorter piece of a word tells nothing

_BELONGS = re.compile(
    r"(?:请问)?(?:是|归|属于?|算|在|隶属)+(?:哪个?|什么|哪一个?)(?:县区?|区县?|县\(区\))(?:管|的|辖|管的|里)?"
)


def section(turn: Turn) -> Answer | None:
    """第三部分有哪些, 大抓产业发展, “这个部分有哪几条”."""
    q, notice = turn.q, turn.book.notice
    number = section_meant(turn)
    section = next((s for s in notice.sections if s.number == number), None)
    if section is None:
        if q.section is None:
            return None
        words = phrasing.NO_SUCH_SECTION.format(count=len(notice.sections), number=q.section)
        return plain_words(turn, words, "unknown")
    title = phrasing.section(section.title, section.number, len(section.points))
    return list_of(turn, section.points, title)


def section_meant(turn: Turn) -> int | None:
    """By number, as “this section”, or by its name."""
    q = turn.q
    if q.section is not None:
        return q.section
    if "this_section" in q.signs and turn.memory.point and not q.spans:
        return next((s.number for s in turn.book.notice.sections if turn.memory.point in s.points), None)
    return _named_section(turn)


def _named_section(turn: Turn) -> int | None:
    """By its title, or by another name where the question speaks of a section."""
    q, sections = turn.q, turn.knows.index.sections
    whole = next((n for n, names in sections.items() if q.subject == names[0] or names[0] in q.text), None)
    if whole is not None and "who" not in q.asks:
        return whole
    asks_all = "list" in q.asks or "how_many_points" in q.signs or speech().has("contains", q.text)
    if asks_all and "who" not in q.asks:
        alone = next(
            (n for n, names in sections.items() if any(_nothing_but(q, name) for name in names)), None
        )
        if alone is not None:
            return alone
    if "block" not in q.signs or not (asks_all or q.number or q.last):
        return None
    named = [(len(name), n) for n, names in sections.items() for name in names if name in q.text]
    return max(named)[1] if named else None


def _nothing_but(q: Question, name: str) -> bool:
    """Whether the question is about this name and nothing else (体制机制改革, not 枫溪体制机制改革)."""
    if len(name) < 4 or name not in q.text:
        return False
    rest = q.subject.replace(name, "").replace(name[:-1], "")
    return not speech().signs["section_words"].sub("", rest)


def size(turn: Turn) -> Answer | None:
    """“一共多少条”: how large the notice is."""
    q, notice = turn.q, turn.book.notice
    if "how_many_points" not in q.signs or q.subject.strip(_COUNTS_POINTS) or q.spans:
        return None
    if turn.memory.point and not _WHOLE.search(q.text):
        return None
    text = english.SIZE if q.english else phrasing.SIZE
    return answered(turn, text.format(sections=len(notice.sections), points=len(notice.points)), (), "answer")


def quantified(turn: Turn) -> Answer | None:
    """“哪些是量化的”: every point with a figure to reach; “哪几条写了百分比”: with figures of one kind."""
    q = turn.q
    if any(span.phrase in q.text for span in q.spans) or q.number or q.section is not None:
        return None
    if len(turn.memory.points) == 1 and _OF_THIS_ONE.fullmatch(
        q.text
    ):  # “有指标吗” after a point asks about that one
        figures = Question(text="", asks=frozenset({"figure"}), signs=frozenset({"hard_number"}))
        return about(replace(turn, q=figures), turn.memory.points[0], again=True)
    targets = [t for t in turn.book.targets if t.kind == "target"]
    if "quantified" not in q.signs:
        every = "each" in q.signs
        asked = q.measure or (q.scopes and "figure" in q.asks)
        if "list" not in q.asks or not (every or (asked and not _besides_figures(turn))):
            return None
        targets = [t for t in turn.book.targets if t.kind != "time"]
    if q.measure:
        targets = [t for t in targets if measured(t, q.measure.unit)]
    if q.scopes and ("figure" in q.asks or "each" in q.signs):
        targets = each_of(turn, targets)
    numbers = tuple(sorted({t.point for t in targets}))
    listed, kind = turn.memory.listed, q.measure.name if q.measure else "数字"
    title = phrasing.QUANTIFIED
    if len(listed) > 1 and _OF_THE_LIST.search(q.text):  # “其中有指标的” after a list
        numbers, title = tuple(n for n in numbers if n in listed), phrasing.QUANTIFIED_OF_THEM
        if not numbers:
            return plain_words(turn, phrasing.NONE_QUANTIFIED.format(kind=kind), "unknown")
    told = ["、".join(t.quote for t in targets if t.point == n) for n in numbers] if q.measure else []
    return list_of(turn, numbers, title.format(count=len(numbers), kind=kind), told) if numbers else None


def dated(turn: Turn) -> Answer | None:
    """“哪些有时间要求”, “哪些要在年底前完成”: every point that states a day; the others have the year."""
    q = turn.q
    if "dated" not in q.signs or q.number or q.section is not None or q.spans:
        return None
    stated = [t for t in turn.book.targets if t.due_stated]
    numbers = tuple(sorted({t.point for t in stated}))
    if not numbers:
        return None
    words = [next(t.quote for t in stated if t.point == number) for number in numbers]
    title = phrasing.DATED.format(count=len(numbers), year=turn.book.notice.year)
    return list_of(turn, numbers, title, words)


def _besides_figures(turn: Turn) -> str:
    """What the question names besides a kind of figure and whose it is."""
    rest = rest_of(turn, list(turn.q.scopes))
    rest = turn.q.measure.pattern.sub("", rest) if turn.q.measure else rest
    return speech().signs["figure_words"].sub("", rest)


def county_of_town(turn: Turn) -> Answer | None:
    """“凤凰镇归哪个区”: as the directory of units has it."""
    towns = [m for m in places.named(turn) if m.town and m.area]
    if len(towns) != 1 or not _BELONGS.fullmatch(turn.q.text.replace(towns[0].text, "", 1).strip(" ,。?!")):
        return None
    town, area = towns[0].town or "", towns[0].area
    name = area.short if area else ""
    return answered(turn, phrasing.BELONGS.format(town=town, county=name), (), "answer")


def county_bureau(turn: Turn) -> Answer | None:
    """A county's own bureau is not in the directory and must not be taken for the city's."""
    mentions = turn.mentions
    bureau = next((m for m in mentions if m.county_bureau), None)
    if (
        bureau is None
        or bureau.text[0] in "镇村"
        or bureau.text in turn.knows.index.phrases
        or rest_of(turn, [m.text for m in mentions])
    ):
        return None
    area = bureau.area
    points = literal(turn.knows, spoken(area)) if area else ()
    rows = "、".join(f"第{n}点" for n in points)
    told = phrasing.PLACE_TOLD.format(name=spoken(area), rows=rows) if area and points else ""
    return plain_words(
        turn, phrasing.COUNTY_BUREAU.format(name=bureau.text, told=told), "unknown", points=points
    )


def place(turn: Turn) -> Answer | None:
    """潮安有哪些: the points whose own words name the place."""
    mentions = [m for m in turn.mentions if m.area and not m.county_bureau]
    rest = rest_of(turn, [m.text for m in mentions])
    all_of_it = "list" in turn.q.asks or "tasks" in turn.q.signs
    if all_of_it:
        rest = rest.strip(_ALL_OF_IT)  # “潮安区要做哪些事”, “三个县区各有哪些任务”
    if not mentions or rest or (turn.q.asks & {"figure", "deadline"} and not all_of_it):
        return None
    if (
        turn.memory.point
        and not turn.q.asks & {"list"}
        and ("follow" in turn.q.signs or len(turn.q.text) <= 4)
    ):
        return None  # “湘桥”, “那湘桥呢” in a conversation ask the last question again
    each = [_at(turn, (place,)) for place in side_by_side(turn.q.text, mentions)]
    found = [one for one in each if one is not None]
    return together(turn, found) if len(found) > 1 else _at(turn, mentions)


def _at(turn: Turn, mentions: Sequence[Mention]) -> Answer | None:
    name = next((n for m in mentions for n in names_of(m) if literal(turn.knows, n)), "")
    points = literal(turn.knows, name)
    if not points:
        return plain_words(turn, phrasing.NO_SUCH_PLACE.format(name=mentions[0].text), "unknown")
    if len(points) == 1 and not turn.q.asks & {"list"}:
        return None
    found = listing(turn, points, name, phrasing.AT_PLACE.format(name=name, count=len(points)))
    place = mentions[0]
    also = "" if turn.q.english or place.town or place.area is None else _leads_also(turn, place.area, points)
    text, _, hint = found.text.rpartition("\n")
    return replace(found, text=f"{text}\n{also}\n{hint}") if also else found


def _leads_also(turn: Turn, area: Area, points: Sequence[int]) -> str:
    """What a county leads though the notice does not name it there."""
    rows = [row for row in turn.book.assignments.led_by(area.short) if row.point not in points]
    return phrasing.leads_also(area.short, rows) if rows else ""


def listed(turn: Turn) -> Answer | None:
    """和财政有关的有哪些, 哪些条款出现陶瓷二字: complete lists."""
    q = turn.q
    framed = _framed(turn)
    if not (_wants_list(turn) or framed) or q.empty or q.details:
        return None
    words = framed or _words_meant(turn)
    points = tuple(sorted({n for word in words for n in _points_with(turn, word)}))
    if len(points) == 1 and "other" not in q.signs and set(_by_phrase(turn)) <= set(points):
        only = replace(turn, q=replace(q, asks=q.asks - {"figure", "full"}))  # “有几条” counts no things
        return about(only, points[0], best_within(turn, q, points[0]))
    found = search(turn)
    key = "、".join(words) if points else q.subject.replace(" ", "") if len(q.runs) == 1 else q.subject
    points = points or literal(turn.knows, *key.split()) or _by_phrase(turn)
    if q.english and found.hits:
        # In English nothing is printed: what is as well explained belongs to the list.
        best = found.hits[0].cover
        points = tuple({*points, *(h.point for h in found.hits if h.cover >= 0.95 * best)})
    if not points and sure(turn, found):
        points = tuple(h.point for h in found.hits if h.score >= 0.6 * found.hits[0].score)[:4]
    if "other" in q.signs:
        points = tuple(n for n in points if n not in turn.memory.points[:1])
    if len(points) < 2:
        return None
    order = {h.point: -h.score for h in found.hits}
    points = tuple(sorted(points, key=lambda n: (order.get(n, 0.0), n)))
    if not words and (many := speech().signs["so_many"].search(q.text)):
        points = points[: number_of(many[1])]  # “在两处出现,是哪两条”: the asker knows how many there are
    return listing(turn, points, key, phrasing.ABOUT_WORD.format(name=key, count=len(points)))


def _framed(turn: Turn) -> tuple[str, ...]:
    """The one word of the notice that is left when all that only asks for a list is taken away."""
    q, table = turn.q, speech()
    if '"' in q.text or q.asks & {"who", "deadline"}:
        return ()
    bare = _STOPS.sub("", q.text)
    if len(bare) > LONG:
        return ()
    if not table.has("list_cue", bare):
        return ()
    found = [
        word for word in table.framed(bare, LONGEST_PHRASE) if len(word) >= PART and word not in q.scopes
    ]
    longest = next((word for word in sorted(found, key=len, reverse=True) if turn.prints(word)), "")
    return tuple(longest.split()) if longest and len(turn.printing(longest)) > 1 else ()


def _wants_list(turn: Turn) -> bool:
    """Said so, or “圩镇呢” right after a list of another word."""
    q, memory = turn.q, turn.memory
    goes_on = "follow" in q.signs and not q.asks and len(q.runs) == 1 and len(memory.listed) > 1
    return "list" in q.asks or (goes_on and "list" in memory.asks and len(memory.points) > 1)


def _words_meant(turn: Turn) -> tuple[str, ...]:
    """The words of the notice a list is about; what stands in quotation marks is taken as it is."""
    q = turn.q
    if '"' in q.text and q.listed_words:
        return q.listed_words
    if whole := tuple(word for word in q.listed_words for word in _printed_parts(turn, word)):
        return whole
    named = [names_of(m) for m in turn.mentions if m.area and not m.unit and not m.county_bureau]
    places = tuple(next((name for name in names if literal(turn.knows, name)), names[-1]) for names in named)
    if places and "in_words" in q.signs:
        return places
    if spans := tuple(dict.fromkeys(s.phrase for s in q.spans if literal(turn.knows, s.phrase))):
        return spans
    if "in_words" not in q.signs:
        return ()
    printed = [turn.book.printed[hit.point] for hit in search(turn).hits]
    parts = [_longest_part(run, text) for run in q.subject.split() for text in printed]
    longest = max(map(len, parts), default=0)
    return tuple(dict.fromkeys(part for part in parts if len(part) == longest >= PART))


def _printed_parts(turn: Turn, word: str) -> tuple[str, ...]:
    """The word itself where the notice has it; of 督促督导, two words for much the same, both.

    A single character is a word (讲到茶的) where it is the only one and the question is about words.
    """
    q = turn.q
    alone = q.listed_words == (word,) and word not in STOP and ("in_words" in q.signs or not q.spans)
    if literal(turn.knows, word, shortest=1 if alone else PART):
        return (word,)
    half = len(word) // 2
    halves = (
        (word[:half], word[half:]) if len(word) == 2 * PART and set(word[:half]) & set(word[half:]) else ()
    )
    return halves if halves and all(literal(turn.knows, part) for part in halves) else ()


def _longest_part(run: str, text: str) -> str:
    """The longest stretch of a run of characters that a text has."""
    for size in range(len(run), PART - 1, -1):
        for at in range(len(run) - size + 1):
            if run[at : at + size] in text:
                return run[at : at + size]
    return ""


def _points_with(turn: Turn, word: str) -> tuple[int, ...]:
    if '"' in turn.q.text:
        return turn.printing(word)
    return literal(turn.knows, word, shortest=1)


def _by_phrase(turn: Turn) -> tuple[int, ...]:
    """Points that any known phrase of the question stands for."""
    return tuple(sorted({n for span in turn.q.spans for n in turn.knows.index.points_of(span)}))
