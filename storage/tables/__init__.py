"""Every table, with the reason for each uniqueness and index; a file per subject.

Only `storage` imports this. Times are aware datetimes in Python and UTC in the database; a second notice
stands beside the first, so rows that belong to a notice carry its document number.
"""

from storage.tables.chats import (
    chats,
    groups,
    webhooks,
)
from storage.tables.clock import (
    calendar_days,
    calendar_years,
    closings,
    collections,
    digests,
    drafts,
    extensions,
    job_runs,
    lookbacks,
    quiets,
    subscriptions,
)
from storage.tables.columns import (
    UtcDateTime,
    metadata,
)
from storage.tables.kf import (
    kf_accounts,
    kf_visitors,
)
from storage.tables.problems import (
    problem_steps,
    problem_visits,
    problems,
)
from storage.tables.robots import (
    leases,
    robot_urls,
)
from storage.tables.talk import (
    audit,
    conversations,
    inbox,
    outbox,
    paces,
    questions,
    taught,
    tokens,
)
from storage.tables.work import (
    assignments,
    attachments,
    cases,
    figures,
    notices,
    objections,
    people,
    prompts,
    releases,
    reports,
    rounds,
)

__all__ = [
    "UtcDateTime",
    "assignments",
    "attachments",
    "audit",
    "calendar_days",
    "calendar_years",
    "cases",
    "chats",
    "closings",
    "collections",
    "conversations",
    "digests",
    "drafts",
    "extensions",
    "figures",
    "groups",
    "inbox",
    "job_runs",
    "kf_accounts",
    "kf_visitors",
    "leases",
    "lookbacks",
    "metadata",
    "notices",
    "objections",
    "outbox",
    "paces",
    "people",
    "problem_steps",
    "problem_visits",
    "problems",
    "prompts",
    "questions",
    "quiets",
    "releases",
    "reports",
    "robot_urls",
    "rounds",
    "subscriptions",
    "taught",
    "tokens",
    "webhooks",
]
