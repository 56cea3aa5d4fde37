"""Messages of purges, marked for translation."""

from __future__ import annotations

from pressmark.http.words import N_

PURGES = (
    N_("deleted for good: %(count)s records in %(files)s WARC files"),
    N_("nothing was changed; to delete these records, add --confirm %(token)s"),
    N_("there is nothing to delete"),
    N_("--confirm needs the id of a take-down"),
    N_("see pressmark takedown list"),
    N_("%(place)s still has files that were purged: %(why)s; it is tried again each hour"),
    N_("records that were purged (deleted for good) by take-downs: %(told)s"),
    N_("nothing was purged (deleted for good)"),
    N_("the take-down %(id)s is over or was lifted; only what is taken down can be purged"),
    N_(
        "another process is purging, or reads the whole archive (rebuild, extract, copies); try again when it has ended"
    ),
    N_(
        "nothing was deleted: the index lacks segments (WARC files) of the store: %(count)s, the first is %(first)s, "
        "and their captures may need what would be deleted; run pressmark rebuild, or wait until pressmark doctor says "
        "that the index is complete"
    ),
    N_(
        "nothing was deleted: the worker %(worker)s on the machine %(host)s is gone, and captures in its spool may "
        "need what would be deleted; start it again"
    ),
    N_(
        "nothing was deleted: a purge of the take-down %(id)s is confirmed by %(token)s, not by %(other)s; look at "
        "what it deletes first"
    ),
    N_("nothing was deleted: the take-down %(id)s has no records that can be purged"),
    N_("the manifest of a purge would not be trusted here: %(why)s"),
    N_("this archive has signing.public_keys, so a purge needs signing.private_key on this machine"),
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
    N_("twice"),
)
