"""Why a page is archived or not, and why a form is refused, marked for translation."""

from __future__ import annotations

from pressmark.http.explanations.assistant import ASSISTANT
from pressmark.http.explanations.mail import MAIL
from pressmark.http.words import N_, SOURCE_EDITS, WATCH_EDITS

WHY = (
    N_("somebody interrupted the command"),
    N_("%(url)s is not archived"),
    N_("%(count)s source of other sites: their settings neither name this site nor can reach it"),
    N_("%(count)s sources of other sites: their settings neither name this site nor can reach it"),
    N_("the settings of the source tell Pressmark to ignore the file robots.txt of the site"),
    N_("the archive does not have robots.txt of this site yet"),
    N_("%(answer)s; %(agent)s may fetch the page"),
    N_("%(answer)s; %(agent)s may not fetch the page"),
    N_("the settings of this source exclude the page, so Pressmark does not fetch it"),
    N_(
        "the settings of this source exclude the page; Pressmark fetches it only if a start URL redirects to it, "
        "or if the sitemap of the site lists it as a translation of another page"
    ),
    N_(
        "the page is a start URL (seed): each run asks the server whether the page has changed, and downloads only "
        "a changed page"
    ),
    N_(
        "each run that finds a link to the page asks the server whether the page has changed, and downloads only a "
        "changed page"
    ),
    N_("each run requests this document of the series until the site has it"),
    N_("the page is document %(label)s of the series"),
    N_("%(label)s is a document of the series whose date has not come yet"),
    N_("the last run could not fetch the page; the next run tries again"),
    N_("Pressmark has never fetched the page; the next run that finds a link to the page fetches it"),
    N_(
        "a feed or sitemap says when the page last changed; if that was after the last fetch, the next run "
        "fetches the page"
    ),
    N_("%(due)s; if a feed or sitemap of the site shows a change before that time, the next run fetches the page"),
    N_(
        "at the last fetch, the page had not changed; Pressmark checks it again for edits %(quiet)s after that "
        "fetch: %(when)s"
    ),
    N_("%(why)s; the time between two fetches is always between %(least)s and %(most)s; %(when)s"),
    N_("the next run fetches the page"),
    N_("the first run that starts at least %(duration)s from now fetches the page"),
    N_("the page seems to be gone for good, so Pressmark fetches it at the longest interval, %(most)s"),
    N_("the page was new, so Pressmark fetches it at the shortest interval, %(least)s"),
    N_(
        "the page had changed, so the interval between fetches became shorter: 0.8 times the old interval "
        "plus 0.2 times the shortest interval allowed"
    ),
    N_("the page had not changed, so Pressmark fetches it at the longest interval, %(most)s"),
    N_("the page had not changed, so the interval between fetches became 1.5 times as long"),
    N_(
        "the server sent something other than the page, such as a login page, so Pressmark can't tell whether the "
        "page has changed"
    ),
    N_("the server did not find the page %(count)s times in a row"),
    N_("the server did not find the page"),
    N_("the last fetch failed, so Pressmark fetches the page at the shortest interval, %(least)s"),
    N_("the page redirects to another one, so Pressmark fetches it at the longest interval, %(most)s"),
    N_("the page redirects to another one, so the interval between fetches became 1.5 times as long"),
)
"""Why a page is archived or not, and when it is fetched again: see `pressmark.upkeep.why`."""

FIELDS = (
    N_(
        "you changed the same setting in a field and in the text below, to different values (%(keys)s); undo one of "
        "the two changes, or press “Write the fields into the text below”"
    ),
)
"""Why the form of a source is refused: see `pressmark.web.source_fields`."""
EXPLANATIONS = (*ASSISTANT, *SOURCE_EDITS, *WATCH_EDITS, *FIELDS, *WHY, *MAIL)
