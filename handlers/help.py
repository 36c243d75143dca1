"""Says what the bot can do for the person who asks: what he does most, with words he can copy.

Nobody reads a manual in a chat, so each role gets one screen; the whole table is for the office, a part at a
time. A test holds that every example here is understood.
"""

from __future__ import annotations

import re

from handlers import firms
from handlers.context import Context, typed
from storage.message import Message, Reply, Text

_ASKED = re.compile(
    r"(?:请问|你好|您好)?(?:帮助|help|\?+|菜单|功能|命令|(?:使用|操作)?(?:说明|手册|指南)|(?:这个)?(?:怎么|如何)(?:使?用|操作|问)"
    r"|你?(?:都|还)?(?:能|会|可以)(?:问|做|干|办)(?:些|点)?(?:什么|啥)|你?有(?:什么|哪些|啥)(?:功能|用处?)|你是谁|你是(?:什么|干什么的))"
    r"[呢啊呀吗]?"
)

QUESTIONS = """我是百千万督办助手，可以这样问我：
①谁牵头：冷链哪个单位牵头？
②原文：第17条说什么；第三部分有哪些
③指标：今年要新增多少冷库
④单位任务：市水务局负责哪些
⑤地方任务：潮安有哪些
⑥接着问：全文；那湘桥呢；还有吗；答得不对就说“不对”
也可以用拼音或英文提问，例如 lenglian shei qiantou。
责任分工在市百千万办确认前都会注明“建议”。"""

LIAISON = """【联络员常用】
①看要报什么：我的任务；什么时候截止
②报进展：直接写，一条说几项都行，例如：①25.6 ②5，困难：管线迁改未定
③没有新数：无变化；平台已报；不属本单位；需协调
④报错了：更正：17项应为65%；撤回
⑤要晚几天：要点17申请延期到7月30日，因管线迁改未定
⑥案例、改革：报案例 示范街先议后建……
⑦企业诉求：诉求；接办38；诉求38不属 属市住建局职责；38办结：已解决，7月2日送电
照片、文件可以接着发，会附在刚报的内容后面。"""

LEADER = """【领导常用】
①看专报：今日专报；周报；来源
②问进展：第17项怎么样了；潮安区进展；哪些没报；红黄灯；需协调的有哪些
③设专报：每天9点发我；只看产业；周末不要；我挂钩凤凰镇；不用发了
④企业诉求：诉求；超期诉求；诉求统计"""

OFFICE = """【办公室常用】
①报送：开月报；报送情况；收口；退回 市交通运输局 要点17 请写明原因
②审核：草稿；放行 草稿1；放行红灯 17；异议；延期
③看全局：今日专报；工作单；红黄灯；需协调的有哪些；回头看
④人员：绑定 zhangsan 张三 市水务局联络员；解绑 zhangsan
⑤日历：暂停催办 台风 到7月20日；2月9日放假
⑥教我：没答上的问题；教 冻库=17；教过的
⑦没送达的：搁置的消息
⑧政企问题：诉求；分办38 潮州供电局；超期诉求；诉求统计；草稿"""

FIRM = """【企业】
①反映问题：直接写事情经过和希望怎样解决，我们登记后转承办单位
②看进度：进度
③答复后请评价：满意；基本满意；不满意 原因"""

_SHORT = "问工作要点也可以：冷链哪个单位牵头？第17条"


async def show(message: Message, ctx: Context) -> Reply | None:
    """Answers a request for help, typed or from the app's menu."""
    if not _ASKED.fullmatch(
        re.sub(r"[\s。.!！]+|(?<=.)[?？]+$", "", typed(message).lower().replace("？", "?"))
    ):
        return None
    if message.outside:
        return Text(firms.HELP)
    if message.chat:
        return Text(QUESTIONS)
    roles = {one.role for one in ctx.bindings}
    parts = [OFFICE] if ctx.is_admin else []
    parts += [LEADER] if "leader" in roles and not ctx.is_admin else []
    parts += [LIAISON] if ctx.units else []
    parts += [FIRM] if roles == {"enterprise"} else []
    return Text("\n".join([*parts, _SHORT]) if parts else QUESTIONS)
