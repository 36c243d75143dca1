"""The robot in groups: many ask at once, one floods while others ask, the connection is cut again and again.

`bqw serve` runs on a core of its own and connects to the simulator in this process, as it would to WeCom. The
first frame is the answer, or what an asker sees when it takes longer than a tenth of a second; both are timed
from the moment the question is written to the wire.
"""

import asyncio
import contextlib
import gc
import statistics
import tempfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path

from simulator import server
from simulator.robot import Asked
from simulator.server import Simulator
from simulator.world import World, demo_world
from storage import chats
from storage.engine import Database
from tests import postgres
from tests.bench import machine, service
from tests.browser import CONSOLE
from tests.conftest import MONDAY

GROUPS = 500
ROUNDS = 5  # counted; one more warms up
ASKING = tuple(f"wr{number}" for number in range(GROUPS))
FLOODED, BESIDE = "wrFlooded", "wrBeside"
FLOOD, QUIET = 1000, 25  # questions in the one, and in the other meanwhile
CUTS = (1000, 1001, 1006, 1011, 1006, 1000)
AFTERWARDS = 8.0  # seconds in which the rest of the answers goes to the askers
STEADY = 5.5  # seconds a connection stands before it is cut
QUESTIONS = (
    "冷链哪个单位牵头？", "第17条", "今年要新增多少冷库", "市水务局负责哪些", "农村公路谁管", "潮安有哪些",
    "which unit leads cold chain?", "第三部分有哪些", "陶瓷产业谁牵头", "村医归谁管",
)  # fmt: skip


async def run() -> list[dict[str, str]]:
    """One line per database."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bqw-bench-")))
        urls = {"bqw, SQLite (WAL, FULL)": f"sqlite:///{folder / 'bqw.db'}"}
        if (postgres_url := stack.enter_context(postgres.server())) is not None:
            urls["bqw, PostgreSQL"] = stack.enter_context(postgres.fresh_database(postgres_url, "bench"))
        machine.pin(machine.cores()[1])
        lines = []
        for number, (name, url) in enumerate(urls.items()):
            await _bind(url)
            async with _meeting(folder / str(number), url) as there:
                lines.append(await _measured(name, there))
    return lines


def _crowd(world: World) -> World:
    """As many people as groups: nobody asks in all of them."""
    askers = (replace(world.people[0], userid=f"asker{number}") for number in range(GROUPS))
    return replace(world, people=(*world.people, *askers))


async def _bind(url: str) -> None:
    """The office has bound every group that asks, as it would."""
    database = await Database.open(url)
    async with database.transaction() as conn:
        for name in (*ASKING, FLOODED, BESIDE):
            group = chats.Group(name, chats.HEADQUARTERS, "", "bench", MONDAY)
            await chats.bind(conn, group, chats.Address(chats.ROBOT, name))
    await database.close()


@contextlib.asynccontextmanager
async def _meeting(folder: Path, url: str) -> AsyncIterator[Simulator]:
    """A simulator, and a bot whose robot has connected to it."""
    there = await server.start(_crowd(demo_world()), **CONSOLE)
    keys = there.robot.keys
    robot = (
        f'[robot]\ntransport = "socket"\nname = "{keys.name}"\nbot_id = "{keys.bot_id}"\n'
        f'secret = "{keys.secret}"\nws_url = "{there.robot.ws_url}"\n'
    )
    async with service.api() as api:
        running = service.bqw(folder, machine.cores()[0], url, api.base, more=robot)
        # Starting waits for the process, which connects to this one meanwhile.
        await asyncio.to_thread(running.__enter__)
        try:
            await there.robot.socket.wait_connected(seconds=60)
            yield there
        finally:
            await there.close()
            await asyncio.to_thread(running.__exit__, None, None, None)


async def _measured(name: str, there: Simulator) -> dict[str, str]:
    rounds, wholes = [], []
    for _ in range(ROUNDS + 1):
        first, whole = await _timed(there, ASKING)
        rounds.append(first)
        wholes.append(whole)
        await asyncio.sleep(AFTERWARDS)
    del rounds[0], wholes[0]
    beside = await _beside_a_flood(there)
    waits, asked = await _cut_again_and_again(there)
    return {
        "robot": name,
        "groups at once": str(len(ASKING)),
        "first frame p50 ms": f"{statistics.median(_at(times, 0.5) for times in rounds):.0f}",
        "p99 ms": f"{statistics.median(_at(times, 0.99) for times in rounds):.0f}",
        "worst p99": f"{max(_at(times, 0.99) for times in rounds):.0f}",
        "answer p99 ms": f"{statistics.median(_at(times, 0.99) for times in wholes):.0f}",
        "beside a flood p50": f"{_at(beside, 0.5):.0f}",
        "worst": f"{max(beside):.0f}",
        "cuts": str(len(waits)),
        "connected again s": f"{statistics.median(waits):.2f}",
        "slowest s": f"{max(waits):.2f}",
        "asked": str(asked),
        "lost": str(sum(not _answered(there, one) for one in there.robot.asked)),
    }


async def _timed(there: Simulator, groups: Sequence[str]) -> tuple[list[float], list[float]]:
    """Milliseconds to the first frame and to the whole answer in each of these groups, asked in one go."""
    loop, asked = asyncio.get_running_loop(), []
    gc.collect()
    gc.freeze()  # what this process remembers of earlier rounds is not to stop it now
    for place, group in enumerate(groups):
        began = loop.time()
        said = there.robot.say(f"asker{place}", QUESTIONS[place % len(QUESTIONS)], group=group)
        asked.append((began, said))
    async with asyncio.timeout(120):
        while not all(said.done for _, said in asked):
            await asyncio.sleep(0.005)
    first = [1000 * (said.first_frame - began) for began, said in asked]
    return first, [1000 * (said.answered - began) for began, said in asked]


async def _beside_a_flood(there: Simulator) -> list[float]:
    """What people in other groups wait for while one group floods; WeCom lets thirty answers a minute
    into it."""
    for number in range(FLOOD):
        there.robot.say("chenjing", f"第{number % 45 + 1}条", group=FLOODED)
    times = []
    for _ in range(QUIET):
        times += (await _timed(there, [BESIDE]))[0]
    return times


async def _cut_again_and_again(there: Simulator) -> tuple[list[float], int]:
    """Seconds until the connection stands again, and how many questions were asked meanwhile. Each cut comes
    when a question has just left, so that its answer is always under way."""
    loop, waits, before = asyncio.get_running_loop(), [], len(there.robot.asked)
    for code in CUTS:
        await _ask_for(there, STEADY)
        await asyncio.sleep(0.002)
        began, times = loop.time(), there.robot.socket.subscriptions
        await there.robot.socket.cut(code)
        await there.robot.socket.wait_connected(times=times + 1, seconds=60)
        waits.append(loop.time() - began)
    give_up = loop.time() + 60
    while loop.time() < give_up and not all(_answered(there, one) for one in there.robot.asked):
        await asyncio.sleep(0.1)
    return waits, len(there.robot.asked) - before


async def _ask_for(there: Simulator, seconds: float) -> None:
    """Twenty questions a second, in one group after another."""
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    while loop.time() < until:
        await asyncio.sleep(0.05)
        place = len(there.robot.asked) % GROUPS
        text = QUESTIONS[place % len(QUESTIONS)]
        there.robot.say(f"asker{place}", text, group=ASKING[place])


def _answered(there: Simulator, asked: Asked) -> bool:
    """By a frame, or by a push after it; the flooded group hears thirty a minute and the rest later."""
    if asked.first_frame or asked.group == FLOODED:
        return True
    words = f"「{asked.body['text']['content'].partition(' ')[2][:15]}"
    return any(bubble.id > asked.since and words in bubble.text for bubble in there.robot.inbox(asked.group))


def _at(times: Sequence[float], share: float) -> float:
    return sorted(times)[min(len(times) - 1, int(share * len(times)))]
