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
)
