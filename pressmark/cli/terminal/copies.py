"""Messages of the commands that copy source files, marked for translation."""

from __future__ import annotations

from pressmark.http.words import N_

COPIES = (
    N_("to replace them without being asked, add --yes"),
    N_("Replace files with another content in %(directory)s: %(count)s?"),
    N_("source files written: %(written)s, unchanged: %(unchanged)s"),
    N_("%(file)s: replaced version %(number)s, written by %(by)s at %(at)s UTC"),
    N_("%(file)s: replaced; the former text is kept in %(former)s"),
    N_("%(file)s: left as it is, since this copy has no changes and others have changed the file"),
    N_("%(file)s: the home has no such file any more; 'source apply' adds this copy"),
    N_("%(file)s: the home has no such file any more; 'source apply' leaves out this copy"),
    N_(
        "%(file)s: version %(number)s, written by %(by)s at %(at)s UTC, is newer than this copy; pull again and repeat "
        "your changes, or add --force to replace it"
    ),
    N_(
        "%(file)s: the file was changed since this copy was pulled; pull again and repeat your changes, or add --force "
        "to replace it"
    ),
    # pressmark months
    N_("there are no captures in the store yet"),
    N_("the store has all months before this one"),
    N_("the month %(month)s is attached: %(count)s captures"),
    N_("the month %(month)s is attached: %(count)s capture"),
    N_("the month %(month)s is detached; pressmark rebuild adds the rows that the database lacks"),
    N_("deleted files of the month %(month)s: %(count)s"),
    N_("%(month)s is not a month; write it like 2024-05"),
    N_("the month %(month)s is attached: run pressmark months detach %(again)s first"),
    N_(
        "the store has no month %(month)s; pressmark months list shows those that it has, and pressmark months write "
        "makes them from the rows of the database"
    ),
    N_(
        "the month %(month)s was not attached: %(file)s: %(why)s; problems: %(count)s; run pressmark months delete, "
        "then pressmark months write where the database has its rows"
    ),
    N_("no month was written: a purge was interrupted; pressmark purge without an id ends it"),
    N_(
        "while months are attached, Pressmark can't find the page of a post by its address in an interface; take down "
        "the address of the page, or run pressmark months detach and pressmark rebuild first"
    ),
    N_(
        "the attached month %(month)s can't be read: %(why)s; restore it from a copy, or run pressmark months detach "
        "and pressmark rebuild"
    ),
    N_(
        "the month %(month)s in the store can't be read: %(why)s; restore it from a copy, or run pressmark months "
        "detach (and pressmark rebuild where the database has no rows of it) and pressmark months delete; until then, "
        "a purge deletes nothing that this month may name"
    ),
    N_(
        "the month %(month)s can't be written again without what was purged: %(why)s; restore this manifest from a "
        "copy, or run pressmark months detach %(first)s (and pressmark rebuild where the database has no rows of it) "
        "and pressmark months delete %(second)s; then run pressmark purge"
    ),
    N_(
        "the month %(month)s can't be written again without what was purged: the directory of temporary files "
        "(%(directory)s) refuses: %(why)s; free space there, or set TMPDIR; then run pressmark purge"
    ),
    N_("Pressmark could not look for months in the store: %(why)s"),
    N_("the month %(month)s is not attached, so there is nothing to detach"),
)
