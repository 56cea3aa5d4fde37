"""Messages of purges, marked for translation."""

from __future__ import annotations

from pressmark.http.words import N_

PURGES = (
    N_("deleted for good: %(count)s records in %(files)s WARC files"),
    N_("nothing was changed; to delete these records, leave out --dry-run"),
    N_("Nothing brings these records back. Type the id of the take-down to delete them"),
    N_("%(place)s still has files that were purged: %(why)s; it is tried again each hour"),
    N_("records that were purged (deleted for good) by take-downs: %(told)s"),
    N_("nothing was purged (deleted for good)"),
    N_("the take-down %(id)s is over or was lifted; only what is taken down can be purged"),
    N_("another process is purging; try again when it has ended"),
    N_(
        "the settings have no replica %(name)s any more, and it has files that were purged; add it to the settings "
        "again, then run pressmark purge"
    ),
    N_("what"),
    N_("count"),
    N_("records"),
    N_("bytes"),
    N_("texts"),
    N_("pictures"),
    N_("revisits"),
    N_("WARC files"),
    N_("replicas"),
    N_("kept back"),
    N_("needed by"),
    N_("needed"),
    N_("items"),
    N_("spool"),
    N_("nameless"),
)
