"""Cuts knowledge/data/NotoSansCJKsc-subset.otf out of Noto Sans CJK: maintainers only, needs fonttools.

    python .ci/subset_font.py /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc

Kept are the characters of the notice and of the unit names, GB 2312's first level (the 3,755 commonest), and
what the pictures' own words use. The font's licence stands beside it in OFL.txt.
"""

import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTCollection

DATA = Path(__file__).resolve().parent.parent / "knowledge/data"
OUT = DATA / "NotoSansCJKsc-subset.otf"
SIGNS = "“”‘’（）《》【】〔〕、，。；：？！…—·～％％×①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳≥≤±°"


def first_level() -> str:
    """Rows 16 to 55 of GB 2312."""
    pairs = [bytes((row + 0xA0, cell + 0xA0)) for row in range(16, 56) for cell in range(1, 95)]
    return "".join(pair.decode("gb2312", "ignore") for pair in pairs)


def wanted() -> str:
    own = "".join((DATA / name).read_text("utf-8") for name in ("notice.txt", "units.toml"))
    ascii_ = "".join(map(chr, range(0x20, 0x7F)))
    return "".join(sorted({*own, *first_level(), *SIGNS, *ascii_} - {"\n", "\r", "\t"}))


def main() -> None:
    fonts = TTCollection(sys.argv[1]).fonts
    font = next(font for font in fonts if font["name"].getDebugName(4) == "Noto Sans CJK SC")
    options = subset.Options(
        hinting=False, layout_features=[], name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14], notdef_outline=True
    )
    options.drop_tables += ["vhea", "vmtx", "VORG", "BASE", "GPOS", "GSUB", "GDEF"]
    cutter = subset.Subsetter(options)
    cutter.populate(text=wanted())
    cutter.subset(font)
    font.save(OUT)
    print(f"{OUT.name}: {len(wanted())} characters, {OUT.stat().st_size:,} bytes")  # noqa: T201


if __name__ == "__main__":
    main()
