"""Tables of crawls: runs, and what decides when and how they start."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    and_,
)

from archive.database.columns import Id, Moment, metadata, partial_index

epochs = Table(
    "epochs",
    metadata,
    Column("id", Id, primary_key=True),
    Column("worker", String, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("host", String),  # the name of the machine
    Column("spool", String),  # a random name of the directory of its spool: two workers of one name differ in it
    sqlite_autoincrement=True,  # a fencing number is never given twice
)


def is_alive(now: datetime, lease: timedelta) -> ColumnElement[bool]:
    """Return the condition that the worker of an epoch is alive: not ended, and seen within its lease."""
    return and_(epochs.c.ended_at.is_(None), epochs.c.seen_at > now - lease)


# With several workers: which of them visits a host. Moments by the clock of the database; durations in microseconds.
host_claims = Table(
    "host_claims",
    metadata,
    Column("host", String, primary_key=True),
    Column("worker", String, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("until", Moment, nullable=False),
    Column("next_at", Moment, nullable=False),
    Column("delay", BigInteger, nullable=False),
    Column("wanted_by", BigInteger),  # the epoch of another worker that waits for it
    Column("wanted_at", Moment),
)

runs = Table(
    "runs",
    metadata,
    Column("id", String, primary_key=True),
    Column("source", String, nullable=False),
    Column("tick", Moment),
    Column("url", String),  # of `pressmark archive URL`: one page, no source
    Column("status", String, nullable=False),  # queued, running, over
    Column("outcome", String),  # done, unchanged, partial, empty, failed, blocked, limited, cancelled
    Column("reason", Text),
    Column("attempt", Integer, nullable=False),
    Column("requested_at", Moment, nullable=False),
    Column("started_at", Moment),
    Column("seen_at", Moment),
    Column("ended_at", Moment),
    Column("worker", String),
    Column("epoch", BigInteger),
    Column("cancel", Boolean, nullable=False, default=False),
    Column("pages", BigInteger, nullable=False, default=0),
    Column("captures", BigInteger, nullable=False, default=0),
    Column("revisits", BigInteger, nullable=False, default=0),
    Column("failures", BigInteger, nullable=False, default=0),
    Column("bytes", BigInteger, nullable=False, default=0),
    Column("queued", BigInteger, nullable=False, default=0),  # URLs still in the frontier
    Column("config_hash", String),
    Column("completeness", Text),  # JSON: the results for the items that the site lists
    Column("tasks", Text),  # JSON: numbers of URLs in the frontier, by state
    Column("everything", Boolean),  # whether pages that are not due are requested, too; NULL: no
    Column("drawn", BigInteger),  # pages whose content scripts create; NULL: not counted
    Column("spider", Text),  # JSON: of a user's spider, its items and Scrapy's statistics
    Column("dropped", Text),  # JSON: how many URLs were found and not fetched, by reason
    Column("in_full", Boolean),  # whether pages are requested without asking whether they changed; NULL: no
    Column("use", String),  # what its source said of `use`; NULL: nothing, so the setting decides
    UniqueConstraint("source", "tick"),
    Index(None, "status", "requested_at"),
    Index(None, "source", "requested_at"),
    Index(None, "requested_at", "id"),
)
QUEUED_BY_HAND = "status = 'queued' AND tick IS NULL"
partial_index("ix_runs_by_hand", QUEUED_BY_HAND, runs.c.requested_at, runs.c.id)

# Sums over finished runs: a run is added in the transaction in which it ends, and never changes after that.
run_totals = Table(
    "run_totals",
    metadata,
    Column("source", String, primary_key=True),
    Column("outcome", String, primary_key=True),
    Column("runs", BigInteger, nullable=False),
    Column("captures", BigInteger, nullable=False),
    Column("revisits", BigInteger, nullable=False),
    Column("failures", BigInteger, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("last", Moment, nullable=False),  # when the last of them ended
)

slots = Table(
    "slots",
    metadata,
    Column("source", String, primary_key=True),
    Column("at", Moment, primary_key=True),
    Column("state", String, nullable=False),  # queued, ran, caught-up, skipped, failed
    Column("reason", Text),
    Column("run", String),
    Column("noted_at", Moment, nullable=False),
)

pauses = Table(
    "pauses",
    metadata,
    Column("source", String, primary_key=True),  # "*" pauses all crawling
    Column("since", Moment, nullable=False),
    Column("reason", Text),
)

marks = Table(
    "marks",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", Text, nullable=False),
)

alarms = Table(
    "alarms",
    metadata,
    Column("source", String, primary_key=True),
    Column("state", String, nullable=False),  # blocked, free
    Column("since", Moment, nullable=False),
    Column("reason", Text, nullable=False),
    Column("run", String, nullable=False),
    Column("told", String, nullable=False),  # the notifiers that delivered it, separated by spaces
)

# What crawls remember of a page from one run to the next. It is not archived: a lost row costs a request.
pages = Table(
    "pages",
    metadata,
    Column("source", String, primary_key=True),
    Column("url", String, primary_key=True),
    Column("fetched_at", Moment, nullable=False),
    Column("changed_at", Moment),
    Column("next_at", Moment, nullable=False),
    Column("interval", BigInteger, nullable=False),  # seconds
    Column("last", String, nullable=False),  # new, changed, unchanged, barred, gone, failed, moved
    Column("misses", Integer, nullable=False),  # 404s in a row
    Column("signature", String),  # of the text when it was last valid
    Column("verdict", String),
    Column("mark", String),  # a number from the site's own list: the count of replies
    Column("listed_at", Moment),  # when it last changed, by such a list
)

# What changed in these tables since it was last written to the store. A row is deleted once the store has the change.
unsaved = Table(
    "unsaved",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", String, nullable=False),  # as in scheduler.unsaved; everything: all rows
    Column("key", Text, nullable=False),  # JSON: a list of strings
    sqlite_autoincrement=True,  # an id is never reused, so a later change is never deleted with an earlier one
)

# Each version of each source file, for the machines that share the database. The latest of a file counts.
source_versions = Table(
    "source_versions",
    metadata,
    Column("number", Id, primary_key=True),
    Column("file", String, nullable=False),  # the name of the file
    Column("text", Text),  # NULL: the file was deleted
    Column("sha256", String),  # of the text
    Column("configs", Text, nullable=False),  # JSON: the `config_hash` of each source in it, as a run records it
    Column("at", Moment, nullable=False),
    Column("by", String, nullable=False),  # who wrote it, as in the audit trail
    Index(None, "file", "number"),
    sqlite_autoincrement=True,  # a number is never reused: machines ask for later ones
)

# URLs that the last run of a source found and did not fetch.
owed = Table(
    "owed",
    metadata,
    Column("source", String, primary_key=True),
    Column("rank", BigInteger, primary_key=True),
    Column("url", String, nullable=False),
    Column("role", Integer, nullable=False),
    Column("depth", Integer, nullable=False),
    Column("mark", String),
)

# Work over the whole store that services share: audits, rebuilds and exports. See scheduler.ledger.batches.
batches = Table(
    "batches",
    metadata,
    Column("id", String, primary_key=True),
    Column("kind", String, nullable=False),  # audit, rebuild or export
    Column("options", Text, nullable=False),  # JSON
    Column("priority", Integer, nullable=False),  # the least first
    Column("requested_at", Moment, nullable=False),
    Column("requested_by", String, nullable=False),  # as in the audit trail
    Column("ended_at", Moment),
    Column("outcome", String),  # done or cancelled; NULL before the end
    Column("result", Text),  # JSON, of one that is done
    Index(None, "requested_at"),
)

# Its parts: one process does each. All of a stage are done before the next stage begins.
batch_jobs = Table(
    "batch_jobs",
    metadata,
    Column("batch", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("stage", Integer, nullable=False),
    Column("due_at", Moment, nullable=False),  # later than it was requested after a failure
    Column("epoch", BigInteger, nullable=False),  # one more each time that it is taken: who has an older one is late
    Column("until", Moment),  # when the process that took it last counts as dead; NULL: nobody has it
    Column("worker", String),  # the process that took it last, for people
    Column("failures", Integer, nullable=False),  # in a row
    Column("problem", Text),  # why the last attempt failed, as a sentence
    Column("done_at", Moment),
    Column("result", Text),  # JSON, once it is done
)
partial_index("ix_batch_jobs_left", "done_at IS NULL", batch_jobs.c.batch, batch_jobs.c.stage, batch_jobs.c.name)
