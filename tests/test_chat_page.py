"""The chat page in a real browser, on a desktop and on a phone, against a tiny scripted bot.

Every test also fails when the page asks another machine for anything or writes an error to the console.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
import pytest_asyncio

from simulator import server
from simulator.clock import SHANGHAI, Day, weekdays
from simulator.server import Simulator
from simulator.world import demo_world
from tests.browser import (
    CONSOLE,
    Answer,
    Caller,
    Heard,
    ScriptedBot,
    chromium,
    chromium_path,
    has_chinese_font,
    scripted_bot,
    text,
)

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

pytestmark = [
    pytest.mark.skipif(
        chromium_path() is None, reason="chromium is not installed; sh .ci/browser.sh does it"
    ),
    pytest.mark.asyncio(loop_scope="module"),
]
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
BOTH = pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
EVIL = (
    "<script>window.hit=1</script><img src=x onerror='window.hit=1'><svg onload=window.hit=1>"
    '<a href="javascript:window.hit=1">点我</a>[点我](javascript:window.hit=1)'
    '<font color="info" onclick="window.hit=1">x</font>'
)
OFFICE, CHAOAN = "wr-office", "wr-chaoan"
CUSTOMER = "wmDemoWuLi0000000000000000001"
NOT_HEARD = "在群里@百千万督办助手，它才听得到；群机器人只发通报，不听。"
Opener = Callable[..., Awaitable["Page"]]


def with_a_holiday(day: date) -> Day:
    """Thursday, 18 July, is off; otherwise Monday to Friday."""
    return Day(False, "节假日") if day == date(2024, 7, 18) else weekdays(day)


def script(heard: Heard) -> Answer:
    fields = heard.fields
    match fields.get("Event"):
        case "enter_agent" | "kf_msg_or_event":
            return None
        case "click":
            return text(f"点了{fields['EventKey']}")
        case "template_card_event":
            name = f"<ReplaceName>已{fields['EventKey']}</ReplaceName>"
            return f"<MsgType>update_button</MsgType><Button>{name}</Button>"
    return text(f"答:{fields.get('Content', fields['MsgType'])}")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="module")
async def bot() -> AsyncIterator[ScriptedBot]:
    async with scripted_bot(script) as bot:
        yield bot


@pytest_asyncio.fixture(loop_scope="module")
async def sim(bot: ScriptedBot) -> AsyncIterator[Simulator]:
    simulator = await server.start(
        demo_world(), callback_url=bot.url, retry_delay=0, calendar=with_a_holiday, **CONSOLE
    )
    yield simulator
    await simulator.close()


@pytest_asyncio.fixture(loop_scope="module")
async def api(sim: Simulator) -> AsyncIterator[Caller]:
    async with aiohttp.ClientSession() as session:
        caller = Caller(sim.api_base, session)
        await caller.log_in()
        yield caller


@pytest_asyncio.fixture(loop_scope="module")
async def show(browser: Browser, sim: Simulator) -> AsyncIterator[Opener]:
    """Opens the page as one person; afterwards checks that it kept quiet and to itself."""
    complaints: list[str] = []
    contexts = []

    async def opener(size: dict[str, int], person: str = "linxiao") -> Page:
        phone = size["width"] < 760
        context = await browser.new_context(viewport=size, is_mobile=phone, has_touch=phone)  # type: ignore[arg-type]
        contexts.append(context)
        page = await context.new_page()
        page.set_default_timeout(5000)
        page.on(
            "console",
            lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None,
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(f"dialog {dialog.message}"))
        page.on(
            "request",
            lambda asked: None if asked.url.startswith((sim.url, "data:")) else complaints.append(asked.url),
        )
        await page.goto(f"{sim.url}/#{person}")
        await page.locator(".person").first.wait_for(state="attached")
        return page

    yield opener
    for context in contexts:
        await context.close()
    assert complaints == []


async def bubbles(page: Page, number: int) -> list[str]:
    """The words of the messages on screen, once there are that many."""
    await page.locator(".message:not(.typing)").nth(number - 1).wait_for()
    await page.locator("#typing").wait_for(state="detached")
    return [words.strip() for words in await page.locator(".message:not(.typing) .bubble").all_inner_texts()]


async def to_the_list(page: Page) -> None:
    """On a desktop it is always there."""
    if await page.locator("#back").is_visible():
        await page.locator("#back").click()
    await page.locator(".people").wait_for()


async def fits(page: Page) -> bool:
    """Nothing to scroll sideways."""
    wide: bool = await page.evaluate(
        "['html', '#scroll', '.people-list'].map(place => document.querySelector(place))"
        ".every(node => node.scrollWidth <= node.clientWidth)"
    )
    return wide


@BOTH
async def test_a_question_is_typed_sent_with_enter_and_answered(show: Opener, size: dict[str, int]) -> None:
    page = await show(size)
    field = page.get_by_label("输入消息")
    await field.fill("冷链哪个单位牵头?")
    await field.press("Enter")
    assert await bubbles(page, 2) == ["冷链哪个单位牵头?", "答:冷链哪个单位牵头?"]
    assert await field.input_value() == ""
    assert await page.locator(".message.mine").count() == 1
    assert await fits(page)


async def test_shift_enter_makes_a_new_line_and_an_empty_field_sends_nothing(show: Opener) -> None:
    page = await show(DESKTOP)
    field = page.get_by_label("输入消息")
    assert await page.get_by_role("button", name="发送", exact=True).is_disabled()
    await field.press("Enter")
    await field.press_sequentially("第一行")
    await field.press("Shift+Enter")
    await field.press_sequentially("第二行")
    await page.get_by_role("button", name="发送", exact=True).click()
    assert await bubbles(page, 2) == ["第一行\n第二行", "答:第一行\n第二行"]


@BOTH
async def test_an_example_and_a_menu_entry_are_one_touch_away(show: Opener, size: dict[str, int]) -> None:
    page = await show(size)
    await page.locator(".chip").first.click()
    assert (await bubbles(page, 2))[1].startswith("答:冷链")
    await page.locator("#menu").get_by_role("button", name="帮助").click()
    assert (await bubbles(page, 3))[2] == "点了help"


async def test_switching_the_person_keeps_each_chat_and_shows_what_is_unread(
    show: Opener, api: Caller
) -> None:
    page = await show(DESKTOP)
    await page.locator(".chip").first.click()
    await bubbles(page, 2)
    await api.send("chenjing", text={"content": "请报进展"})
    await page.locator('[data-key="chenjing"] .badge').wait_for()
    await page.get_by_role("button", name="陈静").click()
    assert await bubbles(page, 1) == ["请报进展"]
    await page.locator('[data-key="chenjing"] .badge').wait_for(state="detached")
    await page.get_by_role("button", name="林晓").click()
    assert len(await bubbles(page, 2)) == 2
    await page.reload()
    assert len(await bubbles(page, 2)) == 2


async def test_on_a_phone_the_list_leads_to_the_chat_and_back(show: Opener, sim: Simulator) -> None:
    page = await show(PHONE, "")
    assert await page.locator(".people").is_visible()
    assert not await page.locator(".chat").is_visible()
    await page.get_by_role("button", name="周敏").click()
    assert await page.locator(".chat").is_visible()
    assert not await page.locator(".people").is_visible()
    await page.get_by_role("button", name="返回身份列表").click()
    await page.locator(".people").wait_for()
    assert await fits(page)


@BOTH
async def test_what_is_said_in_a_group_reaches_its_other_members_and_never_the_bot(
    show: Opener, sim: Simulator, bot: ScriptedBot, size: dict[str, int]
) -> None:
    page = await show(size, "chenjing")
    await bot.hears(1)
    await page.locator("#tabs").get_by_role("button", name="市百千万办工作群").click()
    await page.locator("#chat-title", has_text="市百千万办工作群（5）").wait_for()
    assert await page.locator(".notice").all_inner_texts() == [NOT_HEARD]
    assert not await page.locator("#menu").is_visible()
    await page.get_by_label("输入消息").fill("冷链的进展\n<b>今天报</b>")
    await page.get_by_label("输入消息").press("Enter")
    assert await bubbles(page, 1) == ["冷链的进展\n<b>今天报</b>"]
    assert await page.locator(".message.mine").count() == 1
    await to_the_list(page)
    assert await page.locator('[data-key="linxiao"] .badge').count() == 0
    await page.locator('[data-key="wanglei"] .badge').wait_for()
    await page.locator('[data-key="wanglei"]').click()  # leads to what is unread: the group
    assert await bubbles(page, 1) == ["冷链的进展\n<b>今天报</b>"]
    assert await page.locator(".message:not(.mine) .who-shown").inner_text() == "陈静"
    assert await page.locator(".message .avatar-liaison").inner_text() == "陈静"
    await page.locator('[data-key="wanglei"] .badge').wait_for(state="detached")
    await page.locator('[data-key="zhoumin"] .badge').wait_for(state="attached")
    assert await fits(page)
    assert [heard.fields.get("Event") for heard in bot.heard] == ["enter_agent"]
    assert sim.chat("chenjing") == ()


@BOTH
async def test_a_group_stays_closed_to_who_is_not_in_it(show: Opener, size: dict[str, int]) -> None:
    page = await show(size, f"sumingzhu/{OFFICE}")
    assert await page.locator("#tabs button").all_inner_texts() == ["百千万督办助手", "政企微信群"]
    assert await page.locator("#chat-title").inner_text() == "百千万督办助手"


async def test_a_group_is_live_for_two_people_at_two_machines(show: Opener, sim: Simulator) -> None:
    liaison, official = await show(DESKTOP, f"zhengyun/{CHAOAN}"), await show(PHONE, "linxiao")
    await liaison.get_by_label("输入消息").fill("请报进展")
    await liaison.get_by_role("button", name="发送", exact=True).click()
    tab = official.locator("#tabs").get_by_role("button", name="潮安区百千万工作群，1条未读")
    await tab.click()
    assert await bubbles(official, 1) == ["请报进展"]
    await official.get_by_label("输入消息").fill("已完成")
    await official.get_by_label("输入消息").press("Enter")
    assert await bubbles(liaison, 2) == ["请报进展", "已完成"]
    assert await liaison.locator(".who-shown").all_inner_texts() == ["林晓"]
    await liaison.locator("#tabs .badge").wait_for(state="detached")  # it was on his screen: he has read it


@BOTH
async def test_a_group_robot_speaks_under_its_name_and_pings_one_member(
    show: Opener, sim: Simulator, api: Caller, size: dict[str, int]
) -> None:
    hook = sim.groups.add_webhook(OFFICE, "通报机器人")
    page = await show(size, "chenjing")
    text = {"content": "【一周进展】\n请陈静同志留意", "mentioned_list": ["chenjing"]}
    url = f"{api.base}webhook/send"
    async with api.session.post(
        url, params={"key": hook.key}, json={"msgtype": "text", "text": text}
    ) as reply:
        assert (await reply.json())["errcode"] == 0
    await page.locator("#tabs .called", has_text="@我").wait_for()
    await page.locator("#tabs").get_by_role("button", name="市百千万办工作群，1条未读，有人@我").click()
    assert await bubbles(page, 1) == ["【一周进展】\n请陈静同志留意\n@陈静"]
    assert await page.locator(".ping-me").inner_text() == "@陈静"
    assert await page.locator(".who-shown").inner_text() == "通报机器人"
    await page.locator("#tabs .called").wait_for(state="detached")
    await to_the_list(page)
    huang = page.locator('[data-key="huangwei"]')
    await huang.locator(".badge").wait_for()
    assert await huang.locator(".called").count() == 0  # he was not called
    await huang.click()
    assert await page.locator(".ping").inner_text() == "@陈静"
    assert await page.locator(".ping-me").count() == 0
    assert await fits(page)


async def test_a_group_the_app_makes_appears_for_its_members(
    show: Opener, sim: Simulator, api: Caller
) -> None:
    page = await show(DESKTOP, "linxiao")
    made = {"chatid": "own1", "name": "潮安专班群", "userlist": ["linxiao", "zhengyun"]}
    assert (await api.post("appchat/create", made))["errcode"] == 0
    sent = {"chatid": "own1", "msgtype": "text", "text": {"content": "本群已建"}}
    assert (await api.post("appchat/send", sent))["errcode"] == 0
    await page.locator("#tabs").get_by_role("button", name="潮安专班群").click()
    assert await bubbles(page, 1) == ["本群已建"]
    await page.locator("#chat-title", has_text="潮安专班群（2）").wait_for()


async def test_with_a_robot_in_the_group_its_name_is_one_touch_away(show: Opener, sim: Simulator) -> None:
    heard: list[tuple[str, str, str]] = []
    sim.phone.overheard = lambda who, group, text: heard.append((who.userid, group.chatid, text))
    page = await show(PHONE, f"chenjing/{OFFICE}")
    assert "它才听得到" in await page.locator(".notice").first.inner_text()
    await page.get_by_role("button", name="@机器人").click()
    await page.get_by_label("输入消息").press_sequentially("冷链谁牵头")
    await page.get_by_label("输入消息").press("Enter")
    assert await bubbles(page, 1) == ["@百千万督办助手 冷链谁牵头"]
    assert heard == [("chenjing", OFFICE, "@百千万督办助手 冷链谁牵头")]
    assert await fits(page)


@BOTH
async def test_somebody_with_wechat_alone_writes_touches_a_line_and_meets_a_human_being(
    show: Opener, sim: Simulator, api: Caller, bot: ScriptedBot, size: dict[str, int]
) -> None:
    page = await show(size, CUSTOMER)
    assert await page.locator("#chat-title").inner_text() == "潮州百千万·企业服务"
    assert not await page.locator("#menu").is_visible()
    await page.locator(".chip").first.click()
    assert await bubbles(page, 1) == ["冷链有什么支持？"]
    await bot.hears(2)  # entering, and the question: told without a word of it
    assert "冷链" not in bot.heard[-1].xml
    await page.locator("#chat-sub", has_text="助手接待，还可回5条").wait_for()
    items = [{"type": "click", "click": {"id": "第17条", "content": "第17点"}}]
    whose = {"open_kfid": sim.world.kf[0].open_kfid, "touser": CUSTOMER}
    menu = {"msgtype": "msgmenu", "msgmenu": {"head_content": "您是不是想问", "list": items}}
    assert (await api.post("kf/send_msg", {**whose, **menu}))["errcode"] == 0
    await page.get_by_role("button", name="第17点").click()
    assert (await bubbles(page, 3))[2] == "第17点"
    state = {"open_kfid": whose["open_kfid"], "external_userid": CUSTOMER}
    human = {**state, "service_state": 3, "servicer_userid": "wanglei"}
    assert (await api.post("kf/service_state/trans", human))["errcode"] == 0
    await page.locator("#chat-sub", has_text="人工接待（王磊）").wait_for()
    await page.get_by_label("输入消息").fill("您好，请讲")
    await page.get_by_role("button", name="以王磊回复").click()
    assert (await bubbles(page, 4))[3] == "您好，请讲"
    assert await page.locator(".who-shown").inner_text() == "王磊"
    assert await fits(page)
    await page.get_by_role("button", name="结束人工").click()
    await page.locator(".kf-who").wait_for(state="detached")


@BOTH
async def test_a_card_button_waits_for_the_bot_and_then_closes_the_card(
    show: Opener, api: Caller, bot: ScriptedBot, size: dict[str, int]
) -> None:
    card = {
        "card_type": "button_interaction",
        "task_id": "t1",
        "main_title": {"title": "请核对", "desc": "第17点"},
        "horizontal_content_list": [{"keyname": "新增库容", "value": "0.25万吨" * 8}],
        "button_list": [{"text": "没错", "key": "确认"}, {"text": "要更正", "key": "更正"}],
    }
    await api.send("linxiao", "template_card", template_card=card)
    page = await show(size)
    button = page.get_by_role("button", name="没错")
    await button.wait_for()
    bot.gate.clear()
    await button.click()
    await page.locator("#typing").wait_for()
    assert await page.get_by_role("button", name="没错").is_disabled()
    bot.gate.set()
    await page.locator(".card-done").wait_for()
    assert await page.locator(".card-done").inner_text() == "已确认"
    assert await page.get_by_role("button", name="要更正").count() == 0
    assert await fits(page)


async def test_a_card_the_bot_does_not_update_can_be_pressed_again(
    show: Opener, api: Caller, bot: ScriptedBot
) -> None:
    options = [{"id": "y", "text": "已经解决"}, {"id": "n", "text": "还没有"}]
    vote = {
        "card_type": "vote_interaction",
        "task_id": "v1",
        "main_title": {"title": "解决了吗"},
        "checkbox": {"question_key": "q", "mode": 0, "option_list": options},
        "submit_button": {"text": "提交", "key": "submit"},
    }
    await api.send("sumingzhu", "template_card", template_card=vote)
    bot.script = lambda heard: None
    page = await show(PHONE, "sumingzhu")
    await page.get_by_label("还没有").check()
    await page.get_by_role("button", name="提交").click()
    await page.locator(".card-buttons button:enabled").wait_for()
    assert "<OptionId><![CDATA[n]]></OptionId>" in bot.heard[-1].xml


async def test_the_typing_sign_is_there_while_the_bot_thinks(show: Opener, bot: ScriptedBot) -> None:
    page = await show(PHONE)
    bot.gate.clear()
    await page.locator(".chip").first.click()
    await page.locator("#typing").wait_for()
    assert await page.locator("#chat-sub").inner_text() == "对方正在输入…"
    bot.gate.set()
    assert len(await bubbles(page, 2)) == 2
    assert await page.locator("#chat-sub").inner_text() == "我是林晓 · 凤凰镇党政办干部"


@BOTH
async def test_every_kind_of_message_is_drawn_within_the_screen(
    show: Opener, api: Caller, size: dict[str, int]
) -> None:
    url = "https://example.org/notice"
    rich = (
        '# 专报\n> 截至7月14日\n**今日变化** `0.25万吨`\n<font color="warning">慢12个百分点</font> '
        f"[台账]({url}) <@chenjing>"
    )
    await api.send("linxiao", "markdown", markdown={"content": rich})
    await api.send("linxiao", text={"content": f'见 <a href="{url}">原文</a> 或 {url}。\n' + "长" * 600})
    await api.send("linxiao", text={"content": "w" * 900})
    textcard = {"title": "通报", "description": '<div class="highlight">1项需协调</div>', "url": url}
    await api.send("linxiao", "textcard", textcard=textcard)
    articles = [
        {"title": "简报", "url": url, "picurl": "https://example.org/a.png"},
        {"title": "二", "url": url},
    ]
    await api.send("linxiao", "news", news={"articles": articles})
    notice: dict[str, Any] = {
        "card_type": "news_notice",
        "source": {"desc": "市百千万办"},
        "main_title": {"title": "今日专报"},
        "emphasis_content": {"title": "3", "desc": "件待决"},
        "quote_area": {"quote_text": "不少于28个项目"},
        "card_image": {"url": "https://example.org/b.png"},
        "vertical_content_list": [{"title": "冷链", "desc": "市供销社"}],
        "card_action": {"type": 1, "url": url},
    }
    await api.send("linxiao", "template_card", template_card=notice)
    page = await show(size)
    words = await bubbles(page, 6)
    lines = [line for line in words[0].split("\n") if line]
    assert lines == ["专报", "截至7月14日", "今日变化 0.25万吨", "慢12个百分点 台账 @陈静"]
    assert await page.locator(".md-warning").inner_text() == "慢12个百分点"
    assert await page.locator(".bubble a[href='https://example.org/notice']").count() >= 5
    assert "原文 或 https://example.org/notice。" in words[1]
    assert await fits(page)


async def test_a_long_answer_is_read_from_its_first_line(show: Opener, bot: ScriptedBot) -> None:
    bot.script = lambda heard: text("开头\n" + "很长的一段话。" * 90)
    page = await show(PHONE)
    await page.locator(".chip").first.click()
    await bubbles(page, 2)
    answer, view = [await page.locator(place).bounding_box() for place in (".message:last-child", "#scroll")]
    assert answer is not None
    assert view is not None
    assert answer["height"] > view["height"]
    assert abs(answer["y"] - view["y"]) < 20


async def test_even_the_narrowest_phone_needs_no_sideways_scrolling(show: Opener, api: Caller) -> None:
    await api.send("linxiao", text={"content": "https://example.org/" + "a" * 200})
    page = await show({"width": 320, "height": 568})
    await bubbles(page, 1)
    assert await fits(page)
    await page.get_by_role("button", name="返回身份列表").click()
    await page.locator(".people").wait_for()
    assert await fits(page)


@BOTH
async def test_hostile_text_is_shown_as_text_in_every_place(
    show: Opener, api: Caller, size: dict[str, int]
) -> None:
    url = "https://example.org"
    await api.send("linxiao", text={"content": EVIL})
    await api.send("linxiao", "markdown", markdown={"content": f"# {EVIL}\n> {EVIL}\n**{EVIL}**"})
    await api.send(
        "linxiao", "textcard", textcard={"title": EVIL[:40], "description": EVIL, "url": "javascript:hit=1"}
    )
    await api.send(
        "linxiao", "news", news={"articles": [{"title": EVIL[:40], "url": url, "description": EVIL}]}
    )
    card = {
        "card_type": "button_interaction",
        "task_id": "x1",
        "main_title": {"title": EVIL, "desc": EVIL},
        "horizontal_content_list": [{"keyname": EVIL, "value": EVIL, "type": 1, "url": "javascript:hit=1"}],
        "button_list": [
            {"text": EVIL, "key": "k"},
            {"text": "b", "key": "l", "type": 1, "url": "javascript:hit=1"},
        ],
    }
    await api.send("linxiao", "template_card", template_card=card)
    page = await show(size)
    await page.get_by_label("输入消息").fill(EVIL)
    await page.get_by_label("输入消息").press("Enter")
    words = await bubbles(page, 7)
    assert words[5] == EVIL
    assert "<script>window.hit=1</script>" in words[0]
    assert await page.evaluate("window.hit") is None
    assert await page.locator(".bubble script, .bubble img, .bubble svg, .bubble [onclick]").count() == 0
    hrefs = await page.locator(".bubble a").evaluate_all("links => links.map(link => link.href)")
    assert all(href.startswith("http") for href in hrefs)
    assert await fits(page)


async def test_a_picture_is_shown_and_reaches_the_bot(show: Opener, sim: Simulator, bot: ScriptedBot) -> None:
    page = await show(PHONE)
    png = await page.screenshot(clip={"x": 0, "y": 0, "width": 60, "height": 40})
    await page.locator("#picture").set_input_files(
        {"name": "现场.png", "mimeType": "image/png", "buffer": png}
    )
    assert (await bubbles(page, 2))[1] == "答:image"
    width = await page.locator(".bubble-image img").evaluate(
        "async img => (await img.decode(), img.naturalWidth)"
    )
    assert width == 60
    assert bot.heard[-1].fields["PicUrl"].startswith(sim.url)


@BOTH
async def test_a_file_is_attached_by_the_paper_clip_and_reaches_the_bot(
    show: Opener, sim: Simulator, bot: ScriptedBot, size: dict[str, int]
) -> None:
    page = await show(size)
    await page.get_by_label("发送文件").set_input_files(
        {"name": "17项进展.docx", "mimeType": "application/octet-stream", "buffer": b"PK\x03\x04" * 600}
    )
    said, answered = await bubbles(page, 2)
    assert said.split() == ["17项进展.docx", "2", "KB", "DOCX"]
    assert answered == "答:file"
    assert bot.heard[-1].fields["FileName"] == "17项进展.docx"
    await page.get_by_label("发送文件").set_input_files(
        {"name": "空.txt", "mimeType": "text/plain", "buffer": b""}
    )
    await page.locator("#toast", has_text="文件是空的").wait_for()
    assert await fits(page)


async def test_the_demo_clock_can_be_set_and_stepped(show: Opener, sim: Simulator) -> None:
    page = await show(PHONE)
    await page.locator("#clock-now", has_text="2024年7月15日 周一 09:0").wait_for()
    await page.locator("#clock-open").click()
    await page.get_by_label("日期").fill("2024-10-08")
    await page.get_by_label("时间", exact=True).fill("08:30")
    await page.get_by_role("button", name="拨到这一刻").click()
    await page.locator("#clock-now", has_text="2024年10月8日 周二 08:3").wait_for()
    await page.locator("#clock-open").click()
    await page.get_by_role("button", name="过一天").click()
    await page.locator("#clock-now", has_text="10月9日 周三 08:3").wait_for()
    assert sim.clock.now().day == 9


@BOTH
async def test_the_strip_steps_through_days_and_says_which_are_worked(
    show: Opener, sim: Simulator, size: dict[str, int]
) -> None:
    page = await show(size)
    clock, day = page.locator("#clock-now"), page.locator("#clock-day")
    await page.locator("#clock-day", has_text="工作日").wait_for()
    await page.get_by_role("button", name="+1小时").click()
    await page.locator("#clock-now", has_text="周一 10:0").wait_for()
    for weekday in ("周二", "周三"):
        await page.get_by_role("button", name="+1天").click()
        await page.locator("#clock-now", has_text=f"{weekday} 10:0").wait_for()
    await page.get_by_role("button", name="+1天").click()
    await page.locator("#clock-day.strip-rest", has_text="节假日").wait_for()
    await page.get_by_role("button", name="下一个工作日9:00").click()
    await page.locator("#clock-now", has_text="2024年7月19日 周五 09:00").wait_for()
    assert await day.inner_text() == "工作日"
    await page.get_by_role("button", name="下一个工作日9:00").click()
    await page.locator("#clock-now", has_text="7月22日 周一 09:00").wait_for()
    await page.get_by_label("跳到这一天").fill("2024-09-01")
    await page.locator("#clock-now", has_text="2024年9月1日 周日 09:0").wait_for()
    assert "休息日" in await day.inner_text()
    assert sim.clock.now().date() == date(2024, 9, 1)
    assert await clock.is_visible()
    assert await fits(page)


async def test_midnight_passes_by_itself(show: Opener, sim: Simulator) -> None:
    page = await show(DESKTOP)
    sim.clock.set(datetime(2024, 7, 19, 23, 59, 58, tzinfo=SHANGHAI))
    await page.locator("#clock-now", has_text="7月19日").wait_for()
    await page.locator("#clock-day", has_text="休息日").wait_for()
    assert "7月20日 周六" in await page.locator("#clock-now").inner_text()


async def test_a_message_pushed_after_a_step_arrives_on_the_page(
    show: Opener, sim: Simulator, api: Caller
) -> None:
    page = await show(PHONE)
    await page.get_by_role("button", name="+1天").click()
    await page.locator("#clock-now", has_text="7月16日").wait_for()
    await api.log_in()  # a day later the token has run out
    await api.send("linxiao", text={"content": "【今日到期】请回复"})
    assert await bubbles(page, 1) == ["【今日到期】请回复"]


async def test_a_fault_is_armed_in_the_drawer_and_strikes_once(
    show: Opener, sim: Simulator, bot: ScriptedBot
) -> None:
    page = await show(DESKTOP)
    await page.locator("#drill-open").click()
    await page.get_by_role("button", name="应答被忽略：演练一次").click()
    await page.locator(".faults .armed").wait_for()
    assert sim.faults.armed("ignored") == 1
    await page.locator("#drill").get_by_role("button", name="关闭").click()
    await page.locator(".chip").first.click()
    assert len(await bubbles(page, 2)) == 2
    assert len({heard.fields["MsgId"] for heard in bot.heard if "MsgId" in heard.fields}) == 1
    assert [a.landing for a in sim.journal.deliveries("linxiao")[-1].attempts] == ["ignored", "answered"]
    await page.locator("#drill-open").click()
    await page.locator("#log li", has_text="应答被忽略").wait_for()


async def test_a_message_that_reaches_nobody_says_so(show: Opener, bot: ScriptedBot) -> None:
    bot.script = lambda heard: 500
    page = await show(PHONE)
    await page.locator(".chip").first.click()
    await page.locator(".notice", has_text="这条消息没有送达").first.wait_for()


@pytest.mark.skipif(
    not has_chinese_font(), reason="no Chinese font on this machine; sh .ci/browser.sh gets one"
)
async def test_chinese_is_drawn_with_a_font_and_not_as_boxes(show: Opener) -> None:
    page = await show(DESKTOP)
    different = await page.evaluate(
        """() => {
          const draw = (word) => {
            const canvas = Object.assign(document.createElement('canvas'), {width: 40, height: 40});
            const pen = canvas.getContext('2d');
            pen.font = `28px ${getComputedStyle(document.body).fontFamily}`;
            pen.fillText(word, 4, 32);
            return canvas.toDataURL();
          };
          return draw('督') !== draw('办') && draw('督') !== draw('\\u{10FFFE}');
        }"""
    )
    assert different
