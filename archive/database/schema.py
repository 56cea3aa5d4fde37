"""All tables. The store alone can restore the rows of captures, segments and texts."""

from __future__ import annotations

from archive.database.columns import metadata, microseconds, moment
from archive.database.tables_access import audit_trail, people, sessions, tokens, wrong_logins
from archive.database.tables_captures import (
    aliases,
    captures,
    damaged,
    segments,
    snapshot_notes,
    snapshot_tags,
    texts,
)
from archive.database.tables_events import events, figures, machine_texts, messages, watch_hits, watches, webhooks
from archive.database.tables_fixity import copies, objects, preservation_events
from archive.database.tables_runs import (
    QUEUED_BY_HAND,
    alarms,
    batch_jobs,
    batches,
    epochs,
    host_claims,
    marks,
    owed,
    pages,
    pauses,
    run_totals,
    runs,
    slots,
    source_versions,
    unsaved,
)
from archive.database.tables_texts import bands, items, reading_jobs, sketches, worded, wordings

__all__ = [
    "QUEUED_BY_HAND",
    "alarms",
    "aliases",
    "audit_trail",
    "bands",
    "batch_jobs",
    "batches",
    "captures",
    "copies",
    "damaged",
    "epochs",
    "events",
    "figures",
    "host_claims",
    "items",
    "machine_texts",
    "marks",
    "messages",
    "metadata",
    "microseconds",
    "moment",
    "objects",
    "owed",
    "pages",
    "pauses",
    "people",
    "preservation_events",
    "reading_jobs",
    "run_totals",
    "runs",
    "segments",
    "sessions",
    "sketches",
    "slots",
    "snapshot_notes",
    "snapshot_tags",
    "source_versions",
    "texts",
    "tokens",
    "unsaved",
    "watch_hits",
    "watches",
    "webhooks",
    "worded",
    "wordings",
    "wrong_logins",
]
