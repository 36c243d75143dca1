"""The notice and who does what; rounds, prompts, reports and what belongs to them."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    Float,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from storage.tables.columns import Id, UtcDateTime, metadata, where

notices = Table(
    "notices",
    metadata,
    Column("id", Id, primary_key=True),
    Column("doc_number", String(64), nullable=False, unique=True),
    Column("title", Text, nullable=False),
    Column("issuer", Text, nullable=False),
    Column("issued_on", Date, nullable=True),
    Column("year", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("source_name", Text, nullable=False),
    Column("imported_at", UtcDateTime, nullable=False),
    Column("imported_by", String(64), nullable=False),
    Column("active", Boolean, nullable=False),
)

assignments = Table(
    "assignments",
    metadata,
    Column("id", Id, primary_key=True),
    Column("doc_number", String(64), nullable=False),
    Column("point", Integer, nullable=False),
    Column("clause", Text, nullable=False),  # empty: the whole point
    Column("part", Text, nullable=False),  # the one thing meant where a sentence lists several
    Column("lead", Text, nullable=False),
    Column("participants", JSON, nullable=False),
    Column("co_leads", JSON, nullable=False),
    Column("status", String(16), nullable=False),  # suggested | confirmed
    Column("source", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("confirmed_by", Text, nullable=False),
    Column("confirmed_on", Date, nullable=True),
    Column("imported_at", UtcDateTime, nullable=False),
    Column("imported_by", String(64), nullable=False),
    UniqueConstraint("doc_number", "point", "clause", "part", name="uq_assignments_place"),
)

# Who is who. A binding is never overwritten: replacing someone ends one row and begins another, so that a
# report of last spring still has its reporter.
people = Table(
    "people",
    metadata,
    Column("id", Id, primary_key=True),
    Column("userid", String(64), nullable=False),  # in lower case: WeCom compares without regard to it
    Column("name", String(64), nullable=False),
    Column("role", String(16), nullable=False),  # liaison | leader | admin | official | enterprise
    Column("unit", String(64), nullable=False),  # short name of a unit or a county; empty for a city leader
    Column("post", String(64), nullable=False),
    Column("mobile", String(32), nullable=False),
    Column("bound_at", UtcDateTime, nullable=False),
    Column("bound_by", String(64), nullable=False),
    Column("unbound_at", UtcDateTime, nullable=True),
    Column("unbound_by", String(64), nullable=False),
    # One liaison per unit: two would each get the prompt, and each wait for the other.
    Index("uq_people_liaison", "unit", unique=True, **where("role = 'liaison' AND unbound_at IS NULL")),
    Index("uq_people_binding", "userid", "role", "unit", unique=True, **where("unbound_at IS NULL")),
)

rounds = Table(
    "rounds",
    metadata,
    Column("id", Id, primary_key=True),
    Column("doc_number", String(64), nullable=False),
    Column("name", String(64), nullable=False),  # 7月进展报送
    Column("kind", String(16), nullable=False),  # monthly | quarterly | weekly | once
    Column("opened_at", UtcDateTime, nullable=False),
    Column("opened_by", String(64), nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("closed_at", UtcDateTime, nullable=True),
    Column("closed_by", String(64), nullable=False),
    UniqueConstraint("doc_number", "name", name="uq_rounds_name"),
)

prompts = Table(
    "prompts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("round_id", Id, nullable=False),
    Column("point", Integer, nullable=False),
    Column("unit", String(64), nullable=False),
    Column("basis", String(16), nullable=False),  # confirmed | notice | released
    # The things asked, as they were numbered in the message: each with what, unit and target.
    Column("items", JSON, nullable=False),
    Column("state", String(16), nullable=False),  # owed | partial | answered | objected | exempt
    Column("bundle", String(160), nullable=False),  # key of the outbox row that asks; empty: nobody to ask
    Column("answered_at", UtcDateTime, nullable=True),
    Column("answered_key", String(512), nullable=False),  # the message that answered last
    UniqueConstraint("round_id", "point", "unit", name="uq_prompts_place"),
    Index("ix_prompts_unit", "unit", **where("state IN ('owed', 'partial')")),
    Index("ix_prompts_bundle", "bundle"),
)

# Rows are only ever added: a correction is a new version that names the one it replaces.
reports = Table(
    "reports",
    metadata,
    Column("id", Id, primary_key=True),
    Column("doc_number", String(64), nullable=False),
    Column("point", Integer, nullable=False),
    Column("unit", String(64), nullable=False),
    Column("round_id", Id, nullable=True),  # empty: told without being asked
    Column("replaces", Id, nullable=True, unique=True),  # a version is replaced once
    Column("kind", String(16), nullable=False),  # report | correction | withdrawn | restored | trimmed
    Column("person", String(64), nullable=False),
    Column("message_key", String(512), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("as_of", Date, nullable=False),
    Column("text", Text, nullable=False),  # the unit's own words
    Column("percent", Float, nullable=True),
    Column("status", String(16), nullable=False),
    Column("difficulty", Text, nullable=False),
    Column("help_needed", Text, nullable=False),
    Column("next_step", Text, nullable=False),
    Column("due", Date, nullable=True),
    Column("nothing_new", Boolean, nullable=False),
    Column("elsewhere", Boolean, nullable=False),  # reported on the province's platform
    Column("late", Boolean, nullable=False),
    # A message says one thing of a point: what would be written twice collides. It may undo several
    # versions, each of them once (`replaces`).
    Index(
        "uq_reports_said",
        "message_key",
        "point",
        "unit",
        unique=True,
        **where("kind IN ('report', 'correction')"),
    ),
    Index("ix_reports_place", "doc_number", "point", "unit"),
)

figures = Table(
    "figures",
    metadata,
    Column("id", Id, primary_key=True),
    Column("report_id", Id, nullable=False),
    Column("target", String(16), nullable=False),  # the notice's figure; empty for others
    Column("what", Text, nullable=False),
    Column("value", Float, nullable=False),  # as said
    Column("unit", String(32), nullable=False),
    Column("in_target_unit", Float, nullable=True),
    # The message that said it: a carried-over figure of a corrected report keeps its own.
    Column("message_key", String(512), nullable=False),
    Column("as_of", Date, nullable=False),
    Index("ix_figures_report", "report_id"),
)

objections = Table(
    "objections",
    metadata,
    Column("id", Id, primary_key=True),
    Column("prompt_id", Id, nullable=False),
    Column("point", Integer, nullable=False),
    Column("unit", String(64), nullable=False),
    Column("person", String(64), nullable=False),
    Column("message_key", String(512), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("text", Text, nullable=False),
    Column("refers_to", String(64), nullable=False),  # the unit that was named instead
    Column("items", JSON, nullable=True),  # what of the prompt it is about; empty: all of it
    Column("decision", String(16), nullable=False),  # "" | upheld | rejected
    Column("decided_at", UtcDateTime, nullable=True),
    Column("decided_by", String(64), nullable=False),
    Index("ix_objections_open", "id", **where("decided_at IS NULL")),
    UniqueConstraint("prompt_id", "message_key", name="uq_objections_message"),
)

attachments = Table(
    "attachments",
    metadata,
    Column("id", Id, primary_key=True),
    Column("message_key", String(512), nullable=False, unique=True),
    Column("person", String(64), nullable=False),
    Column("unit", String(64), nullable=False),
    Column("point", Integer, nullable=True),
    Column("subject", String(32), nullable=False),  # report:12, case:3; empty: nothing yet
    Column("kind", String(16), nullable=False),  # image | file | voice | video
    Column("name", Text, nullable=False),
    Column("media_id", Text, nullable=False),
    Column("state", String(16), nullable=False),  # wanted | stored | refused
    Column("path", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("reason", Text, nullable=False),  # why it was refused, in a sentence for the sender
    Column("attempts", Integer, nullable=False),
    Column("next_at", UtcDateTime, nullable=False),  # when to try (again); a claim moves it ahead
    Column("sent_at", UtcDateTime, nullable=False),
    Column("stored_at", UtcDateTime, nullable=True),
    Index("ix_attachments_wanted", "next_at", **where("state = 'wanted'")),
    Index("ix_attachments_person", "person", "sent_at"),
)

# 典型案例 and 改革举措 (points 41 and 42).
cases = Table(
    "cases",
    metadata,
    Column("id", Id, primary_key=True),
    Column("doc_number", String(64), nullable=False),
    Column("kind", String(16), nullable=False),  # case | reform
    Column("unit", String(64), nullable=False),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("person", String(64), nullable=False),
    Column("message_key", String(512), nullable=False, unique=True),
    Column("at", UtcDateTime, nullable=False),
    Column("withdrawn_at", UtcDateTime, nullable=True),
    Column("withdrawn_by", String(64), nullable=False),
    Index("ix_cases_unit", "doc_number", "kind", "unit"),
)

# What a person of the office let out: a red light is a draft until it is here.
releases = Table(
    "releases",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", String(16), nullable=False),  # red
    Column("subject", String(64), nullable=False),  # 潮百千万发〔2024〕7号#17
    Column("basis", String(512), nullable=False),  # the message it was judged on
    Column("by", String(64), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    UniqueConstraint("kind", "subject", "basis", name="uq_releases"),
)
