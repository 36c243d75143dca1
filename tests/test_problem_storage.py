"""Problems in the database: numbers run, the first of two acts counts, contacts are erased in time."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import select

from storage import problem, problem_steps, problem_visits, problems
from storage.engine import Database
from storage.problem import Problem
from storage.problem_steps import Step
from storage.tables import audit
from storage.tables import problem_steps as steps_table
from tests.conftest import MONDAY


def brought(key: str, **changes: object) -> Problem:
    usual = Problem(
        "7号", 2024, problem.KF, "wmFirm", key, "停电", MONDAY, MONDAY, MONDAY + timedelta(days=7)
    )
    return replace(usual, **changes)  # type: ignore[arg-type]


async def test_numbers_run_within_a_year_whoever_records(database: Database) -> None:
    async def record(key: str, year: int = 2024) -> str:
        async with database.transaction() as conn:
            return (await problems.add(conn, brought(key, year=year), words="停电")).label

    labels = await asyncio.gather(*(record(f"k{n}") for n in range(6)))
    assert sorted(labels) == [f"第{n:04d}号" for n in range(1, 7)]
    assert await record("other", 2025) == "第0001号"


async def test_the_first_of_two_acts_on_the_same_state_counts(database: Database) -> None:
    async with database.transaction() as conn:
        before = await problems.add(conn, brought("k", points=(17,), firm="某厂"))
        assert await problems.numbered(conn, 2024, before.number) == before
        step = Step(before.id, MONDAY, "wanglei", problem_steps.ASSIGN, "分办 潮州供电局")
        after = await problems.change(
            conn, before, step, state=problem.ASSIGNED, lead="潮州供电局", helpers=("市城管执法局",)
        )
        assert after is not None
        assert await problems.one(conn, before.id) == after
        late = Step(before.id, MONDAY, "other", problem_steps.ASSIGN)
        assert await problems.change(conn, before, late, lead="市水务局") is None
        story = await problem_steps.of(conn, before.id)
        assert [one.act for one in story] == ["record", "assign"]
        entries = (await conn.execute(select(audit))).all()
    assert [(row.action, row.subject, row.person) for row in entries] == [
        ("problem-assign", "政企问题第0001号", "wanglei")
    ]


async def test_what_is_open_what_came_lately_and_whose_it_is(database: Database) -> None:
    async with database.transaction() as conn:
        one = await problems.add(conn, brought("a", door="kf", origin="wmFirm"))
        over = await problems.add(conn, brought("b", door="kf", origin="wmFirm", state=problem.CLOSED))
        await problems.add(conn, brought("c", state=problem.REFUSED))
        tracked = await problems.add(conn, brought("d", state=problem.TRACKED_ON, helpers=("市水务局",)))
        running = await problems.running(conn)
        assert [row.id for row in running] == [one.id, tracked.id]
        for light, whole in zip(await problems.ticking(conn, MONDAY, MONDAY), running, strict=True):
            assert (light.number, light.state, light.due_at) == (whole.number, whole.state, whole.due_at)
            assert (light.helpers, light.helped) == (whole.helpers, whole.helped)
        assert [row.id for row in await problems.of_origin(conn, "kf", "wmFirm")] == [over.id, one.id]
        assert await problems.of_origin(conn, "kf", "wmfirm") == []  # an external id keeps its case
        later = MONDAY + timedelta(days=1)
        assert [row.id for row in await problems.of_origin(conn, "kf", "wmFirm", later)] == [one.id]
        assert len(await problems.since(conn, later)) == 2
        assert len(await problems.since(conn, MONDAY)) == 4
        assert len(await problems.of_year(conn, 2024)) == 4
        assert (await problems.with_message(conn, ["b", "zzz"]))[0].id == over.id


async def test_contacts_are_erased_when_nobody_needs_them(database: Database) -> None:
    closed = {"state": problem.CLOSED, "closed_at": MONDAY, "contact": "陈明", "phone": "13800138000"}
    async with database.transaction() as conn:
        old = await problems.add(conn, brought("a", **closed))
        assert await problems.forget_contacts(conn, MONDAY) == 0
        assert await problems.forget_contacts(conn, MONDAY + timedelta(days=1)) == 1
        found = await problems.one(conn, old.id)
        assert found is not None
        assert (found.contact, found.phone) == ("", "")
        rows = (await conn.execute(select(steps_table.c.words))).scalars().all()
    assert not any("1380" in words for words in rows)


async def test_visits_belong_to_the_closing_they_were_planned_with(database: Database) -> None:
    day = date(2024, 8, 14)
    async with database.transaction() as conn:
        one = await problems.add(conn, brought("a", state=problem.CLOSED))
        await problem_visits.plan(conn, one.id, 0, [day, day + timedelta(days=60)])
        assert await problem_visits.due(conn, day - timedelta(days=1)) == []
        (first,) = await problem_visits.due(conn, day)
        again = await problems.change(conn, one, again=1, state=problem.ACCEPTED)
        assert await problem_visits.due(conn, day) == []
        assert again is not None
        assert again.label == "第0001号-2"
        await problems.change(conn, again, state=problem.CLOSED)
        await problem_visits.plan(conn, one.id, 1, [day])
        (second,) = await problem_visits.due(conn, day)
        assert (first.series, second.series) == (0, 1)
        await problem_visits.asked(conn, [second.id], MONDAY, by_phone=True)
        await problem_visits.answered(conn, second, "正常", "holds", "m", MONDAY)
        assert await problem_visits.due(conn, day) == []
        (told,) = await problem_visits.answered_since(conn, MONDAY)
        assert (told.answer, told.finding, told.by_phone) == ("正常", "holds", True)


async def test_a_sweep_does_not_read_what_is_done_in_good_time(database: Database) -> None:
    day = timedelta(days=1)
    calm = {"state": problem.CONTACTED, "due_at": MONDAY + 9 * day, "lead": "市水务局"}
    async with database.transaction() as conn:
        await problems.add(conn, brought("calm", **calm))
        for key, more in (
            ("late", {"due_at": MONDAY}),
            ("plan", {"kind": problem.COMPLEX}),
            ("helper", {"helpers": ("市城管执法局",)}),
            ("asks", {"wanted_until": MONDAY + 12 * day}),
            ("long", {"counts_from": MONDAY - 7 * day}),
            ("taken", {"state": problem.ACCEPTED}),
        ):
            await problems.add(conn, brought(key, **{**calm, **more}))
        found = await problems.ticking(conn, MONDAY - 5 * day, MONDAY + 4 * day)
        assert [one.number for one in found] == [2, 3, 4, 5, 6, 7]
