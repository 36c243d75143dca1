"""A province of made-up counties: 45,000 points, asked what people ask about the city's 45.

Each county's points are the city's own, said again in its own way: other towns and figures, other verbs,
sentences left out, borrowed from a neighbour or about a local product. So a question has a thousand points
that nearly fit, which is the hardest case for a search that looks closely at only a few.
"""

import gc
import itertools
import json
import os
import random
import re
import statistics
import subprocess
import sys
import time
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.resources import files

from handlers.ask import Knowing, reply_to
from handlers.memory import Memory
from knowledge.book import Book, build, shipped
from knowledge.notice import Clause, Section, WorkPoint
from knowledge.units import Directory
from tests.bench import machine, questions
from tests.bench.service import ROOT
from tests.conftest import MONDAY

COUNTIES = 1_000
TOWNS = 6  # of each county

_VERBS = {
    "推进": ("推进", "加快推进", "扎实推进", "统筹推进"),
    "加强": ("加强", "进一步加强", "切实加强"),
    "实施": ("实施", "组织实施", "全面实施"),
    "开展": ("开展", "分批开展", "广泛开展"),
    "打造": ("打造", "创建", "建成"),
    "提升": ("提升", "全面提升", "稳步提升"),
    "推动": ("推动", "积极推动", "支持"),
    "完善": ("完善", "健全", "补齐"),
    "落实": ("落实", "抓好", "严格落实"),
    "加大": ("加大", "持续加大"),
}
_VERB = re.compile("|".join(_VERBS))
_FIGURE = re.compile(r"(?<![\d“+])\d+(?:\.\d+)?(?![\d”+])")
_TOWN = re.compile("枫溪|彩塘|凤塘|浮洋|庵埠|凤凰镇|柘林镇")
_COUNTY = re.compile("潮安区|饶平县|湘桥区")
_FIRST = "云清江龙凤安永平新长丰宁东南西北嘉德信和仁义兴盛泰康福寿金银玉石林泉溪河湖海沙桂"
_LAST = "阳川城山源岭湾塘浦洲岗坪坝台桥埔寨陵昌远化定门田水峰泽潭岩坑屏秀台沅涧坡垌圩洞渡"
# Two characters each.
_PRODUCTS = "杨梅荔枝龙眼蜜柚竹笋香菇灵芝对虾生蚝紫菜花卉盆景沉香油茶莲藕蜂蜜腐竹米粉豆豉木雕藤编刺绣纸伞"
_TRADES = "加工种植养殖展销电商仓储育种研学直播出口观光包装"
_THINGS = "车间大棚步道水渠车场晒场机库茶亭码头鱼塘果园苗圃"
_VILLAGE = range(0x4E00, 0x5E00)  # characters of village names, most of them rare


@dataclass(frozen=True, slots=True)
class County:
    name: str
    towns: tuple[str, ...]


def run() -> list[dict[str, str]]:
    """One line, measured in a process of its own, so that its memory is that of nothing else."""
    command = [sys.executable, "-m", "tests.bench.province", str(COUNTIES)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", cwd=ROOT, check=True)
    return [json.loads(done.stdout)]


def measure(counties: int) -> dict[str, str]:
    machine.pin(machine.cores()[0])
    book = province(counties)
    began = time.perf_counter()
    knows = Knowing.of(book)
    built = time.perf_counter() - began
    gc.collect()
    times = [_milliseconds(question, knows) for question in everyone_asks(book)]
    cuts = statistics.quantiles(times, n=100)
    return {
        "province": f"{len(book.notice.points)} points",
        "built s": f"{built:.1f}",
        "RSS MB": f"{machine.resident_mb(os.getpid()):.0f}",
        "questions": str(len(times)),
        "p50 ms": f"{cuts[49]:.2f}",
        "p99 ms": f"{cuts[98]:.2f}",
        "worst ms": f"{max(times):.1f}",
    }


def _milliseconds(question: str, knows: Knowing) -> float:
    began = time.perf_counter()
    reply_to(question, Memory(), knows, MONDAY)
    return 1_000 * (time.perf_counter() - began)


def everyone_asks(book: Book) -> list[str]:
    """What people ask, and the same again in some county."""
    asked = questions.everyone_asks()
    names = itertools.cycle(section.title for section in book.notice.sections[::7])
    return [*asked, *(f"{name}{question}" for name, question in zip(names, asked, strict=False))]


def province(counties: int, seed: int = 1) -> Book:
    """A book of `counties` times 45 points; the same for the same seed."""
    dice = random.Random(seed)
    ours = shipped()
    theirs = _counties(counties, dice)
    points: list[WorkPoint] = []
    sections: list[Section] = []
    for county in theirs:
        first = len(points) + 1
        points += (_point(first + at, len(sections) + 1, at, county, ours, dice) for at in range(45))
        sections.append(Section(len(sections) + 1, county.name, tuple(range(first, len(points) + 1))))
    text = "\n".join(point.text for point in points)
    notice = replace(ours.notice, sections=tuple(sections), points=tuple(points), text=text)
    whole = [row for row in ours.assignments if not row.clause]
    rows = [replace(row, point=row.point + 45 * at) for at in range(counties) for row in whole]
    return build(notice, _directory(theirs), rows, ())


def _counties(count: int, dice: random.Random) -> list[County]:
    names = sorted({a + b for a in _FIRST for b in _LAST})
    dice.shuffle(names)
    return [
        County(name + "县区市"[at % 3], tuple(f"{t}镇" for t in dice.sample(names[count:], TOWNS)))
        for at, name in enumerate(names[:count])
    ]


def _directory(counties: Sequence[County]) -> Directory:
    """The city's units with the province's counties and towns."""
    tables = tomllib.loads((files("knowledge") / "data" / "units.toml").read_text("utf-8"))
    areas = [
        {
            "id": f"a{at}",
            "order": at,
            "short": county.name,
            "full": county.name,
            "aliases": [county.name[:-1]],
            "kind": "县区",
            "county_level": True,
        }
        for at, county in enumerate(counties)
    ]
    towns = [{"area": county.name, "names": county.towns} for county in counties]
    return Directory.of(tables | {"area": areas, "towns": towns})


def _point(number: int, section: int, at: int, county: County, ours: Book, dice: random.Random) -> WorkPoint:
    own = ours.notice.points[at]
    title = _retold(own.title, county, dice)
    said = [clause.text for clause in own.clauses if dice.random() < 0.85] or [own.clauses[0].text]
    if dice.random() < 0.3:
        said.append(dice.choice(dice.choice(ours.notice.points).clauses).text)
    texts = [_retold(text, county, dice) for text in said]
    texts.insert(dice.randrange(len(texts) + 1), _local(county, dice))
    clauses = tuple(Clause(number, index, text) for index, text in enumerate(texts))
    return WorkPoint(number, section, title, "。".join((title, *texts)) + "。", clauses, number)


def _retold(text: str, county: County, dice: random.Random) -> str:
    """The same in another county's words."""
    text = _COUNTY.sub(lambda _: county.name, _TOWN.sub(lambda _: dice.choice(county.towns), text))
    text = text.replace("潮州", county.name[:-1])
    text = _VERB.sub(lambda m: dice.choice(_VERBS[m[0]]) if dice.random() < 0.4 else m[0], text)
    return _FIGURE.sub(lambda m: _another(m[0], dice) if dice.random() < 0.7 else m[0], text)


def _another(figure: str, dice: random.Random) -> str:
    value = float(figure) * dice.uniform(0.5, 2.0)
    return f"{value:.2f}" if "." in figure else str(round(value) or 1)


def _local(county: County, dice: random.Random) -> str:
    """A sentence that only this county has."""
    village = "".join(chr(dice.choice(_VILLAGE)) for _ in range(2))
    what = f"发展{_word(_PRODUCTS, dice)}{_word(_TRADES, dice)}"
    built = f"新建{_word(_THINGS, dice)}{dice.randrange(2, 60)}个"
    return f"{county.name}支持{dice.choice(county.towns)}{village}村{what},{built}"


def _word(words: str, dice: random.Random) -> str:
    at = dice.randrange(0, len(words), 2)
    return words[at : at + 2]


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1])), ensure_ascii=False))
