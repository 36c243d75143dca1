"""What a short reply leaves unsaid, so that it is asked: the number of one thing, or a number of its kind.

Pure. `supervision/reporting.py` asks instead of storing it under the point.
"""

from __future__ import annotations

import re

from knowledge.aims import fits, likeness
from knowledge.reading import Record
from supervision.desk import Desk

NAMELESS = re.compile(r"(?:\d[\d.]*[^\d]{0,3})?")  # or called by the number before it
_ANYTHING = ("", "工程", "项目", "工作", "任务", "施工", "建设")
_STATE = re.compile(r"[,，。;；\s]|目前|现在|还|都|也|全|已|没|未|正常|正在|进展|进度|推进|滞后|偏慢|完成|的")


def of_one_thing(record: Record, unit: str, desk: Desk) -> str:
    """The figure that “危桥没动” is about, where several are asked of the point: for one of them the whole is
    not “未启动”. "" for anything else."""
    point = record.point
    if point is None or not record.status or record != Record(point, status=record.status):
        return ""
    items = [item for one in desk.prompts(point, unit) for item in one.prompt.items if item.target]
    name = _name_in(desk.text)
    scores = {item.target: 0.0 if name in _ANYTHING else likeness(name, item.what) for item in items}
    best = max(scores.values(), default=0.0)
    found = [target for target, score in scores.items() if best and score == best]
    return found[0] if len(scores) > 1 and len(found) == 1 else ""


def unlike(record: Record, unit: str, desk: Desk) -> str:
    """The one figure asked, where all that is told is a number without a name in no unit of its kind."""
    if len(record.quantities) != 1 or (said := record.quantities[0]).target or not said.unit:
        return ""
    items = [
        item for one in desk.prompts(record.point or 0, unit) for item in one.prompt.items if item.target
    ]
    targets = list(dict.fromkeys(item.target for item in items if not fits(said.unit, item.unit)))
    known = len(targets) == len({item.target for item in items}) == 1
    return targets[0] if known and NAMELESS.fullmatch(said.what) else ""


def _name_in(text: str) -> str:
    """What a short word on progress is about: 危桥 of 危桥没动, 安防 of 安防已全部完成."""
    return _STATE.split(text.strip(), maxsplit=1)[0]
