"""Words of the ledger and names of pages, marked for translation: templates show them by `_(word)`."""

from __future__ import annotations

from collections.abc import Mapping


def N_(word: str) -> str:  # noqa: N802 (the name that gettext's tools look for)
    """Mark a word, and return it unchanged."""
    return word


STATES = (
    N_("new"),
    N_("error"),
    N_("queued"),
    N_("running"),
    N_("over"),
    N_("paused"),
    N_("done"),
    N_("unchanged"),
    N_("partial"),
    N_("empty"),
    N_("failed"),
    N_("blocked"),
    N_("limited"),
    N_("cancelled"),
    N_("interrupted"),
    N_("ran"),
    N_("caught-up"),
    N_("skipped"),
)
VERDICTS = (N_("blocked"), N_("captcha"), N_("login"), N_("soft-404"), N_("parked"), N_("drawn-by-scripts"))
"""What a capture holds instead of the page."""
WALKS = (N_("page"), N_("site"), N_("listing"), N_("feed"), N_("sitemap"), N_("forum"), N_("series"), N_("mail"))
RECORDS = (
    N_("response"),
    N_("resource"),
    N_("conversion"),
    N_("revisit"),
    N_("not-modified"),
    N_("damaged"),
)
"""The kinds of captures in lists; those that failed are in STATES."""
CAPTURE_WORDS: Mapping[str, str] = {
    "response": N_("complete answer of the website"),
    "resource": N_("file without an answer of a website"),
    "conversion": N_("converted copy of a page"),
    "revisit": N_("same content as an earlier capture"),
    "not-modified": N_("not changed, as the website says"),
    "blocked": N_("notice that access is refused"),
    "captcha": N_("CAPTCHA (test that the reader is human)"),
    "login": N_("login page"),
    "soft-404": N_("“page not found” notice"),
    "parked": N_("notice that the domain is for sale or not in use"),
    "drawn-by-scripts": N_("page that shows its text only in a browser"),
}
"""What pages call the kinds of captures, and what websites send instead of pages; the API has the short names."""
ERROR_STATUS = N_("error (status %(status)s)")
"""What pages call an answer with the status of an error, instead of a page."""
LOOKS: Mapping[str, Mapping[str, str]] = {
    "layout": {"list": N_("List"), "cards": N_("Cards")},
    "density": {"comfortable": N_("Comfortable rows"), "compact": N_("Compact rows")},
}
"""How lists of sources and long tables can look: the values of each choice, with the names of their buttons."""
DAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))
ORIGINS = (N_("option"), N_("environment"), N_(".env"), N_("file"), N_("default"))
PHRASES = (
    N_("Unauthorized"),
    N_("Forbidden"),
    N_("Not Found"),
    N_("Unavailable For Legal Reasons"),
    N_("Method Not Allowed"),
    N_("Conflict"),
    N_("Unsupported Media Type"),
    N_("Too Many Requests"),
    N_("Internal Server Error"),
    N_("Not Implemented"),
    N_("Bad Gateway"),
    N_("Service Unavailable"),
    N_("Insufficient Storage"),
    N_("Request Entity Too Large"),
    N_("Content Too Large"),
    N_("Unprocessable Entity"),
    N_("Unprocessable Content"),
)
"""The statuses of our answers (RFC 9110), and those of 413 and 422, which differ between Python versions."""
SCOPE_RULES = (
    N_("the page is a start URL (seed) of the source"),
    N_("the page is included by the pattern %(pattern)s, and Pressmark fetches it from the address %(url)s"),
    N_("the crawl method (walk) %(walk)s covers the page, and Pressmark fetches it from the address %(url)s"),
    N_("the page is included by the pattern %(pattern)s"),
    N_("the page is excluded by the pattern %(pattern)s"),
    N_("the crawl method (walk) %(walk)s covers the page"),
    N_("the crawl method (walk) %(walk)s does not cover this page"),
    N_("the page matches none of the URLs to include (scope.include)"),
    N_("Pressmark does not fetch the page: %(reason)s"),
)
"""What `crawler.policy.scope` says of a URL, and by which rule."""
WATCH_EDITS = (
    N_("a watch named %(name)s already exists; choose another name"),
    N_("give at least one phrase"),
    N_("another person changed the watch at the same time; open its page again"),
    N_("the watch was changed while you edited it, so your changes are not saved; open the page again and repeat them"),
    N_("the watch %(name)s is in the settings file; change it there"),
    N_("the watch %(name)s has no former state, so there is nothing to undo"),
    N_("no watch named %(name)s"),
    N_("this version of Pressmark can't read the watch %(name)s; remove it, then add it again"),
    N_("watches are chosen, but not the event watch.matched; add it to events, or leave watches out"),
    N_("%(key)s: a phrase needs at least one letter or digit (found %(value)s)"),
    N_("only a person who logged in with a name and a password has a feed address"),
)

SOURCE_EDITS = (
    N_(
        "the file was changed while you edited it, so your text is not saved; copy your text, open the page again and "
        "repeat your changes"
    ),
    N_(
        "the file must describe these sources and no others: %(names)s; to give a source another name, press "
        "“Duplicate” on its page"
    ),
    N_("the file was changed since you read it, so your text is not saved; read it again and repeat your changes"),
    N_(
        "version %(number)s, written by %(by)s at %(at)s UTC, is newer: the file was changed since you read it, so "
        "your text is not saved; read it again and repeat your changes"
    ),
    N_("send the header If-Match with the ETag of the text that you have read"),
    N_("the file can't be written: %(why)s"),
    N_(
        "the file of the source contains values that may be secret, such as cookies, so only an admin may read and "
        "change it here"
    ),
    N_(
        "only an admin may save values that may be secret: %(places)s; write {secret: NAME} in their place, or ask an "
        "admin to save them"
    ),
    N_("only an admin may save values that may be secret: %(places)s; leave them out, or ask an admin to save them"),
    N_("no provider of logins is set up; add oidc to the settings first"),
    N_("a subject is the sub of the provider: one line of at most %(most)s characters"),
    N_("%(name)s logs in with a password, and so has no subject at the provider"),
    N_("the subject belongs to %(owner)s; remove that person first"),
    N_("invalid tag %(given)s: use at most 40 letters, digits, spaces and hyphens"),
    N_("select at least one source"),
    N_("select at most %(most)s sources"),
    N_("give the name of a collection"),
    N_("give at least one tag"),
    N_("choose a kind of timetable"),
    N_("the source was changed since, so this is not undone; change it on its page"),
    N_("choose at least one page"),
    N_("the person %(name)s, who asked for these messages, was removed"),
    N_("the person %(name)s, who asked for these messages, has no access at the moment"),
    N_("the access token %(name)s, which asked for these messages, is not valid any more"),
    N_("nobody was logged in who asked for these messages; remove them, log in, and ask again"),
    N_("the watch %(name)s was removed; remove these messages, too"),
    N_("the setting public_url is missing; without it, messages have no links to archived pages"),
    N_("the settings name no mail server; set notify.mail.server and notify.mail.to"),
    N_("the settings contain no notifications by apprise"),
    N_("messages by Apprise go to the services of the operator; they need the role curate"),
    N_("a test was sent less than 30 seconds ago; wait a little"),
    N_("these messages are not sent any more, or they are another person's"),
    N_("one person can ask for at most %(most)s kinds of messages"),
    N_("these messages are sent already; remove them first to change them"),
    N_("invalid mail address %(given)s: write it like ada@example.org"),
    N_("unknown time zone %(given)s: write it like Asia/Shanghai or UTC"),
    N_("the hour of a digest is a number from 0 to 23, and its weekday one from 0 to 6"),
    N_("a snapshot has at most %(most)s tags"),
    N_("the tags of at most %(most)s snapshots can be changed together"),
    N_("the capture of %(url)s has no tags and no note"),
    N_("another person changed the tags or the note at the same time; open the page again"),
    N_("the form is too long"),
    N_("the body of the request is longer than %(most)s bytes"),
    N_("the JSON of the request has %(count)s values; the limit is %(most)s"),
    N_("the list contains no sources"),
    N_(
        "the list is longer than %(most)s bytes; divide it into several lists, or ask the administrator to "
        "import it with the command pressmark source import"
    ),
    N_(
        "the list has more than %(most)s entries; divide it into several lists, or ask the administrator to "
        "import it with the command pressmark source import"
    ),
    N_("the table has no column seeds; the known columns are %(columns)s"),
    N_("byte %(place)s is not valid UTF-8; save the table as UTF-8"),
)
"""Why a changed file of a source, or a form about sources, is refused."""
LEFT_OUT = (
    N_("%(count)s pages were not fetched, as it is not yet time for the next fetch"),
    N_("%(count)s page was not fetched, as it is not yet time for the next fetch"),
    N_("%(count)s page was not fetched, as the settings of the source exclude the address"),
    N_("%(count)s pages were not fetched, as the settings of the source exclude the address"),
    N_(
        "%(count)s page was not fetched, as it is more clicks away from the start URLs than the settings "
        "of the source allow"
    ),
    N_(
        "%(count)s pages were not fetched, as they are more clicks away from the start URLs than the "
        "settings of the source allow"
    ),
    N_("%(count)s page was not fetched, as the link starts an action on the site, such as a logout"),
    N_("%(count)s pages were not fetched, as the link starts an action on the site, such as a logout"),
    N_("%(count)s page was not fetched, as the same page is archived under another address"),
    N_("%(count)s pages were not fetched, as the same page is archived under another address"),
    N_(
        "%(count)s page was not fetched, as the site no longer had the page at the last fetch; Pressmark "
        "checks again later"
    ),
    N_(
        "%(count)s pages were not fetched, as the site no longer had the page at the last fetch; Pressmark "
        "checks again later"
    ),
    N_(
        "%(count)s page was skipped this time: at the last attempt, the website sent something else instead (such as "
        "a login page); Pressmark tries again later"
    ),
    N_(
        "%(count)s pages were skipped this time: at the last attempt, the website sent something else instead (such "
        "as a login page); Pressmark tries again later"
    ),
    N_("%(count)s page was not fetched, as the server could not be reached"),
    N_("%(count)s pages were not fetched, as the server could not be reached"),
    N_("%(count)s pages were not fetched, as the feed or sitemap of the site shows no change"),
    N_("%(count)s page was not fetched, as the feed or sitemap of the site shows no change"),
    N_("the file robots.txt of the site forbids programs to fetch %(count)s pages"),
    N_("the file robots.txt of the site forbids programs to fetch %(count)s page"),
    N_("%(count)s pages were not kept, as the site reserves the use"),
    N_("%(count)s page was not kept, as the site reserves the use"),
    N_("%(count)s pages were not kept, as the answer has a token of the login, or brings a new one"),
    N_("%(count)s images of style sheets were not fetched, as no page uses them"),
    N_("%(count)s image of style sheets was not fetched, as no page uses it"),
    N_("%(count)s page was not kept, as the answer has a token of the login, or brings a new one"),
    N_("%(count)s pages were not fetched, as the address does not belong to the source (archived site)"),
    N_("%(count)s page was not fetched, as the address does not belong to the source (archived site)"),
)
"""Which pages a run did not fetch, and why: see `pressmark.views.run_log`."""
MESSAGES = (
    N_("%(watch)s: %(count)s new sentences"),
    N_("%(watch)s: 1 new sentence"),
    N_("%(watch)s: a test"),
    N_("This is a test: messages about what the watch %(watch)s finds are sent to this address."),
    N_("New page"),
    N_("Changed page"),
    N_("Archived page"),
    N_("What changed"),
    N_("To cite it"),
    N_("To get no more messages about this watch"),
)
"""The words of messages about watches: see `pressmark.notify.watches.digest_message`."""
NAVIGATION = (
    ("", (("/", N_("Overview"), "read"), ("/search/go", N_("Go to"), "read"))),
    (
        N_("Read"),
        (
            ("/new", N_("New"), "read"),
            ("/watches", N_("Watches"), "read"),
            ("/search", N_("Search"), "read"),
            ("/captures", N_("Captures"), "read"),
            ("/notes", N_("Tags and notes"), "read"),
            ("/collections", N_("Collections"), "read"),
        ),
    ),
    (
        N_("Collect"),
        (
            ("/sources", N_("Sources"), "read"),
            ("/timetable", N_("Timetable"), "read"),
            ("/runs", N_("Runs"), "read"),
        ),
    ),
    (
        N_("Maintain"),
        (
            ("/fixity", N_("Stored copies"), "read"),
            ("/settings", N_("Settings"), "admin"),
            ("/docs", N_("API"), "read"),
        ),
    ),
)
"""The pages that every page links to, in groups: the path, the name, and the role that may open it."""
ACTIONS = (
    ("/archive", N_("Archive and cite a page"), "read"),
    ("/add", N_("Add a source"), "curate"),
    ("/add/list", N_("Add many sources"), "curate"),
    ("/collections/takedowns", N_("Take-downs"), "curate"),
    ("/collections/holds", N_("Holds"), "admin"),
    ("/collections/retention", N_("Retention"), "admin"),
    ("/settings/people", N_("People"), "admin"),
    ("/settings/tokens", N_("Access tokens"), "admin"),
    ("/settings/trail", N_("Audit trail"), "admin"),
    ("/webhooks", N_("Webhooks"), "admin"),
    ("/pause", N_("Pause all crawling"), "curate", True),
    ("/resume", N_("Resume all crawling"), "curate", True),
)
"""Pages that some pages link to, and what they can do, as above; True where a button sends it."""
