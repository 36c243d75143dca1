"""Facts made up for the golden digests: invented figures, the notice's own targets, protocol order."""

from collections.abc import Mapping
from datetime import date, datetime

from supervision.digest_facts import (
    CountyFact,
    Facts,
    Link,
    Need,
    News,
    OfficeFacts,
    RoundFact,
    SectionFact,
    Topic,
    Turn,
)
from supervision.problem_figures import Count
from supervision.workdays import SHANGHAI

WEDNESDAY = datetime(2024, 6, 26, 8, 40, tzinfo=SHANGHAI)
TUESDAY, MONDAY = date(2024, 6, 25), date(2024, 6, 24)
DUE = datetime(2024, 6, 28, 17, 30, tzinfo=SHANGHAI)

ROADS = News(
    17,
    "市交通运输局",
    ("新改建农村公路25.6公里（目标超48.7公里，完成52.6%，时间进度48.4%）",),
    TUESDAY,
    (11,),
)
HOMES = News(21, "市民政局", ("适老化改造430户（目标600户，完成71.7%，时间进度48.4%）",), TUESDAY, (12,))
TURN = Turn(12, "green", "yellow", "完成28%（垃圾分类，截至6月25日），时间进度48.4%，慢20.4个百分点", (13,))
NEED = Need(17, "市交通运输局", "请市里召集权属单位明确迁改时间", "两座桥管线迁改未定", TUESDAY, 11)
OLD = Need(24, "市公安局", "请明确经费", "", MONDAY, 9, fresh=False)
TOPIC = Topic(
    3,
    "事项：园区供电接入（政企问题第0038号）\n"
    "情况：企业6月24日反映“新厂房接电需12周，影响8月投产”。\n"
    "办理：供电单位25日到现场，提出临时接入方案，需协调占道施工许可。\n"
    "请您定：是否由市里召集供电、城管、交警三方于6月28日前确定施工时段。\n"
    "依据：要点43“深入推进问题在一线协调解决”。",
)
ROUND = RoundFact("6月进展报送", DUE, 39, 31, ("市教育局", "市水务局", "饶平县"), near=True)
SECTIONS = (
    SectionFact("大抓产业发展", 11, {"green": 9, "yellow": 1, "grey": 1}),
    SectionFact("大抓人居环境建设", 5, {"green": 3, "yellow": 2}),
)
COUNTIES = (
    CountyFact("潮安区", "县域重点项目库项目数", "不少于28个项目", "24个", TUESDAY),
    CountyFact("饶平县", "县域重点项目库项目数", "不少于25个项目", "21个", TUESDAY),
    CountyFact("湘桥区", "县域重点项目库项目数", "不少于22个项目"),
)


def facts(**changes: object) -> Facts:
    """A usual Wednesday; `changes` make another day of it."""
    usual: dict[str, object] = {
        "at": WEDNESDAY,
        "since": TUESDAY,
        "points": 45,
        "narrow": False,
        "colours": {"green": 33, "yellow": 5, "red": 1, "grey": 6},
        "before": {"green": 32, "yellow": 6, "red": 1, "grey": 6},
    }
    return Facts(**{**usual, **changes})  # type: ignore[arg-type]


SHOWN: Mapping[str, Facts] = {
    "daily-news": facts(news=(ROADS, HOMES), turns=(TURN,), needs=(NEED, OLD), rounds=(ROUND,)),
    "daily-first": facts(since=None, before=None, news=(ROADS,)),
    "daily-linked": facts(
        links=(
            Link("凤凰镇", ("潮安区报要点15：“示范街第2条已完工”",), TUESDAY, (14,)),
            Link("柘林镇", ()),
        )
    ),
    "daily-nothing": facts(needs=(OLD,)),
    "daily-firms": facts(news=(ROADS,), problems=Count(new=3, done=2, late=0, open=9), topics=(TOPIC,)),
    "daily-topic": facts(topics=(TOPIC,), problems=Count(open=4, late=1)),
    "daily-scope": facts(
        points=8, narrow=True, news=(ROADS,), colours={"green": 7, "yellow": 1}, before=None
    ),
    "weekly": facts(
        since=date(2024, 6, 17),
        news=(ROADS, HOMES),
        turns=(TURN,),
        needs=(NEED, OLD),
        rounds=(ROUND,),
        sections=SECTIONS,
        counties=COUNTIES,
        problems=Count(new=6, done=4, late=1, open=9, satisfied=4, rated=4, days=3.2),
        county_problems={"潮安区": Count(new=4, done=3, late=1, open=6), "饶平县": Count(new=2, done=1)},
    ),
    "work": facts(
        at=WEDNESDAY.replace(hour=17, minute=10),
        needs=(NEED,),
        rounds=(ROUND,),
        office=OfficeFacts(
            received=4,
            received_from=("市民政局", "市交通运输局", "潮安区"),
            red_drafts=(12,),
            objections=("市供销社要点17",),
            drafts=("升级一：市教育局6月进展", "6月通报初稿"),
            unasked=("湘桥区",),
            lookbacks=("要点16市林业局7月26日",),
            problems=("待分办第0031、0038号", "待评价第0027号"),
        ),
    ),
}
