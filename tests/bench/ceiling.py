"""The ceiling: a bare aiohttp server that opens, parses, echoes and seals callbacks, and stores nothing.

Run as `python -m tests.bench.ceiling PORT CORE PARSER`; the token, key and ids are those of `load.py`. The
parser is "bare" (two elements cut out of the XML, the least a server can do) or "wechatpy" (what the bot
does).
"""

import re
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

from aiohttp import web

from bot.wecom.crypto import Crypto, read_envelope, reply_envelope
from bot.wecom.inbound import passive_text, to_message, warm_up
from tests.bench import machine
from tests.bench.load import AES_KEY, AGENT, CORP, TOKEN

CRYPTO = Crypto(TOKEN, AES_KEY, CORP)
_PERSON = re.compile(r"<FromUserName><!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_CONTENT = re.compile(r"<Content><!\[CDATA\[(.*?)\]\]>", re.DOTALL)


def bare(xml: str, now: datetime) -> tuple[str, str]:
    return _PERSON.findall(xml)[0], _CONTENT.findall(xml)[0]


def wechatpy(xml: str, now: datetime) -> tuple[str, str]:
    message = to_message(xml, agent=str(AGENT), received_at=now)
    return message.person, message.text


PARSERS: dict[str, Callable[[str, datetime], tuple[str, str]]] = {"bare": bare, "wechatpy": wechatpy}
PARSER: web.AppKey[str] = web.AppKey("parser", str)


async def receive(request: web.Request) -> web.Response:
    envelope = read_envelope(await request.read())
    query = request.query
    opened = CRYPTO.open(query["msg_signature"], query["timestamp"], query["nonce"], envelope.encrypted)
    now = datetime.now(UTC)
    person, said = PARSERS[request.app[PARSER]](opened, now)
    xml = passive_text(person, CORP, said, now)
    sealed = CRYPTO.seal(xml, query["nonce"], str(int(time.time())))
    return web.Response(text=reply_envelope(sealed), content_type="application/xml")


async def ready(_request: web.Request) -> web.Response:
    return web.Response(text="ok")


def main() -> None:
    port, core, parser = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    machine.pin(core)
    warm_up()
    app = web.Application()
    app[PARSER] = parser
    app.add_routes([web.post("/wecom/app", receive), web.get("/readyz", ready)])
    web.run_app(app, host="127.0.0.1", port=port, access_log=None, print=None)


if __name__ == "__main__":
    main()
