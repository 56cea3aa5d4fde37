"""What is said where something was taken down, and why something can not be, marked for translation."""

from __future__ import annotations

from pressmark.http.words import N_

TAKE_DOWNS = (
    N_("took down %(url)s; to show it again, run pressmark takedown lift %(id)s"),
    N_("readers can see %(url)s again"),
    N_("no content was taken down yet"),
    N_("this content was taken down on %(day)s and stays hidden until %(end)s; reason: %(reason)s"),
    N_("this content was taken down on %(day)s; reason: %(reason)s"),
    N_(
        "this WARC file can't be downloaded, as some of its captures were taken down; an export contains the other "
        "captures"
    ),
    N_("a take-down (hiding content from readers) needs a reason; the reason may have at most %(most)s characters"),
    N_("the end of a take-down must be in the future"),
    N_("a time can be given only for a single page (match: exact)"),
    N_("no capture of %(url)s at %(time)s; use a time of 14 digits from its list of captures"),
    N_("no take-down with the id %(id)s"),
    N_("Pressmark could not check whether the database has all decisions of people: %(why)s"),
    N_("%(what)s; pressmark serve and pressmark rebuild read what people decided in them"),
    N_(
        "this database does not know the parts %(first)s to %(last)s of the ledger of %(worker)s: it may be an "
        "older copy"
    ),
    N_(
        "%(what)s; if the store has a replica (a second copy), run pressmark audit --share 1/1 --repair to copy them "
        "from there; otherwise pressmark serve or pressmark run writes what the database knows to the store again"
    ),
    N_("%(what)s; all that the database knows has been saved again since"),
    N_("part %(number)s is missing in the ledger of the worker %(worker)s"),
    N_("parts %(first)s to %(last)s are missing in the ledger of the worker %(worker)s"),
    N_("each take-down, review and note that Pressmark can read in the store is in the database, too"),
    N_(
        "each take-down, review and note that Pressmark can read in the store is in the database, too; parts of the "
        "ledger that a person gave up, and whose decisions are lost: %(count)s"
    ),
)
