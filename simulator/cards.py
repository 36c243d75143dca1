"""Template cards: what WeCom accepts, what the person reads, and how an update changes them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeAlias

from simulator.errors import ApiError
from simulator.mailbox import Bubble, Content

Json: TypeAlias = Mapping[str, Any]
NOTICES = ("text_notice", "news_notice")
INTERACTIVE = ("button_interaction", "vote_interaction", "multiple_interaction")
_TASK_ID = re.compile(r"[0-9A-Za-z_\-@]{1,128}")
_MOST = {
    "horizontal_content_list": 6, "vertical_content_list": 4, "jump_list": 3, "button_list": 6,
    "select_list": 3,
}  # fmt: skip
_PARTS = {
    "source", "action_menu", "main_title", "emphasis_content", "quote_area", "card_action", "card_image",
    "image_text_area", "button_selection", "checkbox", "submit_button",
}  # fmt: skip
_KEY_BYTES = 1024


def read_card(card: Json, *, update: bool = False) -> Content:
    """The card as content; raises ApiError for what WeCom refuses. An update needs no task_id."""
    kind = card.get("card_type")
    if kind not in (*NOTICES, *INTERACTIVE):
        raise ApiError(40058, "invalid card_type")
    _check_shape(card)
    for name, most in _MOST.items():
        if len(_items(card, name)) > most:
            raise ApiError(40058, f"{name} has more than {most} items")
    _check_title(card)
    if kind in NOTICES and _part(card, "card_action").get("type") not in (1, 2):
        raise ApiError(40058, "card_action is required")
    if kind in INTERACTIVE:
        _check_interaction(card)
    if not update:
        _check_task_id(card)
    return Content("template_card", dict(card), card_text(card))


def is_interactive(card: Json) -> bool:
    return card.get("card_type") in INTERACTIVE or bool(card.get("action_menu"))


def card_text(card: Json) -> str:
    """Everything a person reads on the card, line by line."""
    lines = [
        *_words(_part(card, "main_title"), "title", "desc"),
        *_words(_part(card, "emphasis_content"), "title", "desc"),
        *_words(_part(card, "quote_area"), "title", "quote_text"),
        *_words(card, "sub_title_text"),
    ]
    for row in (*_items(card, "vertical_content_list"), *_items(card, "horizontal_content_list")):
        lines.append(" ".join(_words(row, "keyname", "title", "value", "desc")))
    if card.get("replace_text"):
        return "\n".join([*lines, f"[{card['replace_text']}]"])
    return "\n".join([*lines, *(f"[{button.get('text', '')}]" for button in _items(card, "button_list"))])


def updated(bubble: Bubble, *, card: Json | None = None, replace_name: str = "") -> Bubble:
    """The bubble after an update: a new card, or the old one with its buttons closed by one word."""
    body = dict(card) if card is not None else {**bubble.body, "replace_text": replace_name}
    return replace(bubble, body=body, text=card_text(body))


def _check_shape(card: Json) -> None:
    """Lists hold objects and parts are objects, as deep as WeCom's own cards go."""
    for name, value in card.items():
        if name.endswith("_list"):
            if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
                raise ApiError(40058, f"{name} must be a list of objects")
            for item in value:
                _check_shape(item)
        elif name in _PARTS:
            if not isinstance(value, Mapping):
                raise ApiError(40058, f"{name} must be an object")
            _check_shape(value)


def _check_title(card: Json) -> None:
    if not (_part(card, "main_title").get("title") or card.get("sub_title_text")):
        raise ApiError(40058, "main_title.title or sub_title_text is required")


def _check_interaction(card: Json) -> None:
    if card["card_type"] == "button_interaction":
        buttons = _items(card, "button_list")
        if not buttons and not card.get("replace_text"):
            raise ApiError(40058, "button_list is required")
        _check_keys(str(b.get("key", "")) for b in buttons if b.get("type", 0) == 0)
        if not all(b.get("text") for b in buttons):
            raise ApiError(40058, "a button needs text")
        return
    if card["card_type"] == "vote_interaction":
        _check_options(_part(card, "checkbox"), most=20)
    elif not _items(card, "select_list"):
        raise ApiError(40058, "select_list is required")
    for select in _items(card, "select_list"):
        _check_options(select, most=10)
    if not _part(card, "submit_button").get("key"):
        raise ApiError(40058, "submit_button is required")


def _check_options(question: Json, *, most: int) -> None:
    options = _items(question, "option_list")
    if not question.get("question_key") or not 1 <= len(options) <= most:
        raise ApiError(40058, f"a question needs question_key and 1 to {most} options")
    _check_keys(str(option.get("id", "")) for option in options)


def _check_keys(keys: Iterable[str]) -> None:
    seen = list(keys)
    if not all(seen) or len(set(seen)) < len(seen) or any(len(key.encode()) > _KEY_BYTES for key in seen):
        raise ApiError(40058, "keys must be present, different and at most 1024 bytes")


def _check_task_id(card: Json) -> None:
    task_id = str(card.get("task_id") or "")
    if (is_interactive(card) or task_id) and not _TASK_ID.fullmatch(task_id):
        raise ApiError(42014, "taskid has existed or empty or exceed max len")


def _part(card: Json, name: str) -> Json:
    part = card.get(name)
    return part if isinstance(part, Mapping) else {}


def _items(card: Json, name: str) -> list[Json]:
    items = card.get(name)
    return [item for item in items if isinstance(item, Mapping)] if isinstance(items, list) else []


def _words(part: Json, *names: str) -> list[str]:
    return [str(part[name]) for name in names if part.get(name)]
