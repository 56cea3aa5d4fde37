"""Messages of purges, marked for translation."""

from __future__ import annotations

from pressmark.http.words import N_

PURGES = (
    N_("nothing was deleted"),
    N_("nothing was written"),
    N_("deleted for good: %(count)s records in %(files)s WARC files"),
    N_("nothing was changed; to delete these records, add --confirm %(token)s"),
    N_("there is nothing to delete"),
    N_("--confirm needs the id of a take-down"),
    N_("see pressmark takedown list"),
    N_("%(place)s still has files that were purged: %(why)s; it is tried again each hour"),
    N_("records that were purged (deleted for good) by take-downs: %(told)s"),
    N_("the database knows of no record that was purged (deleted for good)"),
    N_("the store and the database know the same purges"),
    N_("Pressmark could not compare the purges of the database with the store: %(why)s"),
    N_(
        "video and audio of %(page)s were purged, and a later list of its files names them; the next run that reads "
        "the page fetches them again"
    ),
    N_(
        "the store has purges that this database does not know: %(count)s, the first is %(first)s; the database may be "
        "an older copy, and captures may refer to what was deleted; pressmark purge without an id notes them"
    ),
    N_(
        "the store lacks manifests that purges have replaced: %(count)s, the first is %(first)s; restore them from a "
        "copy: without them, purged files that come back are not recognised by another database"
    ),
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
        "need what would be deleted; start it again; if its disk is lost, see pressmark spool give-up"
    ),
    N_(
        "nothing was deleted: the worker %(worker)s on the machine %(host)s is running, and what it writes now may "
        "need what would be deleted; stop pressmark there until the purge has ended"
    ),
    N_(
        "nothing was deleted: the recorder of the spool %(spool)s is writing, for longer than %(seconds)s s; look at "
        "its disk, and try again"
    ),
    N_(
        "nothing was deleted: the spool %(spool)s belongs to %(holder)s, which is of an earlier version of Pressmark; "
        "restart it"
    ),
    N_("nothing was deleted: %(file)s can't be locked: %(why)s"),
    N_(
        "the purge has stopped: the database ended the connection that keeps other purges away; pressmark serve ends "
        "what was begun within an hour, and so does pressmark purge without an id"
    ),
    N_("an earlier purge of %(id)s was interrupted; pressmark purge without an id ends it"),
    N_("a purge that was interrupted may still be writing the segment %(segment)s; try again in an hour"),
    N_("another process has ended this purge, before the segment was rewritten"),
    N_(
        "%(key)s is missing or damaged, so that the former segment %(segment)s counts; restore it from a copy, then "
        "run pressmark purge"
    ),
    N_(
        "nothing was deleted: a purge of %(id)s is confirmed by %(token)s, not by %(other)s; look at what it deletes "
        "first"
    ),
    N_("nothing was deleted: %(id)s has no records that can be purged"),
    N_("the purge of %(id)s has stopped: its reason has changed since it was confirmed"),
    N_(
        "nothing was imported: a purge was interrupted, and the file may need what it deletes; run pressmark purge, "
        "then import the file again"
    ),
    N_(
        "nothing was deleted: the file of the segment %(segment)s is neither in the spool nor in the store, and its "
        "captures may need what would be deleted; bring it back (see pressmark verify --all); if it is lost for good, "
        "see pressmark spool give-up"
    ),
    N_("nothing was given up: these WARC files are confirmed by %(token)s, not by %(other)s; look at the list first"),
    N_("--confirm and --reason need each other"),
    N_("WARC files of this machine that were given up before: %(count)s"),
    N_("given up: WARC files: %(count)s, captures in them: %(captures)s"),
    N_(
        "lost WARC files: %(count)s, captures in them: %(captures)s; nothing was changed; to give them up, add "
        "--confirm %(token)s --reason REASON"
    ),
    N_("no WARC file of the machine %(host)s can be given up now; the list says why"),
    N_("the machine %(host)s has no WARC files that are not in the store"),
    N_("can be given up"),
    N_("not lost: this machine can read %(path)s"),
    N_("its machine may come back: can be given up in %(hours)s h %(minutes)s min"),
    N_(
        "captures of these pages in WARC files that were given up: %(count)s; purge again if the files come back, as "
        "there is nothing else to delete now"
    ),
    N_(
        "captures of these pages in WARC files that were given up: %(count)s; if the files come back, these captures "
        "are deleted from them before anything else happens with the files"
    ),
    N_("the settings have no retention for the collection %(name)s"),
    N_("the collection %(name)s keeps pages for %(duration)s"),
    N_(
        "nothing was deleted: decisions of people (take-downs, holds) can't be read from the store; see pressmark "
        "doctor"
    ),
    N_("no hold (protection from deletion) with the id %(id)s"),
    N_("a hold (protection from deletion) needs either a URL or a collection"),
    N_("a hold (protection from deletion) needs a reason; the reason may have at most %(count)s characters"),
    N_("the end of a hold must be in the future"),
    N_("a time of a hold has 14 digits, as in the list of captures of its page"),
    N_("nobody can delete %(what)s for good now; to end this, run pressmark hold lift %(id)s"),
    N_("%(what)s is not held any more"),
    N_("nothing is held: no hold was added yet"),
    N_("the settings have no retention: nothing is too old to keep"),
    N_(
        "the purge of the segment %(segment)s was interrupted, and its manifest %(object)s is signed by no key in "
        "signing.public_keys; add its key there, or leave public_keys out of the settings until pressmark purge has "
        "ended it"
    ),
    N_("days"),
    N_("before"),
    N_("older"),
    N_("hold"),
    N_("the manifest of a purge would not be trusted here: %(why)s"),
    N_("this archive has signing.public_keys, so a purge needs signing.private_key on this machine"),
    N_(
        "the settings have no replica %(name)s any more, and it has files that were purged; add it to the settings "
        "again, then run pressmark purge"
    ),
    N_(
        "the replica %(place)s has copies of files of this archive, and the settings do not name it any more: a purge "
        "does not reach it; add it to the settings again before the purge"
    ),
    N_(
        "%(directory)s has damaged parts of WARC files, which may have these records: a purge does not read them; "
        "delete what you do not need"
    ),
    N_(
        "WARC files of other tools with these records: %(count)s; the requests may be in other files: their URLs and "
        "cookies stay there"
    ),
    N_(
        "the video or audio file %(url)s stays, although a list of the files of these pages names it; to delete it, "
        "run pressmark takedown add %(argument)s --reason REASON, then pressmark purge with the id of that take-down"
    ),
    N_("more video and audio files of these pages stay: %(count)s; --json names all of them"),
    N_(
        "nothing was deleted: the list of the video and audio of %(url)s can't be read, and it may name files that "
        "would be deleted: its WARC file is not in the store yet"
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
