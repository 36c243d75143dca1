"""A digest as a picture for the phone: lights section by section, and bars of progress against the plan.

Pure: values in, PNG bytes out. The font is our own subset (`.ci/subset_font.py`, licence in `data/OFL.txt`):
it looks the same on a server without any font; a character it lacks is drawn as an empty box.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from io import BytesIO
from itertools import chain
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

WIDTH, EDGE = 750, 40
_INK, _GREY, _LINE, _PAPER, _HEAD = "#1f2937", "#6b7280", "#e5e7eb", "#ffffff", "#1d4e89"
_COLOURS = {"green": "#2e9e5b", "yellow": "#e0a100", "red": "#d0342c", "grey": "#c4c9d1", "none": "#e5e7eb"}
_NAMES = {"green": "绿灯", "yellow": "黄灯", "red": "红灯", "grey": "未报", "none": "不设灯"}
_TILE, _GAP = 26, 6


@dataclass(frozen=True, slots=True)
class Row:
    """A section: how many of its points have which light."""

    title: str
    colours: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Bar:
    """A figure against its target, and how much of the time is gone, both in percent."""

    label: str  # 要点17 新改建农村公路
    value: str  # 25.6公里，目标超48.7公里（6月25日）
    done: float
    elapsed: float
    colour: str


@dataclass(frozen=True, slots=True)
class Picture:
    title: str
    day: str
    rows: tuple[Row, ...]
    bars: tuple[Bar, ...]
    plan: str  # what the upright line means
    source: str
    office: str


def draw(picture: Picture) -> bytes:
    """A PNG, 750 px wide and as high as it needs."""
    from PIL import Image, ImageDraw

    height = _Page(None, picture).height()
    image = Image.new("RGB", (WIDTH, height), _PAPER)
    _Page(ImageDraw.Draw(image), picture).height()
    out = BytesIO()
    # 0.1 s; the better palette and the smaller file would take five times as long for 10 KB.
    image.quantize(64, method=Image.Quantize.FASTOCTREE).save(out, "PNG")
    return out.getvalue()


@lru_cache(maxsize=8)
def _font(size: int) -> FreeTypeFont:
    from PIL import ImageFont

    data = (files("knowledge") / "data" / "NotoSansCJKsc-subset.otf").read_bytes()
    return ImageFont.truetype(BytesIO(data), size)


class _Page:
    """Walks down the page; without a canvas it only measures."""

    def __init__(self, canvas: ImageDraw | None, picture: Picture) -> None:
        self.canvas = canvas
        self.picture = picture
        self.y = 0

    def height(self) -> int:
        self._head()
        self._rows()
        self._bars()
        self._foot()
        return self.y

    # --- parts ------------------------------------------------------------------------------------

    def _head(self) -> None:
        if self.canvas:
            self.canvas.rectangle((0, 0, WIDTH, 132), fill=_HEAD)
        self._text(EDGE - 20, 26, self.picture.title, 38, "#ffffff", bold=True)  # “ has its ink on the right
        self._text(EDGE, 84, self.picture.day, 24, "#dbe6f2")
        self.y = 156

    def _rows(self) -> None:
        if not self.picture.rows:
            return
        self._title("各板块灯色", "每格一个要点")
        for row in self.picture.rows:
            self._row(row)
        self._legend()

    def _row(self, row: Row) -> None:
        self._text(EDGE, self.y, _fitted(row.title, 26, 300), 26, _INK)
        self._right(self.y + 2, _counts(row.colours), 22, _GREY)
        self.y += 40
        tiles = list(chain.from_iterable([colour] * row.colours.get(colour, 0) for colour in _COLOURS))
        for at, colour in enumerate(tiles):
            left = EDGE + at % 20 * (_TILE + _GAP)
            top = self.y + at // 20 * (_TILE + _GAP)
            self._box(left, top, left + _TILE, top + _TILE, _COLOURS[colour], 5)
        self.y += (max(len(tiles) - 1, 0) // 20 + 1) * (_TILE + _GAP) + 16

    def _legend(self) -> None:
        left = EDGE
        used = [c for c in _COLOURS if any(row.colours.get(c) for row in self.picture.rows)]
        for colour in used:
            self._box(left, self.y + 6, left + 18, self.y + 24, _COLOURS[colour], 4)
            self._text(left + 26, self.y, _NAMES[colour], 22, _GREY)
            left += 44 + round(_font(22).getlength(_NAMES[colour]))
        self.y += 48

    def _bars(self) -> None:
        if not self.picture.bars:
            return
        self._rule()
        self._title("对照时间进度", self.picture.plan)
        for bar in self.picture.bars:
            self._bar(bar)
        self.y += 4

    def _bar(self, bar: Bar) -> None:
        percent = f"{bar.done:.1f}".rstrip("0").rstrip(".") + "%"
        room = WIDTH - 2 * EDGE - _font(26).getlength(percent) - 24
        self._text(EDGE, self.y, _fitted(bar.label, 26, room), 26, _INK)
        self._right(self.y, percent, 26, _INK)
        self.y += 44
        whole = WIDTH - 2 * EDGE
        self._box(EDGE, self.y, EDGE + whole, self.y + 18, _LINE, 9)
        filled = max(18, whole * min(bar.done, 100) / 100) if bar.done > 0 else 0
        if filled:
            self._box(EDGE, self.y, EDGE + filled, self.y + 18, _COLOURS[bar.colour], 9)
        mark = EDGE + whole * min(bar.elapsed, 100) / 100
        self._box(mark - 2, self.y - 3, mark + 2, self.y + 21, _INK, 2)
        self.y += 32
        self._text(EDGE, self.y, _fitted(bar.value, 22, whole), 22, _GREY)
        self.y += 46

    def _foot(self) -> None:
        self._rule()
        for line in _wrapped(self.picture.source, 20, WIDTH - 2 * EDGE):
            self._text(EDGE, self.y, line, 20, _GREY)
            self.y += 30
        self._right(self.y, self.picture.office, 22, _GREY)
        self.y += 52

    # --- strokes ----------------------------------------------------------------------------------

    def _title(self, text: str, beside: str) -> None:
        self._text(EDGE, self.y, text, 28, _HEAD, bold=True)
        self._right(self.y + 5, beside, 20, _GREY)
        self.y += 54

    def _rule(self) -> None:
        if self.canvas:
            self.canvas.line((EDGE, self.y, WIDTH - EDGE, self.y), fill=_LINE, width=2)
        self.y += 22

    def _text(
        self, left: float, top: float, text: str, size: int, colour: str, *, bold: bool = False
    ) -> None:
        if self.canvas:
            stroke = 0.6 if bold else 0
            self.canvas.text(
                (left, top), text, font=_font(size), fill=colour, stroke_width=stroke, stroke_fill=colour
            )

    def _right(self, top: float, text: str, size: int, colour: str) -> None:
        self._text(WIDTH - EDGE - _font(size).getlength(text), top, text, size, colour)

    def _box(self, left: float, top: float, right: float, bottom: float, colour: str, radius: int) -> None:
        if self.canvas:
            self.canvas.rounded_rectangle((left, top, right, bottom), radius, fill=colour)


def _counts(colours: Mapping[str, int]) -> str:
    """绿8  黄1  未报2"""
    short = {**_NAMES, "green": "绿", "yellow": "黄", "red": "红"}
    return "  ".join(f"{short[name]}{colours[name]}" for name in _COLOURS if colours.get(name))


def _fitted(text: str, size: int, room: float) -> str:
    """Cut with … where it is too long."""
    font = _font(size)
    if font.getlength(text) <= room:
        return text
    while text and font.getlength(text + "…") > room:
        text = text[:-1]
    return text + "…"


def _wrapped(text: str, size: int, room: float) -> Iterator[str]:
    """Broken where the line is full; no line begins with a mark."""
    font, line = _font(size), ""
    for char in text:
        if font.getlength(line + char) > room and char not in "，。；：、）”":
            yield line
            line = ""
        line += char
    if line:
        yield line


def lacking(text: str) -> Sequence[str]:
    """The characters of a text that the font cannot draw."""
    missing = bytes(_font(24).getmask("\U0010fffd"))
    return [
        char
        for char in dict.fromkeys(text)
        if not char.isspace() and bytes(_font(24).getmask(char)) == missing
    ]
